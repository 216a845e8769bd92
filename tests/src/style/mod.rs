//! The house rules that a program can check.
//!
//! ```text
//!   tree --> sources --rules--> violations --exceptions--> what is left must be empty
//!                 \--core-----> lines of code of the core, below its limit
//! ```
//!
//! An exception is a line in `tests/style_exceptions.txt` with its reason. One that excuses nothing fails as well: the list
//! can only say what is true today.

pub mod core;
pub mod exceptions;
pub mod rules;

use crate::source::{self, Source};
use crate::tree::Tree;
use std::fmt;

/// The crates, by their directories.
pub const ROOMS: [&str; 9] =
    ["timer", "reactor", "macros", "mini_tokio", "examples", "tests", "benches", "inspect", "compat"];

/// A place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub path: String,
    pub line: usize,
    pub rule: &'static str,
    /// The function, where the rule is about functions.
    pub item: Option<String>,
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, item, message } = self;
        let item = item.as_ref().map(|item| format!(" `{item}`")).unwrap_or_default();
        write!(f, "{path}:{line}: {rule}:{item} {message}")
    }
}

/// Lexes every Rust file of the rooms.
///
/// # Errors
/// One message for each file that is not Rust.
pub fn sources(tree: &Tree) -> Result<Vec<Source>, Vec<String>> {
    let (mut sources, mut errors) = (Vec::new(), Vec::new());
    for (path, text) in tree {
        let room = path.split('/').next().unwrap_or_default();
        if !ROOMS.contains(&room) || !path.ends_with(".rs") {
            continue;
        }
        match Source::new(path, text) {
            Ok(source) => sources.push(source),
            Err(error) => errors.push(error),
        }
    }
    source::mark_test_modules(&mut sources);
    if errors.is_empty() { Ok(sources) } else { Err(errors) }
}

/// Everything that is wrong, exceptions taken into account; one printable line each.
pub fn check(sources: &[Source], exceptions: &str) -> Vec<String> {
    let mut violations: Vec<Violation> = sources.iter().flat_map(rules::check).collect();
    violations.sort();
    match exceptions::parse(exceptions) {
        Ok(exceptions) => exceptions::apply(violations, &exceptions),
        Err(errors) => errors,
    }
}
