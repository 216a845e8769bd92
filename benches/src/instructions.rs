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

use crate::meter::Sample;

/// The workloads that are counted: on one thread, with nobody to wait for.
pub const PATHS: [&str; 8] = [
    "ct/spawn_join",
    "ct/spawn_join_10",
    "ct/spawn_many_local",
    "ct/yield_many",
    "ct/ping_pong",
    "ct/block_on_ready",
    "ct/sleep_made",
    "ct/sleep_armed",
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
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["child", runtime, workload, "--iterations", &iterations.to_string()])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout).ok().and_then(|json| Sample::from_json(&json));
    let (Some(sample), Some(collected)) = (json, collected(&said)) else {
        return Err(format!("{workload} on {runtime} under callgrind: {}: {}", output.status, said.trim()));
    };
    Ok((collected, sample.value))
}

/// The total in callgrind's last words: "Collected : 123".
fn collected(said: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

/// Instructions by path: ours and tokio's.
pub type Figures = BTreeMap<String, (f64, f64)>;

/// The file's text: a line a path.
pub fn to_text(figures: &Figures, day: &str) -> String {
    let mut text = format!(
        "# Instructions for one unit of work, by callgrind, on {day}.\n\
         # Made by `cargo run --release -p benches -- instructions --save`; compared by `-- instructions --check`.\n\
         #\n# path                    mini_tokio      tokio\n"
    );
    for (path, (mini, tokio)) in figures {
        let _ = writeln!(text, "{path:<24} {mini:>11.0} {tokio:>10.0}");
    }
    text
}

/// Reads what [`to_text`] wrote.
///
/// # Errors
///
/// The first line that is none of its lines.
pub fn from_text(text: &str) -> Result<Figures, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let figures = lines.map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [path, mini, tokio] = fields[..] else { return Err(format!("not a line of figures: {line}")) };
        let number = |field: &str| field.parse::<f64>().map_err(|_| format!("not a number in: {line}"));
        Ok((path.to_owned(), (number(mini)?, number(tokio)?)))
    });
    figures.collect()
}

/// One line for each path of `now` that takes more instructions than [`TOLERANCE`] allows over `before`.
pub fn regressions(before: &Figures, now: &Figures) -> Vec<String> {
    let longer = now.iter().filter_map(|(path, (now, _))| {
        let (before, _) = before.get(path)?;
        (*now > before * TOLERANCE).then(|| format!("{path}: {now:.0} instructions, {before:.0} before"))
    });
    longer.collect()
}

/// Today, as the file says it.
pub fn today() -> String {
    let output = Command::new("date").arg("+%Y-%m-%d").output();
    output.map_or_else(
        |_| "an unknown day".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Where the figures are kept.
pub fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(mini: f64) -> Figures {
        BTreeMap::from([("ct/yield_many".to_owned(), (mini, 999.0))])
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        assert_eq!(from_text(&to_text(&figures(98.0), "a day")), Ok(figures(98.0)));
        assert!(from_text("ct/yield_many 98").is_err());
        assert!(from_text("ct/yield_many many few").is_err());
    }

    #[test]
    fn five_per_cent_more_is_a_regression() {
        assert!(regressions(&figures(100.0), &figures(104.0)).is_empty());
        assert_eq!(regressions(&figures(100.0), &figures(106.0)).len(), 1);
        assert!(regressions(&Figures::new(), &figures(106.0)).is_empty(), "a new path has no past");
    }

    #[test]
    fn callgrind_s_total_is_found_in_what_it_says() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 224123\n"), Some(224_123.0));
        assert_eq!(collected("==1== Segmentation fault\n"), None);
    }
}
