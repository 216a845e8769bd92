//! What a caller wants to hear about: a set of kinds of readiness that is never empty.
//!
//! [`Interest`] is the question, [`Ready`](crate::Ready) the answer. They are two types because the answer has more
//! words: nobody asks for "the peer has closed", yet everybody who asked for readable is told.

use std::fmt;
use std::ops;

/// The kinds of readiness a caller waits for. Names and meaning are those of `tokio::io::Interest`.
///
/// ```
/// use reactor::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
/// assert_eq!(both.remove(both), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interest(u8);

impl Interest {
    /// Data to read, or the end of the data.
    pub const READABLE: Interest = Interest(1);
    /// Room to write, or the news that nothing will be written any more.
    pub const WRITABLE: Interest = Interest(2);
    /// Errors alone. The operating system reports them whatever was asked for.
    pub const ERROR: Interest = Interest(4);
    /// Urgent (out of band) data.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub const PRIORITY: Interest = Interest(8);

    /// Whether readable is in the set.
    pub const fn is_readable(self) -> bool {
        self.0 & Self::READABLE.0 != 0
    }

    /// Whether writable is in the set.
    pub const fn is_writable(self) -> bool {
        self.0 & Self::WRITABLE.0 != 0
    }

    /// Whether error is in the set.
    pub const fn is_error(self) -> bool {
        self.0 & Self::ERROR.0 != 0
    }

    /// Whether priority is in the set.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub const fn is_priority(self) -> bool {
        self.0 & Self::PRIORITY.0 != 0
    }

    /// The union of two sets, in `const` contexts too; elsewhere `|` reads better.
    #[allow(clippy::should_implement_trait)] // the name is tokio's
    pub const fn add(self, other: Interest) -> Interest {
        Interest(self.0 | other.0)
    }

    /// What is in `self` and not in `other`; `None` if nothing is left, for one cannot wait for nothing.
    #[must_use = "the receiver is not changed"]
    pub const fn remove(self, other: Interest) -> Option<Interest> {
        match self.0 & !other.0 {
            0 => None,
            rest => Some(Interest(rest)),
        }
    }

    /// The same wish in mio's words. mio has none for errors alone, so that one travels as readable.
    #[cfg(not(loom))]
    pub(crate) fn to_mio(self) -> mio::Interest {
        let mut wish = None;
        let mut also = |more: mio::Interest| wish = Some(wish.map_or(more, |so_far: mio::Interest| so_far.add(more)));
        if self.is_writable() {
            also(mio::Interest::WRITABLE);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if self.is_priority() {
            also(mio::Interest::PRIORITY);
        }
        if self.is_readable() || self.is_error() {
            also(mio::Interest::READABLE);
        }
        wish.expect("an Interest is never empty")
    }
}

impl ops::BitOr for Interest {
    type Output = Interest;

    fn bitor(self, other: Interest) -> Interest {
        self.add(other)
    }
}

impl ops::BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Interest) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Vec::with_capacity(4);
        if self.is_readable() {
            names.push("READABLE");
        }
        if self.is_writable() {
            names.push("WRITABLE");
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if self.is_priority() {
            names.push("PRIORITY");
        }
        if self.is_error() {
            names.push("ERROR");
        }
        f.write_str(&names.join(" | "))
    }
}
