//! Instructions for one unit of work: a figure that is the same whenever and wherever it is taken.
//!
//! Times on a shared machine drift by half within minutes, and instructions do not. They say nothing of waiting, of caches
//! and of the kernel; so they are for paths that one thread goes alone. A child process does a workload N times under
//! callgrind, another 6 N times: what differs is the work, without the process around it.
//!
//! The figures are kept in a file, with the day on which they were taken, and compared with the next ones: that is how a
//! path that has become longer is noticed before somebody feels it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::allocator::Choice;
use crate::child::Job;
use crate::meter::Sample;
use crate::report::{compiler, said};
use crate::rt::Settings;

/// The workloads that are counted: on one thread, with nobody to wait for.
pub const PATHS: [&str; 13] = [
    "ct/block_on_ready",
    "ct/mpsc_bounded_uncontended",
    "ct/mpsc_send_512B",
    "ct/mpsc_unbounded_uncontended",
    "ct/notify_in_turns",
    "ct/oneshot",
    "ct/ping_pong",
    "ct/sleep_armed",
    "ct/sleep_made",
    "ct/spawn_join",
    "ct/spawn_many_local",
    "ct/yield_alone",
    "ct/yield_many",
];

/// How often the shorter of the two children does it.
const ITERATIONS: u32 = 4;

/// So much more than last time is a regression: compilers and libraries change by less.
pub const TOLERANCE: f64 = 1.05;

/// Whether callgrind is there.
pub fn available() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

// ANCHOR: benches-difference
/// Instructions for one unit of `workload` on `runtime`.
///
/// # Errors
///
/// What the child or callgrind said, if it is not a number.
pub fn count(runtime: &str, workload: &str) -> Result<f64, String> {
    let (less, few) = run(runtime, workload, ITERATIONS)?;
    let (more, many) = run(runtime, workload, 6 * ITERATIONS)?;
    Ok((more - less) / (many - few))
}

/// Instructions of a whole child process, and the units of work that it did.
fn run(runtime: &str, workload: &str, iterations: u32) -> Result<(f64, f64), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let (settings, allocator) = (Settings::default(), Choice::Glibc);
    let job = Job { contender: runtime, workload, allocator, settings, quick: false };
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(job.arguments())
        .args(["--iterations", &iterations.to_string()])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let sample = serde_json::from_slice::<Sample>(&output.stdout).ok();
    let (Some(sample), Some(collected)) = (sample, collected(&said)) else {
        return Err(format!("{workload} on {runtime} under callgrind: {}: {}", output.status, said.trim()));
    };
    Ok((collected, sample.value))
}

/// The total in callgrind's last words: "Collected : 123".
fn collected(said: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

/// What was counted, when, and of what a compiler made.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub day: String,
    pub compiler: String,
    /// Ours and tokio's.
    pub paths: BTreeMap<String, (f64, f64)>,
}

const DAY: &str = "# day: ";
const COMPILER: &str = "# compiler: ";

impl Figures {
    /// None yet, of today and of this machine's compiler.
    pub fn here() -> Self {
        Self { day: said("date", &["+%Y-%m-%d"]), compiler: compiler(), paths: BTreeMap::new() }
    }

    /// The file's text: a line a path.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# Instructions for one unit of work, by callgrind.\n\
             # Made by `cargo run --release -p benches -- instructions --save`; compared by `-- instructions --check`.\n\
             {DAY}{}\n{COMPILER}{}\n#\n# path                              mini_tokio      tokio\n",
            self.day, self.compiler
        );
        for (path, (mini, tokio)) in &self.paths {
            let _ = writeln!(text, "{path:<34} {mini:>11.0} {tokio:>10.0}");
        }
        text
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    ///
    /// # Errors
    ///
    /// The first line that is none of its lines.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let header = |name| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown").to_owned();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let paths = lines.map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [path, mini, tokio] = fields[..] else { return Err(format!("not a line of figures: {line}")) };
            let number = |field: &str| field.parse::<f64>().map_err(|_| format!("not a number in: {line}"));
            Ok((path.to_owned(), (number(mini)?, number(tokio)?)))
        });
        Ok(Self { day: header(DAY), compiler: header(COMPILER), paths: paths.collect::<Result<_, _>>()? })
    }
}

/// Compares with what was kept, and prints what has become longer.
///
/// # Errors
///
/// If a path is longer than [`TOLERANCE`] allows, and the same compiler made both: another one may well do worse, or
/// better, with the same source.
pub fn check(before: &Figures, now: &Figures) -> Result<(), String> {
    let longer = regressions(before, now);
    if longer.is_empty() {
        println!("no path is more than {:.0} % longer than on {}", (TOLERANCE - 1.0) * 100.0, before.day);
        return Ok(());
    }
    if before.compiler == now.compiler {
        return Err(longer.join("\n"));
    }
    println!("{}", longer.join("\n"));
    println!("no failure: those figures are of {}, these of {}", before.compiler, now.compiler);
    Ok(())
}

/// One line for each path of `now` that takes more instructions than [`TOLERANCE`] allows over `before`.
fn regressions(before: &Figures, now: &Figures) -> Vec<String> {
    let longer = now.paths.iter().filter_map(|(path, (now, _))| {
        let (before, _) = before.paths.get(path)?;
        (*now > before * TOLERANCE).then(|| format!("{path}: {now:.0} instructions, {before:.0} before"))
    });
    longer.collect()
}

/// Where the figures are kept.
pub fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(compiler: &str, mini: f64) -> Figures {
        let paths = BTreeMap::from([("ct/yield_many".to_owned(), (mini, 999.0))]);
        Figures { day: "2026-01-02".to_owned(), compiler: compiler.to_owned(), paths }
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let figures = figures("rustc 1.95.0", 98.0);
        assert_eq!(Figures::from_text(&figures.to_text()), Ok(figures));
        assert!(Figures::from_text("ct/yield_many 98").is_err());
        assert!(Figures::from_text("ct/yield_many many few").is_err());
    }

    #[test]
    fn the_kept_file_is_one_of_these() {
        let kept = std::fs::read_to_string(file()).expect("it is part of the project");
        let kept = Figures::from_text(&kept).expect("it was written by this program");
        let known: Vec<&str> = kept.paths.keys().map(String::as_str).collect();
        assert_eq!(known, PATHS);
    }

    #[test]
    fn more_than_five_per_cent_more_is_a_regression() {
        let regressions = |before, now| regressions(&figures("a", before), &figures("a", now)).len();
        assert_eq!(regressions(100.0, 105.0), 0);
        assert_eq!(regressions(100.0, 106.0), 1);
        let past = Figures { paths: BTreeMap::new(), ..figures("a", 0.0) };
        assert!(super::regressions(&past, &figures("a", 106.0)).is_empty(), "a new path has no past");
    }

    #[test]
    fn a_regression_fails_unless_another_compiler_made_it() {
        assert!(check(&figures("a", 100.0), &figures("a", 106.0)).is_err());
        assert!(check(&figures("a", 100.0), &figures("b", 106.0)).is_ok());
        assert!(check(&figures("a", 100.0), &figures("a", 101.0)).is_ok());
    }

    #[test]
    fn callgrind_s_total_is_found_in_what_it_says() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 224123\n"), Some(224_123.0));
        assert_eq!(collected("==1== Segmentation fault\n"), None);
    }
}
