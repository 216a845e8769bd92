//! The book's ties to the code: nothing in it points at what is not there.
//!
//! ```text
//!   docs/src/timer.md                                  timer/src/wheel.rs
//!   [the cascade](anchor:timer/src/wheel.rs#timer-cascade)  ---->  // ANCHOR: timer-cascade
//! ```
//!
//! A link to code names a file and an anchor in it, never a line: anchors travel with the code they stand at. Two spellings
//! are read: `anchor:` followed by path, `#` and name; and the same after `{{#anchor` with a space.
//!
//! # Invariants
//! * `BOOK-1`: an anchor's name is unique in the project and in kebab case.
//! * `BOOK-2`: every link to an anchor finds it in the named file.
//! * `BOOK-3`: the summary and the files of the book list each other completely, each chapter once.
//! * `BOOK-4`: every relative link leads to a file of the project; a fragment, to a heading in it.
//!
//! Left out: links to other sites (a test should not need a network), and whether the code in the book compiles.

mod markdown;

use crate::tree::Tree;
use markdown::{Link, links, slugs, without_fences};
use std::collections::BTreeMap;

const BOOK: &str = "docs/src/";
const SUMMARY: &str = "docs/src/SUMMARY.md";
/// Both spellings of a link to an anchor begin like this.
const ANCHOR_LINKS: [&str; 2] = ["anchor:", "{{#anchor "];
const ANCHOR: &str = "// ANCHOR: ";

/// Everything that is wrong, one line each.
pub fn check(tree: &Tree) -> Vec<String> {
    let (anchors, mut wrong) = anchors(tree);
    for (path, text) in pages(tree) {
        let prose = without_fences(text);
        for (line, content) in prose.lines().enumerate() {
            wrong.extend(broken_anchor_links(content, &anchors).map(|error| format!("{path}:{}: {error}", line + 1)));
        }
        for link in links(&prose) {
            wrong.extend(broken_link(tree, path, &link).map(|error| format!("{path}:{}: {error}", link.line)));
        }
    }
    wrong.extend(summary(tree));
    wrong
}

fn pages(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    let is_page = |path: &str| path == "README.md" || path.starts_with(BOOK) && path.ends_with(".md");
    tree.iter().map(|(path, text)| (path.as_str(), text.as_str())).filter(move |(path, _)| is_page(path))
}

/// Where each anchor stands, and what is wrong with the anchors themselves (`BOOK-1`).
fn anchors(tree: &Tree) -> (BTreeMap<&str, &str>, Vec<String>) {
    let mut anchors: BTreeMap<&str, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| path.ends_with(".rs")) {
        for (index, line) in text.lines().enumerate() {
            let Some(name) = line.trim_start().strip_prefix(ANCHOR).map(str::trim) else { continue };
            if !is_kebab_case(name) {
                wrong.push(format!("{path}:{}: anchor `{name}` is not in kebab case", index + 1));
            }
            if let Some(first) = anchors.insert(name, path) {
                wrong.push(format!("{path}:{}: anchor `{name}` is in {first} already", index + 1));
            }
        }
    }
    (anchors, wrong)
}

fn is_kebab_case(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.split('-').all(is_word)
}

/// `BOOK-2`, for one line of a page.
fn broken_anchor_links(line: &str, anchors: &BTreeMap<&str, &str>) -> impl Iterator<Item = String> {
    let ends = |character: char| character.is_whitespace() || ")]}`>\"'".contains(character);
    let found =
        ANCHOR_LINKS.iter().flat_map(|start| line.match_indices(start).map(|(at, _)| &line[at + start.len()..]));
    let mut broken = Vec::new();
    for rest in found {
        let target = &rest[..rest.find(ends).unwrap_or(rest.len())];
        match target.split_once('#') {
            // "An anchor: something" is prose; a link has no space behind the colon.
            None if target.is_empty() => {}
            None => broken.push(format!("link to `{target}` names no anchor: expected `anchor:path#name`")),
            Some((path, name)) => match anchors.get(name) {
                Some(place) if *place == path => {}
                Some(place) => broken.push(format!("anchor `{name}` is in {place}, not in {path}")),
                None => broken.push(format!("there is no `{ANCHOR}{name}` in {path}")),
            },
        }
    }
    broken.into_iter()
}

/// `BOOK-4`.
fn broken_link(tree: &Tree, page: &str, link: &Link) -> Option<String> {
    let target = link.target.as_str();
    if target.contains("://") || target.starts_with("mailto:") || target.starts_with("anchor:") {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { page.to_owned() } else { resolve(page, path) };
    let is_directory = || tree.keys().any(|file| file.starts_with(&format!("{}/", path.trim_end_matches('/'))));
    match tree.get(&path) {
        Some(text) if !fragment.is_empty() && path.ends_with(".md") => {
            let known = slugs(text).iter().any(|slug| slug == fragment);
            (!known).then(|| format!("link to `{target}`: {path} has no heading `#{fragment}`"))
        }
        Some(_) => None,
        None if is_directory() => None,
        None => Some(format!("link to `{target}`: there is no {path}")),
    }
}

/// A relative path as seen from the directory of `page`.
fn resolve(page: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// `BOOK-3`; that the chapters exist is seen to by `BOOK-4`.
fn summary(tree: &Tree) -> Vec<String> {
    let Some(text) = tree.get(SUMMARY) else { return vec![format!("there is no {SUMMARY}")] };
    let listed: Vec<String> = links(text).iter().map(|link| resolve(SUMMARY, &link.target)).collect();
    let chapters = tree.keys().filter(|path| path.starts_with(BOOK) && path.ends_with(".md") && *path != SUMMARY);
    let mut wrong = Vec::new();
    for path in chapters {
        match listed.iter().filter(|listed| *listed == path).count() {
            0 => wrong.push(format!("{path} is not in the summary")),
            1 => {}
            times => wrong.push(format!("{path} is in the summary {times} times")),
        }
    }
    wrong
}

#[cfg(test)]
mod tests;
