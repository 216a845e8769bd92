//! What a source is ready for: a set of bits, and the same set with the moment at which it was seen.
//!
//! Two of the six bits are final: once a half is closed it stays closed, as a rule (READY-3), and `clear` leaves
//! READ_CLOSED and WRITE_CLOSED alone. The others come and go.

use crate::interest::Interest;
use std::fmt;
use std::ops;

/// A set of kinds of readiness. Names and meaning are those of `tokio::io::Ready`.
///
/// ```
/// use reactor::{Interest, Ready};
///
/// assert!(Ready::READ_CLOSED.is_readable()); // reading a closed half does not block: it answers 0
/// assert!(!Ready::READABLE.is_read_closed());
/// assert!((Ready::ALL & Ready::from_interest(Interest::WRITABLE)).is_writable());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ready(u8);

impl Ready {
    /// Ready for nothing.
    pub const EMPTY: Ready = Ready(0);
    /// A read would not block.
    pub const READABLE: Ready = Ready(1 << 0);
    /// A write would not block.
    pub const WRITABLE: Ready = Ready(1 << 1);
    /// Nothing more will arrive: the peer closed its writing half, or the connection is gone.
    pub const READ_CLOSED: Ready = Ready(1 << 2);
    /// Nothing more can be sent.
    pub const WRITE_CLOSED: Ready = Ready(1 << 3);
    /// Urgent data has arrived.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub const PRIORITY: Ready = Ready(1 << 4);
    /// The source reports an error.
    pub const ERROR: Ready = Ready(1 << 5);
    /// All of the above.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub const ALL: Ready = Ready(0b11_1111);
    /// All of the above.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub const ALL: Ready = Ready(0b10_1111);

    /// The bits that no clear takes away.
    pub(crate) const FINAL: Ready = Ready(Self::READ_CLOSED.0 | Self::WRITE_CLOSED.0);

    /// The readiness that ends a wait for `interest`: each kind asked for, and the closing that answers it as well.
    pub fn from_interest(interest: Interest) -> Ready {
        let mut mask = Ready::EMPTY;
        if interest.is_readable() {
            mask |= Ready::READABLE | Ready::READ_CLOSED;
        }
        if interest.is_writable() {
            mask |= Ready::WRITABLE | Ready::WRITE_CLOSED;
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if interest.is_priority() {
            mask |= Ready::PRIORITY | Ready::READ_CLOSED;
        }
        if interest.is_error() {
            mask |= Ready::ERROR;
        }
        mask
    }

    /// What one event of the operating system says.
    #[cfg(not(loom))]
    pub(crate) fn from_mio(event: &mio::event::Event) -> Ready {
        let mut ready = Ready::EMPTY;
        let mut note = |holds: bool, bit: Ready| {
            if holds {
                ready |= bit;
            }
        };
        note(event.is_readable(), Ready::READABLE);
        note(event.is_writable(), Ready::WRITABLE);
        note(event.is_read_closed(), Ready::READ_CLOSED);
        note(event.is_write_closed(), Ready::WRITE_CLOSED);
        note(event.is_error(), Ready::ERROR);
        #[cfg(any(target_os = "linux", target_os = "android"))]
        note(event.is_priority(), Ready::PRIORITY);
        ready
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self == Ready::EMPTY
    }

    /// Whether a read would not block, be it for data or for the end of it.
    pub fn is_readable(self) -> bool {
        self.intersects(Ready::READABLE | Ready::READ_CLOSED)
    }

    /// Whether a write would not block, be it for room or because the half is closed.
    pub fn is_writable(self) -> bool {
        self.intersects(Ready::WRITABLE | Ready::WRITE_CLOSED)
    }

    /// Whether the reading half is closed.
    pub fn is_read_closed(self) -> bool {
        self.intersects(Ready::READ_CLOSED)
    }

    /// Whether the writing half is closed.
    pub fn is_write_closed(self) -> bool {
        self.intersects(Ready::WRITE_CLOSED)
    }

    /// Whether urgent data has arrived.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn is_priority(self) -> bool {
        self.intersects(Ready::PRIORITY)
    }

    /// Whether the source reports an error.
    pub fn is_error(self) -> bool {
        self.intersects(Ready::ERROR)
    }

    pub(crate) fn intersects(self, other: Ready) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    pub(crate) fn from_bits(bits: u8) -> Ready {
        Ready(bits & Ready::ALL.0)
    }
}

impl ops::BitOr for Ready {
    type Output = Ready;

    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl ops::BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Ready) {
        self.0 |= other.0;
    }
}

impl ops::BitAnd for Ready {
    type Output = Ready;

    fn bitand(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }
}

impl ops::Sub for Ready {
    type Output = Ready;

    fn sub(self, other: Ready) -> Ready {
        Ready(self.0 & !other.0)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Ready");
        let answers = [
            ("is_readable", self.is_readable()),
            ("is_writable", self.is_writable()),
            ("is_read_closed", self.is_read_closed()),
            ("is_write_closed", self.is_write_closed()),
            ("is_error", self.is_error()),
        ];
        for (question, answer) in &answers {
            out.field(question, answer);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        out.field("is_priority", &self.is_priority());
        out.finish()
    }
}

/// What a source was ready for at one moment: the receipt to hand to
/// [`Registration::clear`](crate::Registration::clear) when an attempt answers `WouldBlock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadyEvent {
    /// How many events had been delivered to the registration at that moment.
    pub tick: u64,
    /// The bits that were asked about and set. May be empty in a snapshot taken without waiting.
    pub ready: Ready,
    /// Whether the reactor had shut down.
    pub is_shutdown: bool,
}
