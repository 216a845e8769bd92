//! Tests of the page: it stands alone, and leads from each workload to its code.

use super::*;
use crate::allocator::Choice;
use crate::report::{Figure, Line};
use crate::statistics::Estimate;

fn report() -> Report {
    let entry = |contender: &str, ratio| Entry {
        contender: contender.to_owned(),
        settings: None,
        value: 100.0,
        cpu: Some(120.0),
        ratio,
        cpu_ratio: ratio,
        samples: vec![100.0, 101.0],
    };
    let ratio = Estimate { median: 0.5, low: 0.4, high: 0.6 };
    let row = Row {
        workload: "ct/a<b".to_owned(),
        file: "benches/src/workloads/spawn.rs".to_owned(),
        allocator: Choice::Glibc,
        unit: "ns".to_owned(),
        rounds: 10,
        entries: vec![entry(OURS, None), entry(TOKIO, Some(ratio))],
    };
    let line = Line { name: "one".to_owned(), points: vec![(1.0, 2.0), (10.0, 3.0)] };
    let curve = Curve { name: "grows".to_owned(), unit: "ns".to_owned(), axis: "tasks".to_owned(), lines: vec![line] };
    Report {
        conditions: Conditions::default(),
        rows: vec![row],
        curves: vec![curve],
        floor: vec![Figure { name: "a step".to_owned(), nanoseconds: 1.0 }],
    }
}

#[test]
fn nothing_of_the_page_is_elsewhere() {
    let page = page(&report());
    for elsewhere in ["http:", "https:", "src=", "<script", "@import", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn a_workload_leads_to_its_source() {
    let page = page(&report());
    assert!(page.contains("href=\"#benches-src-workloads-spawn-rs\""));
    assert!(page.contains("id=\"benches-src-workloads-spawn-rs\""));
    assert!(page.contains("fn one&lt;R: Rt&gt;"), "the source itself, escaped");
}

#[test]
fn names_are_text_and_not_markup() {
    let page = page(&report());
    assert!(page.contains("ct/a&lt;b") && !page.contains("ct/a<b"));
}

#[test]
fn what_a_file_says_first_is_its_title() {
    assert_eq!(title("//! Spawn, and join. One at\n//! a time.\n//!\n//! More."), "Spawn, and join");
    assert_eq!(title("//! [`Channel`]: many\n//! senders.\n"), "Channel: many senders");
}
