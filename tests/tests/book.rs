//! The book, the README and the code, checked against each other.

use tests::{book, tree};

#[test]
fn the_book_points_at_what_is_there() {
    let wrong = book::check(&tree::read(&tree::root()).expect("the project's files can be read"));
    assert!(wrong.is_empty(), "the book is wrong:\n{}\n", wrong.join("\n"));
}
