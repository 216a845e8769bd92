//! Skewed work under the stepper: all tasks are spawned by one, and so begin in one worker's queue. How many steals spread
//! them, and how evenly?
//!
//! No clock has a part in this: the same numbers come out on every machine, every time. A worker's share is counted in polls.
//! Each poll stands for as much work as any other; that is the assumption under which balance means anything.

use mini_tokio::stepper::{Event, Policy, Stepper};
use mini_tokio::task;

use crate::report::{Curve, Line};

/// For each worker, on average.
const TASKS_A_WORKER: usize = 500;
const YIELDS: usize = 4;
const WORKERS: [usize; 6] = [2, 4, 8, 16, 32, 64];

// ANCHOR: benches-spread
/// What one run counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    pub polls: Vec<usize>,
    pub steals: usize,
    pub stolen: usize,
    pub shares: usize,
}

impl Spread {
    /// The busiest worker's polls by the average's: 1 is perfect, the number of workers is the worst.
    pub fn imbalance(&self) -> f64 {
        let most = self.polls.iter().max().copied().unwrap_or(0);
        most as f64 * self.polls.len() as f64 / self.polls.iter().sum::<usize>() as f64
    }
}

/// Runs `tasks` tasks that one task spawns, each of which yields a few times, on so many virtual workers that take turns.
pub fn run(workers: usize, tasks: usize) -> Spread {
    let mut stepper = Stepper::builder().workers(workers).policy(Policy::RoundRobin).seed(7).build();
    drop(stepper.spawn(async move {
        for _ in 0..tasks {
            drop(task::spawn(async {
                for _ in 0..YIELDS {
                    task::yield_now().await;
                }
            }));
            // A budget would end a long turn anyhow; so the others see work while there is still more to come.
            task::consume_budget().await;
        }
    }));
    stepper.run_until_quiescent();
    let mut spread = Spread { polls: vec![0; workers], steals: 0, stolen: 0, shares: 0 };
    for recorded in stepper.events() {
        match recorded.event {
            Event::PollStart { worker, .. } => spread.polls[worker] += 1,
            Event::Stole { count, .. } => (spread.steals, spread.stolen) = (spread.steals + 1, spread.stolen + count),
            Event::TookShare { .. } => spread.shares += 1,
            _ => {}
        }
    }
    spread
}

/// Balance and moves over the number of workers.
pub fn curves() -> Vec<Curve> {
    let spreads = WORKERS.map(|workers| (workers as f64, run(workers, workers * TASKS_A_WORKER)));
    let line = |name: &str, value: &dyn Fn(&Spread) -> f64| Line {
        name: name.to_owned(),
        points: spreads.iter().map(|(workers, spread)| (*workers, value(spread))).collect(),
    };
    let curve = |name: &str, unit: &str, lines| Curve {
        name: name.to_owned(),
        unit: unit.to_owned(),
        axis: "workers".to_owned(),
        lines,
    };
    vec![
        curve(
            "imbalance of skewed work (the stepper): the busiest worker's polls by the average's",
            "times",
            vec![line("busiest", &Spread::imbalance)],
        ),
        curve(
            "moves of skewed work (the stepper): how often a worker took from another, or from the global queue",
            "times",
            vec![line("steals", &|spread| spread.steals as f64), line("shares", &|spread| spread.shares as f64)],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_polled_as_often_as_it_yields_and_once_more() {
        let spread = run(4, 400);
        // The spawner's own polls come on top: at least one.
        assert!(spread.polls.iter().sum::<usize>() > 400 * (YIELDS + 1));
        assert!(spread.polls.iter().all(|&polls| polls > 0), "{spread:?}");
    }

    #[test]
    fn two_runs_are_the_same() {
        assert_eq!(run(8, 400), run(8, 400));
    }

    #[test]
    fn a_worker_that_does_it_all_is_as_uneven_as_can_be() {
        let spread = Spread { polls: vec![90, 0, 0], steals: 0, stolen: 0, shares: 0 };
        assert_eq!(spread.imbalance(), 3.0);
    }
}
