//! What the last listener for a signal leaves to the next.
//!
//! Programs write `select! { _ = ctrl_c() => break, .. }` in a loop, and so there is a new listener in each round and none
//! in between. A Ctrl-C that comes then, or that the old listener had heard and not told, must not be lost: nobody else
//! would do anything about it, for the signal's default action is gone for good. So the last listener's pipe and action are
//! not taken down but kept, and become the next listener's, with what is in the pipe (SIGNAL-5).
//!
//! tokio keeps such a signal until the next turn of some runtime's driver.

use std::io;

use mio::unix::pipe::Receiver;
use parking_lot::Mutex;

use super::kind::SignalKind;
use super::unix::Action;

/// What it takes to hear a signal.
pub(super) type Ears = (Action, Receiver);

/// One signal that somebody has listened for.
struct Estate {
    kind: SignalKind,
    listeners: usize,
    /// Present only while there are no listeners.
    kept: Option<Ears>,
}

/// One for each signal that was ever listened for: a handful.
static ESTATES: Mutex<Vec<Estate>> = Mutex::new(Vec::new());

/// One listener more: with what was kept, or else with what `make` makes.
// ANCHOR: signal-estate
pub(super) fn enter(kind: SignalKind, make: impl FnOnce() -> io::Result<Ears>) -> io::Result<Ears> {
    {
        let mut estates = ESTATES.lock();
        match estates.iter_mut().find(|estate| estate.kind == kind) {
            Some(estate) => {
                estate.listeners += 1;
                if let Some(kept) = estate.kept.take() {
                    return Ok(kept);
                }
            }
            None => estates.push(Estate { kind, listeners: 1, kept: None }),
        }
    }
    make().inspect_err(|_| leave(kind, None))
}

/// One listener less. If it was the last, what it leaves is kept.
pub(super) fn leave(kind: SignalKind, mut ears: Option<Ears>) {
    {
        let mut estates = ESTATES.lock();
        let estate = estates.iter_mut().find(|estate| estate.kind == kind).expect("it has entered");
        estate.listeners -= 1;
        if estate.listeners == 0 {
            estate.kept = ears.take();
        }
    }
    // Outside the lock: taking an action out waits for the handlers that run.
    drop(ears);
}

/// Leaves again, unless it is forgotten: for the failures between entering and being a listener.
pub(super) struct Entered(pub(super) SignalKind);

impl Drop for Entered {
    fn drop(&mut self) {
        leave(self.0, None);
    }
}
