//! Processes. Code: `mini_tokio/src/process`.

pub use mini_tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
