//! loom models of the readiness protocol: every interleaving, without a bound, of the reactor and a waiter, of a waiter
//! who changes his mind, of a shutdown.

use super::*;
use crate::direction::Direction;
use crate::interest::Interest;
use crate::wait::Readiness;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Wake};

struct Count(AtomicUsize);

impl Count {
    fn new() -> (std::sync::Arc<Count>, Waker) {
        let count = std::sync::Arc::new(Count(AtomicUsize::new(0)));
        (count.clone(), count.into())
    }

    fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn deliver(slot: &Slot, ready: Ready) -> usize {
    let mut wakers = Wakers::default();
    slot.deliver(ready, &mut wakers);
    wakers.wake()
}

fn readable(slot: &Slot) -> Readiness<'_> {
    Readiness::new(slot, Ready::from_interest(Interest::READABLE))
}

/// SLOT-1. Caught here: `bug_readiness_no_recheck`, `bug_readiness_wake_before_set`.
#[test]
fn a_waiter_finds_the_readiness_or_is_woken() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let reactor = thread::spawn({
            let slot = slot.clone();
            move || deliver(&slot, Ready::READABLE)
        });
        let (count, waker) = Count::new();
        let found = slot.wait(&waker, Direction::Read.mask(), &mut Seat::Direction(Direction::Read));
        let woken = reactor.join().unwrap();
        assert_eq!(count.wakes(), woken);
        assert!(found.is_ready() || woken == 1, "asleep, and the event has passed");
    });
}

/// READY-1, with a socket whose data are a flag. Caught here: `bug_readiness_stale_clear`, and
/// `bug_readiness_relaxed_look`, where the attempt slides before the look that gave it its receipt.
#[test]
fn a_clear_never_erases_news_that_is_younger_than_the_attempt() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let data = Arc::new(AtomicBool::new(false));
        deliver(&slot, Ready::READABLE); // the first attempt finds nothing: somebody else has read
        let reactor = thread::spawn({
            let (slot, data) = (slot.clone(), data.clone());
            move || {
                data.store(true, Ordering::Relaxed); // all order comes from the word
                deliver(&slot, Ready::READABLE);
            }
        });
        let (count, waker) = Count::new();
        let mut got = false;
        while let Poll::Ready(event) = slot.wait(&waker, Direction::Read.mask(), &mut Seat::Direction(Direction::Read))
        {
            got = data.load(Ordering::Relaxed);
            if got {
                break;
            }
            let _ = slot.word.clear(event);
        }
        reactor.join().unwrap();
        if !got {
            assert_eq!(count.wakes(), 1, "asleep with data to read");
            assert_eq!(slot.word.snapshot(Ready::ALL).ready, Ready::READABLE, "woken, and the news is gone");
        }
    });
}

/// WAIT-1, SLOT-2. Caught here: `bug_readiness_cancel_leak`.
#[test]
fn a_dropped_waiter_leaves_no_trace_and_robs_nobody() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let (stays, stays_waker) = Count::new();
        let (goes, goes_waker) = Count::new();
        let staying = readable(&slot);
        let mut staying = pin!(staying);
        assert!(staying.as_mut().poll(&mut Context::from_waker(&stays_waker)).is_pending());
        let reactor = thread::spawn({
            let slot = slot.clone();
            move || deliver(&slot, Ready::READABLE)
        });
        {
            let mut going = pin!(readable(&slot));
            let _ = going.as_mut().poll(&mut Context::from_waker(&goes_waker));
        }
        let woken = reactor.join().unwrap();
        assert_eq!(stays.wakes(), 1);
        assert_eq!(woken, 1 + goes.wakes());
        assert!(staying.as_mut().poll(&mut Context::from_waker(&stays_waker)).is_ready());
        assert_eq!(slot.waiter_count(), 0);
    });
}

/// WAIT-1: three wait, and the one in the middle leaves while the event is delivered.
#[test]
fn a_waiter_that_leaves_the_middle_of_the_list_robs_nobody() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let (first, first_waker) = Count::new();
        let (last, last_waker) = Count::new();
        let mut one = pin!(readable(&slot));
        let mut three = pin!(readable(&slot));
        assert!(one.as_mut().poll(&mut Context::from_waker(&first_waker)).is_pending());
        let reactor;
        {
            let mut two = pin!(readable(&slot));
            assert!(two.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            assert!(three.as_mut().poll(&mut Context::from_waker(&last_waker)).is_pending());
            reactor = thread::spawn({
                let slot = slot.clone();
                move || deliver(&slot, Ready::READABLE)
            });
        }
        reactor.join().unwrap();
        assert_eq!((first.wakes(), last.wakes()), (1, 1));
    });
}

/// SLOT-1 for the last event.
#[test]
fn a_waiter_finds_the_shutdown_or_is_woken_by_it() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let reactor = thread::spawn({
            let slot = slot.clone();
            move || {
                let mut wakers = Wakers::default();
                slot.shut_down(&mut wakers);
                wakers.wake()
            }
        });
        let (count, waker) = Count::new();
        let mut waiting = pin!(readable(&slot));
        let found = waiting.as_mut().poll(&mut Context::from_waker(&waker));
        reactor.join().unwrap();
        assert!(matches!(found, Poll::Ready(Err(_))) || count.wakes() == 1);
        assert!(matches!(waiting.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Err(_))));
        assert_eq!(slot.waiter_count(), 0);
    });
}

/// A waker that calls back into the slot it was woken by.
struct CallsBack(Arc<Slot>);

impl Wake for CallsBack {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.waiter_count();
    }
}

/// SLOT-3. Caught here (as a deadlock): `bug_readiness_wake_under_lock`.
#[test]
fn a_waker_may_take_the_lock() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let waker: Waker = std::sync::Arc::new(CallsBack(slot.clone())).into();
        let _ = slot.wait(&waker, Direction::Read.mask(), &mut Seat::Direction(Direction::Read));
        assert_eq!(deliver(&slot, Ready::READABLE), 1);
    });
}

/// READY-1 and READY-3, with a named pipe whose last writer leaves again while an attempt refutes that the former one
/// has. Caught here too: `bug_readiness_stale_clear`.
#[test]
fn a_refutation_never_erases_a_closing_that_is_younger_than_the_attempt() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let closed = Arc::new(AtomicBool::new(false)); // a writer is there
        deliver(&slot, Ready::READ_CLOSED); // as the one before it left
        let reactor = thread::spawn({
            let (slot, closed) = (slot.clone(), closed.clone());
            move || {
                closed.store(true, Ordering::Relaxed); // all order comes from the word
                deliver(&slot, Ready::READ_CLOSED);
            }
        });
        let (count, waker) = Count::new();
        let mut ended = false;
        while let Poll::Ready(event) = slot.wait(&waker, Direction::Read.mask(), &mut Seat::Direction(Direction::Read))
        {
            ended = closed.load(Ordering::Relaxed);
            if ended {
                break;
            }
            let _ = slot.word.refute(event);
        }
        reactor.join().unwrap();
        assert!(ended || count.wakes() == 1, "asleep at the end of the data");
    });
}
