//! What the outcomes mean, and the table of them.

use super::pool::Outcome;
use std::fmt::Write as _;
use std::time::Duration;

/// What a variant has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good code, and every model agrees.
    Passed,
    /// A bug that a test has seen, and what the test said.
    Caught { test: String, message: String },
    /// A bug that every test has let pass.
    NotCaught,
    /// Good code that a model finds wrong.
    Failed(String),
    /// Nothing was shown, for this reason.
    Error(String),
}

impl Verdict {
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Passed | Self::Caught { .. })
    }

    pub fn of_good_code(outcomes: &[(String, Outcome)]) -> Self {
        let wrong = outcomes.iter().find_map(|(test, outcome)| match outcome {
            Outcome::Failed(message) => Some(Self::Failed(format!("{test}: {message}"))),
            Outcome::Hung | Outcome::Broken(_) | Outcome::Skipped => Some(inconclusive(test, outcome)),
            Outcome::Passed => None,
        });
        match wrong {
            Some(wrong) => wrong,
            None if outcomes.is_empty() => Self::Error("no model ran".to_owned()),
            None => Self::Passed,
        }
    }

    pub fn of_bug(outcomes: &[(String, Outcome)]) -> Self {
        let mut verdict = Self::NotCaught;
        for (test, outcome) in outcomes {
            match outcome {
                Outcome::Failed(message) => {
                    return Self::Caught { test: test.clone(), message: message.clone() };
                }
                Outcome::Hung | Outcome::Broken(_) => verdict = inconclusive(test, outcome),
                Outcome::Passed | Outcome::Skipped => {}
            }
        }
        verdict
    }
}

fn inconclusive(test: &str, outcome: &Outcome) -> Verdict {
    Verdict::Error(match outcome {
        Outcome::Hung => format!("{test} ran into its time limit"),
        Outcome::Broken(message) => format!("{test}: {message}"),
        other => format!("{test}: {other:?}"),
    })
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    pub krate: String,
    pub variant: String,
    /// Tests that ran; under a bug, the first failure ends the others.
    pub tests: usize,
    pub verdict: Verdict,
    pub building: Duration,
    pub running: Duration,
}

/// The table; what went wrong is written out below it.
pub fn table(rows: &[Row]) -> String {
    let width = |column: fn(&Row) -> &str| rows.iter().map(|row| column(row).len()).max().unwrap_or(0).max(7);
    let (krates, variants) = (width(|row| &row.krate), width(|row| &row.variant));
    let mut text = format!("{:krates$}  {:variants$}  tests  build s  run s  result\n", "crate", "variant");
    for row in rows {
        let Row { krate, variant, tests, verdict, building, running } = row;
        let (building, running) = (building.as_secs_f64(), running.as_secs_f64());
        let result = match verdict {
            Verdict::Passed => "passed".to_owned(),
            Verdict::Caught { test, message } => format!("caught by {test}: {message}"),
            Verdict::NotCaught => "NOT CAUGHT".to_owned(),
            Verdict::Failed(_) => "FAILED".to_owned(),
            Verdict::Error(_) => "ERROR".to_owned(),
        };
        let _ =
            writeln!(text, "{krate:krates$}  {variant:variants$}  {tests:5}  {building:7.1}  {running:5.1}  {result}");
    }
    for row in rows {
        if let Verdict::Failed(message) | Verdict::Error(message) = &row.verdict {
            let _ = write!(text, "\n{} {}: {message}\n", row.krate, row.variant);
        }
    }
    let bad = rows.iter().filter(|row| !row.verdict.is_good()).count();
    let _ = write!(text, "\n{} variants as they should be, {bad} not\n", rows.len() - bad);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes<const N: usize>(outcomes: [Outcome; N]) -> Vec<(String, Outcome)> {
        let names = (1..).map(|number| format!("model::m{number}"));
        names.zip(outcomes).collect()
    }

    fn failed() -> Outcome {
        Outcome::Failed("deadlock".to_owned())
    }

    #[test]
    fn good_code_passes_all_its_models_and_has_some() {
        let verdict = |outcomes: &[(String, Outcome)]| Verdict::of_good_code(outcomes);
        assert_eq!(verdict(&outcomes([Outcome::Passed, Outcome::Passed])), Verdict::Passed);
        let wrong = Verdict::Failed("model::m2: deadlock".to_owned());
        assert_eq!(verdict(&outcomes([Outcome::Passed, failed()])), wrong);
        for error in [Outcome::Hung, Outcome::Broken(String::new()), Outcome::Skipped] {
            assert!(matches!(verdict(&outcomes([Outcome::Passed, error])), Verdict::Error(_)));
        }
        assert!(matches!(verdict(&[]), Verdict::Error(_)));
    }

    #[test]
    fn a_bug_is_caught_by_a_failure_and_by_nothing_else() {
        let verdict = |outcomes: &[(String, Outcome)]| Verdict::of_bug(outcomes);
        let caught = Verdict::Caught { test: "model::m2".to_owned(), message: "deadlock".to_owned() };
        assert_eq!(verdict(&outcomes([Outcome::Passed, failed()])), caught);
        assert_eq!(verdict(&outcomes([Outcome::Hung, failed()])), caught);
        assert_eq!(verdict(&outcomes([Outcome::Passed, Outcome::Passed])), Verdict::NotCaught);
        for error in [Outcome::Hung, Outcome::Broken(String::new())] {
            assert!(matches!(verdict(&outcomes([error, Outcome::Passed])), Verdict::Error(_)));
        }
    }

    #[test]
    fn the_table_counts_what_is_wrong() {
        let row = |verdict| Row {
            krate: "timer".to_owned(),
            variant: "bug_a".to_owned(),
            tests: 2,
            verdict,
            building: Duration::from_millis(1250),
            running: Duration::ZERO,
        };
        let caught = Verdict::Caught { test: "model::m1".to_owned(), message: "deadlock".to_owned() };
        let text = table(&[row(caught), row(Verdict::NotCaught)]);
        assert!(text.contains("timer    bug_a        2      1.2    0.0  caught by model::m1: deadlock\n"), "{text}");
        assert!(text.ends_with("  NOT CAUGHT\n\n1 variants as they should be, 1 not\n"), "{text}");
    }
}
