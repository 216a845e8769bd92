//! Tests of the report's arithmetic.

use super::*;

fn row(workload: &str, unit: &str, rounds: usize, ratio: f64) -> Row {
    let entry = |contender: &str, ratio| Entry {
        contender: contender.to_owned(),
        settings: None,
        value: 1.0,
        cpu: None,
        ratio,
        cpu_ratio: None,
        samples: Vec::new(),
    };
    Row {
        workload: workload.to_owned(),
        file: String::new(),
        allocator: Choice::Glibc,
        unit: unit.to_owned(),
        rounds,
        entries: vec![entry(OURS, None), entry(TOKIO, Some(Estimate { median: ratio, low: ratio, high: ratio }))],
    }
}

#[test]
fn an_amount_has_three_digits() {
    assert_eq!(amount(1.234, "ns"), "1.23 ns");
    assert_eq!(amount(12.34, "ns"), "12.3 ns");
    assert_eq!(amount(1_234.0, "ns"), "1.23 us");
    assert_eq!(amount(123_456_789.0, "ns"), "123 ms");
    assert_eq!(amount(1_234.0, "B"), "1234 B");
}

#[test]
fn the_mean_is_of_times_only_and_verdicts_are_of_all() {
    let rows = vec![row("a", "ns", 10, 0.5), row("b", "ns", 10, 2.0), row("c", "B", 10, 0.1), row("d", "ns", 3, 1.0)];
    let summary = Report { rows, ..Report::default() }.summary().expect("there are rows");
    assert_eq!((summary.workloads, summary.better, summary.worse, summary.too_few), (4, 2, 1, 1));
    assert!((summary.mean - 1.0).abs() < 1e-9);
}

#[test]
fn a_report_is_read_as_it_was_written() {
    let report = Report { rows: vec![row("a", "ns", 10, 0.5)], ..Report::default() };
    let text = serde_json::to_string(&report).expect("it is plain data");
    let read: Report = serde_json::from_str(&text).expect("it was written so");
    assert_eq!(serde_json::to_string(&read).expect("it is plain data"), text);
}

#[test]
fn nothing_measured_has_no_summary() {
    assert!(Report::default().summary().is_none());
}

#[test]
fn files_are_no_part_of_what_was_asked() {
    let arguments = ["--quick", "--html", "a.html", "--json=b", "--only", "ct/"].map(str::to_owned);
    assert_eq!(told(arguments.into_iter()), ["--quick", "--only", "ct/"]);
}
