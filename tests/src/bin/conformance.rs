//! Runs tokio's own tests on mini_tokio: `cargo run -p tests --bin conformance`.
//!
//! The table goes to standard output, progress to standard error; the exit code is 0 only if every test passes that the
//! ledger does not name, and none that it names. How it works: `tests/src/conformance/mod.rs`.

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::Duration;
use std::{fs, thread};
use tests::conformance::baseline::{self, Baseline};
use tests::conformance::package::{Package, Under};
use tests::conformance::selection::Selection;
use tests::conformance::{self, Plan, Step, Target, ledger, report, verdict};
use tests::tree;

/// Runs tokio's own integration tests on mini_tokio and holds the outcome against the ledger.
#[derive(Parser)]
struct Options {
    /// Only this target (`io_copy`), test or module (`io_copy::copy`); may be repeated
    #[arg(long, value_name = "TARGET/NAME", num_args = 1..)]
    only: Vec<String>,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Tests at once; the number of cores by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Seconds that one test may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    time_limit: u64,
    /// Run the tests on tokio itself, and write down what they do
    #[arg(long)]
    baseline: bool,
    /// Write the table as Markdown to this file, too
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

const BASELINE: &str = "tests/conformance/baseline.txt";
const LEDGER: &str = "tests/conformance/ledger.txt";

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything is as the ledger says.
fn run(options: &Options) -> Result<bool, String> {
    let selection = Selection::new(&options.only);
    let under = if options.baseline { Under::Tokio } else { Under::MiniTokio };
    // A broken ledger is told before the long part, not after it.
    let ledger = ledger::parse(&read(LEDGER)?).map_err(|errors| format!("{LEDGER}: {}", errors.join("; ")))?;
    let bar = Bar::new();
    let say = |step: Step<'_>| bar.show(step);
    let jobs = options.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)).max(1);
    let plan = Plan { jobs, limit: Duration::from_secs(options.time_limit), selection: &selection, say: &say };
    let targets = conformance::run(&tree::root(), under, &plan)?;
    bar.finish();
    if options.baseline && selection.is_all() {
        write_baseline(&targets)?;
    }
    let baseline = Baseline::parse(&read(BASELINE)?).map_err(|error| format!("{BASELINE}: {error}"))?;
    let wrong = match under {
        Under::MiniTokio => verdict::judge(&targets, &ledger, &baseline, &selection),
        Under::Tokio => Vec::new(),
    };
    if let Some(path) = &options.table {
        let text = report::markdown(&targets, &baseline);
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if options.json {
        println!("{:#}", report::json(&targets, &baseline, &wrong));
    } else {
        print!("{}", report::table(&targets, &baseline));
        wrong.iter().for_each(|line| println!("WRONG  {line}"));
    }
    Ok(wrong.is_empty())
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(tree::root().join(path)).map_err(|error| format!("{path}: {error}"))
}

fn write_baseline(targets: &[Target]) -> Result<(), String> {
    let version = Package::find(&tree::root())?.version;
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().map_err(|error| format!("date: {error}"))?;
    let text = baseline::write(targets, &version, String::from_utf8_lossy(&date.stdout).trim());
    fs::write(tree::root().join(BASELINE), text).map_err(|error| format!("{BASELINE}: {error}"))
}

/// The progress bar: one for building, then one for running. Nothing is drawn where nobody looks.
struct Bar(Mutex<ProgressBar>);

impl Bar {
    fn new() -> Self {
        Self(Mutex::new(ProgressBar::hidden()))
    }

    fn show(&self, step: Step<'_>) {
        let mut bar = self.0.lock().expect("drawing does not panic");
        match step {
            Step::Targets(count) => *bar = Self::start(count, "building"),
            Step::Tests(count) => {
                bar.finish_and_clear();
                *bar = Self::start(count, "running");
            }
            Step::Built(target) => {
                bar.set_message(target.to_owned());
                bar.inc(1);
            }
            Step::Ran(target, test) => {
                bar.set_message(format!("{target}::{test}"));
                bar.inc(1);
            }
        }
    }

    fn start(count: usize, prefix: &'static str) -> ProgressBar {
        let style = ProgressStyle::with_template("{prefix} [{bar:40}] {pos}/{len} {elapsed} {wide_msg}");
        let bar = ProgressBar::new(count as u64).with_prefix(prefix);
        bar.set_style(style.expect("the template is valid"));
        bar
    }

    fn finish(&self) {
        self.0.lock().expect("drawing does not panic").finish_and_clear();
    }
}
