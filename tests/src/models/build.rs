//! From a crate and its flags to an executable, by cargo.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// A directory and a package name: where cargo says the workspace's crates are.
pub type Member = (String, String);

/// Builds variants, one after the other: cargo locks the target directory anyway.
pub struct Builder {
    root: PathBuf,
    target: PathBuf,
}

impl Builder {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), target: root.join("target/models") }
    }

    /// The unit tests of a crate, built with these `--cfg`s; the path of a copy of the executable (`MODELS-1`).
    ///
    /// # Errors
    /// What the compiler says.
    pub fn build(&self, krate: &str, variant: &str, flags: &[&str]) -> Result<PathBuf, String> {
        let mut cargo = cargo(&self.root);
        cargo.args(["rustc", "--quiet", "--package", krate, "--lib", "--profile", "test", "--message-format=json"]);
        // The flags reach this crate alone, unlike RUSTFLAGS: what it depends on stays as it is, and stays built.
        cargo.arg("--target-dir").arg(&self.target).arg("--");
        cargo.args(flags.iter().flat_map(|flag| ["--cfg", flag]));
        // A switch leaves the code it replaces unused.
        cargo.arg("--allow=warnings");
        // Each variant is compiled once and debugged never.
        cargo.envs([("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_PROFILE_TEST_DEBUG", "0")]);
        let output = cargo.output().map_err(|error| format!("cargo does not start: {error}"))?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let messages: Vec<Value> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if !output.status.success() {
            let rendered = messages.iter().filter_map(|message| message["message"]["rendered"].as_str());
            let error: String = rendered.chain([&*String::from_utf8_lossy(&output.stderr)]).collect();
            return Err(format!("does not compile:\n{error}"));
        }
        let executable = messages.iter().rev().find_map(|message| message["executable"].as_str());
        let executable = executable.ok_or("cargo names no executable")?;
        let directory = self.target.join("run");
        let copy = directory.join(format!("{krate}-{variant}"));
        fs::create_dir_all(&directory)
            .and_then(|()| if copy.exists() { fs::remove_file(&copy) } else { Ok(()) })
            .and_then(|()| fs::copy(executable, &copy))
            .map_err(|error| format!("{executable} cannot be copied: {error}"))?;
        Ok(copy)
    }
}

/// The paths of the tests in an executable.
///
/// # Errors
/// If it does not start, or does not list.
pub fn list(executable: &Path) -> Result<Vec<String>, String> {
    let output = Command::new(executable).args(["--list", "--format=terse"]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{} does not start: {error}", executable.display()))?;
    if !output.status.success() {
        return Err(format!("{} does not list its tests", executable.display()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// The packages of the workspace at `root`, with their directories from there.
///
/// # Errors
/// What cargo says.
pub fn members(root: &Path) -> Result<Vec<Member>, String> {
    let output = cargo(root).args(["metadata", "--no-deps", "--format-version=1"]).output();
    let output = output.map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let workspace = metadata["workspace_root"].as_str().ok_or("cargo names no workspace")?;
    let package = |package: &Value| {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        let directory = manifest.parent()?.strip_prefix(workspace).ok()?;
        Some((package["name"].as_str()?.to_owned(), directory.to_string_lossy().into_owned()))
    };
    let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
    Ok(packages.iter().filter_map(package).collect())
}

fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).stdin(Stdio::null());
    cargo
}
