//! [`Clock`]: gives events their stamps, by which the lanes are put into one order.
//!
//! `CLOCK-1` If one look happens before another (in the sense of the language, by whatever means), its stamp is not greater. If
//! the later look is [`Clock::after`], and the stamps come from the shared word, it is smaller.
//!
//! There are two clocks, chosen when the recorder is made:
//!
//! * **The processor's counter** (TSC), on x86-64, if the kernel keeps its own time by it: then the kernel has found that it
//!   runs at one rate, never stops, and agrees on all processors. A look is one instruction of about 20 cycles. It may be
//!   executed before a load that stands earlier in the program; who must not be early (an event that takes something from
//!   another thread) calls `after`, with a fence in front. Stores become visible in order and after the look, so who gives
//!   needs none.
//! * **A shared word** everywhere else: the nanoseconds of the monotonic clock, or one more than the word's last value. One
//!   word has one order of changes, so `CLOCK-1` holds on every machine; the price is a change of that word with each look. The
//!   stepper uses it too, for its stamps are all different.
//!
//! Rejected: the counter without the kernel's word for it. Where it is wrong a poll would stand before the wake that caused it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub(super) struct Clock {
    start: Instant,
    /// The counter at `start`; None: the shared word is used.
    counter: Option<u64>,
    /// The last stamp of the shared word. AcqRel: a stamp orders what stands around its look (`CLOCK-1`).
    last: AtomicU64,
}

impl Clock {
    /// The cheapest that this machine can be trusted with.
    pub(super) fn cheap() -> Self {
        Self { counter: counter::trusted().then(counter::now), ..Self::shared() }
    }

    /// Each stamp once.
    pub(super) fn shared() -> Self {
        Self { start: Instant::now(), counter: None, last: AtomicU64::new(0) }
    }

    /// Each look is one later than the last, and nothing else takes time.
    #[cfg(test)]
    pub(super) fn counting() -> Self {
        let never = Instant::now() + std::time::Duration::from_secs(1 << 30);
        Self { start: never, ..Self::shared() }
    }

    /// Lets time pass, for a counting clock. Returns the time then.
    #[cfg(test)]
    pub(super) fn pass(&self, time: u64) -> u64 {
        self.last.fetch_add(time, Ordering::AcqRel) + time
    }

    /// A stamp, for what gives something away.
    #[inline]
    pub(super) fn before(&self) -> u64 {
        match self.counter {
            Some(start) => counter::now().wrapping_sub(start),
            None => self.next(),
        }
    }

    /// A stamp, for what took something.
    #[inline]
    pub(super) fn after(&self) -> u64 {
        match self.counter {
            Some(start) => counter::after().wrapping_sub(start),
            None => self.next(),
        }
    }

    #[cold]
    fn next(&self) -> u64 {
        let now = self.nanos();
        let step = |last: u64| Some(now.max(last + 1));
        match self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, step) {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }

    fn nanos(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    /// A stamp and the same moment in nanoseconds since the start.
    pub(super) fn pair(&self) -> (u64, u64) {
        match self.counter {
            Some(_) => {
                let nanos = self.nanos();
                (self.after(), nanos)
            }
            None => {
                let stamp = self.next();
                (stamp, stamp)
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod counter {
    use std::arch::x86_64::{__cpuid, _mm_lfence, _rdtsc};

    /// Whether the counter runs at one rate, and the kernel keeps time by it.
    pub(super) fn trusted() -> bool {
        let source = std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
        let invariant = __cpuid(0x8000_0000).eax >= 0x8000_0007 && __cpuid(0x8000_0007).edx & (1 << 8) != 0;
        invariant && source.is_ok_and(|source| source.trim() == "tsc")
    }

    #[inline]
    pub(super) fn now() -> u64 {
        // SAFETY: every x86-64 processor has the instruction, and Linux lets programs use it (it does so itself, in the vDSO).
        unsafe { _rdtsc() }
    }

    /// Not before what stands above it in the program.
    #[inline]
    pub(super) fn after() -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_lfence() };
        now()
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod counter {
    pub(super) fn trusted() -> bool {
        false
    }

    pub(super) fn now() -> u64 {
        0
    }

    pub(super) fn after() -> u64 {
        0
    }
}
