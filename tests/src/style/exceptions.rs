//! Who may break which rule, and why.
//!
//! ```text
//! rule-name  path/to/file.rs[#function]  why this is better than keeping the rule
//! ```

use super::Violation;

#[derive(Debug, PartialEq, Eq)]
pub struct Exception {
    pub rule: String,
    pub path: String,
    pub item: Option<String>,
    /// The line in the list.
    pub line: usize,
}

/// Reads the list. Empty lines and lines that begin with `#` are for people.
///
/// # Errors
/// One message for each line that lacks a part; above all, the reason.
pub fn parse(text: &str) -> Result<Vec<Exception>, Vec<String>> {
    let (mut exceptions, mut errors) = (Vec::new(), Vec::new());
    for (index, content) in text.lines().enumerate() {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let mut words = content.split_whitespace();
        let (Some(rule), Some(place), Some(_reason)) = (words.next(), words.next(), words.next()) else {
            errors.push(format!("exception in line {}: expected `rule path[#function] reason`", index + 1));
            continue;
        };
        let (path, item) = match place.split_once('#') {
            Some((path, item)) => (path, Some(item.to_owned())),
            None => (place, None),
        };
        exceptions.push(Exception { rule: rule.to_owned(), path: path.to_owned(), item, line: index + 1 });
    }
    if errors.is_empty() { Ok(exceptions) } else { Err(errors) }
}

/// The violations that nothing excuses, and the exceptions that excuse nothing.
pub fn apply(violations: Vec<Violation>, exceptions: &[Exception]) -> Vec<String> {
    let excuses = |exception: &Exception, violation: &Violation| {
        exception.rule == violation.rule
            && exception.path == violation.path
            && (exception.item.is_none() || exception.item == violation.item)
    };
    let stale = exceptions.iter().filter(|exception| !violations.iter().any(|violation| excuses(exception, violation)));
    let stale = stale.map(|Exception { rule, path, line, .. }| {
        format!("exception in line {line}: nothing in {path} breaks `{rule}` any more; take the line out")
    });
    let unexcused =
        violations.iter().filter(|violation| !exceptions.iter().any(|exception| excuses(exception, violation)));
    unexcused.map(ToString::to_string).chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(rule: &'static str, path: &str, item: Option<&str>) -> Violation {
        Violation { path: path.into(), line: 7, rule, item: item.map(str::to_owned), message: "is wrong".into() }
    }

    #[test]
    fn an_exception_excuses_its_own_violation_only() {
        let exceptions = parse("# list\n\nfunction-length a.rs#run one table reads best in one piece\n").unwrap();
        let run = violation("function-length", "a.rs", Some("run"));
        assert_eq!(apply(vec![run.clone()], &exceptions), [""; 0]);
        for other in [
            violation("function-length", "a.rs", Some("walk")),
            violation("function-length", "b.rs", Some("run")),
            violation("file-length", "a.rs", None),
        ] {
            assert_eq!(apply(vec![run.clone(), other.clone()], &exceptions), [other.to_string()]);
        }
    }

    #[test]
    fn an_exception_for_a_file_excuses_every_item_in_it() {
        let exceptions = parse("test-sleep a.rs the clock itself is on trial").unwrap();
        let violations = vec![violation("test-sleep", "a.rs", None), violation("test-sleep", "a.rs", Some("f"))];
        assert_eq!(apply(violations, &exceptions), [""; 0]);
    }

    #[test]
    fn an_exception_that_excuses_nothing_fails() {
        let exceptions = parse("file-length a.rs it was long once").unwrap();
        let expected = "exception in line 1: nothing in a.rs breaks `file-length` any more; take the line out";
        assert_eq!(apply(vec![], &exceptions), [expected]);
    }

    #[test]
    fn an_exception_without_a_reason_fails() {
        let expected = "exception in line 2: expected `rule path[#function] reason`";
        assert_eq!(parse("# x\nfile-length a.rs").unwrap_err(), [expected]);
    }
}
