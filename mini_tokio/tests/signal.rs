//! Signals that this process sends itself. Each test has a signal of its own, for they run on threads of one process.

mod fs_support;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fs_support::{current_thread, multi_thread};
use mini_tokio::runtime::Builder;
use mini_tokio::signal::ctrl_c;
use mini_tokio::signal::unix::{SignalKind, signal};

/// The handler has run when this returns.
fn raise(kind: SignalKind) {
    // SAFETY: `raise` has no precondition, and each test sends only signals that it has a handler for.
    assert_eq!(unsafe { libc::raise(kind.as_raw_value()) }, 0);
}

fn real_time(n: i32) -> SignalKind {
    SignalKind::from_raw(libc::SIGRTMIN() + n)
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_signal_before_recv_is_heard_and_many_count_as_one() {
    current_thread().block_on(async {
        let mut listener = signal(real_time(0)).unwrap();
        assert!(poll_once(listener.recv()).is_pending());
        for _ in 0..5 {
            raise(real_time(0));
        }
        assert_eq!(listener.recv().await, Some(()));
        assert!(poll_once(listener.recv()).is_pending());
        raise(real_time(0));
        assert_eq!(listener.recv().await, Some(()));
    });
}

#[test]
fn more_signals_than_the_pipe_holds_do_no_harm() {
    current_thread().block_on(async {
        let mut listener = signal(real_time(1)).unwrap();
        for _ in 0..70_000 {
            raise(real_time(1));
        }
        assert_eq!(listener.recv().await, Some(()));
        assert!(poll_once(listener.recv()).is_pending());
        raise(real_time(1));
        assert_eq!(listener.recv().await, Some(()));
    });
}

#[test]
fn every_listener_in_every_runtime_hears() {
    let (ready, listening) = std::sync::mpsc::channel();
    let threads: Vec<_> = (0..6)
        .map(|i| {
            let ready = ready.clone();
            std::thread::spawn(move || {
                let runtime = if i % 2 == 0 { current_thread() } else { multi_thread() };
                runtime.block_on(async {
                    let mut first = signal(SignalKind::user_defined1()).unwrap();
                    let mut second = signal(SignalKind::user_defined1()).unwrap();
                    ready.send(()).unwrap();
                    let second = mini_tokio::spawn(async move { second.recv().await });
                    (first.recv().await, second.await.unwrap())
                })
            })
        })
        .collect();
    threads.iter().for_each(|_| listening.recv().unwrap());
    raise(SignalKind::user_defined1());
    for thread in threads {
        assert_eq!(thread.join().unwrap(), (Some(()), Some(())));
    }
}

#[test]
fn a_listener_hears_only_what_it_was_there_for() {
    current_thread().block_on(async {
        let mut early = signal(real_time(2)).unwrap();
        let mut other = signal(real_time(3)).unwrap();
        raise(real_time(2));
        let mut late = signal(real_time(2)).unwrap();
        assert_eq!(early.recv().await, Some(()));
        assert!(poll_once(late.recv()).is_pending());
        assert!(poll_once(other.recv()).is_pending());
    });
}

#[test]
fn a_listener_follows_its_task_to_another_runtime_with_what_it_has_heard() {
    let first = current_thread();
    let mut listener = first.block_on(async { signal(real_time(4)).unwrap() });
    raise(real_time(4));
    drop(first);
    let second = current_thread();
    assert_eq!(second.block_on(listener.recv()), Some(()));
    raise(real_time(4));
    assert_eq!(second.block_on(listener.recv()), Some(()));
    // One that has no reactor is no place to go to.
    let third = Builder::new_current_thread().build().unwrap();
    assert!(third.block_on(async { poll_once(listener.recv()) }).is_pending());
    raise(real_time(4));
    assert_eq!(second.block_on(listener.recv()), Some(()));
}

#[test]
fn a_listener_without_a_runtime_ends() {
    let runtime = current_thread();
    let mut listener = runtime.block_on(async { signal(real_time(5)).unwrap() });
    drop(runtime);
    assert_eq!(poll_once(listener.recv()), Poll::Ready(None));
}

#[test]
fn a_dropped_listener_takes_nothing_from_the_others_and_leaves_no_descriptor() {
    let runtime = current_thread();
    runtime.block_on(async {
        let mut stays = signal(real_time(6)).unwrap();
        for _ in 0..2_000 {
            // Far more than there are descriptors for, were they kept.
            drop(signal(real_time(6)).unwrap());
        }
        raise(real_time(6));
        assert_eq!(stays.recv().await, Some(()));
    });
    drop(runtime);
    raise(real_time(6)); // still not the end of the process
}

#[test]
fn what_comes_while_nobody_listens_is_for_the_next_listener() {
    let runtime = current_thread();
    runtime.block_on(async { drop(signal(real_time(8)).unwrap()) });
    raise(real_time(8));
    runtime.block_on(async {
        let mut next = signal(real_time(8)).unwrap();
        let mut another = signal(real_time(8)).unwrap();
        assert_eq!(next.recv().await, Some(()));
        assert!(poll_once(next.recv()).is_pending());
        assert!(poll_once(another.recv()).is_pending(), "it was for one");
        // Heard, and not told before the drop.
        drop(another);
        raise(real_time(8));
    });
    let mut next = runtime.block_on(async { signal(real_time(8)).unwrap() });
    assert_eq!(runtime.block_on(next.recv()), Some(()));
}

#[test]
fn a_recv_that_is_dropped_takes_no_signal() {
    current_thread().block_on(async {
        let mut listener = signal(real_time(7)).unwrap();
        drop(listener.recv());
        assert!(poll_once(listener.recv()).is_pending());
        raise(real_time(7));
        drop(listener.recv());
        assert_eq!(listener.recv().await, Some(()));
    });
}

#[test]
fn ctrl_c_is_heard_by_all_who_wait_for_it() {
    current_thread().block_on(async {
        let mut first = Box::pin(ctrl_c());
        let mut second = Box::pin(ctrl_c());
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        raise(SignalKind::interrupt());
        first.await.unwrap();
        second.await.unwrap();
        // Each future is for one Ctrl-C, and this one is for the next.
        let mut third = Box::pin(ctrl_c());
        assert!(poll_once(third.as_mut()).is_pending());
        raise(SignalKind::interrupt());
        third.await.unwrap();
    });
}

#[test]
fn signals_that_are_not_to_be_handled_are_refused() {
    current_thread().block_on(async {
        for signum in [libc::SIGKILL, libc::SIGSTOP, libc::SIGILL, libc::SIGFPE, libc::SIGSEGV, 0, -1] {
            let error = signal(SignalKind::from_raw(signum)).unwrap_err();
            assert_eq!(error.to_string(), format!("Refusing to register signal {signum}"));
        }
        assert_eq!(signal(SignalKind::from_raw(1000)).unwrap_err().to_string(), "signal too large");
    });
}

#[test]
fn every_named_kind_can_be_listened_to() {
    current_thread().block_on(async {
        let kinds = [
            SignalKind::alarm(),
            SignalKind::child(),
            SignalKind::hangup(),
            SignalKind::io(),
            SignalKind::pipe(),
            SignalKind::quit(),
            SignalKind::terminate(),
            SignalKind::user_defined2(),
            SignalKind::window_change(),
        ];
        for kind in kinds {
            let mut listener = signal(kind).unwrap();
            raise(kind);
            assert_eq!(listener.recv().await, Some(()), "{kind:?}");
            assert_eq!(SignalKind::from(i32::from(kind)), kind);
        }
    });
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn a_listener_outside_a_runtime_panics() {
    let _ = signal(SignalKind::hangup());
}

#[test]
#[should_panic(expected = "IO is disabled")]
fn a_listener_in_a_runtime_without_io_panics() {
    let _ = Builder::new_current_thread().build().unwrap().block_on(async { signal(SignalKind::hangup()) });
}
