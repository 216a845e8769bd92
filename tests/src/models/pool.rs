//! Runs tests, each in a process of its own with a time limit, on as many threads as there are cores.
//!
//! A process for each test, because a model that hangs can only be killed, and should take no other down with it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fs, io};

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// What the test harness exits with when a test has failed.
const TEST_FAILED: i32 = 101;

/// Characters of a message that go into the table.
const GIST: usize = 80;
/// How loom's panic begins when a model is too large for it: it has looked at a part and proved nothing.
const GAVE_UP: &str = "Model exceeded maximum number of";

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// A panic: an assertion, or loom's own finding (a deadlock, a race on a cell, a leak).
    Failed(String),
    Hung,
    /// It neither passed nor failed: killed by a signal, or not started.
    Broken(String),
    /// Another test had caught the bug by then.
    Skipped,
}

/// One variant's tests on their way through the pool.
pub struct Job {
    executable: PathBuf,
    /// One failure is all that is wanted.
    first_failure_ends: bool,
    /// A hint, not a hand-over: relaxed, since the outcomes travel under their lock.
    ended: AtomicBool,
    /// Name, outcome and time of each test, in the order in which they end.
    results: Mutex<Vec<(String, Outcome, Duration)>>,
}

impl Job {
    pub fn outcomes(&self) -> Vec<(String, Outcome)> {
        let results = self.results.lock().expect("no thread of the pool panics");
        let ran = results.iter().filter(|(_, outcome, _)| *outcome != Outcome::Skipped);
        ran.map(|(test, outcome, _)| (test.clone(), outcome.clone())).collect()
    }

    /// The time its tests took, one after the other.
    pub fn time(&self) -> Duration {
        self.results.lock().expect("no thread of the pool panics").iter().map(|(_, _, time)| *time).sum()
    }

    fn run(&self, test: &str, limit: Duration) {
        let started = Instant::now();
        let outcome = if self.is_over() {
            Outcome::Skipped
        } else {
            let log = self.executable.with_extension(format!("{}.log", test.replace("::", "-")));
            self.watch(test, &log, limit).unwrap_or_else(|error| Outcome::Broken(error.to_string()))
        };
        if matches!(outcome, Outcome::Failed(_)) {
            self.ended.store(true, Ordering::Relaxed);
        }
        self.results.lock().expect("no thread of the pool panics").push((test.to_owned(), outcome, started.elapsed()));
    }

    fn is_over(&self) -> bool {
        self.first_failure_ends && self.ended.load(Ordering::Relaxed)
    }

    /// Starts the process and waits for its end, for the limit, or for the end of the whole variant.
    fn watch(&self, test: &str, log: &Path, limit: Duration) -> io::Result<Outcome> {
        let output = File::create(log)?;
        let mut child = Command::new(&self.executable)
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            // Taking a backtrace costs more than most models.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(judge(status, &fs::read_to_string(log).unwrap_or_default()));
            }
            if self.is_over() {
                end(&mut child)?;
                return Ok(Outcome::Skipped);
            }
            if Instant::now() >= deadline {
                end(&mut child)?;
                return Ok(Outcome::Hung);
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

fn end(child: &mut Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

/// A panic while panicking aborts the process instead of failing the test; the first of the two is what counts.
fn judge(status: ExitStatus, log: &str) -> Outcome {
    let panic = log.lines().skip_while(|line| !line.contains("panicked at")).nth(1);
    match (status.code(), panic) {
        (_, Some(message)) if message.contains(GAVE_UP) => Outcome::Broken(message.trim().to_owned()),
        (Some(0), _) => Outcome::Passed,
        (Some(TEST_FAILED) | None, Some(message)) => Outcome::Failed(gist(message)),
        (Some(TEST_FAILED), None) => Outcome::Failed("failed".to_owned()),
        _ => Outcome::Broken(format!("ended with {status}")),
    }
}

/// The beginning of a message; loom's on a deadlock goes on with the state of every thread.
fn gist(message: &str) -> String {
    let message = message.trim().split("; threads = ").next().unwrap_or_default();
    message.chars().take(GIST).collect()
}

/// A test to run.
type Ticket = (Arc<Job>, String);

fn work(tickets: &Mutex<mpsc::Receiver<Ticket>>, limit: Duration) {
    loop {
        // The guard is gone at the end of the statement: a test runs outside the lock.
        let next = tickets.lock().expect("no thread of the pool panics").recv();
        let Ok((job, test)) = next else { break };
        job.run(&test, limit);
    }
}

/// The threads, and the way to them.
pub struct Pool {
    sender: mpsc::Sender<Ticket>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(limit: Duration) -> Self {
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..cores).map(|_| Arc::clone(&receiver));
        let threads = threads.map(|receiver| thread::spawn(move || work(&receiver, limit)));
        Self { sender, threads: threads.collect() }
    }

    /// Queues the tests of an executable.
    pub fn start(&self, executable: PathBuf, tests: Vec<String>, first_failure_ends: bool) -> Arc<Job> {
        let (ended, results) = (AtomicBool::new(false), Mutex::new(Vec::new()));
        let job = Arc::new(Job { executable, first_failure_ends, ended, results });
        for test in tests {
            self.sender.send((Arc::clone(&job), test)).expect("the threads end after the sender");
        }
        job
    }

    /// Waits for everything that was queued.
    pub fn finish(self) {
        drop(self.sender);
        for thread in self.threads {
            thread.join().expect("no thread of the pool panics");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn only_a_failed_test_has_failed() {
        let panic = "thread 'main' panicked at src/a.rs:1:2:\ndeadlock; threads = []\nnote\n";
        let failed = Outcome::Failed("deadlock".to_owned());
        assert_eq!(judge(ExitStatus::from_raw(0), panic), Outcome::Passed);
        assert_eq!(judge(ExitStatus::from_raw(TEST_FAILED << 8), panic), failed);
        assert_eq!(judge(ExitStatus::from_raw(6), panic), failed);
        assert_eq!(judge(ExitStatus::from_raw(TEST_FAILED << 8), ""), Outcome::Failed("failed".to_owned()));
        for broken in [ExitStatus::from_raw(11), ExitStatus::from_raw(1 << 8)] {
            assert!(matches!(judge(broken, ""), Outcome::Broken(_)), "{broken}");
        }
    }
}
