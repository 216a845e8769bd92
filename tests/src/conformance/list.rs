//! Asks an executable for the names of its tests.

use std::path::Path;
use std::process::{Command, Stdio};

/// A test as the harness lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    /// Marked `#[ignore]`.
    pub ignored: bool,
}

/// The tests of an executable, in its own order.
///
/// # Errors
/// If it does not start, or does not list.
pub fn list(executable: &Path, directory: &Path) -> Result<Vec<Listed>, String> {
    let names = |arguments: &[&str]| {
        let mut command = Command::new(executable);
        let output = command.args(arguments).current_dir(directory).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("{} does not start: {error}", executable.display()))?;
        if !output.status.success() {
            return Err(format!("{} does not list its tests", executable.display()));
        }
        parse(&String::from_utf8_lossy(&output.stdout))
    };
    let ignored = names(&["--list", "--format=terse", "--ignored"])?;
    let all = names(&["--list", "--format=terse"])?.into_iter();
    Ok(all.map(|name| Listed { ignored: ignored.contains(&name), name }).collect())
}

/// The names in a terse listing.
///
/// # Errors
/// At a line that is no test: a name that gets lost is a test that nobody misses.
pub fn parse(listing: &str) -> Result<Vec<String>, String> {
    let name = |line: &str| match line.strip_suffix(": test") {
        Some(name) => Ok(name.to_owned()),
        None => Err(format!("not a line of a listing: {line}")),
    };
    listing.lines().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_gives_every_name() {
        assert_eq!(parse("a: test\nm::b: test\n"), Ok(vec!["a".to_owned(), "m::b".to_owned()]));
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn a_line_that_is_no_test_is_an_error() {
        for listing in ["a: test\nhello\n", "a: bench\n", "2 tests, 0 benchmarks\n"] {
            assert!(parse(listing).is_err(), "{listing}");
        }
    }
}
