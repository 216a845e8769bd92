//! How large the core is: what a reader studies from beginning to end.
//!
//! `tests/core_files.txt` lists the files by patterns: `*` stands for anything within a name, `**` for anything at all, and a
//! `!` in front takes files out again. What a reader of the program can skip is not counted: comments, blank lines, tests, models, and the bug switches and twins
//! for loom, which no ordinary build sees.
//! A pattern that matches no file is an error: a renamed file would leave the count unseen.

use crate::source::Source;

/// Lines of code, by file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub files: Vec<(String, usize)>,
}

impl Size {
    pub fn total(&self) -> usize {
        self.files.iter().map(|(_, lines)| lines).sum()
    }
}

/// Counts the files that the patterns choose.
///
/// # Errors
/// One message for each pattern that matches nothing.
pub fn measure(sources: &[Source], patterns: &str) -> Result<Size, Vec<String>> {
    let lines = patterns.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (without, with): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('!'));
    let without: Vec<&str> = without.iter().map(|pattern| &pattern[1..]).collect();
    let any = |patterns: &[&str], path: &str| patterns.iter().any(|pattern| matches(pattern, path));
    let idle =
        with.iter().chain(&without).filter(|pattern| !sources.iter().any(|source| matches(pattern, &source.path)));
    let errors: Vec<String> = idle.map(|pattern| format!("core pattern `{pattern}` matches no file")).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let chosen = sources.iter().filter(|source| any(&with, &source.path) && !any(&without, &source.path));
    let files = chosen.filter(|source| !source.is_test).map(|source| {
        let (tests, models) = (source.test_lines(), source.model_lines());
        let counts = |line: &&usize| !tests.contains(line) && !models.contains(line);
        (source.path.clone(), source.code_lines().iter().filter(counts).count())
    });
    Ok(Size { files: files.collect() })
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.find('*') {
        None => pattern == path,
        Some(star) => {
            let Some(rest) = path.strip_prefix(&pattern[..star]) else { return false };
            let (after, deep) = match pattern[star..].strip_prefix("**") {
                Some(after) => (after, true),
                None => (&pattern[star + 1..], false),
            };
            let mut ends = (0..=rest.len()).filter(|end| rest.is_char_boundary(*end));
            ends.any(|end| (deep || !rest[..end].contains('/')) && matches(after, &rest[end..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::new(path, text).unwrap()
    }

    #[test]
    fn a_star_stays_in_its_directory_and_two_do_not() {
        assert!(matches("timer/src/*.rs", "timer/src/wheel.rs"));
        assert!(!matches("timer/src/*.rs", "timer/src/wheel/level.rs"));
        assert!(matches("timer/**", "timer/src/wheel/level.rs"));
        assert!(matches("**/park.rs", "mini_tokio/src/scheduler/park.rs"));
        assert!(!matches("timer/src/wheel", "timer/src/wheel.rs"));
    }

    #[test]
    fn code_is_counted_and_tests_are_not() {
        let sources = [
            source("timer/src/wheel.rs", "//! Job.\n\nfn f() {\n    // why\n    g();\n}\n#[cfg(test)]\nmod tests;\n"),
            source("timer/src/wheel/tests.rs", "fn f() {}\n"),
            source("timer/src/shim.rs", "fn f() {}\n"),
            source("reactor/src/lib.rs", "fn f() {}\n"),
        ];
        let size = measure(&sources, "# the core\ntimer/src/**\n!**/shim.rs\n").unwrap();
        assert_eq!(size, Size { files: vec![("timer/src/wheel.rs".to_owned(), 3)] });
        assert_eq!(size.total(), 3);
    }

    #[test]
    fn bug_switches_and_twins_for_loom_are_not_counted() {
        let text = "#[cfg(not(loom))]\nmod a;\n#[cfg(loom)]\nfn new() -> A {\n    A\n}\nfn f() {\n    \
                    #[cfg(bug_x)]\n    {\n        g();\n    }\n    #[cfg(not(bug_x))]\n    h();\n}\n";
        let size = measure(&[source("timer/src/wheel.rs", text)], "timer/src/**\n").unwrap();
        assert_eq!(size.total(), 4, "`mod a;`, and `f` with `h()` alone");
    }

    #[test]
    fn a_pattern_that_matches_nothing_fails() {
        let sources = [source("timer/src/wheel.rs", "fn f() {}\n")];
        let errors = measure(&sources, "timer/src/*.rs\nreactor/**\n!**/gone.rs\n").unwrap_err();
        assert_eq!(errors, ["core pattern `reactor/**` matches no file", "core pattern `**/gone.rs` matches no file"]);
    }
}
