//! From the package of the tests to executables, by one run of cargo.

use super::package::{Package, Source};
use super::{Plan, Step};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// A target, built or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    pub name: String,
    /// Its executable, or the compiler's first error.
    pub executable: Result<PathBuf, String>,
}

/// Builds every target of the package; one that does not compile keeps no other from being built.
///
/// # Errors
/// If cargo has said nothing about a target and nothing about the reason.
pub fn build(root: &Path, directory: &Path, package: &Package, plan: &Plan<'_>) -> Result<Vec<Built>, String> {
    (plan.say)(Step::Targets(package.targets.len()));
    let log = directory.join("build.log");
    let stderr = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut cargo = cargo(directory);
    cargo.args(["build", "--tests", "--keep-going", "--message-format=json"]);
    // One place for both runtimes: what the tests depend on besides is compiled once.
    cargo.arg("--target-dir").arg(root.join("target/conformance/target"));
    // Flags of the caller are for the caller's project; they would have everything compiled again, too.
    cargo.env_remove("RUSTFLAGS").stdout(Stdio::piped()).stderr(stderr);
    let mut child = cargo.spawn().map_err(|error| format!("cargo does not start: {error}"))?;
    let mut messages = Messages::default();
    for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
        let line = line.map_err(|error| error.to_string())?;
        if let Some(name) = serde_json::from_str(&line).ok().and_then(|message| messages.take(&message)) {
            (plan.say)(Step::Built(&name));
        }
    }
    child.wait().map_err(|error| error.to_string())?;
    messages.sort(&package.targets).map_err(|error| format!("{error}; all of it: {}", log.display()))
}

/// What cargo has said so far.
#[derive(Debug, Default)]
struct Messages {
    executables: BTreeMap<String, PathBuf>,
    errors: BTreeMap<String, String>,
    /// The first error outside of the tests: in what they depend on.
    elsewhere: Option<String>,
}

impl Messages {
    /// Takes a message; the name of the target if this was the last about it.
    fn take(&mut self, message: &Value) -> Option<String> {
        let target = &message["target"];
        let name = target["name"].as_str()?;
        let is_test = target["kind"].as_array()?.contains(&"test".into());
        match message["reason"].as_str()? {
            "compiler-artifact" if is_test => {
                self.executables.insert(name.to_owned(), message["executable"].as_str()?.into());
                Some(name.to_owned())
            }
            "compiler-message" if message["message"]["level"] == "error" => {
                let error = first_line(&message["message"]);
                if is_test {
                    let first = !self.errors.contains_key(name);
                    self.errors.entry(name.to_owned()).or_insert(error);
                    return first.then(|| name.to_owned());
                }
                self.elsewhere.get_or_insert_with(|| format!("in {name}: {error}"));
                None
            }
            _ => None,
        }
    }

    /// One `Built` for each target, in their order. A target of which cargo says nothing was not begun, for what it depends
    /// on did not compile.
    fn sort(&mut self, targets: &[Source]) -> Result<Vec<Built>, String> {
        let built = |target: &Source| {
            let executable = match (self.errors.remove(&target.name), self.executables.remove(&target.name)) {
                (Some(error), _) => Err(error),
                (None, Some(executable)) => Ok(executable),
                (None, None) => Err(self.elsewhere.clone().ok_or("cargo says nothing of some targets")?),
            };
            Ok(Built { name: target.name.clone(), executable })
        };
        targets.iter().map(built).collect()
    }
}

/// The error in a line: what is wrong, and where.
fn first_line(message: &Value) -> String {
    let text = message["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
    let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(span) = spans.iter().find(|span| span["is_primary"] == true) else { return text.to_owned() };
    let file = Path::new(span["file_name"].as_str().unwrap_or_default()).file_name().unwrap_or_default();
    format!("{text} ({}:{})", file.to_string_lossy(), span["line_start"])
}

/// cargo, in a directory.
pub fn cargo(directory: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(directory).stdin(Stdio::null());
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn artifact(name: &str) -> Value {
        json!({ "reason": "compiler-artifact", "target": { "name": name, "kind": ["test"] },
                "executable": format!("/bin/{name}") })
    }

    fn error(name: &str, kind: &str, text: &str) -> Value {
        json!({ "reason": "compiler-message", "target": { "name": name, "kind": [kind] },
                "message": { "level": "error", "message": text,
                             "spans": [{ "is_primary": true, "file_name": "/tests/a.rs", "line_start": 7 }] } })
    }

    fn sources<const N: usize>(names: [&str; N]) -> Vec<Source> {
        names.into_iter().map(|name| Source { name: name.to_owned(), path: PathBuf::new() }).collect()
    }

    #[test]
    fn a_target_is_an_executable_or_its_first_error() {
        let mut messages = Messages::default();
        assert_eq!(messages.take(&artifact("good")).as_deref(), Some("good"));
        assert_eq!(messages.take(&error("bad", "test", "no `x`\nmore")).as_deref(), Some("bad"));
        assert_eq!(messages.take(&error("bad", "test", "no `y`")), None);
        let built = messages.sort(&sources(["bad", "good"])).unwrap();
        let built: Vec<_> = built.into_iter().map(|built| built.executable).collect();
        assert_eq!(built, [Err("no `x` (a.rs:7)".to_owned()), Ok("/bin/good".into())]);
    }

    #[test]
    fn an_error_elsewhere_is_the_error_of_the_targets_that_were_not_begun() {
        let mut messages = Messages::default();
        assert_eq!(messages.take(&error("tokio", "lib", "no `x`")), None);
        assert_eq!(messages.take(&error("tokio", "lib", "no `y`")), None);
        messages.take(&artifact("good"));
        let built = messages.sort(&sources(["bad", "good"])).unwrap();
        let built: Vec<_> = built.into_iter().map(|built| built.executable).collect();
        assert_eq!(built, [Err("in tokio: no `x` (a.rs:7)".to_owned()), Ok("/bin/good".into())]);
    }

    #[test]
    fn silence_without_an_error_is_an_error() {
        assert!(Messages::default().sort(&sources(["good"])).is_err());
    }

    #[test]
    fn warnings_and_unknown_messages_say_nothing() {
        let mut messages = Messages::default();
        let mut warning = error("good", "test", "unused");
        warning["message"]["level"] = "warning".into();
        for message in [warning, json!({ "reason": "build-finished", "success": false }), json!([])] {
            assert_eq!(messages.take(&message), None);
        }
        assert!(messages.errors.is_empty() && messages.executables.is_empty() && messages.elsewhere.is_none());
    }
}
