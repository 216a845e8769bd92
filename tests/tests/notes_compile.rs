//! The programs of the notes that must not compile, and their twins that must; each on both runtimes.
//!
//! A fixture says `rt` for the runtime. Its first line names its rows; for one that fails, the second is the error's code, or
//! the text of an error that has no code.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

const RUNTIMES: [&str; 2] = ["tokio", "mini_tokio"];

/// The library of this name that this test is linked with, and not another (`compat` is called tokio too): cargo, which has built
/// it, tells.
fn library(name: &str) -> PathBuf {
    static ARTIFACTS: LazyLock<String> = LazyLock::new(|| {
        let arguments =
            ["test", "--no-run", "--quiet", "--message-format=json", "-p", "tests", "--test", "notes_compile"];
        let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    });
    let artifacts = ARTIFACTS.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_wanted = |artifact: &Value| {
        artifact["target"]["name"] == name
            && artifact["profile"]["test"] == false
            && !artifact["package_id"].as_str().unwrap().contains("/compat#")
    };
    let libraries: Vec<_> =
        artifacts.filter(|artifact| artifact["reason"] == "compiler-artifact").filter(is_wanted).collect();
    let files: Vec<_> = libraries.iter().flat_map(|library| library["filenames"].as_array().unwrap()).collect();
    let file = files.iter().map(|file| file.as_str().unwrap()).find(|file| file.ends_with(".rlib"));
    file.unwrap_or_else(|| panic!("no library {name}: {libraries:?}")).into()
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
