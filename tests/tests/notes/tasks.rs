//! Note C, section 4: one task, its handle, and what can become of it.

use super::{Lines, block_thread, current_thread, multi_thread, paused};
use crate::rt::runtime::Handle;
use crate::rt::sync::{mpsc, oneshot};
use crate::rt::task::{self, AbortHandle, JoinError, JoinHandle};
use crate::rt::time::{Duration, sleep};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};
use std::thread;

/// C4.1: a spawned task runs whether it is awaited or not
#[test]
fn a_task_starts_without_being_awaited() {
    current_thread().block_on(async {
        let lines = Lines::default();
        let handle = task::spawn({
            let lines = lines.clone();
            async move {
                lines.say("hello world!");
                "result"
            }
        });
        assert_eq!(lines.all(), [""; 0]);
        task::yield_now().await;
        assert_eq!(lines.all(), ["hello world!"]);
        assert_eq!(handle.await.unwrap(), "result");
    });
}

/// C4.1, C4.8: a panic ends its task only, and comes out of the handle as a `JoinError` with the panic in it
#[test]
fn a_panic_becomes_a_join_error() {
    async fn fails() -> (JoinError, task::Id) {
        let handle: JoinHandle<()> = task::spawn(async { panic!("something bad happened!") });
        let id = handle.id();
        (handle.await.unwrap_err(), id)
    }

    for runtime in [current_thread(), multi_thread(1)] {
        runtime.block_on(async {
            let (error, id) = fails().await;
            assert!(error.is_panic() && !error.is_cancelled());
            assert_eq!(error.id(), id);
            assert_eq!(error.to_string(), format!("task {id} panicked with message \"something bad happened!\""));
            let payload = error.into_panic();
            assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "something bad happened!");
            // The worker that caught it is still there.
            assert_eq!(task::spawn(async { 1 }).await.unwrap(), 1);

            let (error, _) = fails().await;
            assert!(error.try_into_panic().is_ok());
            let cancelled = task::spawn(pending::<()>());
            cancelled.abort();
            let error = cancelled.await.unwrap_err();
            assert!(error.is_cancelled() && !error.is_panic());
            assert_eq!(error.to_string(), format!("task {} was cancelled", error.id()));
            assert!(error.try_into_panic().unwrap_err().is_cancelled());
        });
    }
}

/// C4.2: `abort` ends a task where it waits; what it holds is dropped, and the rest of it never runs
#[test]
fn abort_takes_effect_where_the_task_waits() {
    current_thread().block_on(async {
        let (lines, alive) = (Lines::default(), Arc::new(()));
        let handle = task::spawn({
            let (lines, held) = (lines.clone(), alive.clone());
            async move {
                let _held = held;
                lines.say("before");
                pending::<()>().await;
                lines.say("after");
            }
        });
        task::yield_now().await;
        handle.abort();
        assert!(handle.await.unwrap_err().is_cancelled());
        assert_eq!(lines.all(), ["before"]);
        assert_eq!(Arc::strong_count(&alive), 1);
    });
}

/// C4.2: a task that does not wait any more ends as if nobody had aborted it
#[test]
fn an_aborted_task_may_still_finish() {
    let runtime = multi_thread(1);
    let (entered, inside) = std_mpsc::channel();
    let (release, held) = std_mpsc::channel::<()>();
    let handle = runtime.spawn(async move {
        entered.send(()).unwrap();
        block_thread(&held);
        "finished"
    });
    block_thread(&inside);
    // It runs, and has no `.await` ahead.
    handle.abort();
    release.send(()).unwrap();
    assert_eq!(runtime.block_on(handle).unwrap(), "finished");

    runtime.block_on(async {
        let ended = task::spawn(async { "long ago" });
        while !ended.is_finished() {
            task::yield_now().await;
        }
        ended.abort();
        assert_eq!(ended.await.unwrap(), "long ago");
    });
}

/// C4.2: the end of the runtime cancels the tasks that wait
#[test]
fn shutdown_cancels() {
    let runtime = current_thread();
    let waiting = runtime.spawn(pending::<()>());
    runtime.block_on(task::yield_now());
    drop(runtime);
    let error = current_thread().block_on(waiting).unwrap_err();
    assert!(error.is_cancelled());
}

/// C4.3: `block_in_place` blocks the worker's thread, and the other tasks of that worker go on elsewhere
#[test]
fn block_in_place_hands_the_worker_over() {
    let runtime = multi_thread(1);
    let result = runtime.block_on(async {
        task::spawn(async {
            let (release, held) = std_mpsc::channel();
            // In this worker's own queue, and the thread blocks until it has run.
            task::spawn(async move { release.send("blocking completed").unwrap() });
            let before = thread::current().id();
            let result = task::block_in_place(|| block_thread(&held));
            assert_eq!(thread::current().id(), before);
            result
        })
        .await
    });
    assert_eq!(result.unwrap(), "blocking completed");
    assert_eq!(
        super::panic_of(|| current_thread().block_on(async { task::block_in_place(|| ()) })),
        "can call blocking only when running on the multi-threaded runtime"
    );
}

/// C4.4: after `yield_now().await` the spawned task has had its turn; a `yield_now()` that is not awaited does nothing
#[test]
fn yield_lets_a_spawned_task_run_first() {
    current_thread().block_on(async {
        let lines = Lines::default();
        let say = |line: &'static str| {
            let lines = lines.clone();
            async move { lines.say(line) }
        };
        task::spawn(say("spawned task done!"));
        drop(task::yield_now());
        lines.say("not awaited");
        task::yield_now().await;
        lines.say("main task done!");
        assert_eq!(lines.all(), ["not awaited", "spawned task done!", "main task done!"]);
    });
}

/// How many messages that are there already a task takes before another has its first turn.
async fn messages_before_a_yield(constrained: bool) -> usize {
    let other_ran = Arc::new(AtomicUsize::new(0));
    let taken = Arc::new(AtomicUsize::new(0));
    let greedy = {
        let taken = taken.clone();
        async move {
            let (sender, mut receiver) = mpsc::unbounded_channel();
            for _ in 0..1_000 {
                sender.send(()).unwrap();
                receiver.recv().await;
                taken.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let greedy: JoinHandle<()> =
        if constrained { task::spawn(greedy) } else { task::spawn(task::unconstrained(greedy)) };
    task::spawn({
        let other_ran = other_ran.clone();
        async move { other_ran.store(taken.load(Ordering::Relaxed), Ordering::Relaxed) }
    });
    greedy.await.unwrap();
    task::yield_now().await;
    other_ran.load(Ordering::Relaxed)
}

/// C4.5: a loop over a channel that is always ready yields when its budget is spent; `unconstrained` it never does
#[test]
fn the_budget_forces_a_yield() {
    current_thread().block_on(async {
        assert_eq!(messages_before_a_yield(true).await, 128);
        assert_eq!(messages_before_a_yield(false).await, 1_000);
    });
}

/// C4.7: abort handles end their tasks; they can be collected before, and dropping one changes nothing
#[test]
fn abort_handles_abort_and_nothing_else() {
    paused().block_on(async {
        let sleeping = [true, false].map(|value| {
            task::spawn(async move {
                sleep(Duration::from_secs(10)).await;
                value
            })
        });
        let aborts: Vec<AbortHandle> = sleeping.iter().map(JoinHandle::abort_handle).collect();
        for (abort, task) in aborts.iter().zip(&sleeping) {
            assert!(!abort.is_finished());
            assert_eq!(abort.id(), task.id());
            abort.abort();
        }
        for task in sleeping {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert!(aborts.iter().all(AbortHandle::is_finished));

        let kept = task::spawn(async {
            sleep(Duration::from_secs(10)).await;
            "still here"
        });
        drop(kept.abort_handle());
        assert_eq!(kept.await.unwrap(), "still here");
    });
}

/// C10.1: an `async fn` does nothing until it is polled
#[test]
fn an_async_fn_waits_to_be_polled() {
    async fn my_async_fn(lines: Lines) {
        lines.say("hello from async");
        task::yield_now().await;
        lines.say("async operation complete");
    }

    current_thread().block_on(async {
        let lines = Lines::default();
        let what_is_this = my_async_fn(lines.clone());
        task::yield_now().await;
        assert_eq!(lines.all(), [""; 0]);
        what_is_this.await;
        assert_eq!(lines.all(), ["hello from async", "async operation complete"]);
    });
}

/// C11.6: `select!` runs its branches on one task; spawned tasks are scheduled each for itself
#[test]
fn select_is_one_task_and_spawn_is_many() {
    multi_thread(2).block_on(async {
        let by_select = task::spawn(async {
            let here = task::id();
            crate::rt::select! {
                id = async { task::id() } => (id, here),
                id = async { task::id() } => (id, here),
            }
        });
        let (branch, task) = by_select.await.unwrap();
        assert_eq!(branch, task);

        let by_spawn = [task::spawn(async { task::id() }), task::spawn(async { task::id() })];
        let [first, second] = by_spawn;
        let expected = (first.id(), second.id());
        assert_eq!((first.await.unwrap(), second.await.unwrap()), expected);
        assert_ne!(expected.0, expected.1);

        // A branch may borrow; a task may not, and gets its own.
        let (mut borrowed, (sender, receiver)) = (Vec::new(), oneshot::channel());
        sender.send(1).unwrap();
        crate::rt::select! {
            Ok(value) = receiver => borrowed.push(value),
        }
        assert_eq!(borrowed, [1]);
        assert!(Handle::try_current().is_ok());
    });
}
