//! Runs tests, each in a process of its own with a time limit.
//!
//! A process for each test: one that hangs can only be killed, and signals, environment and children are a process's own.

use super::{Outcome, Plan, Step};
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Characters of a message that are kept.
const GIST: usize = 120;

/// A test to run.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Where the outcome belongs: which target, which of its tests.
    pub place: (usize, usize),
    pub executable: PathBuf,
    pub target: String,
    pub test: String,
}

/// A ticket's place, how its test ended, and how long it took.
pub type Result = ((usize, usize), Outcome, Duration);

/// Runs every ticket once; the outcomes in the order in which they came.
pub fn run(tickets: Vec<Ticket>, directory: &Path, plan: &Plan<'_>) -> Vec<Result> {
    let queue = Mutex::new(tickets.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    let work = || {
        loop {
            // The guard is gone at the end of the statement: a test runs outside the lock.
            let next = queue.lock().expect("no thread of the pool panics").next();
            let Some((number, ticket)) = next else { break };
            let started = Instant::now();
            let log = directory.join(format!("{number}.log"));
            let outcome = watch(&ticket, directory, &log, plan.limit);
            let outcome = outcome.unwrap_or_else(|error| Outcome::Failed(format!("not run: {error}")));
            (plan.say)(Step::Ran(&ticket.target, &ticket.test));
            let result = (ticket.place, outcome, started.elapsed());
            results.lock().expect("no thread of the pool panics").push(result);
        }
    };
    thread::scope(|scope| {
        for _ in 0..plan.jobs {
            scope.spawn(work);
        }
    });
    results.into_inner().expect("no thread of the pool panics")
}

/// Starts the process and waits for its end, or for the limit.
fn watch(ticket: &Ticket, directory: &Path, log: &Path, limit: Duration) -> io::Result<Outcome> {
    let output = File::create(log)?;
    let mut child = Command::new(&ticket.executable)
        .args(["--exact", &ticket.test, "--nocapture"])
        .current_dir(directory)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()?;
    let deadline = Instant::now() + limit;
    let outcome = loop {
        if let Some(status) = child.try_wait()? {
            // A test may write what is no text.
            break judge(status, &String::from_utf8_lossy(&fs::read(log)?));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            break Outcome::Hung;
        }
        thread::sleep(LOOK_EVERY);
    };
    fs::remove_file(log)?;
    Ok(outcome)
}

/// What the end of a process says about the test in it.
fn judge(status: ExitStatus, log: &str) -> Outcome {
    if status.success() {
        // A name that matches nothing succeeds as well, and has shown nothing.
        let ran = log.lines().any(|line| line.contains("test result: ok. 1 passed;"));
        return if ran { Outcome::Passed } else { Outcome::Failed("the harness ran no test".to_owned()) };
    }
    // Several threads may panic, some on purpose; the last is the likeliest to have failed the test.
    let panics = log.lines().zip(log.lines().skip(1)).filter(|(line, _)| line.contains("panicked at"));
    let message = panics.last().map(|(_, message)| message.trim().chars().take(GIST).collect::<String>());
    Outcome::Failed(match (status.signal(), message) {
        (Some(signal), Some(message)) => format!("killed by signal {signal}: {message}"),
        (Some(signal), None) => format!("killed by signal {signal}"),
        (None, Some(message)) => message,
        (None, None) => format!("ended with {status}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "test result: ok. 1 passed; 0 failed;\n";

    #[test]
    fn a_test_has_passed_if_the_harness_says_so_and_exits_well() {
        assert_eq!(judge(ExitStatus::from_raw(0), OK), Outcome::Passed);
        let none = "test result: ok. 0 passed; 0 failed;\n";
        for (status, log) in [(0, ""), (0, none), (101 << 8, OK), (6, OK)] {
            assert!(matches!(judge(ExitStatus::from_raw(status), log), Outcome::Failed(_)), "{status} {log}");
        }
    }

    #[test]
    fn a_failure_tells_its_last_panic_and_its_signal() {
        let failed = |status, log| match judge(ExitStatus::from_raw(status), log) {
            Outcome::Failed(message) => message,
            other => panic!("{other:?}"),
        };
        let log = "thread 'a' panicked at a.rs:1:2:\non purpose\nthread 'b' panicked at b.rs:1:2:\n  boom\nnote\n";
        assert_eq!(failed(101 << 8, log), "boom");
        assert_eq!(failed(6, log), "killed by signal 6: boom");
        assert_eq!(failed(11, ""), "killed by signal 11");
        assert_eq!(failed(3 << 8, ""), "ended with exit status: 3");
    }
}
