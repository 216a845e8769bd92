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

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::scheduler::place::Place;
use crate::shim::core_here;

/// Somebody else had the core for more than what was to be said.
const LONG: Duration = Duration::from_millis(1);

/// So many are left out after a long one, that they all together take not much longer than it did.
const REST: u32 = 1_023;

/// How many are still to be left out.
static RESTING: AtomicU32 = AtomicU32::new(0);

#[derive(Default)]
pub(super) struct Courtesy {
    /// Where the last sleep began.
    pub(super) slept_on: Place,
    /// Where whoever ended it was; written by wakers, taken back by the sleeper.
    woken_from: Place,
}

impl Courtesy {
    /// The calling thread is about to wake the sleeper.
    pub(super) fn note_waker(&self) {
        self.woken_from.set(core_here());
    }

    // ANCHOR: park-courtesy
    /// The calling thread is about to sleep: lets whoever woke it from this core go on first.
    pub(super) fn make_way(&self) {
        self.slept_on.set(core_here());
        if self.is_due(&RESTING) {
            let began = Instant::now();
            std::thread::yield_now();
            if began.elapsed() > LONG {
                RESTING.store(REST, Relaxed);
            }
        }
    }

    /// Whether the waker was where the sleep begins. Says so once a wake.
    fn is_due(&self, resting: &AtomicU32) -> bool {
        let woken_from = self.woken_from.get();
        self.woken_from.set(None);
        let near = woken_from.is_some() && woken_from == self.slept_on.get();
        near && resting.fetch_update(Relaxed, Relaxed, |rest| rest.checked_sub(1)).is_err()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Of a thread that is about to sleep on core 3.
    fn courtesy() -> Courtesy {
        let courtesy = Courtesy::default();
        courtesy.slept_on.set(Some(3));
        courtesy
    }

    /// As if somebody on core `from` had woken the thread before.
    fn is_due(courtesy: &Courtesy, from: Option<usize>, resting: &AtomicU32) -> bool {
        courtesy.woken_from.set(from);
        courtesy.is_due(resting)
    }

    #[test]
    fn only_a_waker_on_the_same_core_is_let_go_first() {
        let (courtesy, awake) = (courtesy(), AtomicU32::new(0));
        assert!(!courtesy.is_due(&awake), "nobody woke it");
        assert!(!is_due(&courtesy, Some(2), &awake));
        assert!(!is_due(&courtesy, None, &awake));
        assert!(is_due(&courtesy, Some(3), &awake));
    }

    #[test]
    fn where_no_core_is_known_nobody_is_let_go_first() {
        assert!(!is_due(&Courtesy::default(), None, &AtomicU32::new(0)));
    }

    #[test]
    fn a_waker_is_let_go_first_once() {
        let (courtesy, awake) = (courtesy(), AtomicU32::new(0));
        assert!(is_due(&courtesy, Some(3), &awake));
        assert!(!courtesy.is_due(&awake), "that wake was answered");
    }

    #[test]
    fn where_others_want_the_core_it_is_seldom_given_away() {
        let (one, other, resting) = (courtesy(), courtesy(), AtomicU32::new(REST));
        let is_due = |courtesy: &Courtesy| is_due(courtesy, Some(3), &resting);
        let due = (0..1_000).filter(|_| is_due(&one) | is_due(&other)).count();
        assert_eq!(due, 1_000 - REST as usize / 2);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_core_is_known() {
        let courtesy = Courtesy::default();
        courtesy.note_waker();
        assert!(courtesy.woken_from.get().is_some());
        courtesy.make_way();
        assert_eq!(courtesy.woken_from.get(), None);
        assert!(courtesy.slept_on.get().is_some());
    }
}
