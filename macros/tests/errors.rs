//! What rustc says about mistakes under the attributes and in the macros: each message, and the place it points at.
//!
//! Every program is compiled by a real rustc against this crate and the stub runtime. A `^` under a line of the
//! program stands where the error must begin, with the message behind it
//! (for rustc's own errors only the code: its wording changes with its version).

use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest build of the attributes: beside this test, in cargo's `deps`.
fn library() -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libmacros-") && name.ends_with(std::env::consts::DLL_SUFFIX)
    };
    let libraries = std::fs::read_dir(deps).unwrap().map(|entry| entry.unwrap().path()).filter(is_library);
    libraries.max_by_key(|path| path.metadata().unwrap().modified().unwrap()).expect("cargo has built the attributes")
}

/// Compiles a program and gives rustc's errors as `line:column: message`.
fn errors(name: &str, program: &str) -> Vec<String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    let stub = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stub/mod.rs");
    let file = directory.join("program.rs");
    let program = format!("{program}\n#[path = {stub:?}] mod stub;\n");
    std::fs::write(&file, program).unwrap();
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--error-format=short", "--cap-lints=allow"])
        .arg("--out-dir")
        .arg(&directory)
        .arg(format!("--extern=macros={}", library().display()))
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let place = format!("{}:", file.display());
    text.lines().filter_map(|line| line.strip_prefix(&place)).map(str::to_owned).collect()
}

/// Compiles the program and compares every error with the `^ message` lines in it.
#[track_caller]
fn check(name: &str, program: &str) {
    let mut expected = Vec::new();
    let mut source = Vec::new();
    for line in program.lines() {
        match line.trim_start().strip_prefix("^ ") {
            Some(message) => {
                let column = line.find('^').unwrap() + 1;
                expected.push(format!("{}:{column}: {message}", source.len()));
            }
            None => source.push(line),
        }
    }
    let found = errors(name, &source.join("\n"));
    let matches = |(found, expected): (&String, &String)| found.starts_with(expected.as_str());
    let all = found.len() == expected.len() && found.iter().zip(&expected).all(matches);
    assert!(all, "expected {expected:#?}, rustc says {found:#?}");
}

#[test]
fn a_right_program_has_no_errors() {
    check("right", "#[macros::main(crate = \"stub\")] async fn main() -> Result<(), String> { Ok(()) }");
}

#[test]
fn a_wrong_tail_expression_is_the_error() {
    let program = r#"
#[macros::main(crate = "stub")]
async fn main() -> Result<(), String> {
    let answer = 42;
    answer
    ^ error[E0308]
}"#;
    check("tail", program);
}

#[test]
fn a_tail_expression_without_declared_output_is_the_error() {
    let program = r#"
#[macros::main(crate = "stub")]
async fn main() {
    "text"
    ^ error[E0308]
}"#;
    check("unit", program);
}

#[test]
fn a_missing_tail_expression_is_reported_at_the_function() {
    let program = r#"
#[macros::main(crate = "stub")]
async fn main() -> Result<(), String> {
                                      ^ error[E0308]
    let _ = 1;
}"#;
    check("missing", program);
}

#[test]
fn a_wrong_return_is_the_error() {
    let program = r#"
#[macros::main(crate = "stub")]
async fn main() -> Result<(), String> {
    if true {
        return 1;
               ^ error[E0308]
    }
    Ok(())
}"#;
    check("return", program);
}

#[test]
fn an_error_that_question_mark_cannot_convert_is_pointed_at() {
    let program = r#"
#[macros::main(crate = "stub")]
async fn main() -> Result<(), String> {
    "1".parse::<i32>()?;
                      ^ error[E0277]
    Ok(())
}"#;
    check("question", program);
}

#[test]
fn a_wrong_argument_is_the_only_error() {
    let program = r#"
#[macros::main(crate = "stub", worker_threads = 0)]
                                                ^ error: `worker_threads` must be at least 1
async fn main() {}"#;
    check("zero", program);
}

#[test]
fn missing_async_is_pointed_at() {
    let program = r#"
#[macros::main(crate = "stub")]
fn main() {}
^ error: the `async` keyword is missing from the function declaration"#;
    check("sync", program);
}

#[test]
fn a_missing_crate_is_pointed_at_in_the_attribute() {
    let program = r#"
#[macros::main(crate = "nowhere")]
                       ^ error[E0433]
async fn main() {}"#;
    check("crate", program);
}

#[test]
fn a_second_test_attribute_is_pointed_at() {
    let program = r#"
#[macros::test(crate = "stub")]
#[test]
^ error: a second test attribute would run this test twice: remove one of them
async fn claim() {}
fn main() {}"#;
    check("twice", program);
}

/// Checks a program with the macros as the runtime's crate exports them.
#[track_caller]
fn check_macro(name: &str, program: &str) {
    let exported = r#"
macro_rules! select { ($($t:tt)*) => { ::macros::select_in! { stub; $($t)* } } }
macro_rules! join { ($($t:tt)*) => { ::macros::join_in! { stub; $($t)* } } }
fn main() {}
"#;
    check(name, &format!("{exported}{program}"));
}

#[test]
fn right_macros_have_no_errors() {
    let program = r#"
async fn run() -> u8 {
    join!(async {}, async {});
    select! {
        biased;
        Some(mut n) = async { Some(1) }, if true => { n += 1; n }
        _ = std::future::pending::<()>() => 2,
        else => 3
    }
}"#;
    check_macro("select_right", program);
}

#[test]
fn a_select_without_branches_is_an_error() {
    let program = r#"
async fn run() {
    ::macros::select_in! { stub; }
    ^ error: `select!` needs at least one branch
}"#;
    check_macro("select_empty", program);
}

#[test]
fn a_branch_without_a_future_or_a_handler_is_pointed_at() {
    let program = r#"
async fn run() {
    select! { x => {} }
                ^ error: expected `= future` after the branch's pattern
    select! { x = async {} }
                  ^ error: expected `=> handler` after the branch's future
    select! { x = async {}, y = async {} => {} }
                          ^ error: expected `=> handler` after the branch's future
    select! { x = async {} => }
                           ^ error: expected a handler after `=>`
}"#;
    check_macro("select_parts", program);
}

#[test]
fn a_missing_comma_is_pointed_at() {
    let program = r#"
async fn run() {
    select! { x = async {} if true => {} }
                           ^ error: expected `,` before the precondition
    select! { x = async {} => x y = async {} => {} }
                                ^ error: expected `,` after a handler that is no block
}"#;
    check_macro("select_comma", program);
}

#[test]
fn what_stands_in_the_wrong_place_is_pointed_at() {
    let program = r#"
async fn run() {
    select! { else => {} x = async {} => {} }
                         ^ error: no branch can follow `else`
    select! { x = async {} => {} biased; y = async {} => {} }
                                 ^ error: `biased;` stands before the first branch
}"#;
    check_macro("select_place", program);
}

#[test]
fn a_sixty_fifth_branch_is_pointed_at() {
    let branches = "_ = async {} => {}\n".repeat(64);
    let program = format!(
        "async fn run() {{ select! {{\n{branches}_ = async {{}} => {{}}\n^ error: `select!` takes up to 64 branches\n}} }}"
    );
    check_macro("select_65", &program);
}

#[test]
fn what_is_no_future_is_named() {
    let head = "macro_rules! select { ($($t:tt)*) => { ::macros::select_in! { stub; $($t)* } } }
        macro_rules! join { ($($t:tt)*) => { ::macros::join_in! { stub; $($t)* } } }";
    let found = |name: &str, call: &str| errors(name, &format!("{head} fn main() {{}}\nasync fn run() {{\n{call}\n}}"));
    // rustc has more to say of the same mistake.
    let selected = found("select_no_future", "select! { x = 1u8 => {} }");
    assert!(selected.iter().any(|error| error.contains("error[E0277]: `u8` is not a future")), "{selected:#?}");
    let joined = found("join_no_future", "join!(async {}, 1u8)");
    assert!(joined.iter().any(|error| error.starts_with("4:17: error[E0277]: `u8` is not a future")), "{joined:#?}");
}

#[test]
fn a_precondition_that_is_no_bool_is_pointed_at() {
    let program = r#"
async fn run() {
    select! { _ = async {}, if 1 => {} }
                               ^ error[E0308]
}"#;
    check_macro("select_no_bool", program);
}

#[test]
fn handlers_of_different_types_are_pointed_at() {
    let program = r#"
async fn run() {
    let _ = select! { _ = async {} => 1, _ = async {} => "one" };
                                                         ^ error[E0308]
}"#;
    check_macro("select_types", program);
}

#[test]
fn a_pattern_of_another_type_is_pointed_at() {
    let program = r#"
async fn run() {
    select! { Some(_) = async { 1u8 } => {}, else => {} }
              ^ error[E0308]
              ^ error[E0308]
}"#;
    check_macro("select_pattern", program);
}
