//! What loom explores: every order of the steps of two or three threads, and every value that a relaxed load may see.
//!
//! A lost wake-up shows as a deadlock, a missing hand-over of data as a data race. The header of each model names the
//! `bug_…` switch that makes it fail. A mutex is a turnstile of one permit and a reader-writer lock one of many, so their
//! models are here as well.

use std::{
    future::Future,
    mem::ManuallyDrop,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use loom::{cell::UnsafeCell, thread};

use super::*;

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// A turnstile and data that only its permits protect: loom reports any access that they do not order.
struct Guarded {
    turnstile: Turnstile,
    data: UnsafeCell<usize>,
}

impl Guarded {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self { turnstile: Turnstile::new(permits), data: UnsafeCell::new(0) })
    }

    fn write(&self) {
        // SAFETY: what the model checks.
        self.data.with_mut(|data| unsafe { *data += 1 });
    }

    fn read(&self) -> usize {
        // SAFETY: what the model checks.
        self.data.with(|data| unsafe { *data })
    }

    fn acquire(&self, n: usize) -> Result<(), Closed> {
        Waiting::new(self, n).block_on()
    }

    /// What a guard does: acquires, looks at the data, releases.
    fn with(&self, n: usize, act: impl FnOnce(&Self)) {
        assert_eq!(self.acquire(n), Ok(()));
        act(self);
        self.turnstile.release(n);
    }

    /// What a guard of a mutex or a writer's does, of `n` permits in all.
    fn alone(&self, n: usize, act: impl FnOnce(&Self)) {
        assert_eq!(Waiting::all(self, n).block_on(), Ok(()));
        act(self);
        self.turnstile.release(n);
    }
}

/// A future that is forgotten, not dropped, when a model fails: its drop takes a lock, and loom answers that with a second
/// panic, which would end the process and the report.
struct Waiting<'a>(ManuallyDrop<Pin<Box<Acquire<'a>>>>);

impl<'a> Waiting<'a> {
    fn new(guarded: &'a Guarded, n: usize) -> Self {
        Self(ManuallyDrop::new(Box::pin(guarded.turnstile.acquire(n))))
    }

    fn all(guarded: &'a Guarded, n: usize) -> Self {
        Self(ManuallyDrop::new(Box::pin(guarded.turnstile.acquire_all(n))))
    }

    fn in_line(guarded: &'a Guarded, n: usize) -> Self {
        let mut waiting = Self::new(guarded, n);
        assert!(waiting.poll(Waker::noop()).is_pending());
        waiting
    }

    fn poll(&mut self, waker: &Waker) -> Poll<Result<(), Closed>> {
        self.0.as_mut().poll(&mut Context::from_waker(waker))
    }

    fn block_on(mut self) -> Result<(), Closed> {
        let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
        let waker = Waker::from(sleeper.clone());
        loop {
            match self.poll(&waker) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => sleeper.0.wait(),
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: this is the only place that drops it, and a drop runs once.
            unsafe { ManuallyDrop::drop(&mut self.0) }
        }
    }
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

fn spawn(guarded: &Arc<Guarded>, act: impl FnOnce(&Guarded) + 'static) -> thread::JoinHandle<()> {
    let guarded = guarded.clone();
    thread::spawn(move || act(&guarded))
}

/// `bug_semaphore_no_second_look`: the permit comes back between the look and the lock, and nobody gives it to the line.
/// `bug_mutex_relaxed_unlock`: the next owner does not see what the last one wrote.
/// `bug_semaphore_relaxed_call`: the same, for an owner that had to wait.
#[test]
fn a_mutex_lets_one_in_at_a_time_and_forgets_nobody() {
    explore(|| {
        let guarded = Guarded::new(1);
        let threads = [(), ()].map(|()| spawn(&guarded, |guarded| guarded.alone(1, Guarded::write)));
        guarded.alone(1, Guarded::write);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((guarded.read(), guarded.turnstile.free()), (3, 1));
    });
}

/// Two readers see the same or nothing of the writer, which waits for both.
#[test]
fn a_writer_wants_all_permits_and_gets_them_one_by_one() {
    explore(|| {
        let guarded = Guarded::new(2);
        let readers = [(), ()].map(|()| spawn(&guarded, |guarded| guarded.with(1, |guarded| drop(guarded.read()))));
        guarded.alone(2, Guarded::write);
        readers.map(|thread| thread.join().unwrap());
        assert_eq!((guarded.read(), guarded.turnstile.free()), (1, 2));
    });
}

/// `bug_rwlock_downgrade_gap`: the other writer comes between writing and reading.
#[test]
fn nobody_writes_between_a_write_and_its_downgrade() {
    explore(|| {
        let guarded = Guarded::new(2);
        let other = spawn(&guarded, |guarded| guarded.with(2, Guarded::write));
        assert_eq!(guarded.acquire(2), Ok(()));
        let mut hold = Hold::new(&guarded.turnstile, 2);
        guarded.write();
        let written = guarded.read();
        hold.shrink_to(1);
        assert_eq!(guarded.read(), written);
        drop(hold);
        other.join().unwrap();
        assert_eq!(guarded.turnstile.free(), 2);
    });
}

/// `bug_semaphore_deaf_to_close`: whoever enters the line after the close waits for ever.
#[test]
fn a_close_sends_everybody_away_also_those_on_their_way() {
    explore(|| {
        let guarded = Guarded::new(1);
        let threads = [2, 2].map(|n| spawn(&guarded, move |guarded| assert_eq!(guarded.acquire(n), Err(Closed))));
        guarded.turnstile.close();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(guarded.turnstile.free(), 1, "what the first in line held is free again");
    });
}

/// Either it got the permit or it was sent away, and the permit is where it says.
#[test]
fn a_permit_released_during_the_close_is_taken_or_free() {
    explore(|| {
        let guarded = Guarded::new(0);
        let waiter = spawn(&guarded, |guarded| match guarded.acquire(1) {
            Ok(()) => guarded.turnstile.release(1),
            Err(Closed) => (),
        });
        let closer = spawn(&guarded, |guarded| guarded.turnstile.close());
        guarded.turnstile.release(1);
        waiter.join().unwrap();
        closer.join().unwrap();
        assert_eq!(guarded.turnstile.free(), 1);
    });
}

/// `bug_semaphore_cancel_keeps`: a future that is granted its permit and dropped at the same moment takes it with it.
#[test]
fn a_permit_granted_to_a_future_that_is_dropped_goes_to_the_next() {
    explore(|| {
        let guarded = Guarded::new(0);
        let cancelled = Waiting::in_line(&guarded, 1);
        let next = spawn(&guarded, |guarded| guarded.with(1, Guarded::write));
        let giver = spawn(&guarded, |guarded| guarded.turnstile.release(1));
        drop(cancelled);
        next.join().unwrap();
        giver.join().unwrap();
        assert_eq!((guarded.read(), guarded.turnstile.free()), (1, 1));
    });
}

/// `bug_semaphore_leave_keeps`: the first in line leaves and takes along what it held.
#[test]
fn what_the_first_in_line_held_goes_to_the_second_when_it_leaves() {
    explore(|| {
        let guarded = Guarded::new(1);
        let first = Waiting::in_line(&guarded, 3);
        let giver = spawn(&guarded, |guarded| guarded.turnstile.release(1));
        let second = Waiting::in_line(&guarded, 2);
        drop(first);
        assert_eq!(second.block_on(), Ok(()));
        giver.join().unwrap();
        assert_eq!(guarded.turnstile.free(), 0);
    });
}

/// The middle one leaves the line while permits are handed out to both its neighbours.
#[test]
fn a_waiter_in_the_middle_of_the_line_may_leave_at_any_moment() {
    explore(|| {
        let guarded = Guarded::new(0);
        let first = Waiting::in_line(&guarded, 1);
        let middle = Waiting::in_line(&guarded, 1);
        let last = Waiting::in_line(&guarded, 1);
        let giver = spawn(&guarded, |guarded| guarded.turnstile.release(2));
        drop(middle);
        assert_eq!((first.block_on(), last.block_on()), (Ok(()), Ok(())));
        giver.join().unwrap();
        assert_eq!(guarded.turnstile.free(), 0);
    });
}

/// `bug_semaphore_open_door`: who has just come takes the permit, on its way from the door to the line.
#[test]
fn what_is_given_to_the_line_is_for_nobody_else() {
    explore(|| {
        let guarded = Guarded::new(0);
        let first = Waiting::in_line(&guarded, 1);
        let giver = spawn(&guarded, |guarded| guarded.turnstile.release(1));
        assert_eq!(guarded.turnstile.try_acquire(1), Take::TooFew);
        assert_eq!(first.block_on(), Ok(()));
        giver.join().unwrap();
    });
}

/// `bug_semaphore_swept_door`: the last in line leaves, and with it what was laid at the door for it.
#[test]
fn what_lies_at_the_door_is_free_when_the_last_in_line_leaves() {
    explore(|| {
        let guarded = Guarded::new(0);
        let last = Waiting::in_line(&guarded, 1);
        let givers = [1, 2].map(|n| spawn(&guarded, move |guarded| guarded.turnstile.release(n)));
        drop(last);
        for giver in givers {
            giver.join().unwrap();
        }
        assert_eq!(guarded.turnstile.free(), 3);
    });
}

/// The waker changes while the permit is handed out: the old one is woken, or the new one, or the poll is ready.
#[test]
fn a_future_that_moves_to_another_task_is_woken_there() {
    explore(|| {
        let guarded = Guarded::new(0);
        let moved = Waiting::in_line(&guarded, 1);
        let giver = spawn(&guarded, |guarded| {
            guarded.write();
            guarded.turnstile.release(1);
        });
        assert_eq!(moved.block_on(), Ok(()));
        assert_eq!(guarded.read(), 1);
        giver.join().unwrap();
    });
}
