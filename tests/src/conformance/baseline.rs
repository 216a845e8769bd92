//! The baseline: what tokio's tests do with tokio itself, as a file of one line a test.

use super::{Outcome, Target};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Whether each test passed, by target and by name. A test that is ignored, or whose target does not compile, is not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    targets: BTreeMap<String, BTreeMap<String, bool>>,
}

impl Baseline {
    /// Reads the file.
    ///
    /// # Errors
    /// At the first line that is neither a comment nor a test.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut baseline = Self::default();
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
            let fields = text.split_once(' ').and_then(|(word, name)| Some((word, name.split_once("::")?)));
            let (passed, (target, test)) = match fields {
                Some(("passed", name)) => (true, name),
                Some(("failed" | "hung", name)) => (false, name),
                _ => return Err(format!("line {line}: not a test: {text}")),
            };
            baseline.targets.entry(target.to_owned()).or_default().insert(test.to_owned(), passed);
        }
        Ok(baseline)
    }

    /// Whether a test passed; `None` if it is not known.
    pub fn passed(&self, target: &str, test: &str) -> Option<bool> {
        self.targets.get(target)?.get(test).copied()
    }

    /// The tests of a target that passed.
    pub fn passing<'a>(&'a self, target: &str) -> impl Iterator<Item = &'a str> {
        let tests = self.targets.get(target).into_iter().flatten();
        tests.filter(|(_, passed)| **passed).map(|(test, _)| test.as_str())
    }
}

/// The file for what was measured; `version` is tokio's, `date` that of today.
pub fn write(targets: &[Target], version: &str, date: &str) -> String {
    let mut text = format!(
        "# What tokio {version}'s own tests do with tokio itself. Measured on {date} by\n\
         #     cargo run -p tests --bin conformance -- --baseline\n\
         # Tests that are ignored are not here, nor are targets without tests.\n\n"
    );
    for target in targets {
        for test in target.tests.iter().flatten() {
            let word = match test.outcome {
                Outcome::Passed => "passed",
                Outcome::Failed(_) => "failed",
                Outcome::Hung => "hung",
                Outcome::Ignored => continue,
            };
            let _ = writeln!(text, "{word} {}::{}", target.name, test.name);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Test;
    use std::time::Duration;

    #[test]
    fn what_is_written_is_read() {
        let test = |name: &str, outcome| Test { name: name.to_owned(), outcome, time: Duration::ZERO };
        let tests = vec![
            test("a", Outcome::Passed),
            test("m::b", Outcome::Failed("boom".to_owned())),
            test("c", Outcome::Hung),
            test("d", Outcome::Ignored),
        ];
        let broken = Target { name: "bad".to_owned(), tests: Err("no `x`".to_owned()) };
        let text = write(&[Target { name: "fs".to_owned(), tests: Ok(tests) }, broken], "1.54.1", "2026-11-21");
        let baseline = Baseline::parse(&text).unwrap();
        let passed = ["a", "m::b", "c", "d"].map(|test| baseline.passed("fs", test));
        assert_eq!(passed, [Some(true), Some(false), Some(false), None]);
        assert_eq!(baseline.passing("fs").collect::<Vec<_>>(), ["a"]);
        assert_eq!(baseline.passing("bad").count(), 0);
        assert!(text.contains("2026-11-21"));
    }

    #[test]
    fn a_line_that_is_no_test_is_an_error() {
        for text in ["fs::a\n", "passed fs\n", "green fs::a\n"] {
            assert!(Baseline::parse(text).is_err(), "{text}");
        }
    }
}
