//! The ledger: what does not pass yet, by name, each with its reason.
//!
//! ```text
//!   # a comment
//!   sync_mpsc                        missing: sync::mpsc         a target that does not compile
//!   rt_common::current::some_test    the reason                  a test that fails or hangs
//! ```

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub target: String,
    /// `None`: the target does not compile.
    pub test: Option<String>,
    pub reason: String,
    pub line: usize,
}

impl Entry {
    pub fn name(&self) -> String {
        match &self.test {
            Some(test) => format!("{}::{test}", self.target),
            None => self.target.clone(),
        }
    }
}

/// Reads a ledger.
///
/// # Errors
/// A message for each line without a reason and for each name that comes twice.
pub fn parse(text: &str) -> Result<Vec<Entry>, Vec<String>> {
    let (mut entries, mut errors) = (Vec::<Entry>::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
        let (name, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (target, test) = match name.split_once("::") {
            Some((target, test)) => (target.to_owned(), Some(test.to_owned())),
            None => (name.to_owned(), None),
        };
        let entry = Entry { target, test, reason: reason.trim().to_owned(), line };
        if entry.reason.is_empty() {
            errors.push(format!("line {line}: no reason"));
        } else if entries.iter().any(|other| (&other.target, &other.test) == (&entry.target, &entry.test)) {
            errors.push(format!("line {line}: {name} comes twice"));
        }
        entries.push(entry);
    }
    if errors.is_empty() { Ok(entries) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_target_or_a_test_with_a_reason() {
        let entries = parse("# why\n\nsync_mpsc   missing: sync::mpsc\nfs::m::a  it sleeps\n").unwrap();
        let named: Vec<_> = entries.iter().map(|entry| (entry.name(), entry.reason.as_str(), entry.line)).collect();
        let expected = [("sync_mpsc".to_owned(), "missing: sync::mpsc", 3), ("fs::m::a".to_owned(), "it sleeps", 4)];
        assert_eq!(named, expected);
        assert_eq!((entries[0].test.as_deref(), entries[1].test.as_deref()), (None, Some("m::a")));
    }

    #[test]
    fn a_name_without_a_reason_or_named_twice_is_an_error() {
        assert_eq!(parse("fs::a\n"), Err(vec!["line 1: no reason".to_owned()]));
        assert_eq!(parse("fs::a  x\nfs  y\nfs::a  z\n"), Err(vec!["line 3: fs::a comes twice".to_owned()]));
    }
}
