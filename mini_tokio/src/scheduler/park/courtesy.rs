//! [`Courtesy`]: a thread that was woken on its waker's own core lets the waker go on before it sleeps again.
//!
//! A kernel often wakes a thread on the core of whoever wakes it, and at once: the waker stands still until the woken
//! thread has nothing more to do. Where one thread publishes tasks one by one, and another takes them, that is two
//! switches for each task, while other cores idle: the publisher never gets to the next task before the worker sleeps
//! again. It may last for milliseconds, until the kernel spreads its threads anew. (On a virtual machine more than
//! elsewhere: Linux takes a virtual core that idles for one that its host has preempted, and wakes nobody there.)
//!
//! So whoever wakes leaves a note of the core on which it runs. A thread that is about to sleep and finds that it was
//! woken from the core where it is now gives that core up, once, by `sched_yield`. The waker goes on, and what it
//! publishes costs no call to the kernel: the thread is not asleep, so a token is enough. It finds the token when it is
//! back; if there is none, it sleeps. And a thread that is ready and does not run is one that an idle core comes to
//! fetch.
//!
//! * `COURTESY-1` To yield is to go behind everybody. Where other programs want the core, that is a turn of
//!   milliseconds, which a sleeper would not wait: a kernel lets it run as soon as it is woken. So after a yield that
//!   took [`LONG`] the next [`REST`] ones are left out, of all threads: who wants the cores wants all of them.
//! * `COURTESY-2` A hint: a sleep ends by its token alone. So all is Relaxed, and a model need not see it.
//!
//! Rejected: a yield before every sleep (where nobody waits for the core, a call for nothing; where others do, many
//! times the time), and to choose the sleeper by its core (half of the time there is but one).

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Somebody else had the core for more than what was to be said.
const LONG: Duration = Duration::from_millis(1);

/// So many are left out after a long one, that they all together take not much longer than it did.
const REST: u32 = 1_023;

/// No core, or an unknown one.
const NOWHERE: i32 = -1;

/// How many are still to be left out.
static RESTING: AtomicU32 = AtomicU32::new(0);

pub(super) struct Courtesy {
    /// The core of whoever ended the last sleep; written by wakers, taken back by the sleeper.
    woken_from: AtomicI32,
}

impl Courtesy {
    pub(super) fn new() -> Self {
        Self { woken_from: AtomicI32::new(NOWHERE) }
    }

    /// The calling thread is about to wake the sleeper.
    pub(super) fn note_waker(&self) {
        self.woken_from.store(core_here(), Relaxed);
    }

    // ANCHOR: park-courtesy
    /// The calling thread is about to sleep: lets whoever woke it from this core go on first.
    pub(super) fn make_way(&self) {
        if self.is_due(core_here, &RESTING) {
            let began = Instant::now();
            std::thread::yield_now();
            if began.elapsed() > LONG {
                RESTING.store(REST, Relaxed);
            }
        }
    }

    /// Whether the waker's core is the one that `here` tells. Says so once a wake.
    fn is_due(&self, here: impl FnOnce() -> i32, resting: &AtomicU32) -> bool {
        let woken_from = self.woken_from.load(Relaxed);
        if woken_from == NOWHERE {
            return false;
        }
        self.woken_from.store(NOWHERE, Relaxed);
        woken_from == here() && resting.fetch_update(Relaxed, Relaxed, |rest| rest.checked_sub(1)).is_err()
    }
}

fn core_here() -> i32 {
    #[cfg(all(target_os = "linux", not(loom)))]
    // SAFETY: it takes nothing and gives a number.
    return unsafe { libc::sched_getcpu() };
    #[cfg(not(all(target_os = "linux", not(loom))))]
    NOWHERE
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// As if somebody on core `from` had woken a thread that now is on core 3.
    fn is_due(courtesy: &Courtesy, from: i32) -> bool {
        courtesy.woken_from.store(from, Relaxed);
        courtesy.is_due(|| 3, &AtomicU32::new(0))
    }

    #[test]
    fn only_a_waker_on_the_same_core_is_let_go_first() {
        let courtesy = Courtesy::new();
        assert!(!courtesy.is_due(|| 3, &AtomicU32::new(0)), "nobody woke it");
        assert!(!is_due(&courtesy, 2));
        assert!(!is_due(&courtesy, NOWHERE));
        assert!(is_due(&courtesy, 3));
    }

    #[test]
    fn a_waker_is_let_go_first_once() {
        let courtesy = Courtesy::new();
        assert!(is_due(&courtesy, 3));
        assert!(!courtesy.is_due(|| 3, &AtomicU32::new(0)), "that wake was answered");
    }

    #[test]
    fn where_others_want_the_core_it_is_seldom_given_away() {
        let (one, other, resting) = (Courtesy::new(), Courtesy::new(), AtomicU32::new(REST));
        let is_due = |courtesy: &Courtesy| {
            courtesy.woken_from.store(3, Relaxed);
            courtesy.is_due(|| 3, &resting)
        };
        let due = (0..1_000).filter(|_| is_due(&one) | is_due(&other)).count();
        assert_eq!(due, 1_000 - REST as usize / 2);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_core_is_known() {
        let courtesy = Courtesy::new();
        courtesy.note_waker();
        assert_ne!(courtesy.woken_from.load(Relaxed), NOWHERE);
        courtesy.make_way();
        assert_eq!(courtesy.woken_from.load(Relaxed), NOWHERE);
    }
}
