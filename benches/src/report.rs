//! [`Report`]: what was measured, as data: printed, kept as JSON, drawn.

use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::allocator::Choice;
use crate::contenders::{OURS, TOKIO};
use crate::statistics::{Estimate, Verdict, geometric_mean};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    pub conditions: Conditions,
    /// The comparison, a row a workload and allocator.
    pub rows: Vec<Row>,
    pub curves: Vec<Curve>,
    pub floor: Vec<Figure>,
}

/// Under which it was measured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Conditions {
    pub command: String,
    pub day: String,
    pub machine: String,
    pub compiler: String,
}

/// One workload with one allocator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    pub workload: String,
    /// Where its code is, from the project's root.
    pub file: String,
    pub allocator: Choice,
    pub unit: String,
    pub rounds: usize,
    /// Ours first.
    pub entries: Vec<Entry>,
}

/// One contender's part in a row. Below 1 is good for us, in all ratios.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub contender: String,
    /// Where they are not the defaults.
    pub settings: Option<String>,
    /// Median over all its children.
    pub value: f64,
    pub cpu: Option<f64>,
    /// Ours by theirs; none for ourselves.
    pub ratio: Option<Estimate>,
    pub cpu_ratio: Option<Estimate>,
    /// Of each child, two a round.
    pub samples: Vec<f64>,
}

/// How something grows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Curve {
    pub name: String,
    pub unit: String,
    /// What is counted along the axis.
    pub axis: String,
    /// One for each contender, or for each thing that is counted.
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// One limit of the machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub nanoseconds: f64,
}

impl Row {
    pub fn entry(&self, contender: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.contender == contender)
    }

    pub fn verdict(&self, entry: &Entry) -> Option<Verdict> {
        entry.ratio.as_ref().map(|ratio| Verdict::new(ratio, self.rounds))
    }
}

impl Conditions {
    /// Of this process, on this machine.
    pub fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        let model = model.trim_start_matches([' ', '\t', ':']);
        let model = if model.is_empty() { "an unnamed processor" } else { model };
        let command = format!("cargo run --release -p benches -- {}", told(std::env::args().skip(1)).join(" "));
        Self {
            command: command.trim_end_matches([' ', '-']).to_owned(),
            day: said("date", &["+%Y-%m-%d"]),
            machine: format!("{cores} cores of {model}, Linux {}", said("uname", &["-r"])),
            compiler: compiler(),
        }
    }
}

/// What was asked for, without where it was to be written to.
fn told(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut is_file = false;
    let keep = |argument: &String| {
        let was_file = std::mem::replace(&mut is_file, ["--html", "--markdown", "--json"].contains(&argument.as_str()));
        let names_file = ["--html=", "--markdown=", "--json="].iter().any(|name| argument.starts_with(name));
        !was_file && !is_file && !names_file
    };
    arguments.filter(keep).collect()
}

/// The compiler's name and version, as it says it.
pub fn compiler() -> String {
    let words = said("rustc", &["--version"]);
    words.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// What a program says in one line; "unknown" if there is none.
pub fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if said.is_empty() { "unknown".to_owned() } else { said }
}

impl Report {
    /// Takes in what another one has.
    pub fn absorb(&mut self, other: Self) {
        if self.conditions.command.is_empty() {
            self.conditions = other.conditions;
        } else {
            self.conditions.command = format!("{}; {}", self.conditions.command, other.conditions.command);
        }
        self.rows.extend(other.rows);
        self.curves.extend(other.curves);
        if !other.floor.is_empty() {
            self.floor = other.floor;
        }
    }

    /// The comparison with tokio in short: counts of verdicts, and the geometric mean of the ratios of times.
    pub fn summary(&self) -> Option<Summary> {
        let pairs: Vec<_> = self.rows.iter().filter_map(|row| Some((row, row.entry(TOKIO)?))).collect();
        let times: Vec<f64> = pairs
            .iter()
            .filter(|(row, _)| row.unit == "ns")
            .filter_map(|(_, entry)| entry.ratio.map(|ratio| ratio.median))
            .collect();
        if times.is_empty() {
            return None;
        }
        let count = |verdict| pairs.iter().filter(|(row, entry)| row.verdict(entry) == Some(verdict)).count();
        Some(Summary {
            workloads: pairs.len(),
            better: count(Verdict::Better),
            worse: count(Verdict::Worse),
            too_few: count(Verdict::TooFew),
            mean: geometric_mean(&times),
        })
    }

    /// The value of ours in the first row of that name.
    pub fn ours(&self, workload: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.workload == workload && row.unit == "ns")?;
        row.entry(OURS).map(|entry| entry.value)
    }

    pub fn tokios(&self, workload: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.workload == workload && row.unit == "ns")?;
        row.entry(TOKIO).map(|entry| entry.value)
    }
}

pub struct Summary {
    pub workloads: usize,
    pub better: usize,
    pub worse: usize,
    pub too_few: usize,
    /// Of the ratios of times.
    pub mean: f64,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { workloads, better, worse, too_few, mean } = self;
        let open = workloads - better - worse - too_few;
        write!(f, "{workloads} workloads: {better} better, {worse} worse, {open} open")?;
        if *too_few > 0 {
            let least = crate::statistics::MIN_FOR_INTERVAL;
            write!(f, ", {too_few} with too few rounds for a verdict (at least {least})")?;
        }
        write!(f, "; geometric mean of the times' ratios {mean:.2}")
    }
}

/// Three digits and a unit that suits the size.
pub fn amount(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "ns" if value >= 1e6 => (value / 1e6, "ms"),
        "ns" if value >= 1e3 => (value / 1e3, "us"),
        _ => (value, unit),
    };
    let digits = if value >= 100.0 { 0 } else { 2 - usize::from(value >= 10.0) };
    format!("{value:.digits$} {unit}")
}

pub fn interval(estimate: &Estimate) -> String {
    format!("{:.2} [{:.2}, {:.2}]", estimate.median, estimate.low, estimate.high)
}

#[cfg(test)]
mod tests;
