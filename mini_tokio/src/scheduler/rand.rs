//! A small random number generator, to spread thieves over victims.
//!
//! xorshift64*: a handful of instructions and no promise of secrecy. Marsaglia, "Xorshift RNGs", 2003, with the multiplier of
//! Vigna, 2016. A seed gives the same numbers on every machine, which the stepper's transcripts stand on.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

#[derive(Clone, Debug)]
pub(crate) struct FastRand(u64);

impl FastRand {
    pub(crate) fn new(seed: u64) -> Self {
        // One step of splitmix64, so that neighbouring seeds part at once; zero would be a fixed point.
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((z ^ (z >> 31)).max(1))
    }

    /// A generator that starts somewhere else each time: the standard library's keys for hash maps are random.
    pub(crate) fn unpredictable() -> Self {
        Self::new(RandomState::new().hash_one(0))
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `n`, near enough to evenly spread for `n` far below 2³².
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }
}
