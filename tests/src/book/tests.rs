//! Each way in which a book can be wrong, in a project of three files.

use super::*;
use crate::tree;

const CODE: &str = "fn f() {\n    // ANCHOR: wheel-turn\n}\n";

/// What is wrong with a book of one chapter.
fn wrong_with(chapter: &str) -> Vec<String> {
    check(&tree::of([
        (SUMMARY, "# Summary\n- [A chapter](chapter.md)\n"),
        ("docs/src/chapter.md", chapter),
        ("timer/src/wheel.rs", CODE),
        ("docs/architecture.md", ""),
    ]))
}

#[test]
fn a_book_may_be_right() {
    let chapter = "# A chapter\n[turn](anchor:timer/src/wheel.rs#wheel-turn) {{#anchor timer/src/wheel.rs#wheel-turn}}\n\
                   `anchor:timer/src/wheel.rs#wheel-turn`; an anchor: a comment.\n[up](../../timer/src/wheel.rs)\n\
                   [here](#a-chapter) [there](chapter.md#a-chapter) [out](https://example.org/x) [room](../../timer)\n";
    assert_eq!(wrong_with(chapter), [""; 0]);
}

#[test]
fn a_link_to_a_missing_anchor_is_wrong() {
    for link in ["[a](anchor:timer/src/wheel.rs#wheel)", "{{#anchor timer/src/wheel.rs#wheel}}"] {
        let expected = "docs/src/chapter.md:2: there is no `// ANCHOR: wheel` in timer/src/wheel.rs";
        assert_eq!(wrong_with(&format!("\n{link}\n")), [expected]);
    }
}

#[test]
fn a_link_to_an_anchor_of_another_file_is_wrong() {
    let expected = "docs/src/chapter.md:1: anchor `wheel-turn` is in timer/src/wheel.rs, not in timer/src/lib.rs";
    assert_eq!(wrong_with("[a](anchor:timer/src/lib.rs#wheel-turn)"), [expected]);
}

#[test]
fn a_link_without_an_anchor_is_wrong() {
    let expected = "docs/src/chapter.md:1: link to `timer/src/wheel.rs` names no anchor: expected `anchor:path#name`";
    assert_eq!(wrong_with("[a](anchor:timer/src/wheel.rs)"), [expected]);
}

#[test]
fn a_link_in_a_fence_is_an_example() {
    assert_eq!(wrong_with("```text\n[a](anchor:timer/src/wheel.rs#gone) [b](gone.md)\n```\n"), [""; 0]);
}

#[test]
fn a_relative_link_leads_somewhere() {
    let expected = "docs/src/chapter.md:1: link to `../gone.md`: there is no docs/gone.md";
    assert_eq!(wrong_with("[a](../gone.md)"), [expected]);
    let expected = "docs/src/chapter.md:1: link to `#nothing`: docs/src/chapter.md has no heading `#nothing`";
    assert_eq!(wrong_with("[a](#nothing)"), [expected]);
    assert_eq!(wrong_with("[a](../architecture.md)"), [""; 0]);
}

#[test]
fn the_readme_is_read_too() {
    let tree = tree::of([(SUMMARY, ""), ("README.md", "[a](anchor:a.rs#b)"), ("mini_tokio/README.md", "[a](gone)")]);
    assert_eq!(check(&tree), ["README.md:1: there is no `// ANCHOR: b` in a.rs"]);
}

#[test]
fn an_anchor_is_unique_and_in_kebab_case() {
    let summary = (SUMMARY, "");
    let tree = tree::of([summary, ("a.rs", "// ANCHOR: x-1\n// ANCHOR_END: x-1\n"), ("b.rs", "\n  // ANCHOR: x-1\n")]);
    assert_eq!(check(&tree), ["b.rs:2: anchor `x-1` is in a.rs already"]);
    let tree = tree::of([summary, ("a.rs", "// ANCHOR: Wheel_turn\n")]);
    assert_eq!(check(&tree), ["a.rs:1: anchor `Wheel_turn` is not in kebab case"]);
}

#[test]
fn the_summary_and_the_chapters_list_each_other() {
    let tree = tree::of([(SUMMARY, "[a](a.md)\n[b](b.md)\n[b](b.md)\n"), ("docs/src/b.md", ""), ("docs/src/c.md", "")]);
    let expected = [
        "docs/src/SUMMARY.md:1: link to `a.md`: there is no docs/src/a.md",
        "docs/src/b.md is in the summary 2 times",
        "docs/src/c.md is not in the summary",
    ];
    assert_eq!(check(&tree), expected);
    assert_eq!(check(&Tree::new()), ["there is no docs/src/SUMMARY.md"]);
}
