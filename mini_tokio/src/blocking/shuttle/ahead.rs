//! [`Ahead`]: how much to read when a task asks for less than a hop is worth.
//!
//! A program that reads a file through a buffer of 8 KiB asks for 8 KiB, and hopping to the pool for each costs more than
//! the reading. But a program that reads a header of 16 bytes and then hands the descriptor to somebody else wants
//! precisely these 16. So the first read is exact, and only who reads on is taken for one who will read on further: each
//! hop fetches four times as much as the one before, up to a limit that is small enough to stay in a core's cache until
//! it is copied out.

/// What the first hop ahead fetches.
const FIRST: usize = 16 * 1024;

/// What a hop ahead fetches at most.
const MOST: usize = 256 * 1024;

/// The plan for the next hop.
#[derive(Debug)]
pub(super) struct Ahead {
    allowed: bool,
    /// What the next hop fetches at least. Zero: only what is asked for.
    window: usize,
}

impl Ahead {
    /// Never more than is asked for.
    pub(super) fn exact() -> Self {
        Self { allowed: false, window: 0 }
    }

    /// More, after the first read.
    pub(super) fn sequential() -> Self {
        Self { allowed: true, window: 0 }
    }

    /// How much the hop fetches for a read of `asked` bytes.
    // ANCHOR: shuttle-ahead
    pub(super) fn plan(&mut self, asked: usize) -> usize {
        let bytes = asked.max(self.window);
        if self.allowed {
            self.window = (self.window * 4).clamp(FIRST, MOST);
        }
        bytes
    }

    /// The task went elsewhere in the file: what it reads next is a first read again.
    pub(super) fn interrupt(&mut self) {
        self.window = 0;
    }
}
