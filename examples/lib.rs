//! Helpers shared by the runnable lessons.

mod bind;
mod descriptors;
mod spread;
mod words;

pub use bind::explain_bind;
pub use descriptors::{Descriptors, raise_descriptor_limit};
pub use spread::Spread;
pub use words::{count, duration};
