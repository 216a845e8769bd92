//! Checks that belong to no single crate.
