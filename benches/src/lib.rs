//! The same workload on mini_tokio and on tokio, side by side; and a stress run that accounts for every task.
//!
//! ```text
//!   cargo run --release -p benches              all workloads, as a table
//!   cargo run --release -p benches -- --list    what there is
//!   cargo run --release -p benches -- instructions   the same paths in instructions instead of time
//!   cargo run --release -p benches -- stress    ten million tasks, every one accounted for
//! ```
//!
//! | file | its noun |
//! |---|---|
//! | `rt` | what a workload needs of a runtime; one adapter each |
//! | `workloads` | the workloads, written once over `rt` |
//! | `meter` | measures one workload, inside a child process |
//! | `child` | that process, as its parent sees it |
//! | `compare` | rounds of children, A B B A, and what they say together |
//! | `statistics` | median and bootstrap interval |
//! | `table` | the result, for people |
//! | `instructions` | instructions for one unit of work, by callgrind, and the file that keeps them |
//! | `counter` | an allocator that counts |
//! | `oneshot` | a channel for one value, the same on every runtime |
//! | `stress` | the stress run |
//!
//! These are measurements, and no timed tests: nothing fails because a machine is slow.

pub mod child;
pub mod compare;
pub mod counter;
pub mod instructions;
pub mod meter;
pub mod oneshot;
pub mod rt;
pub mod statistics;
pub mod stress;
pub mod table;
pub mod workloads;
