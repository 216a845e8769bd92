//! The house rules on the real sources.

use std::fs;
use tests::{style, tree};

const CORE_LIMIT: usize = 4_000;

/// Fails with one line for each thing that is wrong.
#[track_caller]
fn assert_none(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n{}\n", wrong.join("\n"));
}

fn sources() -> Vec<tests::source::Source> {
    let tree = tree::read(&tree::root()).expect("the project's files can be read");
    style::sources(&tree).unwrap_or_else(|errors| panic!("{}", errors.join("\n")))
}

#[test]
fn every_source_keeps_the_house_rules() {
    let sources = sources();
    assert!(sources.iter().any(|source| source.path == "tests/tests/style.rs"), "the walk misses files");
    let exceptions = fs::read_to_string(tree::root().join("tests/style_exceptions.txt")).unwrap();
    assert_none("broken house rules", &style::check(&sources, &exceptions));
}

#[test]
fn the_core_stays_below_its_limit() {
    let patterns = fs::read_to_string(tree::root().join("tests/core_files.txt")).unwrap();
    let size = style::core::measure(&sources(), &patterns).unwrap_or_else(|errors| panic!("{}", errors.join("\n")));
    for (path, lines) in &size.files {
        println!("{lines:6}  {path}");
    }
    println!("{:6}  lines of code in the core (limit {CORE_LIMIT})", size.total());
    assert!(size.total() < CORE_LIMIT, "the core has {} lines of code, its limit is {CORE_LIMIT}", size.total());
}
