//! The report as a chapter's tables: so that no number in the book is typed by hand.

use std::fmt::Write;

use crate::contenders::{OURS, TOKIO};
use crate::floor::necessity;
use crate::instructions::{self, Figures};
use crate::report::{Conditions, Curve, Report, Row, amount, interval};

/// The whole file.
pub fn text(report: &Report) -> String {
    let Conditions { command, day, machine, compiler } = &report.conditions;
    let mut text = format!(
        "# What was measured\n\nWritten by the command below; do not edit. How to read it is in [Measuring](measuring.md).\n\n\
         * command: `{command}`\n* day: {day}\n* machine: {machine}\n* compiler: {compiler}\n"
    );
    if let Some(summary) = report.summary() {
        let _ = writeln!(text, "\n{summary}.");
    }
    if !report.rows.is_empty() {
        text += &rows(report);
    }
    report.curves.iter().for_each(|curve| text += &growth(curve));
    if !report.floor.is_empty() {
        text += &floor(report);
    }
    text + &counted()
}

fn rows(report: &Report) -> String {
    let both = report.rows.iter().any(|row| row.allocator != report.rows[0].allocator);
    let mut text = format!(
        "\n## Beside {TOKIO} and others\n\n| workload | against | {OURS} | it | ratio [95 %] | CPU ratio [95 %] | verdict |\n\
         |---|---|---:|---:|---|---|---|\n"
    );
    for row in &report.rows {
        text += &lines(row, both);
    }
    text
}

fn lines(row: &Row, both: bool) -> String {
    let mut text = String::new();
    for (index, entry) in row.entries[1..].iter().enumerate() {
        let allocator = if both { format!(" ({})", row.allocator.name()) } else { String::new() };
        let name = if index == 0 { format!("`{}`{allocator}", row.workload) } else { String::new() };
        let settings = entry.settings.as_ref().map(|settings| format!(" ({settings})")).unwrap_or_default();
        let [ratio, cpu] =
            [&entry.ratio, &entry.cpu_ratio].map(|ratio| ratio.as_ref().map(interval).unwrap_or_default());
        let (ours, value) = (amount(row.entries[0].value, &row.unit), amount(entry.value, &row.unit));
        let verdict = row.verdict(entry).map(|verdict| verdict.word()).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {name} | {}{settings} | {ours} | {value} | {ratio} | {cpu} | {verdict} |",
            entry.contender
        );
    }
    text
}

fn growth(curve: &Curve) -> String {
    let mut text = format!("\n## Growth: {}\n\n| {} |", curve.name, curve.axis);
    curve.lines.iter().for_each(|line| _ = write!(text, " {} |", line.name));
    text += "\n|---:|";
    curve.lines.iter().for_each(|_| text += "---:|");
    for (index, (x, _)) in curve.lines[0].points.iter().enumerate() {
        let _ = write!(text, "\n| {x} |");
        for line in &curve.lines {
            let value = line.points.get(index).map(|(_, y)| amount(*y, &curve.unit)).unwrap_or_default();
            let _ = write!(text, " {} |", value.trim());
        }
    }
    text + "\n"
}

fn floor(report: &Report) -> String {
    let mut text = "\n## The machine's floor\n\n| step | time |\n|---|---:|\n".to_owned();
    for figure in &report.floor {
        let _ = writeln!(text, "| {} | {} |", figure.name, amount(figure.nanoseconds, "ns"));
    }
    let needs = necessity::needs(report);
    if !needs.is_empty() {
        let _ = write!(
            text,
            "\n## Above the floor\n\n| workload | floor | {OURS} | {TOKIO} | what it cannot do without |\n|---|---:|---:|---:|---|\n"
        );
    }
    for need in needs {
        let [least, ours, tokios] = [need.least, need.ours, need.tokios].map(|value| amount(value, "ns"));
        let _ = writeln!(text, "| `{}` | {least} | {ours} | {tokios} | {} |", need.workload, need.parts);
    }
    text
}

/// The instructions, from the file that keeps them.
fn counted() -> String {
    let kept = std::fs::read_to_string(instructions::file()).ok().and_then(|text| Figures::from_text(&text).ok());
    let Some(Figures { day, compiler, paths }) = kept else { return String::new() };
    let mut text = format!(
        "\n## Instructions\n\nFor one unit of work, on one thread; counted by callgrind on {day}, compiled by {compiler}.\n\n\
         | path | {OURS} | {TOKIO} | ratio |\n|---|---:|---:|---:|\n"
    );
    for (path, (ours, tokios)) in paths {
        let _ = writeln!(text, "| `{path}` | {ours:.0} | {tokios:.0} | {:.2} |", ours / tokios);
    }
    text
}
