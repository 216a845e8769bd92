//! The table of the notes: every row has a program, and the page of the book says which.

use std::path::Path;
use std::{env, fs};
use tests::{notes, tree};

const PAGE: &str = "docs/src/coverage.md";

/// `fails/NAME.rs` and `compiles/NAME.rs` with their texts.
fn fixtures(root: &Path) -> Vec<(String, String)> {
    let mut fixtures = Vec::new();
    for folder in ["fails", "compiles"] {
        for entry in fs::read_dir(root.join("tests/fixtures/notes").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            fixtures.push((format!("{folder}/{name}"), fs::read_to_string(&path).unwrap()));
        }
    }
    fixtures.sort();
    fixtures
}

#[test]
fn every_row_of_the_notes_has_a_program() {
    let root = tree::root();
    let tree = tree::read(&root).unwrap();
    let (mut programs, mut wrong) = notes::programs(&tree);
    let fixtures = fixtures(&root);
    let compiled = notes::compiled(fixtures.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    assert_eq!(compiled.len(), fixtures.len(), "each fixture names its rows");
    programs.extend(compiled);
    let (page, unmet) = notes::page(&tree["tests/notes_rows.txt"], &programs);
    wrong.extend(unmet);
    println!("{page}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if env::var_os("UPDATE_COVERAGE").is_some() {
        fs::write(root.join(PAGE), page).unwrap();
    } else {
        assert!(tree.get(PAGE) == Some(&page), "{PAGE} is out of date: run this test with UPDATE_COVERAGE=1");
    }
}

/// E1: each concept of the notes is a section of one page, and leads to a program that runs.
#[test]
fn every_concept_leads_to_a_program() {
    let tree = tree::read(&tree::root()).unwrap();
    let sections: Vec<&str> = tree["docs/src/concepts.md"].split("\n## ").skip(1).collect();
    assert!(sections.len() >= 6, "the page has lost its sections");
    for section in sections {
        let heading = section.lines().next().unwrap();
        assert!(section.contains("(anchor:tests/tests/notes/"), "{heading}: no link to a program");
    }
}
