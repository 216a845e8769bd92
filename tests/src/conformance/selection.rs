//! Which tests are wanted: `--only`.

/// Targets and tests by name; all of them if there is no name.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    wanted: Vec<String>,
}

impl Selection {
    /// Each name is a target, or `target::path` (`target/path` does as well): a test, or a module of tests.
    pub fn new(names: &[String]) -> Self {
        let wanted = names.iter().map(|name| name.replacen('/', "::", 1));
        Self { wanted: wanted.collect() }
    }

    /// Whether everything is wanted.
    pub fn is_all(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether anything of the target is wanted.
    pub fn wants_target(&self, target: &str) -> bool {
        self.is_all() || self.wanted.iter().any(|wanted| wanted.split("::").next() == Some(target))
    }

    pub fn wants(&self, target: &str, test: &str) -> bool {
        let full = format!("{target}::{test}");
        let below = |wanted: &String| full.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with("::"));
        self.is_all() || self.wanted.iter().any(|wanted| *wanted == full || below(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only<const N: usize>(names: [&str; N]) -> Selection {
        Selection::new(&names.map(str::to_owned))
    }

    #[test]
    fn no_name_selects_everything() {
        assert!(only([]).is_all() && only([]).wants_target("io_copy") && only([]).wants("io_copy", "a"));
    }

    #[test]
    fn a_target_selects_all_its_tests_and_no_others() {
        let selection = only(["io_copy"]);
        assert!(!selection.is_all() && selection.wants_target("io_copy") && selection.wants("io_copy", "m::a"));
        assert!(!selection.wants_target("io_copy_buf") && !selection.wants("io_copy_buf", "a"));
    }

    #[test]
    fn a_path_selects_a_test_or_a_module() {
        for selection in [only(["rt_common::current"]), only(["rt_common/current"])] {
            assert!(selection.wants_target("rt_common") && selection.wants("rt_common", "current::a"));
            assert!(selection.wants("rt_common", "current"));
            assert!(!selection.wants("rt_common", "current_thread::a") && !selection.wants("rt_common", "a"));
        }
    }
}
