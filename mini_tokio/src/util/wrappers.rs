//! Receivers and intervals as streams, for the combinators of `futures::StreamExt`.
//!
//! The types are those of `tokio_stream::wrappers`. The receivers' futures have no names that a struct could hold, so a
//! stream keeps what `futures::stream::unfold` makes of them, in one box.

mod broadcast;
mod interval;
mod watch;

pub use self::{
    broadcast::{BroadcastStream, BroadcastStreamRecvError},
    interval::IntervalStream,
    watch::WatchStream,
};
