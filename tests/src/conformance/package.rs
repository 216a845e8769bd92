//! Finds tokio's published package and writes a package of our own around its tests.

use super::build::cargo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Whose runtime the tests get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    MiniTokio,
    Tokio,
}

impl Under {
    /// The name of the directory below `target/conformance`.
    pub fn name(self) -> &'static str {
        match self {
            Self::MiniTokio => "mini_tokio",
            Self::Tokio => "tokio",
        }
    }
}

/// A file of tests, where it lies in cargo's registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub path: PathBuf,
}

/// tokio's published package, as far as its tests need it.
#[derive(Clone, Debug)]
pub struct Package {
    pub version: String,
    edition: String,
    /// A test of tokio's looks for it in the manifest.
    homepage: String,
    /// As lines of a manifest: the tests look at them with `cfg(feature = "...")`.
    features: String,
    /// What the tests use, as lines of a manifest.
    dependencies: String,
    pub targets: Vec<Source>,
}

impl Package {
    /// Finds it through cargo: the workspace at `root` depends on it, for the tests that compare the two.
    ///
    /// # Errors
    /// What cargo says; or that there is no such package.
    pub fn find(root: &Path) -> Result<Self, String> {
        let output = cargo(root).args(["metadata", "--format-version=1"]).output();
        let output = output.map_err(|error| format!("cargo does not start: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
        let published =
            |package: &&Value| package["name"] == "tokio" && package["source"].as_str().is_some_and(is_registry);
        let package = packages.iter().find(published).ok_or("the workspace does not depend on a published tokio")?;
        Self::read(package).ok_or_else(|| "cargo describes tokio in an unknown way".to_owned())
    }

    /// Takes from cargo's description of a package what is needed here.
    fn read(package: &Value) -> Option<Self> {
        let is_test = |target: &&Value| target["kind"].as_array().is_some_and(|kinds| kinds.contains(&"test".into()));
        let source = |target: &Value| {
            Some(Source { name: target["name"].as_str()?.to_owned(), path: target["src_path"].as_str()?.into() })
        };
        let mut targets: Vec<Source> =
            package["targets"].as_array()?.iter().filter(is_test).map(source).collect::<Option<_>>()?;
        targets.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Self {
            version: package["version"].as_str()?.to_owned(),
            edition: package["edition"].as_str()?.to_owned(),
            homepage: package["homepage"].as_str().unwrap_or_default().to_owned(),
            features: package["features"].as_object()?.iter().map(feature).collect(),
            dependencies: dependencies(package["dependencies"].as_array()?)?,
            targets,
        })
    }

    /// Writes the package of the tests, outside of the workspace; its directory.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, root: &Path, under: Under) -> Result<PathBuf, String> {
        let directory = root.join("target/conformance").join(under.name());
        let write = || -> io::Result<()> {
            fs::create_dir_all(&directory)?;
            // The versions of the tests' dependencies are pinned: a new one of them is no reason to fail.
            fs::copy(root.join("tests/conformance/Cargo.lock"), directory.join("Cargo.lock"))?;
            // An unchanged manifest keeps its time, so that cargo builds nothing again.
            let (path, manifest) = (directory.join("Cargo.toml"), self.manifest(root, under));
            if fs::read_to_string(&path).is_ok_and(|old| old == manifest) {
                return Ok(());
            }
            fs::write(path, manifest)
        };
        write().map_err(|error| format!("{}: {error}", directory.display()))?;
        Ok(directory)
    }

    // ANCHOR: conformance-manifest
    fn manifest(&self, root: &Path, under: Under) -> String {
        let mut text = String::new();
        let _ = write!(
            text,
            "[package]\nname = \"conformance-{}\"\nversion = \"0.0.0\"\nedition = {}\nhomepage = {}\npublish = false\n\n\
             [workspace]\n\n[features]\ndefault = [\"full\", \"test-util\"]\n{}",
            under.name(),
            quoted(&self.edition),
            quoted(&self.homepage),
            self.features
        );
        let _ = write!(
            text,
            "\n[dev-dependencies]\ntokio = {{ version = {}, features = [\"full\", \"test-util\"] }}\n{}",
            quoted(match under {
                Under::MiniTokio => "1.54",
                Under::Tokio => &self.version,
            }),
            self.dependencies
        );
        if under == Under::MiniTokio {
            let compat = root.join("compat");
            let _ = write!(text, "\n[patch.crates-io]\ntokio = {{ path = {} }}\n", quoted(&compat.to_string_lossy()));
        }
        // Compiled once, run once: neither debug information nor a second, incremental compilation pays.
        text.push_str("\n[profile.dev]\ndebug = 0\nincremental = false\n\n[lints.rust]\nwarnings = \"allow\"\n");
        for Source { name, path } in &self.targets {
            let path = quoted(&path.to_string_lossy());
            let _ = write!(text, "\n[[test]]\nname = {}\npath = {path}\n", quoted(name));
        }
        text
    }
    // ANCHOR_END: conformance-manifest
}

fn is_registry(source: &str) -> bool {
    source.starts_with("registry+") || source.starts_with("sparse+")
}

/// A feature with the features that it turns on; what it does to dependencies is no matter of the tests.
fn feature((name, implied): (&String, &Value)) -> String {
    if name == "default" {
        return String::new();
    }
    let implied = implied.as_array().into_iter().flatten().filter_map(Value::as_str);
    let implied: Vec<&str> = implied.filter(|name| !name.contains([':', '/'])).collect();
    format!("{} = {}\n", quoted(name), Value::from(implied))
}

/// What the tests may use, as lines of a manifest: tokio's development dependencies, and its dependencies.
fn dependencies(all: &[Value]) -> Option<String> {
    let of_kind = |kind: Value| all.iter().filter(move |dependency| dependency["kind"] == kind);
    let mut lines = BTreeMap::new();
    // The first of a name wins: what the tests ask for, where both kinds have it.
    for dependency in of_kind("dev".into()).chain(of_kind(Value::Null)).filter(|dependency| is_for_us(dependency)) {
        let line = format!(
            "{{ version = {}, default-features = {}, features = {} }}",
            quoted(dependency["req"].as_str()?),
            dependency["uses_default_features"].as_bool()?,
            dependency["features"]
        );
        lines.entry(quoted(dependency["name"].as_str()?)).or_insert(line);
    }
    Some(lines.iter().map(|(name, line)| format!("{name} = {line}\n")).collect())
}

/// Models and unstable features are left out, other platforms too, and the insides of tokio's attributes.
fn is_for_us(dependency: &Value) -> bool {
    let target = dependency["target"].as_str().unwrap_or_default();
    let foreign = ["loom", "windows", "tokio_unstable", "freebsd", "wasm", "wasi"];
    let named = foreign.iter().any(|part| target.contains(part));
    // A condition of the form "not on that platform" names it as well.
    (!named || target.contains("not(")) && dependency["name"] != "tokio-macros"
}

/// A string as TOML writes it; JSON writes it the same way.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tokio() -> Package {
        let dependency = |name: &str, kind: Option<&str>, target: Option<&str>| {
            json!({ "name": name, "req": "^1", "kind": kind, "target": target, "uses_default_features": true,
                    "features": ["x"] })
        };
        let package = json!({
            "version": "1.54.1",
            "edition": "2021",
            "homepage": "https://example.org",
            "features": { "default": [], "full": ["rt", "mio/net"], "mio": ["dep:mio"], "rt": [] },
            "dependencies": [
                dependency("bytes", None, None),
                dependency("rand", None, None),
                dependency("tokio-macros", None, None),
                dependency("windows-sys", None, Some("cfg(windows)")),
                dependency("futures", Some("dev"), None),
                dependency("loom", Some("dev"), Some("cfg(loom)")),
                dependency("rand", Some("dev"), Some("cfg(not(target_family = \"wasm\"))")),
                dependency("tracing-mock", Some("dev"), Some("cfg(all(tokio_unstable, target_has_atomic = \"64\"))")),
            ],
            "targets": [
                { "name": "tokio", "kind": ["lib"], "src_path": "/registry/src/lib.rs" },
                { "name": "udp", "kind": ["test"], "src_path": "/registry/tests/udp.rs" },
                { "name": "fs", "kind": ["test"], "src_path": "/registry/tests/fs.rs" },
            ],
        });
        Package::read(&package).unwrap()
    }

    #[test]
    fn only_tests_are_taken_in_order_of_their_names() {
        let names: Vec<_> = tokio().targets.into_iter().map(|target| target.name).collect();
        assert_eq!(names, ["fs", "udp"]);
    }

    #[test]
    fn only_what_the_tests_need_here_is_a_dependency() {
        let expected = "\"bytes\" = { version = \"^1\", default-features = true, features = [\"x\"] }\n\
                        \"futures\" = { version = \"^1\", default-features = true, features = [\"x\"] }\n\
                        \"rand\" = { version = \"^1\", default-features = true, features = [\"x\"] }\n";
        assert_eq!(tokio().dependencies, expected);
    }

    #[test]
    fn a_feature_keeps_the_features_it_turns_on() {
        assert_eq!(tokio().features, "\"full\" = [\"rt\"]\n\"mio\" = []\n\"rt\" = []\n");
    }

    #[test]
    fn the_two_manifests_differ_in_their_runtime_only() {
        let (mini, real) = (Under::MiniTokio, Under::Tokio);
        let (mini, real) = (tokio().manifest(Path::new("/p"), mini), tokio().manifest(Path::new("/p"), real));
        assert!(mini.contains("[[test]]\nname = \"fs\"\npath = \"/registry/tests/fs.rs\"\n"), "{mini}");
        let patch = "\n[patch.crates-io]\ntokio = { path = \"/p/compat\" }\n";
        assert!(mini.contains(patch) && !real.contains("patch"), "{mini}\n{real}");
        let same = mini.replace(patch, "").replace("conformance-mini_tokio", "conformance-tokio");
        assert_eq!(same.replace("version = \"1.54\"", "version = \"1.54.1\""), real);
    }
}
