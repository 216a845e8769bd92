//! Transcripts of the stepper, kept as files to be read: `tests/transcripts/*.txt`.
//!
//! Each test runs a small program on virtual workers and compares what the scheduler decided, line by line, with the file. After
//! a wanted change, `UPDATE_TRANSCRIPTS=1 cargo test -p tests --test transcripts` writes the files anew; read the diff.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use mini_tokio::stepper::{Event, Policy, Queue, Stepper, Transcript};
use mini_tokio::sync::Notify;
use mini_tokio::{task, time};

fn check(name: &str, transcript: &Transcript) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts").join(format!("{name}.txt"));
    let text = transcript.to_string();
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (got, want)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, want, "{name}.txt, line {}", number + 1);
    }
    assert_eq!(text.lines().count(), expected.lines().count(), "{name}.txt has another length");
}

/// Two workers; the script names who moves, as long as it lasts.
fn stepper(script: impl IntoIterator<Item = usize>) -> Stepper {
    Stepper::builder().workers(2).policy(Policy::Script(script.into_iter().collect())).build()
}

/// A task that ends at its first poll.
async fn leaf() {}

#[test]
fn a_thief_takes_half_of_the_victims_queue() {
    // w0 spawns nine tasks: eight in its queue, the last in its LIFO slot. Then w1 moves.
    let mut stepper = stepper([0, 1, 1, 1, 1]);
    stepper.spawn(async {
        for _ in 0..9 {
            task::spawn(leaf());
        }
    });
    stepper.run_until_quiescent();
    check("steal-half", &stepper.transcript());
}

#[test]
fn a_full_queue_moves_its_older_half_to_the_global_queue() {
    let mut stepper = stepper([0, 0, 1, 1]);
    stepper.spawn(async {
        for _ in 0..258 {
            task::spawn(leaf());
        }
    });
    for _ in 0..4 {
        stepper.step();
    }
    let interesting = |event: &Event| !matches!(event, Event::Spawned { .. } | Event::Pushed { .. });
    check("overflow", &stepper.transcript().filter(interesting));
    stepper.run_until_quiescent();
    assert_eq!(stepper.handle().metrics().num_alive_tasks(), 0);
}

#[test]
fn the_lifo_slot_runs_three_times_in_a_row_at_most() {
    // Two tasks that wake each other, and a bystander in the queue behind them.
    let mut stepper = Stepper::builder().workers(1).build();
    let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    stepper.spawn(async move {
        task::spawn(leaf());
        let partner = {
            let (ping, pong) = (ping.clone(), pong.clone());
            task::spawn(async move {
                for _ in 0..4 {
                    ping.notified().await;
                    pong.notify_one();
                }
            })
        };
        for _ in 0..4 {
            ping.notify_one();
            pong.notified().await;
        }
        partner.await.unwrap();
    });
    stepper.run_until_quiescent();
    check("lifo-three-in-a-row", &stepper.transcript());
}

#[test]
fn the_global_queue_has_its_turn_at_tick_31() {
    // w0 never runs out of work of its own: a task that spawns its successor. A task from outside waits in the global queue.
    fn successor(left: usize) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if left > 0 {
                task::spawn(successor(left - 1));
            }
        })
    }
    let mut stepper = Stepper::builder().workers(1).build();
    stepper.spawn(successor(40));
    stepper.step();
    stepper.spawn(leaf());
    stepper.run_until_quiescent();
    let interesting = |event: &Event| {
        matches!(
            event,
            Event::PollStart { .. } | Event::Pushed { queue: Queue::Global, .. } | Event::PolledDrivers { .. }
        )
    };
    check("global-at-31", &stepper.transcript().filter(interesting));
}

#[test]
fn a_timer_fires_when_nothing_else_is_left() {
    let mut stepper = stepper([]);
    let napper = stepper.spawn(async {
        time::sleep(Duration::from_millis(20)).await;
        task::yield_now().await;
        time::sleep(Duration::from_secs(3600)).await;
    });
    stepper.run_until_quiescent();
    assert!(napper.is_finished());
    check("timer", &stepper.transcript());
}

#[test]
fn an_aborted_task_is_dropped_on_a_worker() {
    let mut stepper = stepper([]);
    let waits = stepper.spawn(std::future::pending::<()>());
    stepper.run_until_quiescent();
    waits.abort();
    stepper.run_until_quiescent();
    assert!(waits.is_finished());
    check("abort", &stepper.transcript());
}

#[test]
fn a_shutdown_cancels_what_waits_and_what_is_queued() {
    let mut stepper = stepper([0, 0]);
    stepper.spawn(async {
        task::spawn(std::future::pending::<()>());
        task::spawn(leaf());
        std::future::pending::<()>().await;
    });
    stepper.step();
    stepper.spawn(leaf());
    stepper.shutdown();
    let late = stepper.spawn(leaf());
    assert!(late.is_finished(), "what comes too late is cancelled at once");
    assert_eq!(stepper.handle().metrics().num_alive_tasks(), 0);
    check("shutdown", &stepper.transcript());
}

#[test]
fn a_yield_goes_behind_what_is_ready_and_behind_the_drivers() {
    let mut stepper = Stepper::builder().workers(1).build();
    stepper.spawn(async {
        task::spawn(leaf());
        task::spawn(leaf());
        task::yield_now().await;
    });
    stepper.run_until_quiescent();
    check("yield", &stepper.transcript());
}
