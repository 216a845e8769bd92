//! Checks that belong to no single crate: the house rules, the book's links, and the runner of the models.
//!
//! ```text
//!   tests/style.rs ----> style    every source file keeps the limits of the house; the core stays small
//!   tests/book.rs -----> book     every link and anchor of the book leads somewhere
//!   bin/models.rs -----> models   every model passes, and fails when its bug is switched on
//!   bin/conformance.rs -> conformance   tokio's own tests, run on mini_tokio
//!   tests/notes_coverage.rs -> notes   every row of the notes has a program, and the book's table of them is true
//!                          \
//!                           +---> tree, source: the project's files, and Rust files as tokens
//! ```
//!
//! The checkers are a library because a checker that never fires proves nothing: each is tested on small texts which it
//! must refuse, before it is let loose on the project.

pub mod book;
pub mod conformance;
pub mod examples;
pub mod models;
pub mod notes;
pub mod source;
pub mod style;
pub mod tree;
