//! Programs that run on tokio, and wait for a part of mini_tokio. To turn one on: move its file one folder up, and its line
//! from here to `notes/mod.rs`. This list is the only one there is; the table of coverage is made from it.

mod files; // waits for mini_tokio::fs
mod locks; // waits for mini_tokio::sync::Mutex
mod permits; // waits for mini_tokio::sync::Semaphore and Barrier
mod script; // waits for the scripted reader and writer of mini_tokio::util
mod signals; // waits for mini_tokio::signal
mod stdio; // waits for mini_tokio::io::stdout
