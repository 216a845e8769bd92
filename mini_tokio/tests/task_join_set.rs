//! `JoinSet`: order, ids, panics, aborts, what a drop does, and what a wake-up costs.

use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

use futures::channel::oneshot;
use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::task::{JoinSet, LocalSet, coop, yield_now};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Lets all tasks run that are ready.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

/// Counts its wakes, and drops.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Counts one more when dropped.
struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn tasks_are_joined_in_the_order_in_which_they_complete() {
    runtime().block_on(async {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..4).map(|_| oneshot::channel::<()>()).unzip();
        let mut set = JoinSet::new();
        for (i, receiver) in receivers.into_iter().enumerate() {
            set.spawn(async move {
                receiver.await.unwrap();
                i
            });
        }
        let mut senders: Vec<_> = senders.into_iter().map(Some).collect();
        for i in [2, 0, 3, 1] {
            senders[i].take().unwrap().send(()).unwrap();
            yield_now().await;
        }
        assert_eq!(set.join_all().await, [2, 0, 3, 1]);
    });
}

#[test]
fn a_task_is_joined_under_the_id_of_its_abort_handle() {
    runtime().block_on(async {
        let mut set = JoinSet::new();
        let done = set.spawn(async { 'a' }).id();
        let aborted = set.spawn(pending());
        aborted.abort();
        assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (done, 'a'));
        assert_eq!(set.join_next_with_id().await.unwrap().unwrap_err().id(), aborted.id());
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn a_panic_of_one_task_is_its_own() {
    runtime().block_on(async {
        let mut set = JoinSet::new();
        set.spawn(async { panic!("alone") });
        set.spawn(async { 1 });
        let mut panics = 0;
        while let Some(joined) = set.join_next().await {
            match joined {
                Ok(value) => assert_eq!(value, 1),
                Err(error) => panics += usize::from(error.is_panic()),
            }
        }
        assert_eq!(panics, 1);
    });
}

#[test]
fn join_all_goes_on_with_the_panic_and_aborts_the_rest() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let held = OnDrop(dropped.clone());
    let runtime = runtime();
    let run = || {
        runtime.block_on(async {
            let mut set = JoinSet::<()>::new();
            set.spawn(async move {
                let _held = held;
                pending().await
            });
            set.spawn(async { panic!("first") });
            set.join_all().await
        })
    };
    let panicked = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(*panicked.downcast::<&'static str>().unwrap(), "first");
    runtime.block_on(settle());
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn dropping_the_set_aborts_and_detaching_does_not() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = oneshot::channel::<()>();
    runtime().block_on(async {
        let mut set = JoinSet::new();
        let held = OnDrop(dropped.clone());
        set.spawn(async move {
            receiver.await.unwrap();
            drop(held);
        });
        yield_now().await;
        set.detach_all();
        assert!(set.is_empty());
        let held = OnDrop(dropped.clone());
        set.spawn(async move {
            let _held = held;
            pending().await
        });
        yield_now().await;
        drop(set);
        yield_now().await;
        assert_eq!(dropped.load(SeqCst), 1, "the task of the dropped set");
        sender.send(()).unwrap();
        yield_now().await;
        assert_eq!(dropped.load(SeqCst), 2, "the detached task");
    });
}

#[test]
fn a_detached_task_that_completes_is_not_taken_for_its_successor() {
    runtime().block_on(async {
        let (sender, receiver) = oneshot::channel::<()>();
        let mut set = JoinSet::new();
        set.spawn(async move {
            receiver.await.unwrap();
            1
        });
        yield_now().await;
        set.detach_all();
        set.spawn(pending());
        sender.send(()).unwrap();
        yield_now().await;
        assert!(set.try_join_next().is_none());
        assert_eq!(set.len(), 1);
    });
}

#[test]
fn one_completion_is_one_wake_however_many_tasks_wait() {
    let runtime = runtime();
    let _current = runtime.enter();
    let mut set = JoinSet::new();
    for _ in 0..1000 {
        set.spawn(pending::<u8>());
    }
    let (sender, receiver) = oneshot::channel::<u8>();
    set.spawn(async { receiver.await.unwrap() });
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(set.poll_join_next(&mut cx).is_pending());
    runtime.block_on(settle());
    assert_eq!(count.0.load(SeqCst), 0);
    sender.send(7).unwrap();
    runtime.block_on(settle());
    assert_eq!(count.0.load(SeqCst), 1);
    assert!(matches!(set.poll_join_next(&mut cx), Poll::Ready(Some(Ok(7)))));
    assert!(set.poll_join_next(&mut cx).is_pending());
}

#[test]
fn a_joined_task_leaves_nothing_behind() {
    let dropped = Arc::new(AtomicUsize::new(0));
    runtime().block_on(async {
        let mut set = JoinSet::new();
        for round in 0..100 {
            let output = OnDrop(dropped.clone());
            set.spawn(async move { output });
            drop(set.join_next().await.unwrap().unwrap());
            assert_eq!(dropped.load(SeqCst), round + 1);
        }
        assert_eq!(mini_tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
    });
}

#[test]
fn joining_takes_part_in_the_budget() {
    runtime().block_on(async {
        let mut set: JoinSet<()> = (0..200).map(|_| async {}).collect();
        settle().await;
        let mut joined = 0;
        poll_fn(|cx| {
            while let Poll::Ready(next) = set.poll_join_next(cx) {
                assert!(next.is_some());
                joined += 1;
            }
            Poll::Ready(())
        })
        .await;
        assert!(!coop::has_budget_remaining());
        assert!(joined <= 128, "{joined}");
        assert_eq!(set.join_all().await.len(), 200 - joined);
    });
}

#[test]
fn shutdown_waits_until_the_futures_are_dropped() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let mut set = JoinSet::new();
        for _ in 0..50 {
            let held = OnDrop(dropped.clone());
            set.spawn(async move {
                let _held = held;
                pending::<()>().await
            });
        }
        set.shutdown().await;
        assert_eq!((set.len(), dropped.load(SeqCst)), (0, 50));
    });
}

#[test]
fn completions_on_other_threads_are_all_seen() {
    let runtime = Builder::new_multi_thread().worker_threads(3).build().unwrap();
    let sum: usize = runtime.block_on(async {
        let mut set: JoinSet<usize> = JoinSet::new();
        for i in 0..2000 {
            if i % 3 == 0 {
                set.spawn_blocking(move || i);
            } else {
                set.spawn(async move {
                    yield_now().await;
                    i
                });
            }
        }
        set.join_all().await.into_iter().sum()
    });
    assert_eq!(sum, 1999 * 2000 / 2);
}

#[test]
fn a_join_that_is_dropped_takes_nothing_out() {
    let runtime = runtime();
    let _current = runtime.enter();
    let mut set = JoinSet::new();
    set.spawn(async { 5 });
    {
        let mut joining = pin!(set.join_next());
        assert!(joining.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    runtime.block_on(settle());
    assert_eq!(set.len(), 1);
    assert_eq!(set.try_join_next().unwrap().unwrap(), 5);
}

#[test]
fn a_builder_names_tasks_of_every_kind() {
    let runtime = runtime();
    runtime.block_on(async {
        let local = LocalSet::new();
        let mut set = JoinSet::new();
        let handle = runtime.handle();
        set.build_task().name("a").spawn(async { 1 }).unwrap();
        set.build_task().name("b").spawn_on(async { 2 }, handle).unwrap();
        let names: Vec<_> = mini_tokio::insight::tasks(handle).into_iter().map(|task| task.name).collect();
        assert_eq!(names, [Some("a".into()), Some("b".into())]);
        set.build_task().name("c").spawn_blocking(|| 3).unwrap();
        set.build_task().name("d").spawn_blocking_on(|| 4, handle).unwrap();
        set.build_task().name("e").spawn_local_on(async { 5 }, &local).unwrap();
        let joined = local.run_until(async {
            set.build_task().name("f").spawn_local(async { 6 }).unwrap();
            set.join_all().await
        });
        let mut joined = joined.await;
        joined.sort_unstable();
        assert_eq!(joined, [1, 2, 3, 4, 5, 6]);
    });
}
