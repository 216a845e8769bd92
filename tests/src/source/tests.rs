//! What counts as code, as a test and as a comment.

use super::*;

fn source(text: &str) -> Source {
    Source::new("timer/src/wheel.rs", text).unwrap()
}

fn lines(lines: &BTreeSet<usize>) -> Vec<usize> {
    lines.iter().copied().collect()
}

#[test]
fn comments_and_blank_lines_are_no_code() {
    let text = "//! Doc.\n\n/// Doc.\nfn f() { // why\n    /* a\n b */\n}\n/** doc\n doc */\nstruct S;\n";
    assert_eq!(lines(&source(text).code_lines()), [4, 7, 10]);
}

#[test]
fn a_string_over_several_lines_is_code() {
    assert_eq!(lines(&source("const S: &str = \"a\n\nb\";\n").code_lines()), [1, 2, 3]);
}

#[test]
fn only_what_exists_for_tests_alone_is_a_test_line() {
    let text = "#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n#[cfg(not(test))]\nfn g() {}\n\
                #[cfg(all(test, loom))]\nmod model;\n#[cfg(loom)]\nuse a;\n";
    assert_eq!(lines(&source(text).test_lines()), [1, 2, 3, 4, 7, 8]);
}

#[test]
fn test_files_are_known_by_their_names() {
    for path in ["timer/src/wheel/tests.rs", "timer/src/wheel_model.rs", "timer/tests/wheel.rs", "tests/tests/style.rs"]
    {
        assert!(is_test_file(path), "{path}");
    }
    for path in ["timer/src/wheel.rs", "tests/src/lib.rs", "tests/src/models/run.rs", "timer/src/modelling.rs"] {
        assert!(!is_test_file(path), "{path}");
    }
}

#[test]
fn modules_declared_for_tests_are_tests() {
    let file = |path, text| Source::new(path, text).unwrap();
    let mut sources = [
        file("timer/src/lib.rs", "#[cfg(all(test, not(loom)))]\npub(crate) mod testing;\nmod wheel;\n"),
        file("timer/src/testing.rs", ""),
        file("timer/src/testing/clock.rs", ""),
        file("timer/src/wheel.rs", "#[cfg(test)]\nmod inline { fn f() {} }\n#[cfg(test)]\nmod oracle;\nfn f() {}\n"),
        file("timer/src/wheel/oracle.rs", ""),
        file("timer/src/wheel/inline.rs", ""),
        file("timer/src/testing_grounds.rs", ""),
    ];
    mark_test_modules(&mut sources);
    let tests = sources.iter().filter(|source| source.is_test).map(|source| source.path.as_str());
    let expected = ["timer/src/testing.rs", "timer/src/testing/clock.rs", "timer/src/wheel/oracle.rs"];
    assert_eq!(tests.collect::<Vec<_>>(), expected);
}

#[test]
fn strings_are_blanked_and_comments_kept() {
    let source = source("let a = \"x y\"; // z\nlet b = r#\"p\nq\"#;");
    assert_eq!(source.lines_without_strings(), ["let a =      ; // z", "let b =     ", "   ;"]);
}

#[test]
fn a_broken_file_is_reported_with_its_place() {
    let error = Source::new("a.rs", "fn f() {\n}}").err().unwrap();
    assert!(error.starts_with("a.rs:2: not Rust"), "{error}");
}
