//! [`Child`]: a process that was started, from its start to its status.

use std::io;
use std::process::{Child as StdChild, ExitStatus, Output};

use super::exit::Exit;
use super::orphan;
use super::pipes::{ChildStderr, ChildStdin, ChildStdout};
use crate::io::{AsyncRead, AsyncReadExt};
use crate::leaf::{all_at, at};

/// A process that was started.
///
/// Dropped before its end was waited for, the process runs on, unless it was started with
/// [`kill_on_drop`](super::Command::kill_on_drop). Either way it leaves no zombie.
#[derive(Debug)]
pub struct Child {
    process: Process,

    /// What the process reads from, if that is a pipe.
    pub stdin: Option<ChildStdin>,

    /// What the process writes to, if that is a pipe.
    pub stdout: Option<ChildStdout>,

    /// Where the process complains, if that is a pipe.
    pub stderr: Option<ChildStderr>,
}

#[derive(Debug)]
enum Process {
    Running(Guard),
    Ended(ExitStatus),
}

/// A process whose status was not asked for yet; so its number is still its own.
#[derive(Debug)]
struct Guard {
    /// None only in the drop.
    std: Option<StdChild>,
    exit: Exit,
    kill_on_drop: bool,
}

impl Child {
    #[track_caller]
    pub(super) fn new(mut std: StdChild, kill_on_drop: bool) -> io::Result<Child> {
        orphan::sweep();
        let pipes = (std.stdin.take(), std.stdout.take(), std.stderr.take());
        let mut guard = Guard { exit: Exit::of(std.id()), std: Some(std), kill_on_drop: true };
        let stdin = pipes.0.map(ChildStdin::from_std).transpose()?;
        let stdout = pipes.1.map(ChildStdout::from_std).transpose()?;
        let stderr = pipes.2.map(ChildStderr::from_std).transpose()?;
        guard.kill_on_drop = kill_on_drop;
        Ok(Child { process: Process::Running(guard), stdin, stdout, stderr })
    }

    /// The number of the process. `None` once its status was asked for: then the number may be another's.
    pub fn id(&self) -> Option<u32> {
        match &self.process {
            Process::Running(guard) => guard.std.as_ref().map(StdChild::id),
            Process::Ended(_) => None,
        }
    }

    /// Kills the process, without waiting for its end. Does nothing if the end is known.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn start_kill(&mut self) -> io::Result<()> {
        match &mut self.process {
            Process::Running(guard) => guard.std_mut().kill(),
            Process::Ended(_) => Ok(()),
        }
    }

    /// Kills the process and waits for its end.
    ///
    /// # Errors
    ///
    /// As [`start_kill`](Self::start_kill) and [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the process is killed.
    pub fn kill(&mut self) -> impl Future<Output = io::Result<()>> {
        at(async move {
            self.start_kill()?;
            self.wait().await.map(drop)
        })
    }

    /// Waits for the end of the process. Its `stdin`, if it was not taken, is closed first: a process that waits for input
    /// would wait for ever.
    ///
    /// May be called again, and answers the same.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O, unless the process has ended already.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, except that `stdin` is closed.
    pub fn wait(&mut self) -> impl Future<Output = io::Result<ExitStatus>> {
        at(self.ended())
    }

    async fn ended(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        let guard = match &mut self.process {
            Process::Ended(status) => return Ok(*status),
            Process::Running(guard) => guard,
        };
        let Guard { std, exit, .. } = guard;
        let std = std.as_mut().expect("gone only in the drop");
        let status = exit.wait(|| std.try_wait()).await?;
        self.process = Process::Ended(status);
        Ok(status)
    }

    /// The status of the process, if it has ended. Leaves `stdin` open, and wakes nobody later.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.process {
            Process::Ended(status) => Ok(Some(*status)),
            Process::Running(guard) => {
                let status = guard.std_mut().try_wait()?;
                if let Some(status) = status {
                    self.process = Process::Ended(status);
                }
                Ok(status)
            }
        }
    }

    /// Waits for the end of the process and collects meanwhile what it writes to those of its streams that are pipes and were
    /// not taken. All three at once: a process whose pipe is full would wait for us, and we for it.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait), and those of the pipes.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// What was collected is lost, and the child is dropped.
    pub fn wait_with_output(mut self) -> impl Future<Output = io::Result<Output>> {
        all_at(async move {
            let (mut out, mut err) = (self.stdout.take(), self.stderr.take());
            // The pipes are closed after all three are done: a process that writes on must not be killed by `SIGPIPE`.
            let (status, stdout, stderr) =
                futures::future::try_join3(self.ended(), all_of(&mut out), all_of(&mut err)).await?;
            drop((out, err));
            Ok(Output { status, stdout, stderr })
        })
    }
}

async fn all_of<R: AsyncRead + Unpin>(pipe: &mut Option<R>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl Guard {
    fn std_mut(&mut self) -> &mut StdChild {
        self.std.as_mut().expect("gone only in the drop")
    }
}

impl Drop for Guard {
    // ANCHOR: process-drop
    fn drop(&mut self) {
        let Some(mut std) = self.std.take() else { return };
        // The standard library has kept the status if there is one, and neither kills nor asks again.
        if self.kill_on_drop {
            let _ = std.kill();
        }
        match std.try_wait() {
            Ok(Some(_)) => {}
            // It runs, or was killed a moment ago and is about to end.
            Ok(None) => orphan::adopt(std.id()),
            // Somebody else has waited for it, or children are ignored and leave no zombies.
            Err(_) => {}
        }
    }
}
