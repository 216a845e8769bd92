//! Runs the models of every crate, on good code and on each known bug.
//!
//! ```text
//!   sources --switches--> Crate { models?, bug switches }          one variant = one crate + at most one bug
//!       |
//!       v           build (one at a time: cargo locks)     run (one test a process, on every core)
//!   [crate, good]   ==== cargo rustc ====>  executable ==> model a ok, model b ok          -> passed
//!   [crate, bug_x]  ==== cargo rustc ====>  executable ==> model a ok, model b FAILED      -> caught by b
//! ```
//!
//! # Vocabulary
//! * *model*: a unit test in a module named `model`, compiled under `#[cfg(all(test, loom))]`: loom runs it once for every
//!   schedule of its threads that it can think of;
//! * *switch*: a `--cfg bug_...` that puts a classic bug back in;
//! * *caught*: a model fails under the switch. Some bugs are no matter of schedules; a comment `// caught-by: test NAME` at the
//!   switch names the ordinary unit test (or a part of its path) that catches such a one.
//!
//! # Invariants
//! * `MODELS-1`: a variant is built with exactly the flags that the table names, and run from a copy of its own, since the
//!   next build writes over cargo's.
//! * `MODELS-2`: only a failed test catches a bug. Code that does not compile, a test that outlives its limit, a filter that
//!   matches nothing: errors of the runner, which fail it.
//! * `MODELS-3`: good code passes all its models, and a crate that promises models has at least one.

pub mod build;
pub mod pool;
pub mod report;
pub mod switches;

use build::Builder;
use pool::{Job, Pool};
use report::{Row, Verdict};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switches::{Crate, Switch};

/// Good code, or one bug in one crate.
#[derive(Clone, Copy, Debug)]
pub struct Variant<'a> {
    pub krate: &'a Crate,
    pub bug: Option<&'a Switch>,
}

impl Variant<'_> {
    pub fn name(&self) -> &str {
        self.bug.map_or("good", |switch| &switch.name)
    }

    /// The ordinary test that is to catch the bug; `None` for models.
    fn ordinary_test(&self) -> Option<&str> {
        self.bug.and_then(|switch| switch.caught_by.as_deref())
    }

    fn flags(&self) -> Vec<&str> {
        let loom = self.ordinary_test().is_none().then_some("loom");
        loom.into_iter().chain(self.bug.map(|switch| switch.name.as_str())).collect()
    }

    fn wants(&self, test: &str) -> bool {
        match self.ordinary_test() {
            Some(name) => test.contains(name),
            None => test.split("::").any(|part| part.contains("model")),
        }
    }
}

/// What to run. Good code comes first: while it fails, nothing else means anything.
pub fn variants(crates: &[Crate]) -> Vec<Variant<'_>> {
    let good = crates.iter().filter(|krate| krate.has_models).map(|krate| Variant { krate, bug: None });
    let bugs = crates.iter().flat_map(|krate| krate.switches.iter().map(move |bug| Variant { krate, bug: Some(bug) }));
    good.chain(bugs).collect()
}

/// Builds and runs every variant; `say` gets a line of progress now and then.
// ANCHOR: house-model-runner
pub fn run(root: &Path, variants: &[Variant<'_>], limit: Duration, say: fn(String)) -> Vec<Row> {
    let builder = Builder::new(root);
    let pool = Pool::new(limit);
    let mut running = Vec::new();
    for (index, variant) in variants.iter().enumerate() {
        say(format!("[{}/{}] {} {}", index + 1, variants.len(), variant.krate.name, variant.name()));
        let started = Instant::now();
        // The pool works through the executables so far while the next one is being built.
        let job = start(&builder, &pool, variant);
        running.push((variant, job, started.elapsed()));
    }
    pool.finish();
    let rows = running.into_iter().map(|(variant, job, building)| Row {
        krate: variant.krate.name.clone(),
        variant: variant.name().to_owned(),
        building,
        running: job.as_ref().map_or(Duration::ZERO, |job| job.time()),
        tests: job.as_ref().map_or(0, |job| job.outcomes().len()),
        verdict: match job {
            Ok(job) if variant.bug.is_some() => Verdict::of_bug(&job.outcomes()),
            Ok(job) => Verdict::of_good_code(&job.outcomes()),
            Err(error) => Verdict::Error(error),
        },
    });
    rows.collect()
}
// ANCHOR_END: house-model-runner

fn start(builder: &Builder, pool: &Pool, variant: &Variant<'_>) -> Result<Arc<Job>, String> {
    let executable = builder.build(&variant.krate.name, variant.name(), &variant.flags())?;
    let mut tests = build::list(&executable)?;
    tests.retain(|test| variant.wants(test));
    if tests.is_empty() {
        return Err(match variant.ordinary_test() {
            Some(name) => format!("no test matches `caught-by: test {name}`"),
            None => "no model was found".to_owned(),
        });
    }
    // The model beside the switch is the likeliest to catch the bug, and the first catch ends the variant.
    if let Some(switch) = variant.bug {
        tests.sort_by_key(|test| std::cmp::Reverse(switch.kinship(test)));
    }
    Ok(pool.start(executable, tests, variant.bug.is_some()))
}
