//! Runs every model, on good code and on each bug: `cargo run -p tests --bin models`.
//!
//! The table goes to standard output, progress to standard error; the exit code is 0 only if every good variant passes
//! and every bug is caught. How it works: `tests/src/models/mod.rs`.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tests::models::switches::Crate;
use tests::models::{self, build, report, switches};
use tests::tree;

/// Runs the models of every crate, and checks that they catch every known bug.
#[derive(Parser)]
struct Options {
    /// Only this crate
    #[arg(long, value_name = "CRATE")]
    only: Option<String>,
    /// Only this bug
    #[arg(long, value_name = "SWITCH")]
    bug: Option<String>,
    /// Print the bug switches with their places and run nothing
    #[arg(long)]
    list: bool,
    /// Seconds that one test may take
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    limit: u64,
    /// Another workspace than this one
    #[arg(long, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("models: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything is as it should be.
fn run(options: &Options) -> Result<bool, String> {
    let root = options.root.clone().unwrap_or_else(tree::root);
    let crates = crates(&root, options)?;
    if options.list {
        list(&crates);
        return Ok(true);
    }
    let variants = models::variants(&crates);
    if variants.is_empty() {
        return Err("there is nothing to run".to_owned());
    }
    let rows = models::run(&root, &variants, Duration::from_secs(options.limit), |line| eprintln!("{line}"));
    print!("{}", report::table(&rows));
    Ok(rows.iter().all(|row| row.verdict.is_good()))
}

/// The crates of the workspace, without what the options leave out.
fn crates(root: &std::path::Path, options: &Options) -> Result<Vec<Crate>, String> {
    let tree = tree::read(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let mut crates = Vec::new();
    for (name, directory) in build::members(root)? {
        if options.only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let mut found = switches::find(&tree, &name, &directory)?;
        if let Some(bug) = &options.bug {
            found.has_models = false;
            found.switches.retain(|switch| switch.name == *bug);
        }
        crates.push(found);
    }
    Ok(crates)
}

fn list(crates: &[Crate]) {
    for krate in crates.iter().filter(|krate| krate.has_models || !krate.switches.is_empty()) {
        println!("{}{}", krate.name, if krate.has_models { " (models)" } else { "" });
        for switch in &krate.switches {
            let caught_by = switch.caught_by.as_ref().map_or("models".to_owned(), |test| format!("test {test}"));
            println!("  {} (caught by {caught_by})", switch.name);
            for (path, line) in &switch.places {
                println!("    {path}:{line}");
            }
        }
    }
}
