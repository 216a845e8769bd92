//! The command line: what to measure, and where the report goes.

mod compare;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::contenders::{self, OURS, TOKIO};
use crate::instructions::{self, Figures};
use crate::meter::Meter;
use crate::report::{Conditions, Report};
use crate::rt::Settings;
use crate::stress::command::StressArgs;
use crate::{far_end, floor, markdown, page, scale, stress, table};

/// Races mini_tokio against tokio and others: the same workloads, in turns, in fresh processes.
#[derive(Parser)]
#[command(name = "benches", args_conflicts_with_subcommands = true)]
struct Command {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    compare: compare::CompareArgs,
}

/// Where a report goes, beside the terminal.
#[derive(Args, Default)]
struct Outputs {
    /// Draw one self-contained page: bars with intervals, a click to each workload's source and rounds.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the tables for the book.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Keep everything as JSON, for programs and for `draw`; `-` prints it instead of the table.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Other {
    /// Measures what the machine's own steps cost: atomics, allocation, system calls, waking a thread.
    Floor {
        /// Shorter.
        #[arg(long)]
        quick: bool,
        #[command(flatten)]
        outputs: Outputs,
    },
    /// Measures how cost grows with tasks, timers, connections and workers.
    Scale {
        /// Each point once.
        #[arg(long)]
        quick: bool,
        #[command(flatten)]
        outputs: Outputs,
    },
    /// Draws what was kept with --json; several files make one report.
    Draw {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        outputs: Outputs,
    },
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
    /// Runs tasks of all kinds by the million and accounts for each.
    Stress(StressArgs),
    /// Measures one workload in this process; what the comparison starts.
    #[command(hide = true)]
    Child(ChildArgs),
    /// Holds the other ends of connections; what some workloads start.
    #[command(hide = true)]
    FarEnd { address: SocketAddr, count: usize },
}

#[derive(Args)]
struct ChildArgs {
    contender: String,
    workload: String,
    #[arg(long)]
    quick: bool,
    #[arg(long)]
    global_queue_interval: Option<u32>,
    #[arg(long)]
    event_interval: Option<u32>,
    /// Do so many iterations, and measure nothing.
    #[arg(long)]
    iterations: Option<u32>,
}

/// What the command line asks for.
///
/// # Errors
///
/// Sentences that say what went wrong.
pub fn run() -> Result<(), String> {
    let command = Command::parse();
    match command.other {
        None => compare::run(&command.compare),
        Some(Other::Floor { quick, outputs }) => {
            let floor = measure_floor(quick);
            let report = Report { conditions: Conditions::here(), floor, ..Report::default() };
            outputs.write(&report, &table::floor(&report))
        }
        Some(Other::Scale { quick, outputs }) => {
            let curves = measure_scale(quick)?;
            let text: String = curves.iter().map(table::curve).collect::<Vec<_>>().join("\n");
            outputs.write(&Report { conditions: Conditions::here(), curves, ..Report::default() }, &text)
        }
        Some(Other::Draw { files, outputs }) => {
            let mut report = Report::default();
            for file in files {
                let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                let part = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
                report.absorb(part);
            }
            outputs.write(&report, &compare::text(&report))
        }
        Some(Other::Instructions { only, save, check }) => count_instructions(&only, save, check),
        Some(Other::Stress(args)) => stress::command::run_command(&args),
        Some(Other::Child(args)) => child(&args),
        Some(Other::FarEnd { address, count }) => far_end::run(address, count),
    }
}

impl Outputs {
    /// `text` is for the terminal.
    fn write(&self, report: &Report, text: &str) -> Result<(), String> {
        let kept = serde_json::to_string_pretty(report).expect("a report is plain data");
        if self.prints_json() {
            println!("{kept}");
        } else if !text.is_empty() {
            println!("{}", text.trim_end());
        }
        let file = self.json.as_ref().filter(|_| !self.prints_json());
        let files =
            [(file, kept), (self.html.as_ref(), page::page(report)), (self.markdown.as_ref(), markdown::text(report))];
        for (file, text) in files {
            if let Some(file) = file {
                std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
            }
        }
        Ok(())
    }

    fn prints_json(&self) -> bool {
        self.json.as_ref().is_some_and(|file| file.as_os_str() == "-")
    }
}

fn progress(steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta:>5} left  {msg}");
    ProgressBar::new(steps as u64).with_style(style.expect("the template is right"))
}

fn measure_floor(quick: bool) -> Vec<crate::report::Figure> {
    let bar = progress(floor::COUNT);
    let figures = floor::measure(quick, |name| {
        bar.set_message(format!("floor: {name}"));
        bar.inc(1);
    });
    bar.finish_and_clear();
    figures
}

fn measure_scale(quick: bool) -> Result<Vec<crate::report::Curve>, String> {
    let bar = progress(scale::children(quick));
    let curves = scale::measure(quick, |name| {
        bar.set_message(name.to_owned());
        bar.inc(1);
    });
    bar.finish_and_clear();
    curves
}

fn child(args: &ChildArgs) -> Result<(), String> {
    let ChildArgs { contender, workload, quick, global_queue_interval, event_interval, iterations } = args;
    Settings { global_queue_interval: *global_queue_interval, event_interval: *event_interval }.set();
    let contenders = contenders::all();
    let found = contenders.iter().find(|other| other.name == contender);
    let found = found.ok_or_else(|| format!("no contender is called {contender}"))?.list().find(workload);
    let workload = found.ok_or_else(|| format!("{contender} has no workload that is called {workload}"))?;
    let mut meter = iterations.map_or_else(|| Meter::new(*quick), Meter::counting);
    (workload.run)(&mut meter);
    println!("{}", serde_json::to_string(&meter.finish()).expect("a sample is plain data"));
    Ok(())
}

fn count_instructions(only: &[String], save: bool, check: bool) -> Result<(), String> {
    if !instructions::available() {
        println!("valgrind is not installed: nothing is counted");
        return Ok(());
    }
    let mut figures = Figures::here();
    println!("{:<34} {:>11} {:>10}   ratio", "path", OURS, TOKIO);
    let wanted = |path: &&str| only.is_empty() || only.iter().any(|part| path.contains(part.as_str()));
    for path in instructions::PATHS.into_iter().filter(wanted) {
        let (ours, tokios) = (instructions::count(OURS, path)?, instructions::count(TOKIO, path)?);
        println!("{path:<34} {ours:>11.0} {tokios:>10.0}   {:.2}", ours / tokios);
        figures.paths.insert(path.to_owned(), (ours, tokios));
    }
    if check {
        let kept = std::fs::read_to_string(instructions::file()).map_err(|error| error.to_string())?;
        instructions::check(&Figures::from_text(&kept)?, &figures)?;
    }
    if save {
        std::fs::write(instructions::file(), figures.to_text()).map_err(|error| error.to_string())?;
    }
    Ok(())
}
