//! The same workload on mini_tokio, on tokio and on others, side by side; and a stress run that accounts for every task.
//!
//! ```text
//!   cargo run --release -p benches -- --quick            a first look, in a minute
//!   cargo run --release -p benches -- --html page.html   everything, as a table and as a page; takes long
//!   cargo run --release -p benches -- --help             the rest: floor, scale, instructions, stress, draw
//! ```
//!
//! ```text
//!   command ──► race ──► child: a fresh process ──► contenders ──► workloads, twice ──► meter
//!                │ rounds                                                                 │
//!                ▼                                                                        ▼
//!   table, page, markdown ◄── report ◄── statistics ◄───────────────────────────────── samples
//! ```
//!
//! | file | its noun |
//! |---|---|
//! | `contenders` | who takes part, and in what |
//! | `rt` | what a workload needs of an executor; one adapter each |
//! | `workloads` | the workloads that need tasks or channels only, written once over `rt` |
//! | `twice` | the others, written against tokio's interface and compiled for each of the two |
//! | `peers` | channels that belong to no runtime |
//! | `meter` | measures one workload, inside a child process |
//! | `child`, `far_end` | that process, as its parent sees it; one that holds the other ends of connections |
//! | `race` | rounds of children, A B B A, and what they say together |
//! | `statistics` | median, bootstrap interval, verdict |
//! | `report` | what was measured, as data |
//! | `table`, `page`, `markdown` | the report, for a terminal, for a browser, for the book |
//! | `floor` | what the machine's own steps cost |
//! | `scale` | how cost grows |
//! | `instructions` | instructions for one unit of work, by callgrind, and the file that keeps them |
//! | `allocator` | glibc's or mimalloc, counted |
//! | `command` | the command line |
//! | `stress` | the stress run |
//!
//! These are measurements, and no timed tests: nothing fails because a machine is slow.

pub mod allocator;
pub mod child;
pub mod command;
pub mod contenders;
pub mod far_end;
pub mod floor;
pub mod instructions;
pub mod markdown;
pub mod meter;
pub mod page;
pub mod peers;
pub mod race;
pub mod report;
pub mod rt;
pub mod scale;
pub mod statistics;
pub mod stress;
pub mod table;
pub mod twice;
pub mod workloads;
