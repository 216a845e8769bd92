//! The coverage on small texts, each wrong in one way.

use super::{compiled, page, programs};
use crate::tree;

const GOOD: &str = "/// A1, B2: a claim\n#[test]\nfn name() { assert!(true); }";

#[test]
fn a_program_has_rows_a_claim_and_a_place() {
    let tree = tree::of([
        ("tests/tests/notes/threads.rs", GOOD),
        ("tests/tests/notes/unstable.rs", GOOD),
        ("tests/tests/other.rs", GOOD),
    ]);
    let (programs, wrong) = programs(&tree);
    assert_eq!(wrong, [""; 0]);
    let seen: Vec<_> = programs.iter().map(|program| (program.name.as_str(), program.runs_on.as_str())).collect();
    assert_eq!(seen, [("threads::name", "both"), ("unstable::name", "both (tokio with `--cfg tokio_unstable`)")]);
    assert_eq!(programs[0].rows, ["A1", "B2"]);
    assert_eq!(programs[0].claim, "a claim");
}

#[test]
fn a_program_without_a_row_or_an_assertion_is_found() {
    for text in [
        "#[test]\nfn name() { assert!(true); }",
        "/// it works: always\n#[rt::test]\nasync fn name() { assert!(true); }",
        "/// A1: a claim\n#[test]\nfn name() { f(); }",
        "fn",
    ] {
        let (_, wrong) = programs(&tree::of([("tests/tests/notes/threads.rs", text)]));
        assert_eq!(wrong.len(), 1, "{text}: {wrong:?}");
    }
}

#[test]
fn rows_and_programs_must_meet() {
    let programs = compiled([("fails/a.rs", "//! C5.2: a claim\n"), ("compiles/b.rs", "//! no row\n")]);
    assert_eq!(programs.len(), 1);
    let (text, wrong) = page("# rows\nC5.2 Sending | receiving\n", &programs);
    assert_eq!(wrong, [""; 0]);
    assert!(text.ends_with("| C5.2 | Sending | receiving | `fails/a.rs`: a claim | fails on both |\n"), "{text}");
    assert_eq!(page("C5.1 Another\n", &programs).1, ["no program shows C5.1", "there is no row C5.2"]);
}
