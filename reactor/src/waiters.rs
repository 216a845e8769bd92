//! Who waits for what on one registration: plain data, guarded by the slot's lock.
//!
//! ```text
//!   by direction   [ Read: waker? ] [ Write: waker? ]      poll-style callers: one a direction, the latest wins
//!   listed         0: R  waker      1: W|E  woken   2: -   `readiness` futures: any number, each with its own mask
//! ```
//!
//! Vocabulary. A *seat* is a waiter's place: a direction, or an index in the list. A listed waiter keeps its seat from
//! its first pending poll until it completes or is dropped, also while its waker is out (it has been *woken* and not
//! polled yet): the seat is then still its own and nobody else's.
//!
//! Invariants:
//! - `WAIT-1` A listed seat is given up by its future and by nobody else.
//! - `WAIT-2` No method runs user code: wakers come in cloned and go out by value, for the caller to drop unlocked.
//!
//! Rejected: intrusive nodes inside the futures. They save the slab's allocation, once a registration that is waited
//! for by `readiness`, at the price of pinned aliased memory (classic bug 18).

use crate::direction::Direction;
use crate::ready::Ready;
use crate::wakers::Wakers;
use slab::Slab;
use std::task::Waker;

/// A waiter's place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seat {
    /// The one place of a direction.
    Direction(Direction),
    /// No place yet; the first wait finds one in the list.
    Standing,
    /// This place in the list.
    Listed(usize),
}

struct Listed {
    mask: Ready,
    waker: Option<Waker>,
}

#[derive(Default)]
pub(crate) struct Waiters {
    reader: Option<Waker>,
    writer: Option<Waker>,
    listed: Slab<Listed>,
}

impl Waiters {
    fn chair(&mut self, direction: Direction) -> &mut Option<Waker> {
        match direction {
            Direction::Read => &mut self.reader,
            Direction::Write => &mut self.writer,
        }
    }

    /// Whether the seat holds a waker that does the same as `waker`: then it need not be cloned.
    pub(crate) fn would_wake(&mut self, seat: Seat, waker: &Waker) -> bool {
        let present = match seat {
            Seat::Direction(direction) => self.chair(direction).as_ref(),
            Seat::Standing => None,
            Seat::Listed(key) => self.listed[key].waker.as_ref(),
        };
        present.is_some_and(|present| present.will_wake(waker))
    }

    /// Puts `waker` on the seat, in the list if it has none yet. Returns the waker it replaces.
    pub(crate) fn sit(&mut self, seat: &mut Seat, mask: Ready, waker: Waker) -> Option<Waker> {
        match *seat {
            Seat::Direction(direction) => self.chair(direction).replace(waker),
            Seat::Standing => {
                *seat = Seat::Listed(self.listed.insert(Listed { mask, waker: Some(waker) }));
                None
            }
            Seat::Listed(key) => self.listed[key].waker.replace(waker),
        }
    }

    /// Gives the seat up (WAIT-1). Returns the waker that was on it.
    pub(crate) fn leave(&mut self, seat: &mut Seat) -> Option<Waker> {
        match *seat {
            Seat::Direction(direction) => self.chair(direction).take(),
            Seat::Standing => None,
            Seat::Listed(key) => {
                *seat = Seat::Standing;
                self.listed.remove(key).waker
            }
        }
    }

    /// Moves the wakers of those whom news of `mask` concerns into `wakers`. Seats stay.
    // ANCHOR: reactor-take-wakers
    pub(crate) fn take(&mut self, mask: Ready, wakers: &mut Wakers) {
        for direction in [Direction::Read, Direction::Write] {
            if mask.intersects(direction.mask()) {
                wakers.take(self.chair(direction));
            }
        }
        for (_, waiter) in &mut self.listed {
            if waiter.mask.intersects(mask) {
                wakers.take(&mut waiter.waker);
            }
        }
    }

    /// How many hold a seat, for tests.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        usize::from(self.reader.is_some()) + usize::from(self.writer.is_some()) + self.listed.len()
    }
}
