//! Note C, section 4.2: tasks that stay on one thread.

use super::{Lines, current_thread, multi_thread};
use crate::rt::task::{self, LocalSet};
use crate::rt::time::{Duration, sleep};
use std::cell::Cell;
use std::rc::Rc;
use std::thread;

/// C4.9: `spawn_local` takes what is not `Send`, inside of `run_until`, on the thread that blocks
#[test]
fn a_local_task_may_hold_an_rc() {
    let not_send = Rc::new("my nonsend data...");
    let local = LocalSet::new();
    multi_thread(2).block_on(local.run_until(async {
        let inner = not_send.clone();
        let local = task::spawn_local(async move {
            task::yield_now().await;
            (*inner, thread::current().id())
        });
        assert_eq!(local.await.unwrap(), ("my nonsend data...", thread::current().id()));
    }));
    assert_eq!(
        super::panic_of(|| current_thread().block_on(async { drop(task::spawn_local(async {})) })),
        "`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`"
    );
}

/// C4.9: awaiting the set itself runs all of its tasks to their ends
#[test]
fn awaiting_a_set_ends_with_its_last_task() {
    let lines = Lines::default();
    super::paused().block_on(async {
        let data = Rc::new("world");
        let local = LocalSet::new();
        let (said, hello) = (lines.clone(), data.clone());
        local.spawn_local(async move { said.say(format!("hello {hello}")) });
        let said = lines.clone();
        local.spawn_local(async move {
            sleep(Duration::from_millis(100)).await;
            said.say(format!("goodbye {data}"));
        });
        assert_eq!(lines.all(), [""; 0]);
        local.await;
    });
    assert_eq!(lines.all(), ["hello world", "goodbye world"]);
}

/// C4.9: what `run_until` leaves unfinished goes on in the next one
#[test]
fn a_set_can_be_run_again() {
    current_thread().block_on(async {
        let (local, count) = (LocalSet::new(), Rc::new(Cell::new(0)));
        let counter = count.clone();
        local.spawn_local(async move {
            loop {
                counter.set(counter.get() + 1);
                task::yield_now().await;
            }
        });
        assert_eq!(count.get(), 0);
        local.run_until(task::yield_now()).await;
        let once = count.get();
        assert!(once > 0);
        // Nothing runs between.
        task::yield_now().await;
        assert_eq!(count.get(), once);
        local.run_until(task::yield_now()).await;
        assert!(count.get() > once);
        // The set holds its tasks, and drops what they hold.
        drop(local);
        assert_eq!(Rc::strong_count(&count), 1);
    });
}

/// C4.9: `enter` lets the free `spawn_local` find the set, and `block_on` runs both
#[test]
fn a_set_can_be_entered_and_blocked_on() {
    let runtime = current_thread();
    let local = LocalSet::new();
    let task = {
        let _guard = local.enter();
        task::spawn_local(async { Rc::new(5) })
    };
    let other = LocalSet::new();
    assert_ne!(local.id(), other.id());
    assert_eq!(local.id(), local.id());
    assert_eq!(*local.block_on(&runtime, task).unwrap(), 5);
}
