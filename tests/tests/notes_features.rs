//! C1: the features that a program may ask tokio for, it may ask of what stands in for tokio.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

type Features = BTreeMap<String, BTreeSet<String>>;

/// What the notes list; `full` turns on all but the last two.
const LISTED: [&str; 13] = [
    "rt",
    "rt-multi-thread",
    "io-util",
    "io-std",
    "net",
    "time",
    "process",
    "macros",
    "sync",
    "signal",
    "fs",
    "test-util",
    "tracing",
];

/// The features of the packages named `tokio`: the published one, and the one in `compat/`.
fn features() -> (Features, Features) {
    let output = Command::new(env!("CARGO")).args(["metadata", "--format-version=1", "--locked"]).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |published: bool| {
        let packages = metadata["packages"].as_array().unwrap();
        let package =
            packages.iter().find(|package| package["name"] == "tokio" && package["source"].is_null() != published);
        let features = package.expect("the workspace has both")["features"].as_object().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        features.iter().map(|(name, on)| (name.clone(), on.as_array().unwrap().iter().map(text).collect())).collect()
    };
    (of(true), of(false))
}

/// C1: every feature of tokio's is there, and none that tokio has not
#[test]
fn the_facade_has_tokios_features() {
    let (published, facade) = features();
    let names = |features: &Features| features.keys().cloned().collect::<BTreeSet<_>>();
    let optional: BTreeSet<_> = published.values().flatten().filter_map(|on| on.strip_prefix("dep:")).collect();
    let missing: Vec<_> = names(&published).difference(&names(&facade)).cloned().collect();
    assert_eq!(missing, [""; 0]);
    let invented: Vec<_> = names(&facade).difference(&names(&published)).cloned().collect();
    assert!(invented.iter().all(|name| optional.contains(name.as_str())), "{invented:?}");
}

/// C1: all features of the notes are there; `full` is all of them but `test-util` and `tracing`
#[test]
fn full_turns_on_what_the_notes_say() {
    let (published, facade) = features();
    for features in [published, facade] {
        for name in LISTED {
            assert!(features.contains_key(name), "{name}");
            assert_eq!(features["full"].contains(name), !["test-util", "tracing"].contains(&name), "{name}");
        }
    }
}
