//! Transcripts of the stepper, kept as files to be read: `tests/transcripts/*.txt`.
//!
//! Each test runs a small program on virtual workers and compares what the scheduler decided, line by line, with the file. After
//! a wanted change, `UPDATE_TRANSCRIPTS=1 cargo test -p tests --test transcripts` writes the files anew; read the diff.

use std::fmt::Display;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, fs};

use mini_tokio::stepper::{Event, Moved, Policy, Queue, Stepper};
use mini_tokio::sync::Notify;
use mini_tokio::{task, time};
use reactor::{Interest, Reactor, Turn};

fn check(name: &str, transcript: &impl Display) {
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

/// A stepper whose one task does I/O, over a reactor that is turned by hand: the scheduler's lines, what the task saw, and
/// what the reactor did, in the order in which they happened.
struct Walk {
    stepper: Stepper,
    reactor: Reactor,
    /// What the running task says.
    remarks: Arc<Mutex<Vec<String>>>,
    told: usize,
    text: String,
}

impl Walk {
    fn say(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }

    fn until_quiescent(&mut self) {
        loop {
            let moved = self.stepper.step();
            let transcript = self.stepper.transcript();
            let lines: Vec<String> = transcript.lines().skip(self.told).map(str::to_owned).collect();
            self.told += lines.len();
            for line in &lines {
                self.say(line);
                if line.contains(": runs t") {
                    let remarks = std::mem::take(&mut *self.remarks.lock().unwrap());
                    for remark in remarks {
                        self.say(&format!("        {remark}"));
                    }
                }
            }
            if moved == Moved::Quiescent {
                return;
            }
        }
    }

    fn turn(&mut self) {
        let Turn { events, woken, .. } = self.reactor.turn(Some(Duration::ZERO)).unwrap();
        self.say(&format!("    the reactor turns: {events} events, {woken} woken"));
    }
}

/// Reads once. What is left to say is what the kernel answers.
fn read(mut socket: &mio::net::UnixStream, byte: &mut [u8], remarks: &Mutex<Vec<String>>) -> std::io::Result<usize> {
    let outcome = socket.read(byte);
    remarks.lock().unwrap().push(match &outcome {
        Ok(n) => format!("read: {n} byte"),
        Err(error) => format!("read: {:?}", error.kind()),
    });
    outcome
}

/// The journey of one byte, told in docs/src/echo-byte.md. The socket's other end belongs to this thread and to no runtime.
#[test]
fn an_echo_byte_reaches_its_task_through_the_kernel_and_the_reactor() {
    let (reactor, handle) = Reactor::new(8).unwrap();
    let (ours, mut peer) = std::os::unix::net::UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let mut ours = mio::net::UnixStream::from_std(ours);
    let registration = handle.register(&mut ours, Interest::READABLE | Interest::WRITABLE).unwrap();
    registration.assume_ready(Interest::READABLE);

    let remarks = Arc::new(Mutex::new(Vec::new()));
    let mut walk = Walk { stepper: stepper([]), reactor, remarks: remarks.clone(), told: 0, text: String::new() };
    let echo = walk.stepper.spawn(async move {
        let mut byte = [0];
        registration.async_io(Interest::READABLE, || read(&ours, &mut byte, &remarks)).await.unwrap();
        registration.async_io(Interest::WRITABLE, || (&ours).write(&byte)).await.unwrap();
        remarks.lock().unwrap().push("write: 1 byte".to_owned());
    });
    walk.until_quiescent();
    walk.turn(); // the room to write
    walk.until_quiescent();
    peer.write_all(b"x").unwrap();
    walk.say("    the peer writes 1 byte");
    walk.turn();
    walk.until_quiescent();
    let mut byte = [0];
    peer.read_exact(&mut byte).unwrap();
    walk.say("    the peer reads 1 byte");
    assert!(echo.is_finished() && byte == *b"x");
    check("echo-byte", &walk.text);
}
