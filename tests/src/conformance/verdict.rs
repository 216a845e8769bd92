//! Holds what was seen against the ledger and the baseline.

use super::baseline::Baseline;
use super::ledger::Entry;
use super::selection::Selection;
use super::{Outcome, Target};
use std::collections::BTreeSet;

/// Everything that fails the run, one line each; empty if all is as the ledger says (`CONF-2`, `CONF-3`).
// ANCHOR: conformance-verdict
pub fn judge(targets: &[Target], ledger: &[Entry], baseline: &Baseline, selection: &Selection) -> Vec<String> {
    let excused: BTreeSet<String> = ledger.iter().map(Entry::name).collect();
    let mut wrong = Vec::new();
    for target in targets {
        match &target.tests {
            Err(error) if !excused.contains(&target.name) => {
                wrong.push(format!("{} does not compile: {error}", target.name));
            }
            Err(_) => {}
            Ok(tests) => {
                let ran = tests.iter().map(|test| (test.name.as_str(), &test.outcome));
                wrong.extend(
                    ran.filter_map(|(test, outcome)| unexpected(&target.name, test, outcome, &excused, baseline)),
                );
                let names: BTreeSet<&str> = tests.iter().map(|test| test.name.as_str()).collect();
                let missing = baseline.passing(&target.name).filter(|test| !names.contains(test));
                let missing = missing.filter(|test| selection.wants(&target.name, test));
                wrong.extend(missing.map(|test| format!("{}::{test} is missing: tokio passes it", target.name)));
            }
        }
    }
    let wanted = |entry: &&Entry| match &entry.test {
        Some(test) => selection.wants(&entry.target, test),
        None => selection.wants_target(&entry.target),
    };
    wrong.extend(ledger.iter().filter(wanted).filter_map(|entry| stale(entry, targets)));
    wrong
}
// ANCHOR_END: conformance-verdict

/// What is wrong with the outcome of a test.
fn unexpected(
    target: &str,
    test: &str,
    outcome: &Outcome,
    excused: &BTreeSet<String>,
    baseline: &Baseline,
) -> Option<String> {
    let name = format!("{target}::{test}");
    let what = match outcome {
        Outcome::Passed => return None,
        Outcome::Failed(message) => format!("{name} fails: {message}"),
        Outcome::Hung => format!("{name} hangs"),
        // What tokio itself ignores, the baseline does not know.
        Outcome::Ignored if baseline.passed(target, test) == Some(true) => {
            format!("{name} is ignored: tokio passes it")
        }
        Outcome::Ignored => return None,
    };
    // Where tokio fails as well, the test says nothing about mini_tokio.
    let excused = excused.contains(&name) || baseline.passed(target, test) == Some(false);
    (!excused).then_some(what)
}

/// What is wrong with an entry of the ledger: it has to name something that was seen to go wrong.
fn stale(entry: &Entry, targets: &[Target]) -> Option<String> {
    let target = targets.iter().find(|target| target.name == entry.target);
    let why = match (target.map(|target| &target.tests), &entry.test) {
        (None, _) => "there is no such target",
        (Some(Err(_)), None) => return None,
        (Some(Ok(_)), None) => "it compiles",
        (Some(Err(_)), Some(_)) => "its target does not compile",
        (Some(Ok(tests)), Some(name)) => match tests.iter().find(|test| test.name == *name).map(|test| &test.outcome) {
            None => "there is no such test",
            Some(Outcome::Passed) => "it passes",
            Some(Outcome::Ignored) => "it is ignored",
            Some(Outcome::Failed(_) | Outcome::Hung) => return None,
        },
    };
    Some(format!("ledger, line {}: {} is stale: {why}", entry.line, entry.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{Test, ledger};
    use std::time::Duration;

    fn target(name: &str, tests: &[(&str, Outcome)]) -> Target {
        let test = |(name, outcome): &(&str, Outcome)| Test {
            name: (*name).to_owned(),
            outcome: outcome.clone(),
            time: Duration::ZERO,
        };
        Target { name: name.to_owned(), tests: Ok(tests.iter().map(test).collect()) }
    }

    fn failed() -> Outcome {
        Outcome::Failed("boom".to_owned())
    }

    fn judged(targets: &[Target], ledger: &str, baseline: &str) -> Vec<String> {
        let baseline = Baseline::parse(baseline).unwrap();
        judge(targets, &ledger::parse(ledger).unwrap(), &baseline, &Selection::default())
    }

    #[test]
    fn what_passes_needs_no_entry() {
        let targets = [target("fs", &[("a", Outcome::Passed), ("b", Outcome::Ignored)])];
        assert_eq!(judged(&targets, "", "passed fs::a\n"), [""; 0]);
    }

    #[test]
    fn a_failure_and_a_hang_need_an_entry_each() {
        let targets = [target("fs", &[("a", failed()), ("b", Outcome::Hung)])];
        assert_eq!(judged(&targets, "", ""), ["fs::a fails: boom", "fs::b hangs"]);
        assert_eq!(judged(&targets, "fs::a  x\n", ""), ["fs::b hangs"]);
        assert_eq!(judged(&targets, "fs::a  x\nfs::b  x\n", ""), [""; 0]);
    }

    #[test]
    fn an_entry_that_excuses_nothing_is_stale() {
        let targets = [target("fs", &[("a", Outcome::Passed), ("b", Outcome::Ignored)])];
        let wrong = judged(&targets, "fs::a  x\nfs::b  x\nfs::c  x\nfs  x\nudp  x\n", "");
        assert_eq!(
            wrong,
            [
                "ledger, line 1: fs::a is stale: it passes",
                "ledger, line 2: fs::b is stale: it is ignored",
                "ledger, line 3: fs::c is stale: there is no such test",
                "ledger, line 4: fs is stale: it compiles",
                "ledger, line 5: udp is stale: there is no such target",
            ]
        );
    }

    #[test]
    fn a_target_that_does_not_compile_needs_an_entry_of_its_own() {
        let targets = [Target { name: "fs".to_owned(), tests: Err("no `x`".to_owned()) }];
        assert_eq!(judged(&targets, "fs  missing: x\n", "passed fs::a\n"), [""; 0]);
        assert_eq!(
            judged(&targets, "fs::a  x\n", ""),
            ["fs does not compile: no `x`", "ledger, line 1: fs::a is stale: its target does not compile"]
        );
    }

    #[test]
    fn where_tokio_fails_as_well_nothing_is_asked_of_mini_tokio() {
        let targets = [target("fs", &[("a", failed()), ("b", failed())])];
        assert_eq!(judged(&targets, "", "failed fs::a\npassed fs::b\n"), ["fs::b fails: boom"]);
    }

    #[test]
    fn a_test_that_tokio_passes_must_have_run() {
        let targets = [target("fs", &[("a", Outcome::Ignored)])];
        let wrong = judged(&targets, "", "passed fs::a\npassed fs::b\nfailed fs::c\n");
        assert_eq!(wrong, ["fs::a is ignored: tokio passes it", "fs::b is missing: tokio passes it"]);
    }

    #[test]
    fn what_was_not_selected_is_neither_missing_nor_stale() {
        let baseline = Baseline::parse("passed fs::a\npassed fs::b\n").unwrap();
        let ledger = ledger::parse("fs::b  x\nudp  x\nudp::a  x\n").unwrap();
        let only = Selection::new(&["fs::a".to_owned()]);
        let targets = [target("fs", &[("a", Outcome::Passed)])];
        assert_eq!(judge(&targets, &ledger, &baseline, &only), [""; 0]);
    }
}
