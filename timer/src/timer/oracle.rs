//! The timer beside the simplest timer there is, over random operations (class 6 of the classic bugs: the wheel's edges).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::task::Poll;

use super::*;
use crate::clock::TICK;
use crate::testing::{Count, Log, Random, poll};

fn paused() -> Timer {
    let timer = Timer::new();
    timer.pause().unwrap();
    timer
}

/// A span that likes the edges of the wheel: around the powers of 64 milliseconds, or anywhere, up to months.
fn span(random: &mut Random) -> Duration {
    let level = 1u64 << (6 * random.below(6));
    let nanos = match random.below(5) {
        0 => level * TICK * (1 + random.below(64)),
        1 => (level * TICK * (1 + random.below(64))).saturating_sub(1 + random.below(3)),
        2 => level * TICK * (1 + random.below(64)) + random.below(3) * TICK,
        3 => random.below(level * 64 * TICK),
        _ => random.below(3 * TICK),
    };
    Duration::from_nanos(nanos)
}

/// The timer under test beside the simplest timer there is: an ordered map.
struct Oracle {
    timer: Timer,
    delays: BTreeMap<u64, Delay>,
    expected: BTreeMap<(Instant, u64), ()>,
    log: Arc<Mutex<Vec<(u64, u64)>>>,
    random: Random,
    next_id: u64,
}

impl Oracle {
    fn arm(&mut self) {
        let deadline = self.timer.now() + span(&mut self.random);
        let mut delay = self.timer.delay_until(deadline);
        let waker = Arc::new(Log { id: self.next_id, timer: self.timer.clone(), log: self.log.clone() });
        if poll(&mut delay, &waker).is_pending() {
            self.expected.insert((deadline, self.next_id), ());
            self.delays.insert(self.next_id, delay);
        } else {
            assert_eq!(deadline, self.timer.now(), "ready at once only if the deadline has come");
        }
        self.next_id += 1;
    }

    fn pick(&mut self) -> Option<u64> {
        let n = self.random.below(self.delays.len().max(1) as u64);
        self.delays.keys().nth(n as usize).copied()
    }

    fn cancel(&mut self) {
        let Some(id) = self.pick() else { return };
        let delay = self.delays.remove(&id).unwrap();
        self.expected.remove(&(delay.deadline(), id)).unwrap();
    }

    fn reset(&mut self) {
        let Some(id) = self.pick() else { return };
        let delay = self.delays.get_mut(&id).unwrap();
        let deadline = self.timer.now() + Duration::from_nanos(1) + span(&mut self.random);
        self.expected.remove(&(delay.deadline(), id)).unwrap();
        delay.reset(deadline);
        self.expected.insert((deadline, id), ());
    }

    /// Compares what was logged with what the map says is due by now.
    fn check(&mut self, fired: usize) {
        let now = self.timer.now();
        let later = self.expected.split_off(&(now + Duration::from_nanos(1), 0));
        let due: Vec<_> = std::mem::replace(&mut self.expected, later).into_keys().collect();
        let mut log: Vec<_> =
            self.log.lock().unwrap().drain(..).map(|(id, at)| (self.timer.shared().clock.instant(at), id)).collect();
        assert!(log.is_sorted_by_key(|&(at, _)| at), "not in the order of deadlines");
        log.sort(); // a reset delay is filed anew, so equals may come in another order than by number
        assert_eq!(log, due);
        assert_eq!(fired, due.len());
        for (_, id) in due {
            let mut delay = self.delays.remove(&id).unwrap();
            assert_eq!(poll(&mut delay, &Count::new()), Poll::Ready(Ok(())));
        }
        assert_eq!(self.timer.armed(), self.expected.len());
        assert_eq!(self.timer.next_deadline(), self.expected.keys().next().map(|&(deadline, _)| deadline));
    }

    fn new(random: Random) -> Self {
        let log = Arc::default();
        Self { timer: paused(), delays: BTreeMap::new(), expected: BTreeMap::new(), log, random, next_id: 0 }
    }

    fn run(seed: u64, steps: usize) {
        let mut this = Self::new(Random(seed));
        for _ in 0..steps {
            if this.timer.shared().clock.nanos_now() > HORIZON / 2 {
                // The map knows no end of the clock (`CLOCK-2`): start over well before it.
                this.finish();
                this = Self::new(this.random);
            }
            match this.random.below(16) {
                0..8 => this.arm(),
                8..10 => this.cancel(),
                10..12 => this.reset(),
                12..15 => {
                    let by = span(&mut this.random);
                    let before = this.timer.now();
                    let fired = this.timer.advance(by).unwrap();
                    assert_eq!(this.timer.now(), before + by);
                    this.check(fired);
                }
                _ => {
                    let first = this.expected.keys().next().map(|&(deadline, _)| deadline);
                    let fired = this.timer.advance_to_next();
                    assert_eq!(fired.map(|fired| fired.at), first);
                    this.check(fired.map_or(0, |fired| fired.count));
                }
            }
        }
        this.finish();
    }

    fn finish(&mut self) {
        while let Some(fired) = self.timer.advance_to_next() {
            self.check(fired.count);
        }
        assert!(self.expected.is_empty());
    }
}

#[test]
fn the_wheel_agrees_with_an_ordered_map_over_random_operations_and_long_spans() {
    for seed in 1..=60u64 {
        Oracle::run(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), 400);
    }
    for seed in 1..=4 {
        Oracle::run(seed * 0xDEAD_BEEF, 3_000);
    }
}
