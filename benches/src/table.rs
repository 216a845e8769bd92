//! The report for people at a terminal.

use std::fmt::Write;

use crate::contenders::{OURS, TOKIO};
use crate::floor::necessity;
use crate::report::{Curve, Entry, Report, Row, amount, interval};

pub fn header() -> String {
    format!("{:<36} {:>10} {:>10}   {:<21} {:<21} verdict", "workload", OURS, TOKIO, "ratio [95 %]", "CPU ratio [95 %]")
}

/// A line for tokio, and one below it for each other contender.
pub fn row(row: &Row, with_allocator: bool) -> String {
    let name = if with_allocator { format!("{} {}", row.workload, row.allocator.name()) } else { row.workload.clone() };
    let ours = &row.entries[0];
    let lines = row.entries[1..].iter().enumerate().map(|(index, theirs)| {
        let label = match (&theirs.settings, theirs.contender == TOKIO) {
            (_, true) => name.clone(),
            (settings, false) => {
                let settings = settings.as_ref().map(|settings| format!(" ({settings})")).unwrap_or_default();
                format!("{}  {}{settings}", if index == 0 { &name } else { "" }, theirs.contender)
            }
        };
        line(&label, row, ours, theirs)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn line(label: &str, row: &Row, ours: &Entry, theirs: &Entry) -> String {
    let ratio = theirs.ratio.as_ref().map(interval).unwrap_or_default();
    let cpu = theirs.cpu_ratio.as_ref().map(interval).unwrap_or_default();
    let (ours, value) = (amount(ours.value, &row.unit), amount(theirs.value, &row.unit));
    let verdict = row.verdict(theirs).map(|verdict| verdict.word()).unwrap_or_default();
    format!("{label:<36} {ours:>10} {value:>10}   {ratio:<21} {cpu:<21} {verdict}").trim_end().to_owned()
}

pub fn curve(curve: &Curve) -> String {
    let mut text = format!("\n{}, {}\n{:<12}", curve.name, curve.unit, curve.axis);
    for line in &curve.lines {
        let _ = write!(text, " {:>18}", line.name);
    }
    for (index, (x, _)) in curve.lines[0].points.iter().enumerate() {
        let _ = write!(text, "\n{x:<12}");
        for line in &curve.lines {
            let value = line.points.get(index).map(|(_, y)| amount(*y, &curve.unit)).unwrap_or_default();
            let _ = write!(text, " {value:>18}");
        }
    }
    text
}

pub fn floor(report: &Report) -> String {
    let mut text = "\nthe machine's floor\n".to_owned();
    for figure in &report.floor {
        let _ = writeln!(text, "{:<48} {:>10}", figure.name, amount(figure.nanoseconds, "ns"));
    }
    let needs = necessity::needs(report);
    if !needs.is_empty() {
        let _ = writeln!(text, "\n{:<28} {:>10} {:>10} {:>10}   what it cannot do without", "", "floor", OURS, TOKIO);
    }
    for need in needs {
        let [least, ours, tokios] = [need.least, need.ours, need.tokios].map(|value| amount(value, "ns"));
        let _ = writeln!(text, "{:<28} {least:>10} {ours:>10} {tokios:>10}   {}", need.workload, need.parts);
    }
    text
}
