//! [`RngSeed`]: where a runtime's random choices begin.

/// A seed for the random choices of a runtime: [`Builder::rng_seed`](super::Builder::rng_seed).
///
/// Those of one thread repeat with the seed. What several threads do together does not: their order is the system's. For
/// that there is the [`stepper`](crate::stepper).
#[derive(Clone, Debug)]
pub struct RngSeed(u64);

impl RngSeed {
    /// A seed made of any bytes, such as a name. (FNV-1a, the same on every machine.)
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
    }

    /// A seed made of a number. (tokio keeps this one to itself.)
    pub fn from_u64(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn get(&self) -> u64 {
        self.0
    }
}
