//! Join handles, abort handles and join errors.

mod rt_support;

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};

use mini_tokio::task;
use rt_support::*;

#[test]
fn a_handle_yields_the_value_of_its_task() {
    for rt in runtimes() {
        assert_eq!(rt.block_on(async { task::spawn(async { "out" }).await.unwrap() }), "out");
        let handle = rt.spawn(async { 1 });
        assert_eq!(futures_join(&rt, handle), 1);
    }
}

fn futures_join<T>(rt: &mini_tokio::runtime::Runtime, handle: task::JoinHandle<T>) -> T {
    rt.block_on(handle).unwrap()
}

#[test]
fn a_task_runs_whether_or_not_it_is_awaited() {
    for rt in runtimes() {
        let (sent, received) = mpsc::channel();
        drop(rt.spawn(async move { sent.send(5).unwrap() }));
        rt.block_on(async { task::yield_now().await });
        assert_eq!(received.recv_timeout(STUCK), Ok(5));
    }
}

/// Panics when polled; its drop tells whether it was part of the unwinding, and panics too if it is to.
struct Bursting {
    sent: mpsc::Sender<bool>,
    drop_too: bool,
}

impl Future for Bursting {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        panic!("of the poll")
    }
}

impl Drop for Bursting {
    fn drop(&mut self) {
        self.sent.send(std::thread::panicking()).unwrap();
        assert!(!self.drop_too, "of the drop");
    }
}

#[test]
fn a_future_that_panics_is_dropped_while_the_panic_unwinds_and_may_panic_once_more() {
    for rt in runtimes() {
        for drop_too in [false, true] {
            let (sent, received) = mpsc::channel();
            let error = rt.block_on(rt.spawn(Bursting { sent, drop_too })).unwrap_err();
            assert_eq!(received.recv_timeout(STUCK), Ok(true));
            assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "of the poll");
            assert_eq!(rt.block_on(rt.spawn(async { 7 })).unwrap(), 7);
        }
    }
}

#[test]
fn an_abort_of_a_waiting_task_drops_its_future_and_says_cancelled() {
    for rt in runtimes() {
        let drops = Drops::default();
        let tracked = drops.tracked();
        let handle = rt.spawn(async move {
            let _tracked = tracked;
            pending::<()>().await;
        });
        rt.block_on(async {
            task::yield_now().await;
            let id = handle.id();
            handle.abort();
            let error = handle.await.unwrap_err();
            assert!(error.is_cancelled() && !error.is_panic());
            assert_eq!(error.id(), id);
            assert_eq!(error.to_string(), format!("task {id} was cancelled"));
            assert_eq!(drops.count(), 1, "before the joiner hears of it");
            assert!(error.try_into_panic().is_err());
        });
    }
}

#[test]
fn a_task_that_is_running_when_aborted_may_finish_first() {
    for rt in runtimes() {
        let handle_cell: Arc<Mutex<Option<task::AbortHandle>>> = Arc::default();
        let own = handle_cell.clone();
        let gate = Arc::new(AtomicBool::new(false));
        let open = gate.clone();
        let handle = rt.spawn(async move {
            while !open.load(SeqCst) {
                task::yield_now().await;
            }
            own.lock().unwrap().take().unwrap().abort();
            7
        });
        *handle_cell.lock().unwrap() = Some(handle.abort_handle());
        gate.store(true, SeqCst);
        assert_eq!(rt.block_on(handle).unwrap(), 7, "it never waited again");
    }
}

#[test]
fn an_abort_takes_effect_at_the_next_await() {
    for rt in runtimes() {
        let after = Arc::new(AtomicBool::new(false));
        let flag = after.clone();
        let (sent, received) = mpsc::channel::<task::AbortHandle>();
        let handle = rt.spawn(async move {
            received.recv().unwrap().abort();
            task::yield_now().await;
            flag.store(true, SeqCst);
        });
        sent.send(handle.abort_handle()).unwrap();
        assert!(rt.block_on(handle).unwrap_err().is_cancelled());
        assert!(!after.load(SeqCst));
    }
}

#[test]
fn a_task_that_was_aborted_before_its_first_poll_is_never_polled() {
    let rt = current_thread();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = polls.clone();
    let handle = rt.spawn(async move { counted.fetch_add(1, SeqCst) });
    handle.abort();
    assert!(!handle.is_finished(), "nobody drives the runtime yet");
    assert!(rt.block_on(handle).unwrap_err().is_cancelled());
    assert_eq!(polls.load(SeqCst), 0);
}

#[test]
fn dropping_an_abort_handle_cancels_nothing() {
    for rt in runtimes() {
        let handle = rt.spawn(async {
            task::yield_now().await;
            3
        });
        let (one, two) = (handle.abort_handle(), handle.abort_handle().clone());
        assert_eq!(one.id(), handle.id());
        drop((one, two));
        assert_eq!(rt.block_on(handle).unwrap(), 3);
    }
}

#[test]
fn an_abort_handle_knows_when_the_task_is_finished_and_keeps_neither_future_nor_output() {
    for rt in runtimes() {
        let (futures, outputs) = (Drops::default(), Drops::default());
        let (future, output) = (futures.tracked(), outputs.tracked());
        let handle = rt.spawn(async move {
            let _future = future;
            output
        });
        let abort = handle.abort_handle();
        drop(rt.block_on(handle).unwrap());
        assert!(abort.is_finished());
        assert_eq!((futures.count(), outputs.count()), (1, 1));
        abort.abort();
        assert!(abort.is_finished());
    }
}

#[test]
fn a_panic_is_the_joiners_error_with_its_payload() {
    for rt in runtimes() {
        let error = rt.block_on(rt.spawn(async { std::panic::panic_any(42u8) })).unwrap_err();
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(error.to_string(), format!("task {} panicked", error.id()));
        assert_eq!(*error.into_panic().downcast::<u8>().unwrap(), 42);

        let error = rt.block_on(rt.spawn(async { panic!("no {}", 1) })).unwrap_err();
        assert_eq!(error.to_string(), format!("task {} panicked with message \"no 1\"", error.id()));
        assert_eq!(message_of(error.try_into_panic().unwrap()), "no 1");
    }
}

#[test]
fn into_panic_of_a_cancelled_task_panics() {
    let rt = current_thread();
    let handle = rt.spawn(pending::<()>());
    handle.abort();
    let error = rt.block_on(handle).unwrap_err();
    assert!(panic_message(|| error.into_panic()).contains("`JoinError` reason is not a panic."));
}

#[test]
fn a_join_error_becomes_an_io_error() {
    let rt = current_thread();
    let handle = rt.spawn(pending::<()>());
    handle.abort();
    let error = std::io::Error::from(rt.block_on(handle).unwrap_err());
    assert_eq!((error.kind(), error.to_string()), (std::io::ErrorKind::Other, "task was cancelled".to_owned()));
    let error = std::io::Error::from(rt.block_on(rt.spawn(async { panic!() })).unwrap_err());
    assert_eq!(error.to_string(), "task panicked");
}

#[test]
fn a_handle_polled_after_it_yielded_panics() {
    let rt = current_thread();
    let mut handle = rt.spawn(async {});
    rt.block_on(&mut handle).unwrap();
    assert!(panic_message(|| rt.block_on(&mut handle)).contains("JoinHandle polled after completion"));
}

#[test]
fn only_the_waker_of_the_last_poll_is_woken() {
    let rt = current_thread();
    let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let mut handle = rt.spawn(async {});
    for count in [&first, &second] {
        let waker = Waker::from(count.clone());
        assert!(Future::poll(std::pin::Pin::new(&mut handle), &mut Context::from_waker(&waker)).is_pending());
    }
    rt.block_on(async { task::yield_now().await });
    assert_eq!((first.0.load(SeqCst), second.0.load(SeqCst)), (0, 1));
    assert_eq!(Arc::strong_count(&first), 1, "the replaced waker is gone");
    rt.block_on(handle).unwrap();
    assert_eq!(Arc::strong_count(&second), 1, "so is the woken one");
}

#[derive(Default)]
struct Count(AtomicUsize);

impl std::task::Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_joiner_whose_waker_panics_does_not_take_the_worker_down() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("in wake");
        }
    }
    for rt in runtimes() {
        let gate = Arc::new(AtomicBool::new(false));
        let open = gate.clone();
        let mut handle = rt.spawn(poll_fn(move |cx| {
            cx.waker().wake_by_ref();
            if open.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        }));
        let waker = Waker::from(Arc::new(Panics));
        assert!(Future::poll(std::pin::Pin::new(&mut handle), &mut Context::from_waker(&waker)).is_pending());
        gate.store(true, SeqCst);
        rt.block_on(async {
            while !handle.is_finished() {
                task::yield_now().await;
            }
        });
        assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    }
}

#[test]
fn a_task_knows_its_id_and_the_root_has_none() {
    for rt in runtimes() {
        let handle = rt.spawn(async { (task::id(), task::try_id()) });
        let id = handle.id();
        assert_eq!(rt.block_on(handle).unwrap(), (id, Some(id)));
        rt.block_on(async { assert_eq!(task::try_id(), None) });
        assert!(panic_message(|| rt.block_on(async { task::id() })).contains("Can't get a task id"));
        let blocking = rt.spawn_blocking(task::id);
        assert_eq!(blocking.id(), rt.block_on(blocking).unwrap());
    }
}

#[test]
fn destructors_of_a_future_and_of_an_output_see_the_id_of_their_task() {
    struct SeesId(mpsc::Sender<Option<task::Id>>);
    impl Drop for SeesId {
        fn drop(&mut self) {
            self.0.send(task::try_id()).unwrap();
        }
    }
    for rt in runtimes() {
        let (sent, seen) = mpsc::channel();
        let (future, output) = (SeesId(sent.clone()), SeesId(sent));
        let handle = rt.spawn(async move {
            let _future = future;
            output
        });
        let id = handle.id();
        drop(handle);
        rt.block_on(async { task::yield_now().await });
        assert_eq!(seen.recv_timeout(STUCK).unwrap(), Some(id));
        assert_eq!(seen.recv_timeout(STUCK).unwrap(), Some(id));
    }
}

#[test]
fn a_waker_that_is_kept_does_not_keep_the_future_of_a_finished_task() {
    for rt in runtimes() {
        let (drops, kept) = (Drops::default(), Arc::new(Mutex::new(None)));
        let (tracked, slot) = (drops.tracked(), kept.clone());
        let handle = rt.spawn(poll_fn(move |cx| {
            let _tracked = &tracked;
            *slot.lock().unwrap() = Some(cx.waker().clone());
            Poll::Ready(())
        }));
        rt.block_on(handle).unwrap();
        assert_eq!(drops.count(), 1);
        kept.lock().unwrap().take().unwrap().wake();
    }
}

/// Wrappers in libraries are generic, and know nothing of the output.
#[test]
fn a_generic_wrapper_needs_no_bound_on_the_output() {
    struct Wrapper<T>(task::JoinHandle<T>);
    impl<T> Wrapper<T> {
        fn abort(&self) {
            let handle = self.0.abort_handle();
            assert_eq!(handle.id(), self.0.id());
            handle.abort();
        }
    }
    for rt in runtimes() {
        let wrapper = Wrapper(rt.spawn(pending::<u8>()));
        wrapper.abort();
        assert!(rt.block_on(wrapper.0).unwrap_err().is_cancelled());
    }
}
