//! The outcomes as a table for people, as JSON for programs, as Markdown for the book.

use super::baseline::Baseline;
use super::{Outcome, Target, Test};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How often each outcome occurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub hung: usize,
    pub ignored: usize,
    /// Passed with tokio itself.
    pub tokio: usize,
    /// Targets that do not compile.
    pub broken: usize,
}

impl Counts {
    pub fn of(target: &Target, baseline: &Baseline) -> Self {
        let mut counts = Self { tokio: baseline.passing(&target.name).count(), ..Self::default() };
        match &target.tests {
            Err(_) => counts.broken = 1,
            Ok(tests) => tests.iter().for_each(|test| match test.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::Hung => counts.hung += 1,
                Outcome::Ignored => counts.ignored += 1,
            }),
        }
        counts
    }

    fn of_all(targets: &[Target], baseline: &Baseline) -> Self {
        targets.iter().map(|target| Self::of(target, baseline)).fold(Self::default(), |a, b| Self {
            passed: a.passed + b.passed,
            failed: a.failed + b.failed,
            hung: a.hung + b.hung,
            ignored: a.ignored + b.ignored,
            tokio: a.tokio + b.tokio,
            broken: a.broken + b.broken,
        })
    }

    /// Of targets that hold nothing on this platform.
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The targets that have tests, with their counts.
fn rows<'a>(targets: &'a [Target], baseline: &Baseline) -> impl Iterator<Item = (&'a Target, Counts)> {
    let rows = targets.iter().map(|target| (target, Counts::of(target, baseline)));
    rows.filter(|(_, counts)| !counts.is_empty())
}

/// The table, and below it what failed.
pub fn table(targets: &[Target], baseline: &Baseline) -> String {
    let width = targets.iter().map(|target| target.name.len()).max().unwrap_or(0).max(6);
    let mut text = format!("{:width$}   pass   fail   hang  ignored  tokio passes\n", "target");
    for (target, counts) in rows(targets, baseline) {
        let Counts { passed, failed, hung, ignored, tokio, .. } = counts;
        let name = &target.name;
        let _ = match &target.tests {
            Ok(_) => writeln!(text, "{name:width$}  {passed:5}  {failed:5}  {hung:5}  {ignored:7}  {tokio:12}"),
            Err(error) => writeln!(text, "{name:width$}  {:28}  {tokio:12}  {error}", "does not compile"),
        };
    }
    let Counts { passed, failed, hung, ignored, tokio, broken } = Counts::of_all(targets, baseline);
    let _ = writeln!(text, "{:width$}  {passed:5}  {failed:5}  {hung:5}  {ignored:7}  {tokio:12}", "total");
    for (target, test) in failures(targets) {
        let message = match &test.outcome {
            Outcome::Failed(message) => message,
            _ => "hangs",
        };
        let _ = writeln!(text, "{}::{}: {message}", target.name, test.name);
    }
    let _ = writeln!(text, "{passed} tests pass; with tokio itself {tokio}; {broken} targets do not compile");
    text
}

fn failures(targets: &[Target]) -> impl Iterator<Item = (&Target, &Test)> {
    let tests = targets.iter().flat_map(|target| target.tests.iter().flatten().map(move |test| (target, test)));
    tests.filter(|(_, test)| matches!(test.outcome, Outcome::Failed(_) | Outcome::Hung))
}

/// The table as a page of the book.
pub fn markdown(targets: &[Target], baseline: &Baseline) -> String {
    let mut text = "# Conformance: the table\n\n\
        Written by `cargo run -p tests --bin conformance -- --table docs/src/conformance-table.md`; see \
        [Conformance](conformance.md).\n\n\
        | target | pass | fail | hang | ignored | tokio passes |\n|---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for (target, counts) in rows(targets, baseline) {
        let Counts { passed, failed, hung, ignored, tokio, broken } = counts;
        let name = &target.name;
        let _ = match broken {
            0 => writeln!(text, "| {name} | {passed} | {failed} | {hung} | {ignored} | {tokio} |"),
            _ => writeln!(text, "| {name} | does not compile | | | | {tokio} |"),
        };
    }
    let Counts { passed, failed, hung, ignored, tokio, .. } = Counts::of_all(targets, baseline);
    let _ = writeln!(text, "| **total** | **{passed}** | {failed} | {hung} | {ignored} | **{tokio}** |");
    text
}

/// Everything that was seen, and what is wrong with it.
pub fn json(targets: &[Target], baseline: &Baseline, wrong: &[String]) -> Value {
    let test = |test: &Test| {
        let (outcome, message) = match &test.outcome {
            Outcome::Passed => ("passed", None),
            Outcome::Failed(message) => ("failed", Some(message)),
            Outcome::Hung => ("hung", None),
            Outcome::Ignored => ("ignored", None),
        };
        json!({ "name": test.name, "outcome": outcome, "message": message, "seconds": test.time.as_secs_f64() })
    };
    let target = |target: &Target| match &target.tests {
        Ok(tests) => json!({ "name": target.name, "tests": tests.iter().map(test).collect::<Vec<_>>() }),
        Err(error) => json!({ "name": target.name, "does_not_compile": error }),
    };
    let Counts { passed, failed, hung, ignored, tokio, broken } = Counts::of_all(targets, baseline);
    json!({
        "targets": targets.iter().map(target).collect::<Vec<_>>(),
        "passed": passed, "failed": failed, "hung": hung, "ignored": ignored, "do_not_compile": broken,
        "passed_with_tokio": tokio, "wrong": wrong,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn targets() -> Vec<Target> {
        let test = |name: &str, outcome| Test { name: name.to_owned(), outcome, time: Duration::ZERO };
        let tests =
            vec![test("a", Outcome::Passed), test("b", Outcome::Failed("boom".to_owned())), test("c", Outcome::Hung)];
        vec![
            Target { name: "fs".to_owned(), tests: Ok(tests) },
            Target { name: "udp".to_owned(), tests: Err("no `x`".to_owned()) },
            Target { name: "windows".to_owned(), tests: Ok(Vec::new()) },
        ]
    }

    fn baseline() -> Baseline {
        Baseline::parse("passed fs::a\npassed fs::b\npassed udp::d\nfailed udp::e\n").unwrap()
    }

    #[test]
    fn the_table_counts_tests_and_leaves_empty_targets_out() {
        let expected = "target    pass   fail   hang  ignored  tokio passes\n\
                        fs           1      1      1        0             2\n\
                        udp      does not compile                         1  no `x`\n\
                        total        1      1      1        0             3\n\
                        fs::b: boom\nfs::c: hangs\n\
                        1 tests pass; with tokio itself 3; 1 targets do not compile\n";
        assert_eq!(table(&targets(), &baseline()), expected);
    }

    #[test]
    fn the_page_of_the_book_has_the_same_numbers() {
        let text = markdown(&targets(), &baseline());
        let rows = "| fs | 1 | 1 | 1 | 0 | 2 |\n| udp | does not compile | | | | 1 |\n| **total** | **1** | 1 | 1 | 0 | **3** |\n";
        assert!(text.ends_with(rows), "{text}");
    }

    #[test]
    fn json_names_every_test() {
        let value = json(&targets(), &baseline(), &["fs::b fails".to_owned()]);
        assert_eq!(value["targets"][0]["tests"][1]["message"], "boom");
        assert_eq!(value["targets"][0]["tests"][2]["outcome"], "hung");
        assert_eq!(value["targets"][1]["does_not_compile"], "no `x`");
        assert_eq!(
            (&value["passed"], &value["passed_with_tokio"], &value["wrong"][0]),
            (&json!(1), &json!(3), &json!("fs::b fails"))
        );
    }
}
