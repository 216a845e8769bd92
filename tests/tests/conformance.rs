//! The conformance runner on an executable in which every kind of ending occurs once.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;
use tests::conformance::baseline::Baseline;
use tests::conformance::build::Built;
use tests::conformance::selection::Selection;
use tests::conformance::{self, Outcome, Plan, Step, Target, ledger, verdict};

/// Builds the fixture and runs what is selected of it; with the names of the tests that were run, in order.
fn run(name: &str, selection: &Selection) -> (Vec<Target>, Vec<String>) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conformance/outcomes.rs");
    let executable = directory.join("outcomes");
    let rustc = Command::new("rustc").args(["--test", "--edition=2024", "-o"]).arg(&executable).arg(source).status();
    assert!(rustc.unwrap().success());
    let ran = Mutex::new(Vec::new());
    let say = |step: Step<'_>| {
        if let Step::Ran(target, test) = step {
            ran.lock().unwrap().push(format!("{target}::{test}"));
        }
    };
    let built = vec![
        Built { name: "outcomes".to_owned(), executable: Ok(executable) },
        Built { name: "broken".to_owned(), executable: Err("no `x`".to_owned()) },
    ];
    let plan = Plan { jobs: 2, limit: Duration::from_secs(5), selection, say: &say };
    let targets = conformance::run_built(&directory, built, &plan).unwrap();
    let mut ran = ran.into_inner().unwrap();
    ran.sort();
    (targets, ran)
}

#[test]
fn every_ending_is_told_as_what_it_is() {
    let (targets, ran) = run("outcomes", &Selection::default());
    assert_eq!(targets[1].tests, Err("no `x`".to_owned()));
    let tests = targets[0].tests.as_ref().unwrap();
    let outcome = |name: &str| tests.iter().find(|test| test.name == name).map(|test| test.outcome.clone()).unwrap();
    assert_eq!(outcome("passes"), Outcome::Passed);
    assert_eq!(outcome("inner::panics_on_purpose"), Outcome::Passed);
    assert_eq!(outcome("panics"), Outcome::Failed("boom".to_owned()));
    assert_eq!(outcome("hangs"), Outcome::Hung);
    assert_eq!(outcome("is_ignored"), Outcome::Ignored);
    assert_eq!(outcome("aborts"), Outcome::Failed("killed by signal 6".to_owned()));
    assert_eq!(outcome("exits_without_a_word"), Outcome::Failed("the harness ran no test".to_owned()));
    assert_eq!((tests.len(), ran.len()), (7, 6));

    // The same, held against a ledger that has one entry too few and one too many.
    let text = "broken  x\noutcomes::passes  x\noutcomes::panics  x\noutcomes::aborts  x\n\
                outcomes::exits_without_a_word  x\n";
    let baseline = Baseline::default();
    let wrong = verdict::judge(&targets, &ledger::parse(text).unwrap(), &baseline, &Selection::default());
    assert_eq!(wrong, ["outcomes::hangs hangs", "ledger, line 2: outcomes::passes is stale: it passes"]);
}

#[test]
fn only_what_is_selected_runs() {
    let selection = Selection::new(&["outcomes/inner".to_owned(), "outcomes::passes".to_owned()]);
    let (targets, ran) = run("selected", &selection);
    assert_eq!(ran, ["outcomes::inner::panics_on_purpose", "outcomes::passes"]);
    assert_eq!(targets[0].tests.as_ref().unwrap().len(), 2);
}
