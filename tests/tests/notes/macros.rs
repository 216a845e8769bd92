//! Note C, section 2: the macros.

use super::{Lines, current_thread};
use crate::rt::runtime::{Builder, Handle, RuntimeFlavor};
use crate::rt::time::{Duration, Instant, sleep};
use crate::rt::{self, task};
use futures::StreamExt;
use std::future::{Future, pending, ready};
use std::sync::Arc;

/// D1, C2.1: the first program of all: `main` is asynchronous and prints a sum
#[test]
fn main_is_a_plain_function_around_asynchronous_code() {
    #[rt::main]
    async fn main() -> String {
        let (a, b) = (10, 20);
        format!("{a} + {b} = {}", a + b)
    }

    fn expanded() -> String {
        let body = async {
            let (a, b) = (10, 20);
            format!("{a} + {b} = {}", a + b)
        };
        Builder::new_multi_thread().enable_all().build().expect("the runtime builds").block_on(body)
    }

    assert_eq!(main(), "10 + 20 = 30");
    assert_eq!(expanded(), main());
}

/// C2.1: many workers unless told otherwise; a flavor, a number of workers, a clock that starts paused; one for tests
#[test]
fn main_takes_the_shape_of_its_runtime() {
    fn shape() -> (RuntimeFlavor, usize) {
        let handle = Handle::current();
        (handle.runtime_flavor(), handle.metrics().num_workers())
    }
    #[rt::main]
    async fn default() -> (RuntimeFlavor, usize) {
        shape()
    }
    #[rt::main(flavor = "multi_thread", worker_threads = 10)]
    async fn ten() -> (RuntimeFlavor, usize) {
        shape()
    }
    #[rt::main(worker_threads = 2)]
    async fn two() -> (RuntimeFlavor, usize) {
        shape()
    }
    #[rt::main(flavor = "current_thread")]
    async fn one() -> (RuntimeFlavor, usize) {
        shape()
    }
    #[rt::main(flavor = "current_thread", start_paused = true)]
    async fn paused() -> Duration {
        let start = Instant::now();
        sleep(Duration::from_secs(3_600)).await;
        start.elapsed()
    }

    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(default(), (RuntimeFlavor::MultiThread, processors));
    assert_eq!(ten(), (RuntimeFlavor::MultiThread, 10));
    assert_eq!(two(), (RuntimeFlavor::MultiThread, 2));
    assert_eq!(one(), (RuntimeFlavor::CurrentThread, 1));
    assert_eq!(paused(), Duration::from_secs(3_600));
}

/// C2.2: the branches of `join!` run on one task, in turns, and all of them to the end
#[test]
fn join_runs_its_branches_on_one_task() {
    async fn branch(name: &str, lines: &Lines) -> Option<task::Id> {
        for turn in 0..2 {
            lines.say(format!("{name}{turn}"));
            task::yield_now().await;
        }
        task::try_id()
    }

    let lines = Lines::default();
    let ids = {
        let lines = lines.clone();
        let joined = async move { rt::join!(branch("a", &lines), branch("b", &lines)) };
        current_thread().block_on(async { task::spawn(joined).await.unwrap() })
    };
    // Which branch is polled first is not promised; that each has its turn is.
    let mut turns = lines.all();
    turns[..2].sort();
    turns[2..].sort();
    assert_eq!(turns, ["a0", "b0", "a1", "b1"]);
    assert!(ids.0.is_some());
    assert_eq!(ids.0, ids.1);
}

/// C2.2: `join!` waits for all, whatever they return; `try_join!` stops at the first `Err` and drops the others
#[test]
fn try_join_stops_at_the_first_error() {
    current_thread().block_on(async {
        let alive = Arc::new(());
        let held = alive.clone();
        let never = async move {
            let _held = held;
            pending::<Result<(), &str>>().await
        };
        let failing = async {
            task::yield_now().await;
            Err::<(), _>("failed")
        };
        assert_eq!(rt::try_join!(never, failing), Err("failed"));
        assert_eq!(Arc::strong_count(&alive), 1);

        let both = rt::join!(async { Err::<(), _>(1) }, async { Ok::<_, ()>(2) });
        assert_eq!(both, (Err(1), Ok(2)));
        assert_eq!(rt::try_join!(async { Ok::<_, ()>(1) }, async { Ok(2) }), Ok((1, 2)));
    });
}

/// C2.3: `pin!` makes a future pollable by reference, here beside a stream; its other form binds several at once
#[test]
fn pin_keeps_a_future_in_its_place() {
    async fn three_turns() -> &'static str {
        for _ in 0..3 {
            task::yield_now().await;
        }
        "done"
    }

    current_thread().block_on(async {
        let mut stream = futures::stream::iter(1..=4);
        let mut values = Vec::new();
        let future = three_turns();
        rt::pin!(future);
        let result = loop {
            rt::select! {
                result = &mut future => break result,
                Some(value) = stream.next() => values.push(value),
            }
        };
        assert_eq!(result, "done");
        // What the stream had to give until then came in order, once each.
        assert!(values.iter().copied().eq(1..=values.len() as i32));

        rt::pin! {
            let slow = three_turns();
            let quick = ready("quick");
        }
        let first = rt::select! {
            biased;
            text = &mut slow => text,
            text = &mut quick => text,
        };
        assert_eq!(first, "quick");
        assert_eq!(slow.await, "done");
    });
}

/// C2.4: a branch needs its precondition and its pattern; `else` has the rest; the handler is the value
#[test]
fn select_takes_the_branch_that_may_and_matches() {
    async fn choose(allowed: bool, value: Option<i32>) -> String {
        rt::select! {
            Some(n) = ready(value), if allowed => format!("some {n}"),
            else => "else".to_owned(),
        }
    }

    current_thread().block_on(async {
        assert_eq!(choose(true, Some(1)).await, "some 1");
        assert_eq!(choose(true, None).await, "else");
        assert_eq!(choose(false, Some(1)).await, "else");
    });
    let all_disabled = async {
        rt::select! {
            _ = ready(()), if false => {}
        }
    };
    assert_eq!(
        super::panic_of(|| current_thread().block_on(all_disabled)),
        "all branches are disabled and there is no else branch"
    );
}

/// C2.4: as many as 64 branches; the last of them wins when it is the only one ready
#[test]
fn select_has_room_for_64_branches() {
    macro_rules! select_all {
        ($($never:literal)*) => {
            rt::select! {
                $(_ = pending::<()>() => { $never })*
                last = ready(64) => last,
            }
        };
    }
    let winner = current_thread().block_on(async {
        select_all!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33
            34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
    });
    assert_eq!(winner, 64);
}

/// C2.4: of several that are ready, each wins now and then; the losers are dropped before the handler runs
#[test]
fn select_begins_at_random_and_drops_the_losers() {
    current_thread().block_on(async {
        let mut wins = [0; 3];
        for _ in 0..1_000 {
            let winner = rt::select! {
                _ = ready(()) => 0,
                _ = ready(()) => 1,
                _ = ready(()) => 2,
            };
            wins[winner] += 1;
        }
        assert!(wins.iter().all(|wins| *wins > 0), "{wins:?}");

        let alive = Arc::new(());
        let loser = |held: Arc<()>| async move {
            let _held = held;
            pending::<()>().await;
        };
        let left = rt::select! {
            _ = loser(alive.clone()) => unreachable!(),
            _ = ready(()) => Arc::strong_count(&alive),
        };
        assert_eq!(left, 1);
    });
}

rt::task_local! {
    static NUMBER: u32;
}

/// C2.5: a task-local has its value inside of `scope`, an inner scope hides the outer, and a task of its own has none
#[test]
fn a_task_local_follows_its_scope() {
    fn assert_send(future: impl Future<Output = ()> + Send) -> impl Future<Output = ()> + Send {
        future
    }

    super::multi_thread(2).block_on(assert_send(async {
        assert!(NUMBER.try_get().is_err());
        let scoped = NUMBER.scope(1, async {
            assert_eq!(NUMBER.get(), 1);
            NUMBER.scope(2, async { assert_eq!(NUMBER.with(|number| *number), 2) }).await;
            // Where the task goes on, and on which thread, makes no difference.
            task::yield_now().await;
            assert_eq!(NUMBER.get(), 1);
            assert!(task::spawn(async { NUMBER.try_get().is_err() }).await.unwrap());
            NUMBER.get() + 10
        });
        assert_eq!(task::spawn(scoped).await.unwrap(), 11);
        assert!(NUMBER.try_get().is_err());
    }));
    assert_eq!(NUMBER.sync_scope(7, || NUMBER.get()), 7);
}
