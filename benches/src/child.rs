//! One measurement in a fresh process, as the parent sees it.
//!
//! Fresh, because what ran before in a process stays in its heap, its caches and its threads, and would be measured too.

use std::io;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::meter::Sample;

/// A child that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs `workload` on `runtime` in a new process of this program.
///
/// # Errors
///
/// A sentence that says what went wrong.
pub fn measure(runtime: &str, workload: &str, quick: bool) -> Result<Sample, String> {
    let output = run(runtime, workload, quick).map_err(|error| format!("cannot run: {error}"))?;
    let Some(output) = output else { return Err(format!("did not end within {} s", PATIENCE.as_secs())) };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", output.status, said.lines().next().unwrap_or_default()));
    }
    let json = serde_json::from_slice(&output.stdout).map_err(|error| format!("said nonsense: {error}"))?;
    Sample::from_json(&json).ok_or_else(|| "said no sample".to_owned())
}

/// None if the child had to be killed.
fn run(runtime: &str, workload: &str, quick: bool) -> io::Result<Option<std::process::Output>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["child", runtime, workload]).args(quick.then_some("--quick"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let id = libc::pid_t::try_from(child.id()).expect("a process id");
    let (sender, receiver) = mpsc::channel();
    let waiter = thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(PATIENCE);
    if output.is_err() {
        // SAFETY: the process is our child and was not waited for, so the id is still its own.
        unsafe { libc::kill(id, libc::SIGKILL) };
    }
    let _ = waiter.join();
    output.ok().transpose()
}
