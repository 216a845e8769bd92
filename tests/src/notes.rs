//! The coverage of the notes: which programs show which row, and where they run.
//!
//! ```text
//!   tests/notes_rows.txt            the rows there are
//!   /// C4.6, C4.7: what is shown   above a test: the rows that it shows      ----> docs/src/coverage.md
//!   //! C5.2: what is shown         the first line of a program that is only compiled
//! ```
//!
//! # Invariants
//! * `NOTES-1`: every row has a program, and no program has a row that there is not.
//! * `NOTES-2`: a program asserts something.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::tree::Tree;
use quote::ToTokens;

const PROGRAMS: &str = "tests/tests/notes/";
/// Tests of one program each, which are about rows as well.
const OTHERS: [&str; 2] = ["tests/tests/ladder.rs", "tests/tests/notes_features.rs"];

/// A test that shows something of the notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub rows: Vec<String>,
    /// `file::function`.
    pub name: String,
    pub claim: String,
    pub runs_on: String,
}

/// `C4.6, C4.7: a claim` as the ids and the claim.
fn split(comment: &str) -> Option<(Vec<String>, String)> {
    let (ids, claim) = comment.trim().split_once(": ")?;
    let is_id = |id: &str| {
        let (letter, number) = id.split_at_checked(1).unwrap_or_default();
        "ABCDE".contains(letter) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    let ids: Vec<String> = ids.split(", ").map(str::to_owned).collect();
    ids.iter().all(|id| is_id(id)).then(|| (ids, claim.to_owned()))
}

/// The first line of the comment above an item.
fn comment(attributes: &[syn::Attribute]) -> Option<String> {
    let line = attributes.iter().find(|attribute| attribute.path().is_ident("doc"))?;
    let syn::Meta::NameValue(line) = &line.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &line.value else { return None };
    Some(text.value())
}

/// Whether it is run: `#[test]`, or a runtime's own `#[rt::test]`.
fn is_test(function: &syn::ItemFn) -> bool {
    function.attrs.iter().any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test"))
}

/// What can fail in a program: an assertion of its own, or a panic that must come.
fn asserts(function: &syn::ItemFn) -> bool {
    let text = function.block.to_token_stream().to_string();
    ["assert", "panic_of"].iter().any(|word| text.contains(word))
}

/// Every program in the tree, in order; and what is wrong with them.
pub fn programs(tree: &Tree) -> (Vec<Program>, Vec<String>) {
    let (mut programs, mut wrong) = (Vec::new(), Vec::new());
    for (path, text) in tree {
        if !(path.starts_with(PROGRAMS) || OTHERS.contains(&path.as_str())) || !path.ends_with(".rs") {
            continue;
        }
        let Ok(file) = syn::parse_file(text) else {
            wrong.push(format!("{path} is not Rust"));
            continue;
        };
        let stem = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        let functions = file.items.iter().filter_map(|item| if let syn::Item::Fn(f) = item { Some(f) } else { None });
        for function in functions.filter(|function| is_test(function)) {
            let name = format!("{stem}::{}", function.sig.ident);
            let Some((rows, claim)) = comment(&function.attrs).as_deref().and_then(split) else {
                wrong.push(format!("{name} names no row of the notes"));
                continue;
            };
            if !asserts(function) {
                wrong.push(format!("{name} asserts nothing"));
            }
            programs.push(Program { rows, name, claim, runs_on: runs_on(stem) });
        }
    }
    (programs, wrong)
}

fn runs_on(stem: &str) -> String {
    match stem {
        "ladder" => "by itself".to_owned(),
        "unstable" => "both (tokio with `--cfg tokio_unstable`)".to_owned(),
        _ => "both".to_owned(),
    }
}

/// Programs that are only compiled: path and text of each.
pub fn compiled<'a>(fixtures: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Program> {
    let program = |(name, text): (&str, &str)| {
        let (rows, claim) = split(text.lines().next()?.strip_prefix("//! ")?)?;
        let runs_on = if name.starts_with("fails") { "fails on both" } else { "compiles on both" };
        Some(Program { rows, name: name.to_owned(), claim, runs_on: runs_on.to_owned() })
    };
    fixtures.into_iter().filter_map(program).collect()
}

/// The page, and the rows without a program and programs without a row.
pub fn page(rows: &str, programs: &[Program]) -> (String, Vec<String>) {
    let rows: Vec<(&str, &str)> =
        rows.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect();
    let mut by_row: BTreeMap<&str, Vec<&Program>> = BTreeMap::new();
    for program in programs {
        for row in &program.rows {
            by_row.entry(row).or_default().push(program);
        }
    }
    let mut wrong = Vec::new();
    wrong
        .extend(rows.iter().filter(|(id, _)| !by_row.contains_key(id)).map(|(id, _)| format!("no program shows {id}")));
    let is_row = |id: &str| rows.iter().any(|(row, _)| *row == id);
    wrong.extend(by_row.keys().filter(|id| !is_row(id)).map(|id| format!("there is no row {id}")));

    let mut page = format!(
        "# What the notes show, and the programs that show it\n\n\
         This runtime was written to a specification: five notes of somebody who learns tokio. Each row below is something that \
         the notes say or show, with the programs that hold tokio and mini_tokio to it. A program is one text that is compiled \
         twice, in `tests/tests/notes/`; it asserts the same on both.\n\n\
         {} rows, {} programs. This page is written by \
         `UPDATE_COVERAGE=1 cargo test -p tests --test notes_coverage`, and compared without it.\n\n\
         | row | what is shown | program | runs on |\n|---|---|---|---|\n",
        rows.len(),
        programs.len(),
    );
    for (id, subject) in rows {
        for (nth, program) in by_row.get(id).into_iter().flatten().enumerate() {
            let (id, subject) = if nth == 0 { (id, subject) } else { ("", "") };
            let claim = program.claim.replace('|', "\\|");
            let _ = writeln!(page, "| {id} | {subject} | `{}`: {claim} | {} |", program.name, program.runs_on);
        }
    }
    (page, wrong)
}

#[cfg(test)]
mod tests;
