//! [`FarEnd`]: a process that holds the other ends of connections.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// The process. It ends when this is dropped, and so do its connections.
pub struct FarEnd(Child);

impl FarEnd {
    /// Makes `count` connections to `address`, and returns when it has them: accepted or not, so `count` must not be above
    /// the listener's backlog. (If both went on at once, a busy machine would switch between them at every connection.)
    pub fn start(address: SocketAddr, count: usize) -> Self {
        let program = std::env::current_exe().expect("a program knows its path");
        let mut command = Command::new(program);
        command
            .args(["far-end", &address.to_string(), &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process can be started");
        let said = child.stdout.as_mut().expect("it has a pipe").read_exact(&mut [0]);
        said.expect("it makes its connections, and says so");
        Self(child)
    }
}

impl Drop for FarEnd {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // However it ended: its connections are no more.
        let _ = self.0.wait();
    }
}

/// What that process does.
///
/// # Errors
///
/// If a connection cannot be made.
pub fn run(address: SocketAddr, count: usize) -> Result<(), String> {
    let _ = room_for(count);
    let connect = |_| TcpStream::connect(address).map_err(|error| format!("cannot connect: {error}"));
    let streams = (0..count).map(connect).collect::<Result<Vec<_>, _>>()?;
    std::io::stdout().write_all(b"!").and_then(|()| std::io::stdout().flush()).map_err(|error| error.to_string())?;
    // Until the other process closes it, or is no more.
    let _ = std::io::stdin().read(&mut [0]);
    drop(streams);
    Ok(())
}

/// Allows this process as many descriptors as it may have, and says for how many of `wanted` that is enough.
pub fn room_for(wanted: usize) -> usize {
    // What the process has open beside: streams, the drivers', the files of libraries.
    const OTHERS: u64 = 100;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is one to write to, then one to read from.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
    }
    wanted.min(usize::try_from(limit.rlim_max.saturating_sub(OTHERS)).unwrap_or(usize::MAX))
}
