//! The comparison as a command: whom, in what, how often.

use clap::{Args, ValueEnum};

use super::{Outputs, measure_floor, measure_scale, progress};
use crate::allocator::Choice;
use crate::contenders::{self, Contender, OURS};
use crate::race::{Heat, default_field};
use crate::report::{Conditions, Report};
use crate::rt::Shape;
use crate::table;
use crate::workloads::{Workload, cores};

#[derive(Args)]
pub struct CompareArgs {
    /// A first look, in a minute: few short rounds, the common workloads, mini_tokio and tokio; too little for a verdict.
    #[arg(long)]
    quick: bool,
    /// Only workloads whose name contains this; may be given several times.
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// Rounds, of two processes a contender each.
    #[arg(long)]
    rounds: Option<usize>,
    /// Only against these; may be given several times.
    #[arg(long, value_name = "NAME")]
    against: Vec<String>,
    /// What the processes allocate with.
    #[arg(long, value_enum, default_value_t = Allocators::Glibc)]
    allocator: Allocators,
    /// Print the names of the workloads, and who takes part in each.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    outputs: Outputs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allocators {
    Glibc,
    Mimalloc,
    Both,
}

impl Allocators {
    fn choices(self) -> &'static [Choice] {
        match self {
            Self::Glibc => &[Choice::Glibc],
            Self::Mimalloc => &[Choice::Mimalloc],
            Self::Both => &[Choice::Glibc, Choice::Mimalloc],
        }
    }
}

pub fn run(args: &CompareArgs) -> Result<(), String> {
    let contenders = contenders::all();
    if let Some(unknown) = args.against.iter().find(|name| !contenders.iter().any(|other| other.name == **name)) {
        return Err(format!("no contender is called {unknown}; --list shows all"));
    }
    let takes_part = |name: &str| match args.against.is_empty() {
        _ if name == OURS => true,
        true => default_field(args.quick).contains(&name),
        false => args.against.iter().any(|other| other == name),
    };
    let field: Vec<&Contender> = contenders.iter().filter(|contender| takes_part(contender.name)).collect();
    let workloads: Vec<&Workload> = contenders[0].list().0.iter().filter(|workload| args.wants(workload)).collect();
    if args.list {
        list(&contenders, &workloads);
        return Ok(());
    }
    if workloads.is_empty() {
        return Err("no workload has such a name; --list shows all".to_owned());
    }
    let heats = workloads.iter().flat_map(|workload| {
        let heat = |&allocator| Heat::new(workload, &field, allocator, args.rounds(), args.quick);
        args.allocator.choices().iter().map(heat)
    });
    // Ours alone is no race.
    let heats: Vec<Heat> = heats.filter(|heat| heat.contenders.len() > 1).collect();
    args.race(&heats)
}

/// Who takes part in what.
fn list(contenders: &[Contender], workloads: &[&Workload]) {
    for workload in workloads {
        let others = contenders.iter().filter(|contender| contender.list().find(&workload.name).is_some());
        let names: Vec<_> = others.map(|contender| contender.name).collect();
        println!("{:<36} {}", workload.name, names.join(" "));
    }
}

impl CompareArgs {
    fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 3 } else { 10 })
    }

    fn wants(&self, workload: &Workload) -> bool {
        let named = |part: &String| workload.name.contains(part.as_str());
        let is_common = {
            let shape = workload.name.split('/').next().unwrap_or_default();
            let common = [Shape::CURRENT_THREAD, cores()].map(|shape| shape.to_string());
            !workload.is_long
                && !workload.name.contains('@')
                && (shape == "mpsc" || common.iter().any(|it| it == shape))
        };
        match (workload.is_scale, self.only.is_empty()) {
            (true, _) => false,
            (false, false) => self.only.iter().any(named),
            (false, true) => !self.quick || is_common,
        }
    }

    fn race(&self, heats: &[Heat]) -> Result<(), String> {
        let both = self.allocator == Allocators::Both;
        let bar = progress(heats.iter().map(Heat::children).sum());
        let mut report = Report { conditions: Conditions::here(), ..Report::default() };
        let prints = !self.outputs.prints_json();
        if prints {
            println!("{}", table::header());
        }
        let mut failures = Vec::new();
        for heat in heats {
            bar.set_message(heat.workload.name.clone());
            match heat.run(|| bar.inc(1)) {
                Ok((row, failed)) => {
                    failures.extend(failed);
                    if prints {
                        bar.suspend(|| println!("{}", table::row(&row, both)));
                    }
                    report.rows.push(row);
                }
                Err(failure) => failures.push(failure),
            }
        }
        bar.finish_and_clear();
        // Single workloads are asked about for themselves.
        if self.only.is_empty() {
            report.floor = measure_floor(self.quick);
            if !self.quick {
                report.curves = measure_scale(false)?;
            }
        }
        self.outputs.write(&report, &epilogue(&report))?;
        if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
    }
}

/// What follows the table.
fn epilogue(report: &Report) -> String {
    let mut text = String::new();
    if !report.floor.is_empty() {
        text += &table::floor(report);
    }
    for curve in &report.curves {
        text += &table::curve(curve);
        text.push('\n');
    }
    if let Some(summary) = report.summary() {
        text += &format!("\n{summary}");
    }
    text
}

/// A whole report for the terminal.
pub fn text(report: &Report) -> String {
    let both = report.rows.iter().any(|row| row.allocator != report.rows[0].allocator);
    let mut text = String::new();
    if !report.rows.is_empty() {
        text = table::header() + "\n";
    }
    for row in &report.rows {
        text += &(table::row(row, both) + "\n");
    }
    text + &epilogue(report)
}
