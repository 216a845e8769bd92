//! A run of a lesson: the moves so far, which can be taken back.
//!
//! Back is forward: the same program, seed and moves lead to the same state, so the run is made anew with one move less.
//!
//! Tasks are numbered in the order of their birth, as in the transcript; their ids differ from run to run.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use mini_tokio::insight;
use mini_tokio::stepper::{Event, Moved, Queues, Stepper};

use crate::command::Goal;
use crate::lesson::Lesson;

/// A run that never comes to rest is stopped after so many moves.
pub const PATIENCE: usize = 100_000;

/// Who made a move.
#[derive(Clone, Copy)]
enum Move {
    /// Whoever the seed chose.
    Seed,
    Worker(usize),
    Shutdown,
}

/// Why a command came to its end.
pub enum Ended {
    AsAsked,
    Quiescent,
    /// A task with a break is polled.
    Break(usize),
    CannotMove,
    TooLong,
    /// There are no workers any more.
    Over,
}

pub struct Session {
    lesson: &'static Lesson,
    workers: usize,
    seed: u64,
    stepper: Stepper,
    moves: Vec<Move>,
    breaks: BTreeSet<usize>,
}

/// A task that is alive.
pub struct Alive {
    pub number: usize,
    pub id: u64,
    pub name: Option<Box<str>>,
}

impl Session {
    pub fn new(lesson: &'static Lesson, workers: usize, seed: u64) -> Self {
        let stepper = lesson.start(workers, seed);
        Self { lesson, workers, seed, stepper, moves: Vec::new(), breaks: BTreeSet::new() }
    }

    pub fn moves(&self) -> usize {
        self.moves.len()
    }

    fn is_over(&self) -> bool {
        matches!(self.moves.last(), Some(Move::Shutdown))
    }

    /// Makes up to `moves` moves, fewer if one of them is the one that `arrived` waits for.
    pub fn go(&mut self, moves: usize, mut arrived: impl FnMut(&mut Self) -> bool) -> Ended {
        for _ in 0..moves {
            if self.is_over() {
                return Ended::Over;
            }
            if self.stepper.step() == Moved::Quiescent {
                return Ended::Quiescent;
            }
            self.moves.push(Move::Seed);
            if arrived(self) {
                return Ended::AsAsked;
            }
        }
        Ended::AsAsked
    }

    pub fn move_worker(&mut self, worker: usize) -> Ended {
        if self.is_over() {
            return Ended::Over;
        }
        if worker >= self.workers || self.stepper.step_worker(worker).is_none() {
            return Ended::CannotMove;
        }
        self.moves.push(Move::Worker(worker));
        Ended::AsAsked
    }

    /// Replays the run without its last `moves` moves.
    pub fn back(&mut self, moves: usize) {
        self.moves.truncate(self.moves.len().saturating_sub(moves));
        self.stepper = self.lesson.start(self.workers, self.seed);
        for &made in &self.moves {
            match made {
                Move::Seed => {
                    self.stepper.step();
                }
                Move::Worker(worker) => {
                    self.stepper.step_worker(worker);
                }
                Move::Shutdown => self.stepper.shutdown(),
            }
        }
    }

    pub fn shut_down(&mut self) -> Ended {
        if self.is_over() {
            return Ended::Over;
        }
        self.stepper.shutdown();
        self.moves.push(Move::Shutdown);
        Ended::AsAsked
    }

    /// Sets a break, or takes it away; returns whether it is set now.
    pub fn toggle_break(&mut self, task: usize) -> bool {
        if self.breaks.remove(&task) {
            return false;
        }
        self.breaks.insert(task)
    }

    pub fn run_to_break(&mut self) -> Ended {
        self.run(|_, _| false)
    }

    pub fn run_until(&mut self, goal: &Goal) -> Ended {
        let mut printed = self.lines_so_far();
        self.run(|session, seen| match goal {
            Goal::Task(task) => session.polled_since(seen).contains(task),
            Goal::Tick(tick) => session.stepper.events()[seen..]
                .iter()
                .any(|recorded| matches!(recorded.event, Event::PollStart { tick: now, .. } if now >= *tick)),
            Goal::Text(text) => {
                let news = session.lines_from(printed);
                printed += news.len();
                news.iter().any(|line| line.contains(text))
            }
        })
    }

    /// Moves until `arrived`, which is told how many events there were before the move, or a break.
    fn run(&mut self, mut arrived: impl FnMut(&mut Self, usize) -> bool) -> Ended {
        let (start, mut seen, mut hit) = (self.moves.len(), self.stepper.events().len(), None);
        let mut there = false;
        let ended = self.go(PATIENCE, |session| {
            hit = session.polled_since(seen).into_iter().find(|task| session.breaks.contains(task));
            there = arrived(session, seen);
            seen = session.stepper.events().len();
            hit.is_some() || there
        });
        match (ended, hit) {
            (Ended::AsAsked, Some(task)) => Ended::Break(task),
            (Ended::AsAsked, None) if !there && self.moves.len() - start == PATIENCE => Ended::TooLong,
            (ended, _) => ended,
        }
    }

    /// The tasks that were polled in the events from number `seen` on.
    fn polled_since(&mut self, seen: usize) -> Vec<usize> {
        let numbers = self.numbers();
        let task = |event: &Event| match event {
            Event::PollStart { task, .. } => numbers.get(&task.to_string()).copied(),
            _ => None,
        };
        self.stepper.events()[seen..].iter().filter_map(|recorded| task(&recorded.event)).collect()
    }

    /// How many lines the transcript has.
    pub fn lines_so_far(&mut self) -> usize {
        self.stepper.transcript().lines().count()
    }

    pub fn lines_from(&mut self, first: usize) -> Vec<String> {
        self.stepper.transcript().lines().skip(first).map(str::to_owned).collect()
    }

    /// From a task's id, as printed, to its number.
    pub fn numbers(&mut self) -> HashMap<String, usize> {
        let born = self.stepper.events().iter().filter_map(|recorded| match recorded.event {
            Event::Spawned { task, .. } => Some(task.to_string()),
            _ => None,
        });
        born.enumerate().map(|(before, id)| (id, before + 1)).collect()
    }

    pub fn queues(&mut self) -> Queues {
        self.stepper.queues()
    }

    /// The workers that can move now.
    pub fn movable(&self) -> Vec<usize> {
        self.stepper.movable()
    }

    /// How far the paused clock has moved.
    pub fn clock(&mut self) -> Duration {
        let advanced = self.stepper.events().iter().filter_map(|recorded| match recorded.event {
            Event::ClockAdvanced { by, .. } => Some(by),
            _ => None,
        });
        advanced.sum()
    }

    /// The tasks that are alive, in the order of their birth.
    pub fn alive(&mut self) -> Vec<Alive> {
        let numbers = self.numbers();
        let tasks = insight::tasks(self.stepper.handle());
        let alive = tasks.into_iter().filter_map(|task| {
            let id = task.id.to_string();
            Some(Alive { number: *numbers.get(&id)?, id: id.parse().ok()?, name: task.name })
        });
        alive.collect()
    }
}
