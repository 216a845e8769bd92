//! The programs of the notes that must not compile, and their twins that must; each on both runtimes.
//!
//! A fixture says `rt` for the runtime. Its first line names its rows; for one that fails, the second is the error's code, or
//! the text of an error that has no code.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const RUNTIMES: [&str; 2] = ["tokio", "mini_tokio"];

/// The newest library of this name beside this test; cargo has built it, because this package depends on it.
fn library(name: &str) -> PathBuf {
    let this = env::current_exe().unwrap();
    let entries = fs::read_dir(this.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_wanted = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy();
        file.strip_prefix(&format!("lib{name}-")).is_some_and(|rest| rest.ends_with(".rlib"))
    };
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap();
    entries.filter(is_wanted).max_by_key(modified).unwrap_or_else(|| panic!("no library {name}"))
}

/// Compiles a fixture against a runtime: the codes of its errors, or their texts where they have none.
fn errors(fixture: &Path, runtime: &str) -> Vec<String> {
    let library = library(runtime);
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=json", "-o"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("notes_{runtime}.rmeta")))
        .args(["--extern".into(), format!("rt={}", library.display())])
        .args(["-L".into(), format!("dependency={}", library.parent().unwrap().display())])
        .arg(fixture)
        .output()
        .unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let errors: Vec<_> = messages
        .filter(|message| message["level"] == "error" && !message["spans"].as_array().unwrap().is_empty())
        .map(|message| message["code"]["code"].as_str().or(message["message"].as_str()).unwrap().to_owned())
        .collect();
    assert_eq!(output.status.success(), errors.is_empty(), "{}: {errors:?}", fixture.display());
    errors
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notes").join(folder);
    let mut fixtures: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    fixtures.sort();
    assert!(fixtures.len() > 4, "the walk misses files");
    fixtures
}

#[test]
fn what_must_not_compile_fails_with_the_same_error_on_both() {
    for fixture in fixtures("fails") {
        let text = fs::read_to_string(&fixture).unwrap();
        let expected = text.lines().nth(1).unwrap().trim_start_matches("//! ");
        for runtime in RUNTIMES {
            let errors = errors(&fixture, runtime);
            assert!(!errors.is_empty(), "{} compiles on {runtime}", fixture.display());
            // One mistake may be reported for each of its consequences.
            assert!(errors.iter().all(|error| error == expected), "{} on {runtime}: {errors:?}", fixture.display());
        }
    }
}

#[test]
fn its_twin_compiles_on_both() {
    for fixture in fixtures("compiles") {
        for runtime in RUNTIMES {
            assert_eq!(errors(&fixture, runtime), [""; 0], "{} on {runtime}", fixture.display());
        }
    }
}
