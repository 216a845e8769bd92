//! Runs tokio's own integration tests on mini_tokio.
//!
//! ```text
//!   cargo's registry: tokio-1.54.x/tests/*.rs       borrowed by path, never copied
//!         |
//!         v  package.rs: a package of those tests, `tokio` patched to compat/ (or left alone: the baseline)
//!   target/conformance/{mini_tokio,tokio}/Cargo.toml
//!         |
//!         v  build.rs: one `cargo build`, each target judged alone
//!   executable, or the first error ---- list.rs ----> the names of its tests
//!         |
//!         v  pool.rs: one process a test, killed at the limit
//!   passed, failed, hung, ignored
//!         |
//!         v  verdict.rs: held against ledger.txt (what may fail) and baseline.txt (what tokio itself does)
//!   table, exit code
//! ```
//!
//! # Vocabulary
//! * *target*: one file of tokio's `tests/`, an executable of its own;
//! * *baseline*: what the same tests do with tokio itself on such a machine, measured by `--baseline`;
//! * *ledger*: the names of what is not passed yet, each with its reason.
//!
//! # Invariants
//! * `CONF-1`: a test is run once. What was seen is what is told: nothing is tried again until it fits.
//! * `CONF-2`: the ledger is true in both directions. A failure that it does not name fails the run, and so does a name in it
//!   that passes.
//! * `CONF-3`: nothing gets lost. A test that the baseline knows and that was not run is missing, and that is a failure.
//!
//! Left out: tokio's unit tests and documentation tests (they know its insides), its loom models, and what needs
//! `--cfg tokio_unstable`.

pub mod baseline;
pub mod build;
pub mod ledger;
pub mod list;
pub mod package;
pub mod pool;
pub mod report;
pub mod selection;
pub mod verdict;

use build::Built;
use list::Listed;
use package::{Package, Under};
use selection::Selection;
use std::path::Path;
use std::time::Duration;

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// With the first line of the panic, or how else the process ended.
    Failed(String),
    /// It was killed at the time limit.
    Hung,
    /// Marked `#[ignore]`: not run.
    Ignored,
}

/// A test and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its path within the target.
    pub name: String,
    pub outcome: Outcome,
    pub time: Duration,
}

/// A target and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    /// Its tests in the order of the listing, or the compiler's first error.
    pub tests: Result<Vec<Test>, String>,
}

/// Something went on; for a progress bar.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// So many targets are going to be built.
    Targets(usize),
    /// One of them is.
    Built(&'a str),
    /// So many tests are going to be run.
    Tests(usize),
    /// One of them was; with its target.
    Ran(&'a str, &'a str),
}

/// What to do, apart from whom to do it to.
pub struct Plan<'a> {
    /// Tests at once.
    pub jobs: usize,
    /// For one test.
    pub limit: Duration,
    pub selection: &'a Selection,
    pub say: &'a (dyn Fn(Step<'_>) + Sync),
}

/// Builds and runs tokio's tests under one of the two runtimes.
///
/// # Errors
/// If tokio is not to be found, cargo does not start, or an executable does not list its tests.
pub fn run(root: &Path, under: Under, plan: &Plan<'_>) -> Result<Vec<Target>, String> {
    let mut package = Package::find(root)?;
    package.targets.retain(|target| plan.selection.wants_target(&target.name));
    if package.targets.is_empty() {
        return Err("no target of that name".to_owned());
    }
    let directory = package.write(root, under)?;
    let built = build::build(root, &directory, &package, plan)?;
    run_built(&directory, built, plan)
}

/// Lists and runs the tests of executables that are there.
///
/// # Errors
/// If one of them does not list its tests.
pub fn run_built(directory: &Path, built: Vec<Built>, plan: &Plan<'_>) -> Result<Vec<Target>, String> {
    let (mut targets, mut tickets) = (Vec::new(), Vec::new());
    for Built { name, executable } in built {
        let tests = match executable {
            Err(error) => Err(error),
            Ok(executable) => {
                let mut listed = list::list(&executable, directory)?;
                listed.retain(|test| plan.selection.wants(&name, &test.name));
                let target = targets.len();
                let to_run = listed.iter().enumerate().filter(|(_, test)| !test.ignored);
                tickets.extend(to_run.map(|(index, test)| pool::Ticket {
                    place: (target, index),
                    executable: executable.clone(),
                    target: name.clone(),
                    test: test.name.clone(),
                }));
                Ok(listed.into_iter().map(not_run).collect())
            }
        };
        targets.push(Target { name, tests });
    }
    (plan.say)(Step::Tests(tickets.len()));
    for ((target, index), outcome, time) in pool::run(tickets, directory, plan) {
        let tests = targets[target].tests.as_mut().expect("the ticket came from its tests");
        (tests[index].outcome, tests[index].time) = (outcome, time);
    }
    Ok(targets)
}

fn not_run(test: Listed) -> Test {
    Test { name: test.name, outcome: Outcome::Ignored, time: Duration::ZERO }
}
