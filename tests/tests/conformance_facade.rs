//! `COMPAT-1`: the package that stands in for tokio holds re-exports and nothing else.

use quote::ToTokens;
use std::fs;
use std::path::Path;
use syn::{Item, UseTree, Visibility};
use tests::tree;

/// Everything in a source file that is no public re-export of ours by name.
fn wrong(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).expect("the file is Rust");
    let mut wrong = Vec::new();
    items(&file.items, &mut wrong);
    wrong
}

fn items(list: &[Item], wrong: &mut Vec<String>) {
    for item in list {
        match item {
            Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => {
                let UseTree::Path(path) = &item.tree else {
                    wrong.push(format!("not from a crate: {}", item.to_token_stream()));
                    continue;
                };
                if path.ident != "mini_tokio" && path.ident != "macros" {
                    wrong.push(format!("from elsewhere: {}", path.ident));
                }
                names(&path.tree, wrong);
            }
            Item::Mod(item) if matches!(item.vis, Visibility::Public(_)) => {
                items(item.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default(), wrong);
            }
            other => wrong.push(format!("not a re-export: {}", other.to_token_stream())),
        }
    }
}

fn names(tree: &UseTree, wrong: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) if ["stepper", "insight", "util"].iter().any(|own| path.ident == own) => {
            wrong.push(format!("tokio has no such module: {}", path.ident));
        }
        UseTree::Path(path) => names(&path.tree, wrong),
        UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, wrong)),
        UseTree::Glob(_) => wrong.push("a glob".to_owned()),
        UseTree::Name(_) | UseTree::Rename(_) => {}
    }
}

fn sources(directory: &Path) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else {
            sources.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    sources
}

#[test]
fn the_facade_only_re_exports() {
    let sources = sources(&tree::root().join("compat/src"));
    assert!(sources.iter().any(|(path, _)| path.ends_with("lib.rs")), "the walk misses files");
    for (path, text) in sources {
        assert_eq!(wrong(&text), [""; 0], "{path}");
    }
    // A build script is a program.
    assert!(!tree::root().join("compat/build.rs").exists());
}

#[test]
fn anything_else_is_found() {
    let good = "pub mod a; pub mod b { pub use mini_tokio::b::{C, d as e}; } pub use macros::f;";
    assert_eq!(wrong(good), [""; 0]);
    let bad = [
        "fn f() {}",
        "struct S;",
        "impl S {}",
        "macro_rules! m { () => {} }",
        "m!();",
        "use mini_tokio::a;",
        "mod a;",
        "pub mod a { pub fn f() {} }",
        "pub use mini_tokio::a::*;",
        "pub use std::io::Error;",
        "pub use mini_tokio::stepper::Stepper;",
        "pub use mini_tokio::{a::b, util::c};",
    ];
    for text in bad {
        assert_eq!(wrong(text).len(), 1, "{text}");
    }
}
