//! The report as one page for a browser: no script, no network, everything in the file.
//!
//! A line a workload: its bar, and beneath the bar's thin shadow, the CPU time's. A click on the line opens its rounds and
//! the other contenders; a click on `source` goes to the code that was measured.

mod bar;
mod chart;

use std::fmt::Write;
use std::path::Path;

use self::chart::{Chart, Scale};
use crate::contenders::{OURS, TOKIO};
use crate::floor::necessity;
use crate::report::{Conditions, Curve, Entry, Report, Row, amount, interval};

const STYLE: &str = include_str!("page/style.css");

/// The whole page.
pub fn page(report: &Report) -> String {
    let mut body = head(report);
    if !report.rows.is_empty() {
        body += &comparison(report);
    }
    if !report.curves.is_empty() {
        body += "<h2 id=\"scale\">How cost grows</h2>\n<div class=\"curves\">\n";
        report.curves.iter().for_each(|curve| body += &growth(curve));
        body += "</div>\n";
    }
    if !report.floor.is_empty() {
        body += &floor(report);
    }
    body += &sources(report);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{OURS} beside {TOKIO}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn head(report: &Report) -> String {
    let Conditions { command, day, machine, compiler } = &report.conditions;
    let [command, day, machine, compiler] = [command, day, machine, compiler].map(|text| escape(text));
    let summary = report.summary().map(|summary| format!("<p class=\"summary\">{summary}</p>\n")).unwrap_or_default();
    format!(
        "<h1>{OURS} beside {TOKIO}</h1>\n{summary}<p class=\"conditions\">{day} &middot; {machine} &middot; {compiler}\
         <br><code>{command}</code></p>\n"
    )
}

fn comparison(report: &Report) -> String {
    let both = report.rows.iter().any(|row| row.allocator != report.rows[0].allocator);
    let mut html = format!(
        "<p>Each bar is {OURS}'s time by {TOKIO}'s, on a logarithmic scale: to the left of 1, {OURS} is faster. The line across \
         its end is the interval in which the median lies in 95 of 100 repetitions; a bar is coloured only where the interval is \
         wholly on one side. The thin bar below is CPU time, of all threads. A click on a line shows its rounds, and the \
         other contenders.</p>\n<section class=\"comparison\">\n<div class=\"line axis\"><span>workload</span>{}\
         <span class=\"number\">{OURS}</span><span class=\"number\">{TOKIO}</span><span class=\"number\">ratio</span>\
         <span>verdict</span></div>\n",
        bar::axis()
    );
    // In the order of the files' first rows: what one file measures stands together.
    let mut files: Vec<&str> = Vec::new();
    for row in &report.rows {
        if !files.contains(&row.file.as_str()) {
            files.push(&row.file);
        }
    }
    for file in files {
        let title = title(&source(file));
        let _ = writeln!(html, "<h3>{} <a href=\"#{}\">source</a></h3>", escape(&title), anchor(file));
        report.rows.iter().filter(|row| row.file == file).for_each(|row| html += &line(row, both));
    }
    html + "</section>\n"
}

fn line(row: &Row, both: bool) -> String {
    // Beside tokio if it took part; else beside whoever did.
    let theirs = row.entry(TOKIO).unwrap_or(&row.entries[row.entries.len() - 1]);
    let name = if both { format!("{} {}", row.workload, row.allocator.name()) } else { row.workload.clone() };
    let verdict = row.verdict(theirs);
    let ratio = theirs.ratio.as_ref().map(interval).unwrap_or_default();
    let (ours, value) = (amount(row.entries[0].value, &row.unit), amount(theirs.value, &row.unit));
    format!(
        "<details><summary class=\"line\"><span class=\"name\">{}</span>{}<span class=\"number\">{ours}</span>\
         <span class=\"number\">{value}</span><span class=\"number\">{ratio}</span><span class=\"{}\">{}</span></summary>\n\
         <div class=\"inside\">\n{}{}<p><a href=\"#{}\">source</a></p></div></details>\n",
        escape(&name),
        bar::bar(theirs, verdict),
        bar::class(verdict),
        verdict.map(|verdict| verdict.word()).unwrap_or_default(),
        contenders(row),
        rounds(row),
        anchor(&row.file)
    )
}

/// Everybody who took part.
fn contenders(row: &Row) -> String {
    let mut html = format!(
        "<table><tr><th></th><th>median</th><th>CPU</th><th>{OURS}&thinsp;/&thinsp;it</th><th>CPU ratio</th><th></th><th></th></tr>\n"
    );
    for entry in &row.entries {
        let Entry { contender, settings, value, cpu, ratio, cpu_ratio, .. } = entry;
        let [ratio, cpu_ratio] = [ratio, cpu_ratio].map(|ratio| ratio.as_ref().map(interval).unwrap_or_default());
        let cpu = cpu.map(|cpu| amount(cpu, "ns")).unwrap_or_default();
        let verdict = row.verdict(entry);
        let _ = writeln!(
            html,
            "<tr><th>{contender}</th><td>{}</td><td>{cpu}</td><td>{ratio}</td><td>{cpu_ratio}</td><td class=\"{}\">{}</td>\
             <td class=\"settings\">{}</td></tr>",
            amount(*value, &row.unit),
            bar::class(verdict),
            verdict.map(|verdict| verdict.word()).unwrap_or_default(),
            settings.as_deref().unwrap_or_default()
        );
    }
    html + "</table>\n"
}

/// Each child's value, in the order in which they ran: two a round.
fn rounds(row: &Row) -> String {
    let lines = row.entries.iter().map(|entry| {
        let points = entry.samples.iter().enumerate();
        (entry.contender.as_str(), points.map(|(turn, value)| (1.0 + turn as f64 / 2.0, *value)).collect())
    });
    Chart { x: Scale::Linear, y: Scale::FromZero, x_label: "round", unit: &row.unit, lines: lines.collect() }.svg()
}

fn growth(curve: &Curve) -> String {
    let lines = curve.lines.iter().map(|line| (line.name.as_str(), line.points.clone())).collect();
    let y = if curve.unit == "ns" { Scale::Logarithmic } else { Scale::FromZero };
    let chart = Chart { x: Scale::Logarithmic, y, x_label: &curve.axis, unit: &curve.unit, lines };
    format!("<figure><figcaption>{}</figcaption>\n{}</figure>\n", escape(&curve.name), chart.svg())
}

fn floor(report: &Report) -> String {
    let mut html = "<h2 id=\"floor\">The machine's floor</h2>\n<table>\n".to_owned();
    for figure in &report.floor {
        let _ = writeln!(html, "<tr><th>{}</th><td>{}</td></tr>", figure.name, amount(figure.nanoseconds, "ns"));
    }
    html += "</table>\n";
    let needs = necessity::needs(report);
    if !needs.is_empty() {
        let _ = writeln!(
            html,
            "<table><tr><th></th><th>floor</th><th>{OURS}</th><th>{TOKIO}</th><th>what it cannot do without</th></tr>"
        );
    }
    for need in &needs {
        let [least, ours, tokios] = [need.least, need.ours, need.tokios].map(|value| amount(value, "ns"));
        let _ = writeln!(
            html,
            "<tr><th>{}</th><td>{least}</td><td>{ours}</td><td>{tokios}</td><td class=\"settings\">{}</td></tr>",
            need.workload, need.parts
        );
    }
    if needs.is_empty() { html } else { html + "</table>\n" }
}

/// The code of all workloads, each file once.
fn sources(report: &Report) -> String {
    let mut files: Vec<&str> = report.rows.iter().map(|row| row.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    if files.is_empty() {
        return String::new();
    }
    let mut html = "<h2>Sources</h2>\n".to_owned();
    for file in files {
        let text = escape(&source(file));
        let _ = writeln!(html, "<h3 id=\"{}\"><code>{file}</code></h3>\n<pre>{text}</pre>", anchor(file));
    }
    html
}

/// A file of this project, as it is now.
fn source(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| format!("//! {file}: {error}"))
}

/// The first sentence of what a file says of itself.
fn title(source: &str) -> String {
    let said = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let paragraph = said.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let paragraph = paragraph.replace(['[', ']', '`'], "");
    paragraph.split_inclusive(". ").next().unwrap_or_default().trim().trim_end_matches('.').to_owned()
}

fn anchor(file: &str) -> String {
    file.replace(['/', '.'], "-")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
