//! The command: measures everything, prints a table; or runs the stress run.

use std::process::ExitCode;

use benches::compare::compare;
use benches::counter::CountingAllocator;
use benches::meter::Meter;
use benches::rt::{Mini, Rt, Tokio};
use benches::stress::command::StressArgs;
use benches::workloads::{self, Workload};
use benches::{stress, table};
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
    /// Measures one workload in this process; what the comparison starts.
    #[command(hide = true)]
    Child {
        runtime: String,
        workload: String,
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> ExitCode {
    let command = Command::parse();
    let result = match command.other {
        None => compare_all(&command.compare),
        Some(Other::Stress(args)) => stress::command::run_command(&args),
        Some(Other::Child { runtime, workload, quick }) => child(&runtime, &workload, quick),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn child(runtime: &str, name: &str, quick: bool) -> Result<(), String> {
    let all = match runtime {
        Mini::NAME => workloads::all::<Mini>(),
        Tokio::NAME => workloads::all::<Tokio>(),
        _ => return Err(format!("no runtime is called {runtime}")),
    };
    let workload = all.into_iter().find(|workload| workload.name == name);
    let workload = workload.ok_or_else(|| format!("no workload is called {name}"))?;
    let mut meter = Meter::new(quick);
    (workload.run)(&mut meter);
    println!("{}", meter.finish().to_json());
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
