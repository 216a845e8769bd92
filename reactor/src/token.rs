//! The number that travels through the operating system with each event: which slot, and which tenant of it.
//!
//! ```text
//!    64-bit:   63 ......... 32 31 .......... 0          32-bit:   31 ..... 20 19 ..... 0
//!              generation      index                              generation  index
//! ```
//!
//! `TOKEN-1` Two registrations that have the same index have different generations (until the generation wraps: 2^32
//! registrations, or 2^12 on 32-bit machines, within one turn of the reactor, which is how long an event lives).
//!
//! Rejected: the address of the slot as the token. It saves the look-up in the table, and makes an event in flight a
//! dangling pointer as soon as its slot is freed (classic bug 8: tokio 3014).

const INDEX_BITS: u32 = if cfg!(target_pointer_width = "64") { 32 } else { 20 };
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;
const GENERATION_MASK: u32 = (usize::MAX >> INDEX_BITS) as u32;

/// The token of the reactor's own waker: an index that no slot ever has.
pub(crate) const WAKE: mio::Token = mio::Token(usize::MAX);

/// How many slots there can be: every index but that of `WAKE`.
pub(crate) const MAX_SLOTS: usize = INDEX_MASK;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

impl Token {
    pub(crate) fn pack(self) -> mio::Token {
        mio::Token((self.generation as usize) << INDEX_BITS | self.index as usize)
    }

    pub(crate) fn unpack(token: mio::Token) -> Token {
        Token { index: (token.0 & INDEX_MASK) as u32, generation: (token.0 >> INDEX_BITS) as u32 }
    }
}

/// The generation of the registration that comes after `earlier` others.
pub(crate) fn generation(earlier: u64) -> u32 {
    earlier as u32 & GENERATION_MASK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_the_journey() {
        for (index, generation) in [(0, 0), (1, 0), (0, 1), (7, GENERATION_MASK), (MAX_SLOTS as u32 - 1, 5)] {
            let token = Token { index, generation };
            assert_eq!(Token::unpack(token.pack()), token);
            assert_ne!(token.pack(), WAKE);
        }
    }

    #[test]
    fn the_last_generation_is_followed_by_the_first() {
        let last = u64::from(GENERATION_MASK);
        assert_eq!([generation(0), generation(last), generation(last + 1)], [0, GENERATION_MASK, 0]);
    }
}
