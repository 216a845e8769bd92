//! [`FarEnd`]: a process that holds the other ends of connections.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// The process. It ends when this is dropped, and so do its connections.
pub struct FarEnd(Child);

impl FarEnd {
    /// Starts to make `count` connections to `address`, without waiting for them.
    pub fn start(address: SocketAddr, count: usize) -> Self {
        let program = std::env::current_exe().expect("a program knows its path");
        let mut command = Command::new(program);
        command.args(["far-end", &address.to_string(), &count.to_string()]).stdin(Stdio::piped()).stdout(Stdio::null());
        Self(command.spawn().expect("a process can be started"))
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
