//! The shared side of a reactor: anybody may register a source, interrupt the turn in progress, or end it all.

use crate::interest::Interest;
use crate::reactor::Turn;
use crate::ready::Ready;
use crate::registration::Registration;
use crate::slots::Slots;
use crate::token::WAKE;
use crate::wakers::Wakers;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A share in a [`Reactor`](crate::Reactor). Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    /// A second descriptor of the poll's selector: registering needs no lock of ours.
    pub(crate) registry: mio::Registry,
    waker: mio::Waker,
    pub(crate) slots: Slots,
    /// Statistics, written by whoever turns; ordered with nothing.
    pub(crate) ready_events: AtomicU64,
}

impl Handle {
    pub(crate) fn new(poll: &mio::Poll) -> io::Result<Handle> {
        let registry = poll.registry().try_clone()?;
        let waker = mio::Waker::new(poll.registry(), WAKE)?;
        let shared = Shared { registry, waker, slots: Slots::default(), ready_events: AtomicU64::new(0) };
        Ok(Handle { shared: Arc::new(shared) })
    }

    /// Interrupts the turn in progress, or the next one if there is none: it returns at once with
    /// [`Turn::interrupted`](crate::Turn::interrupted). Several calls before a turn are one. Never blocks.
    ///
    /// # Panics
    ///
    /// If the operating system refuses to write to the reactor's own event descriptor, which means that someone closed
    /// it.
    #[track_caller]
    pub fn wake(&self) {
        self.shared.waker.wake().expect("the reactor's event descriptor takes a write");
    }

    /// Makes `source` known to the reactor, once for its whole life, for every readiness it will ever be asked about.
    ///
    /// Events are edge-triggered: what is ready already is reported by the next turn.
    ///
    /// # Errors
    ///
    /// After [`shutdown`](Handle::shutdown), an error of kind [`Other`](io::ErrorKind::Other); otherwise those of the
    /// operating system, for instance for a regular file.
    pub fn register<S: mio::event::Source + ?Sized>(
        &self,
        source: &mut S,
        interest: Interest,
    ) -> io::Result<Registration> {
        // The slot comes first: the first event may arrive before `register` has returned. If that fails, the drop of
        // the registration frees the slot.
        let (token, slot) = self.shared.slots.insert()?;
        let registration = Registration::new(slot, token, self.clone());
        source.register(&self.shared.registry, token.pack(), interest.to_mio())?;
        Ok(registration)
    }

    /// Ends the reactor: wakes every waiter, who from now on gets an error; refuses new registrations; interrupts the
    /// turn in progress. A second call does nothing.
    ///
    /// In this order: 1. the table is closed, 2. each registration's word says so, 3. whoever turns is interrupted, 4.
    /// the waiters are woken.
    // ANCHOR: reactor-shutdown
    pub fn shutdown(&self) {
        let Some(slots) = self.shared.slots.shut_down() else {
            return;
        };
        let mut wakers = Wakers::default();
        for slot in slots {
            slot.shut_down(&mut wakers);
        }
        self.wake();
        wakers.wake();
    }

    /// Whether no source is registered: then a turn that does not wait has nothing to find, and need not be taken. A
    /// load.
    pub fn is_unused(&self) -> bool {
        self.shared.slots.is_empty()
    }

    /// How many registrations were ever made, and how many of them there are.
    pub fn registration_totals(&self) -> (u64, usize) {
        self.shared.slots.totals()
    }

    /// How many events have been delivered to registrations since the reactor was made.
    pub fn ready_events(&self) -> u64 {
        self.shared.ready_events.load(Ordering::Relaxed)
    }

    /// From a list of the operating system's events to woken tasks; `wakers` is working memory, kept from turn to turn.
    ///
    /// Two passes, so that no user code runs while the table is locked, and the table is locked once a turn, not once
    /// an event: first each event's slot gets its news and gives up the wakers concerned, then these are called.
    // ANCHOR: reactor-dispatch
    pub(crate) fn dispatch(&self, wakers: &mut Wakers, events: impl Iterator<Item = (mio::Token, Ready)>) -> Turn {
        let mut interrupted = false;
        // The token of the reactor's waker names no slot, and is passed over with those of former tenants.
        let events = events.inspect(|(token, _)| interrupted |= *token == WAKE);
        let delivered = self.shared.slots.deliver(events, wakers);
        // A load and a store: whoever turns is the only one to write it.
        let so_far = self.shared.ready_events.load(Ordering::Relaxed);
        self.shared.ready_events.store(so_far + delivered as u64, Ordering::Relaxed);
        Turn { events: delivered, woken: wakers.wake(), interrupted }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("ready_events", &self.ready_events()).finish_non_exhaustive()
    }
}
