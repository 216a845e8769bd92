//! [`raise_descriptor_limit`]: room for many sockets.
//!
//! A process may open as many descriptors as its soft limit says, often 1024. It may raise that itself, up to the hard limit.

use std::io;

/// The soft limit before and after.
#[derive(Clone, Copy, Debug)]
pub struct Descriptors {
    /// What the process came with.
    pub before: u64,
    /// What it has now.
    pub now: u64,
}

/// Raises the soft limit to `wanted`, or as near to it as the hard limit allows. It is never lowered.
///
/// # Errors
///
/// If the system does not say what the limit is. That it cannot be raised is no error: see [`Descriptors::now`].
pub fn raise_descriptor_limit(wanted: u64) -> io::Result<Descriptors> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live `rlimit` that nobody else uses.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let before = limit.rlim_cur;
    limit.rlim_cur = wanted.clamp(before.min(limit.rlim_max), limit.rlim_max);
    // SAFETY: as above; the call only reads it.
    let raised = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } == 0;
    Ok(Descriptors { before, now: if raised { limit.rlim_cur } else { before } })
}
