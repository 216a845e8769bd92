//! What is written against tokio's interface, compiled twice: once with `tokio` meaning mini_tokio, once meaning tokio.
//!
//! So the text is the same to the letter, it reads as any program on tokio does, and there is no adapter between it and
//! what it measures. In the files that `twice/list.rs` names, `tokio` is whichever of the two it is compiled for.

pub mod mini;
pub mod tokio;
