//! One measurement in a fresh process, as the parent sees it.
//!
//! Fresh, because what ran before in a process stays in its heap, its caches and its threads, and would be measured too.

use std::io;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::allocator::{self, Choice};
use crate::contenders::RECORDED;
use crate::meter::Sample;
use crate::rt::Settings;

/// A child that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    pub contender: &'a str,
    pub workload: &'a str,
    pub allocator: Choice,
    pub settings: Settings,
    pub quick: bool,
}

impl Job<'_> {
    /// This program, told to do it; callers add what they want of it.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["child".to_owned(), self.contender.to_owned(), self.workload.to_owned()];
        let Settings { global_queue_interval, event_interval } = self.settings;
        for (name, value) in [("global-queue-interval", global_queue_interval), ("event-interval", event_interval)] {
            arguments.extend(value.map(|value| format!("--{name}={value}")));
        }
        arguments.extend(self.quick.then(|| "--quick".to_owned()));
        arguments
    }
}

// ANCHOR: benches-child
/// Does it in a new process of this program.
///
/// # Errors
///
/// A sentence that says what went wrong.
pub fn measure(job: &Job) -> Result<Sample, String> {
    let describe = |error| format!("{} on {}: {error}", job.workload, job.contender);
    let output = run(job).map_err(|error| describe(format!("cannot run: {error}")))?;
    let Some(output) = output else { return Err(describe(format!("did not end within {} s", PATIENCE.as_secs()))) };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(describe(format!("{}: {}", output.status, said.trim())));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| describe(format!("said no sample: {error}")))
}

/// None if the child had to be killed.
fn run(job: &Job) -> io::Result<Option<std::process::Output>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(job.arguments()).env(allocator::VARIABLE, job.allocator.name());
    let recordings = std::env::temp_dir().join(format!("mini_tokio-benches-{}", std::process::id()));
    let is_recorded = job.contender == RECORDED;
    if is_recorded {
        std::fs::create_dir_all(&recordings)?;
        command.env("MINI_TOKIO_RECORD", recordings.join("recording"));
    }
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
    if is_recorded {
        std::fs::remove_dir_all(recordings)?;
    }
    output.ok().transpose()
}
