//! What rustc says about mistakes under the attributes: each message, and the place it points at.
//!
//! Every program is compiled by a real rustc against the attributes and the stub runtime. A `^` under a line of the
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
