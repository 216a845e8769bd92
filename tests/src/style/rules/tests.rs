//! Each rule refuses what it forbids and lets its neighbours pass.

use super::*;

/// Rule and line of everything wrong with a file; the header is supplied.
fn broken(path: &str, text: &str) -> Vec<(&'static str, usize)> {
    let source = Source::new(path, &format!("//! Job.\n{text}")).unwrap();
    check(&source).into_iter().map(|violation| (violation.rule, violation.line - 1)).collect()
}

fn in_source(text: &str) -> Vec<(&'static str, usize)> {
    broken("timer/src/wheel.rs", text)
}

#[test]
fn a_file_ends_after_500_lines() {
    assert_eq!(in_source(&"const A: () = ();\n".repeat(FILE_LINES - 1)), []);
    assert_eq!(in_source(&"const A: () = ();\n".repeat(FILE_LINES)), [("file-length", FILE_LINES)]);
}

#[test]
fn tests_do_not_count_towards_a_files_length() {
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "const A: () = ();\n".repeat(FILE_LINES));
    assert_eq!(in_source(&tests), []);
    assert_eq!(broken("timer/src/wheel/tests.rs", &"const A: () = ();\n".repeat(FILE_LINES)), []);
}

#[test]
fn a_file_opens_with_a_comment() {
    let rules = |text| check(&Source::new("timer/src/wheel.rs", text).unwrap());
    assert_eq!(rules("\n// Job.\nfn f() {}\n"), []);
    assert_eq!(rules("fn f() {} // job\n")[0].rule, "file-header");
    assert_eq!(rules("")[0].rule, "file-header");
}

#[test]
fn a_function_ends_after_70_lines() {
    let function = |lines| format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
    assert_eq!(in_source(&function(FUNCTION_LINES)), []);
    assert_eq!(in_source(&function(FUNCTION_LINES + 1)), [("function-length", 1)]);
    let method = format!("impl S {{\n/// Long.\n#[inline]\n{}}}\n", function(FUNCTION_LINES + 1));
    assert_eq!(in_source(&method), [("function-length", 4)]);
    let default = format!("trait T {{\n{}}}\n", function(FUNCTION_LINES + 1));
    assert_eq!(in_source(&default), [("function-length", 2)]);
    let nested = format!("fn outer() {{\n{}}}\n", function(FUNCTION_LINES));
    assert_eq!(in_source(&nested), [("function-length", 1)]);
}

#[test]
fn a_long_function_is_named() {
    let text = format!("//! Job.\nfn run() {{\n{}}}\n", "    g();\n".repeat(FUNCTION_LINES));
    let violations = check(&Source::new("timer/src/wheel.rs", &text).unwrap());
    assert_eq!(violations[0].to_string(), "timer/src/wheel.rs:2: function-length: `run` 72 lines (limit 70)");
}

#[test]
fn unsafe_is_argued_for() {
    assert_eq!(in_source("fn f() { unsafe { g() } }\n"), [("unsafe-comment", 1)]);
    assert_eq!(in_source("unsafe impl Send for S {}\n"), [("unsafe-comment", 1)]);
    assert_eq!(in_source("fn f() {\n // SAFETY: `WHEEL-1`.\n let a =\n unsafe { g() };\n }\n"), []);
    assert_eq!(in_source("fn f() {\n let s = \"SAFETY\"; unsafe { g() };\n }\n"), [("unsafe-comment", 2)]);
    let far = format!("// SAFETY: far away.\n{}fn f() {{ unsafe {{ g() }} }}\n", "\n".repeat(SAFETY_DISTANCE));
    assert_eq!(in_source(&far), [("unsafe-comment", SAFETY_DISTANCE + 2)]);
}

#[test]
fn unsafe_inside_a_macro_is_seen() {
    assert_eq!(in_source("macro_rules! m { () => { unsafe { g() } }; }\n"), [("unsafe-comment", 1)]);
}

#[test]
fn an_unsafe_function_has_a_safety_section() {
    assert_eq!(in_source("unsafe fn f() {}\n"), [("unsafe-comment", 1)]);
    assert_eq!(in_source("/// Takes.\n///\n/// # Safety\n/// Never twice.\n#[inline]\nunsafe fn f() {}\n"), []);
    assert_eq!(in_source("type F = unsafe fn(*const ());\n"), []);
    assert_eq!(broken("timer/tests/wheel.rs", "unsafe fn f() {}\n"), []);
    assert_eq!(in_source("pub unsafe extern \"C\" fn f() {}\n"), [("unsafe-comment", 1)]);
}

#[test]
fn nothing_stays_unfinished() {
    assert_eq!(in_source("fn f() { todo!() }\n"), [("unfinished", 1)]);
    assert_eq!(in_source("fn f() { unimplemented!(\"later\") }\n"), [("unfinished", 1)]);
    assert_eq!(in_source("// FIXME later\n"), [("unfinished", 1)]);
    assert_eq!(in_source("#[ignore = \"slow\"]\nfn f() {}\n"), [("unfinished", 1)]);
    assert_eq!(in_source("// no todo!() here\nconst S: &str = \"todo!() FIXME #[ignore]\";\n"), []);
}

#[test]
fn a_test_does_not_sleep() {
    let sleep = "fn f() { std::thread::sleep(D); }\n";
    assert_eq!(in_source(sleep), []);
    assert_eq!(broken("timer/tests/wheel.rs", sleep), [("test-sleep", 1)]);
    assert_eq!(broken("tests/tests/wheel.rs", "use std::thread::sleep;\n"), [("test-sleep", 1)]);
    assert_eq!(in_source(&format!("#[cfg(test)]\nmod tests {{\n{sleep}}}\n")), [("test-sleep", 3)]);
}
