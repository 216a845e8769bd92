//! `LocalSet`: where its tasks run and are dropped, who wakes its driver, and what happens when it is used inside itself.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures::channel::oneshot;
use mini_tokio::runtime::{Builder, LocalRuntime, Runtime, UnhandledPanic};
use mini_tokio::task::{LocalSet, coop, spawn_local, yield_now};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Calls its function when dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn tasks_of_a_set_run_where_it_was_made_on_every_runtime() {
    let here = thread::current().id();
    for runtime in [runtime(), Builder::new_multi_thread().worker_threads(2).build().unwrap()] {
        let set = LocalSet::new();
        let ran = Rc::new(Cell::new(0));
        for _ in 0..100 {
            let ran = ran.clone();
            set.spawn_local(async move {
                yield_now().await;
                assert_eq!(thread::current().id(), here);
                ran.set(ran.get() + 1);
            });
        }
        runtime.block_on(set);
        assert_eq!(ran.get(), 100);
    }
    // Under the executor of another library, too.
    let set = LocalSet::new();
    let joined = set.spawn_local(async { 7 });
    assert_eq!(futures::executor::block_on(set.run_until(joined)).unwrap(), 7);
}

#[test]
fn wakes_from_other_threads_reach_the_set() {
    let runtime = runtime();
    let set = LocalSet::new();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..200).map(|_| oneshot::channel::<usize>()).unzip();
    let sum = Rc::new(Cell::new(0));
    for receiver in receivers {
        let sum = sum.clone();
        set.spawn_local(async move {
            let sent = receiver.await.unwrap();
            sum.set(sum.get() + sent);
        });
    }
    let sender = thread::spawn(move || senders.into_iter().enumerate().for_each(|(i, sender)| sender.send(i).unwrap()));
    runtime.block_on(set);
    sender.join().unwrap();
    assert_eq!(sum.get(), 199 * 200 / 2);
}

#[test]
fn an_abort_from_another_thread_drops_the_future_on_the_owners() {
    let here = thread::current().id();
    let set = LocalSet::new();
    let dropped_on = Rc::new(Cell::new(None));
    let note = dropped_on.clone();
    let joined = set.spawn_local(async move {
        let _held = OnDrop(move || note.set(Some(thread::current().id())));
        pending::<()>().await
    });
    let abort = joined.abort_handle();
    runtime().block_on(async {
        set.run_until(yield_now()).await;
        thread::spawn(move || abort.abort()).join().unwrap();
        assert_eq!(dropped_on.get(), None, "only queued");
        assert!(set.run_until(joined).await.unwrap_err().is_cancelled());
    });
    assert_eq!(dropped_on.get(), Some(here));
}

#[test]
fn dropping_the_set_drops_all_tasks_whatever_their_drops_do() {
    let set = LocalSet::new();
    let order = Rc::new(RefCell::new(Vec::new()));
    let (sender, receiver) = oneshot::channel::<()>();
    let note = order.clone();
    set.spawn_local(async move {
        let _held = OnDrop(|| note.borrow_mut().push("woken in a drop"));
        let _ = receiver.await;
        unreachable!("a cancelled task runs no more");
    });
    let (note, mut sender) = (order.clone(), Some(sender));
    set.spawn_local(async move {
        let _held = OnDrop(move || {
            sender.take().unwrap().send(()).unwrap_or(());
            let late = note.clone();
            let spawned = spawn_local(async move { late.borrow_mut().push("never") });
            assert!(spawned.is_finished(), "a closed set cancels at once");
            note.borrow_mut().push("wakes and spawns in its drop");
        });
        pending::<()>().await
    });
    set.spawn_local(async {
        let _held = OnDrop(|| panic!("in a drop"));
        pending::<()>().await
    });
    futures::executor::block_on(set.run_until(yield_now()));
    drop(set);
    let mut order = order.borrow().clone();
    order.sort_unstable();
    assert_eq!(order, ["wakes and spawns in its drop", "woken in a drop"]);
}

#[test]
fn a_set_dropped_inside_a_task_of_another_cancels_only_its_own() {
    let outer = LocalSet::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    let note = log.clone();
    let joined = outer.spawn_local(async move {
        let inner = LocalSet::new();
        let held = note.clone();
        inner.spawn_local(async move {
            let _held = OnDrop(move || held.borrow_mut().push("inner task"));
            pending::<()>().await
        });
        inner.run_until(yield_now()).await;
        drop(inner);
        let spawned = spawn_local(async { "outer again" }).await.unwrap();
        note.borrow_mut().push(spawned);
    });
    futures::executor::block_on(outer.run_until(joined)).unwrap();
    assert_eq!(*log.borrow(), ["inner task", "outer again"]);
}

#[test]
fn a_task_may_hold_and_drive_its_own_set() {
    let set = Rc::new(LocalSet::new());
    let inner = set.clone();
    let joined = set.spawn_local(async move {
        let sibling = inner.spawn_local(async { 5 });
        inner.run_until(sibling).await.unwrap()
    });
    assert_eq!(futures::executor::block_on(set.run_until(joined)).unwrap(), 5);
    assert_eq!(Rc::strong_count(&set), 1);
}

#[test]
fn the_younger_of_two_drivers_does_not_leave_the_older_alone() {
    let set = LocalSet::new();
    let (sender, receiver) = oneshot::channel::<()>();
    let joined = set.spawn_local(async { receiver.await.unwrap() });
    let (one, two) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let (first, second) = (Waker::from(one.clone()), Waker::from(two.clone()));
    let mut older = pin!(set.run_until(joined));
    assert!(older.as_mut().poll(&mut Context::from_waker(&first)).is_pending());
    {
        let mut younger = pin!(set.run_until(pending::<()>()));
        assert!(younger.as_mut().poll(&mut Context::from_waker(&second)).is_pending());
        assert_eq!(one.0.load(SeqCst), 0);
    }
    assert_eq!(one.0.load(SeqCst), 1, "told that it is the driver again");
    assert!(older.as_mut().poll(&mut Context::from_waker(&first)).is_pending());
    sender.send(()).unwrap();
    assert_eq!((one.0.load(SeqCst), two.0.load(SeqCst)), (2, 0));
    // One poll runs the task, which wakes the driver's own future; the next finds it joined.
    assert!(older.as_mut().poll(&mut Context::from_waker(&first)).is_pending());
    assert!(older.as_mut().poll(&mut Context::from_waker(&first)).is_ready());
}

#[test]
fn one_poll_runs_sixty_one_tasks_and_asks_for_another() {
    let set = LocalSet::new();
    let ran = Rc::new(Cell::new(0));
    for _ in 0..100 {
        let ran = ran.clone();
        set.spawn_local(async move { ran.set(ran.get() + 1) });
    }
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let mut driver = pin!(set.run_until(pending::<()>()));
    assert!(driver.as_mut().poll(&mut cx).is_pending());
    assert_eq!((ran.get(), count.0.load(SeqCst)), (61, 1));
    assert!(driver.as_mut().poll(&mut cx).is_pending());
    assert_eq!((ran.get(), count.0.load(SeqCst)), (100, 1));
}

#[test]
fn a_task_spawned_during_the_poll_wakes_nobody() {
    let set = LocalSet::new();
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let ran = Rc::new(Cell::new(false));
    let inner = ran.clone();
    let mut driver = pin!(set.run_until(async move {
        spawn_local(async move { inner.set(true) });
        pending::<()>().await
    }));
    assert!(driver.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(ran.get());
    assert_eq!(count.0.load(SeqCst), 0);
}

#[test]
fn tasks_have_budgets_of_their_own_and_run_until_has_not() {
    runtime().block_on(async {
        let spend = || async {
            let mut spent = 0;
            poll_fn(|cx| {
                while coop::has_budget_remaining() {
                    let unit = coop::poll_proceed(cx);
                    if let Poll::Ready(unit) = unit {
                        unit.made_progress();
                    }
                    spent += 1;
                }
                Poll::Ready(())
            })
            .await;
            spent
        };
        coop::consume_budget().await;
        let set = LocalSet::new();
        let joined = set.spawn_local(spend());
        let outside = set.run_until(spend()).await;
        assert_eq!(outside, 127);
        assert_eq!(set.run_until(joined).await.unwrap(), 128);
    });
}

#[test]
fn a_panicking_task_ends_the_set_only_if_asked_to() {
    let quiet = LocalSet::new();
    quiet.spawn_local(async { panic!("quiet") });
    futures::executor::block_on(quiet);
    let mut strict = LocalSet::new();
    strict.unhandled_panic(UnhandledPanic::ShutdownRuntime);
    strict.spawn_local(async { panic!("strict") });
    let panicked = catch_unwind(AssertUnwindSafe(|| futures::executor::block_on(strict))).unwrap_err();
    assert_eq!(
        *panicked.downcast::<&'static str>().unwrap(),
        "a spawned task panicked and the LocalSet is configured to shutdown on unhandled panic"
    );
}

#[test]
fn a_local_runtime_comes_before_an_entered_set() {
    let runtime = LocalRuntime::new().unwrap();
    let set = LocalSet::new();
    let ran = runtime.block_on(async {
        let _entered = set.enter();
        spawn_local(async { 3 }).await.unwrap()
    });
    assert_eq!(ran, 3);
}

#[test]
fn guards_nest_and_put_the_outer_set_back() {
    let (outer, inner) = (LocalSet::new(), LocalSet::new());
    let _outer = outer.enter();
    {
        let _inner = inner.enter();
        drop(spawn_local(async {}));
    }
    let joined = spawn_local(async { 1 });
    assert_eq!(futures::executor::block_on(outer.run_until(joined)).unwrap(), 1);
    let outside = catch_unwind(|| thread::spawn(|| drop(spawn_local(async {}))).join().unwrap_err());
    let message = *outside.unwrap().downcast::<&'static str>().unwrap();
    assert_eq!(message, "`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`");
}

#[test]
fn a_set_is_driven_inside_a_task_of_another_set() {
    let outer = LocalSet::new();
    let joined = outer.spawn_local(async {
        let inner = LocalSet::new();
        let answer = inner.run_until(async { spawn_local(async { Rc::new(42) }).await.unwrap() }).await;
        *answer
    });
    assert_eq!(runtime().block_on(outer.run_until(joined)).unwrap(), 42);
}
