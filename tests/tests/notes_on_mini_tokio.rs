//! The programs of the notes, on mini_tokio. The same files run on tokio in `notes_on_tokio.rs`.

use mini_tokio as rt;
use mini_tokio::util;

mod notes;
// On tokio it needs a tokio of its own: `notes_unstable.rs`.
#[path = "notes/unstable.rs"]
mod unstable;
