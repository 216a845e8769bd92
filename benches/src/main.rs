//! The command: measures everything, prints a table; or runs the stress run.

use std::process::ExitCode;

use benches::compare::compare;
use benches::counter::CountingAllocator;
use benches::meter::Meter;
use benches::rt::{Mini, Rt, Tokio};
use benches::stress::command::StressArgs;
use benches::workloads::{self, Workload};
use benches::{instructions, stress, table};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Races mini_tokio against tokio.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Command {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    compare: CompareArgs,
}

#[derive(Args)]
struct CompareArgs {
    /// Fewer rounds, shorter ones: for a first look, not for a claim.
    #[arg(long)]
    quick: bool,
    /// Only workloads whose name contains this; may be given several times.
    #[arg(long)]
    only: Vec<String>,
    /// Rounds of four children each.
    #[arg(long)]
    rounds: Option<usize>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Print the names of the workloads.
    #[arg(long)]
    list: bool,
}

#[derive(Subcommand)]
enum Other {
    /// Runs tasks of all kinds by the million and accounts for each.
    Stress(StressArgs),
    /// Counts the instructions of single-thread paths with callgrind.
    Instructions {
        /// Only paths whose name contains this; may be given several times.
        #[arg(long)]
        only: Vec<String>,
        /// Keep the figures in benches/instructions.txt.
        #[arg(long)]
        save: bool,
        /// Fail if a path takes more than 5 % over what is kept there.
        #[arg(long)]
        check: bool,
    },
    /// Measures one workload in this process; what the comparison starts.
    #[command(hide = true)]
    Child {
        runtime: String,
        workload: String,
        #[arg(long)]
        quick: bool,
        /// Do so many iterations, and measure nothing.
        #[arg(long)]
        iterations: Option<u32>,
    },
}

fn main() -> ExitCode {
    let command = Command::parse();
    let result = match command.other {
        None => compare_all(&command.compare),
        Some(Other::Stress(args)) => stress::command::run_command(&args),
        Some(Other::Instructions { only, save, check }) => count_instructions(&only, save, check),
        Some(Other::Child { runtime, workload, quick, iterations }) => {
            child(&runtime, &workload, iterations.map_or_else(|| Meter::new(quick), Meter::counting))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn child(runtime: &str, name: &str, mut meter: Meter) -> Result<(), String> {
    let all = match runtime {
        Mini::NAME => workloads::all::<Mini>(),
        Tokio::NAME => workloads::all::<Tokio>(),
        _ => return Err(format!("no runtime is called {runtime}")),
    };
    let workload = all.into_iter().find(|workload| workload.name == name);
    let workload = workload.ok_or_else(|| format!("no workload is called {name}"))?;
    (workload.run)(&mut meter);
    println!("{}", meter.finish().to_json());
    Ok(())
}

fn count_instructions(only: &[String], save: bool, check: bool) -> Result<(), String> {
    if !instructions::available() {
        println!("valgrind is not installed: nothing is counted");
        return Ok(());
    }
    let mut figures = instructions::Figures::new();
    println!("{:<24} {:>11} {:>10}   ratio", "path", Mini::NAME, Tokio::NAME);
    let wanted = |path: &&str| only.is_empty() || only.iter().any(|part| path.contains(part.as_str()));
    for path in instructions::PATHS.into_iter().filter(wanted) {
        let (mini, tokio) = (instructions::count(Mini::NAME, path)?, instructions::count(Tokio::NAME, path)?);
        println!("{path:<24} {mini:>11.0} {tokio:>10.0}   {:.2}", mini / tokio);
        figures.insert(path.to_owned(), (mini, tokio));
    }
    if check {
        let kept = std::fs::read_to_string(instructions::file()).map_err(|error| error.to_string())?;
        let worse = instructions::regressions(&instructions::from_text(&kept)?, &figures);
        if !worse.is_empty() {
            return Err(worse.join("\n"));
        }
    }
    if save {
        let text = instructions::to_text(&figures, &instructions::today());
        std::fs::write(instructions::file(), text).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn compare_all(args: &CompareArgs) -> Result<(), String> {
    let wanted = |workload: &Workload| {
        args.only.is_empty() || args.only.iter().any(|part| workload.name.contains(part.as_str()))
    };
    let chosen: Vec<_> = workloads::all::<Mini>().into_iter().filter(wanted).collect();
    if args.list {
        chosen.iter().for_each(|workload| println!("{}", workload.name));
        return Ok(());
    }
    if chosen.is_empty() {
        return Err("no workload has such a name; --list shows all".to_owned());
    }
    let rounds =
        |workload: &Workload| args.rounds.unwrap_or(if args.quick { 3 } else { 10 }).clamp(1, workload.max_rounds);
    let children: usize = chosen.iter().map(|workload| 4 * rounds(workload)).sum();
    let bar = ProgressBar::new(children as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} {eta:>5} {msg}").expect("the template is right"),
    );
    if !args.json {
        println!("{}", table::header());
    }
    let (mut failures, mut results) = (Vec::new(), Vec::new());
    for workload in &chosen {
        bar.set_message(workload.name.clone());
        match compare(workload, rounds(workload), args.quick, || bar.inc(1)) {
            Ok(comparison) if args.json => results.push(table::json(&comparison)),
            Ok(comparison) => bar.suspend(|| println!("{}", table::row(&comparison))),
            Err(failure) => failures.push(failure),
        }
    }
    bar.finish_and_clear();
    if args.json {
        println!("{}", serde_json::Value::Array(results));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}
