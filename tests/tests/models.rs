//! The runner of the models, on a small workspace in which every kind of success and failure occurs once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tests::models::report::Verdict;
use tests::models::{self, build, switches};
use tests::tree;

/// A copy of the fixture: cargo writes a lock file and a target directory into it.
fn fixture(name: &str) -> PathBuf {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/models"), &root);
    root
}

#[test]
fn every_variant_gets_its_verdict() {
    let root = fixture("verdicts");
    let tree = tree::read(&root).unwrap();
    let members = build::members(&root).unwrap();
    let find = |(name, directory): &build::Member| switches::find(&tree, name, directory).unwrap();
    let crates: Vec<switches::Crate> = members.iter().map(find).collect();
    let rows = models::run(&root, &models::variants(&crates), Duration::from_secs(5), |_| ());

    let verdict = |krate: &str, variant: &str| {
        let row = rows.iter().find(|row| row.krate == krate && row.variant == variant);
        row.map(|row| row.verdict.clone()).unwrap_or_else(|| panic!("{krate} {variant} was not run"))
    };
    let caught = |test: &str, message: &str| Verdict::Caught { test: test.to_owned(), message: message.to_owned() };
    let error = |krate, variant| match verdict(krate, variant) {
        Verdict::Error(message) => message,
        other => panic!("{krate} {variant}: {other:?}"),
    };
    assert_eq!(verdict("sound", "good"), Verdict::Passed);
    assert_eq!(verdict("sound", "bug_gate_stands_open"), caught("model::the_gate_is_shut", "the gate is open"));
    assert_eq!(
        verdict("sound", "bug_gate_has_no_width"),
        caught("tests::the_gate_has_a_width", "the gate has no width")
    );
    assert_eq!(verdict("leaky", "good"), Verdict::Failed("model::the_wall_is_dry: the wall is wet".to_owned()));
    assert_eq!(verdict("leaky", "bug_that_nobody_sees"), Verdict::NotCaught);
    assert!(error("leaky", "bug_that_does_not_compile").contains("out of order"));
    assert_eq!(error("leaky", "bug_that_hangs"), "model::the_wall_stands ran into its time limit");
    assert_eq!(
        error("leaky", "bug_that_loom_gives_up_on"),
        "model::the_wall_stands: Model exceeded maximum number of branches"
    );
    assert_eq!(error("leaky", "bug_with_a_lost_test"), "no test matches `caught-by: test nobody`");
    assert_eq!(error("idle", "good"), "no model was found");
    assert_eq!(error("idle", "bug_without_models"), "no model was found");
    assert_eq!(rows.len(), 11);
}

/// Exit code and standard output of the runner.
fn runner(root: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_models")).arg("--root").arg(root).args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_exit_code_tells_good_from_bad() {
    let root = fixture("exit-code");
    let (success, table) = runner(&root, &["--only", "sound"]);
    assert!(success && table.ends_with("3 variants as they should be, 0 not\n"), "{table}");
    let (success, table) = runner(&root, &["--only", "leaky", "--bug", "bug_that_nobody_sees"]);
    assert!(!success && table.ends_with("0 variants as they should be, 1 not\n"), "{table}");
    assert!(!runner(&root, &["--only", "nobody"]).0);
}

#[test]
fn the_list_names_every_switch_with_its_place() {
    let (success, list) = runner(&fixture("list"), &["--list", "--only", "sound"]);
    let expected = "sound (models)\n  \
                      bug_gate_has_no_width (caught by test tests::the_gate_has_a_width)\n    \
                        sound/src/lib.rs:8\n    sound/src/lib.rs:10\n  \
                      bug_gate_stands_open (caught by models)\n    sound/src/lib.rs:4\n";
    assert!(success);
    assert_eq!(list, expected);
}
