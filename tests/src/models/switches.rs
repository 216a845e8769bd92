//! Which crates have models, and which bugs can be switched on in them.
//!
//! Read from the sources' `cfg`s themselves, in attributes and in `cfg!`, however nested: a list kept by hand would miss
//! the newest switch, and that is the one that matters.

use crate::source::{Source, each_stream, is_group, is_ident, is_punct};
use crate::tree::Tree;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeMap;

/// A `caught-by` comment stands on the switch's own line or this close above it.
const MARKER_DISTANCE: usize = 3;
const MARKER: &str = "// caught-by: test ";

/// A package of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub struct Crate {
    pub name: String,
    pub has_models: bool,
    pub switches: Vec<Switch>,
}

/// A bug that `--cfg name` puts back in.
#[derive(Debug, PartialEq, Eq)]
pub struct Switch {
    pub name: String,
    /// Where the sources ask for it: path from the project's root, and line.
    pub places: Vec<(String, usize)>,
    /// The ordinary test that catches it, if no model does.
    pub caught_by: Option<String>,
}

impl Switch {
    /// How many modules a test's path shares with the nearest place of the switch.
    pub fn kinship(&self, test: &str) -> usize {
        let shared = |(path, _): &(String, usize)| {
            let module = path.split_once("src/").map_or(path.as_str(), |(_, module)| module).trim_end_matches(".rs");
            module.split('/').zip(test.split("::")).take_while(|(file, module)| file == module).count()
        };
        self.places.iter().map(shared).max().unwrap_or(0)
    }
}

/// Reads the sources below `directory/src/`.
///
/// # Errors
/// A file that is not Rust; two different `caught-by` comments for one switch.
pub fn find(tree: &Tree, name: &str, directory: &str) -> Result<Crate, String> {
    let sources = format!("{directory}/src/");
    let mut switches = BTreeMap::<String, Switch>::new();
    let mut has_models = false;
    for (path, text) in tree.iter().filter(|(path, _)| path.starts_with(&sources) && path.ends_with(".rs")) {
        let source = Source::new(path, text)?;
        let lines: Vec<&str> = text.lines().collect();
        each_stream(&source.tokens, &mut |tokens| {
            for (condition, line) in conditions(tokens) {
                let names = names(&condition);
                has_models |= ["loom", "test"].iter().all(|needed| names.iter().any(|name| name == needed));
                for name in names.into_iter().filter(|name| name.starts_with("bug_")) {
                    let switch = switches.entry(name.clone()).or_insert_with(|| Switch {
                        name,
                        places: Vec::new(),
                        caught_by: None,
                    });
                    switch.places.push((path.clone(), line));
                    switch.caught_by = switch.caught_by.take().or_else(|| marker(&lines, line));
                }
            }
        });
    }
    Ok(Crate { name: name.to_owned(), has_models, switches: switches.into_values().collect() })
}

/// The `cfg(...)`, `cfg!(...)` and `cfg_attr(condition, ...)` among these tokens: what they ask, and in which line.
fn conditions(tokens: &[TokenTree]) -> Vec<(TokenStream, usize)> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if !is_ident(Some(token), "cfg") && !is_ident(Some(token), "cfg_attr") {
            continue;
        }
        let argument = index + 1 + usize::from(is_punct(tokens.get(index + 1), '!'));
        let Some(TokenTree::Group(group)) = tokens.get(argument) else { continue };
        if is_group(tokens.get(argument), Delimiter::Parenthesis) {
            let not_a_comma = |token: &TokenTree| !is_punct(Some(token), ',');
            found.push((group.stream().into_iter().take_while(not_a_comma).collect(), token.span().start().line));
        }
    }
    found
}

/// Every name in a condition; those inside `not(...)` too, since `cfg(not(bug_x))` marks a switch as well.
fn names(condition: &TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    each_stream(condition, &mut |tokens| {
        for token in tokens {
            if let TokenTree::Ident(ident) = token {
                names.push(ident.to_string());
            }
        }
    });
    names
}

fn marker(lines: &[&str], line: usize) -> Option<String> {
    let near = &lines[line.saturating_sub(MARKER_DISTANCE + 1)..line];
    near.iter().find_map(|text| text.split_once(MARKER)).map(|(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn find_in(text: &str) -> Crate {
        find(&tree::of([("timer/src/wheel/level.rs", text)]), "timer", "timer").unwrap()
    }

    fn switches(text: &str) -> Vec<(String, Vec<usize>)> {
        let switches = find_in(text).switches.into_iter();
        switches.map(|switch| (switch.name, switch.places.into_iter().map(|(_, line)| line).collect())).collect()
    }

    #[test]
    fn a_switch_is_found_wherever_it_stands() {
        let text = "fn f() {\n    #[cfg(not(bug_a))]\n    g();\n    #[cfg(bug_a)]\n    h();\n}\n\
                    const B: bool = cfg!(any(bug_b, bug_c));\n#[cfg_attr(all(test, bug_d), allow(bug_not))]\nfn x() {}\n\
                    macro_rules! m { () => { #[cfg(bug_e)] fn y() {} } }\n";
        let expected =
            [("bug_a", vec![2, 4]), ("bug_b", vec![7]), ("bug_c", vec![7]), ("bug_d", vec![8]), ("bug_e", vec![10])];
        assert_eq!(switches(text), expected.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[test]
    fn comments_and_strings_switch_nothing() {
        assert_eq!(switches("//! `cfg(bug_a)`\n// #[cfg(bug_b)]\nconst S: &str = \"cfg(bug_c)\";\n"), []);
    }

    #[test]
    fn models_are_promised_by_test_and_loom_together() {
        assert!(find_in("#[cfg(all(test, loom))]\nmod model;\n").has_models);
        assert!(!find_in("#[cfg(loom)]\nuse loom as std;\n#[cfg(test)]\nmod tests;\n").has_models);
    }

    #[test]
    fn a_marker_near_the_switch_names_its_test() {
        let caught_by = |text: &str| find_in(text).switches[0].caught_by.clone();
        assert_eq!(
            caught_by("// caught-by: test wheel::tests::late\n#[cfg(bug_a)]\nfn f() {}\n").unwrap(),
            "wheel::tests::late"
        );
        assert_eq!(caught_by("#[cfg(bug_a)] // caught-by: test late\nfn f() {}\n").unwrap(), "late");
        assert_eq!(caught_by("// caught-by: test late\n\n\n\n#[cfg(bug_a)]\nfn f() {}\n"), None);
    }

    #[test]
    fn the_model_beside_the_switch_is_its_next_of_kin() {
        let switch = &find_in("#[cfg(bug_a)]\nfn f() {}\n").switches[0];
        let kinship = ["wheel::level::model::x", "wheel::model::x", "model::wheel"].map(|test| switch.kinship(test));
        assert_eq!(kinship, [2, 1, 0]);
    }

    #[test]
    fn other_crates_are_left_alone() {
        let tree = tree::of([("timers/src/lib.rs", "#[cfg(bug_a)]\nfn f() {}\n")]);
        assert_eq!(find(&tree, "timer", "timer").unwrap().switches, []);
    }
}
