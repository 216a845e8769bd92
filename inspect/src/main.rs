//! The command `inspect`: shows what is in a recording.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use inspect::summary::Summary;
use inspect::{End, Recording, Row, perfetto, replay};

/// Shows what is in a recording of mini_tokio (MINI_TOKIO_RECORD=file program).
#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// What stands out, worst first.
    Summary(Source),
    /// A readable line an event.
    Text(Source),
    /// A JSON object an event, a line each.
    Json(Source),
    /// The state after an event, as JSON.
    State {
        #[command(flatten)]
        source: Source,
        /// After how many events; all of them unless given.
        #[arg(long)]
        at: Option<usize>,
    },
    /// A page that replays the recording in a browser: one HTML file.
    Replay {
        #[command(flatten)]
        source: Source,
        /// Where to write it.
        #[arg(short)]
        output: PathBuf,
    },
    /// A trace for ui.perfetto.dev.
    Perfetto {
        #[command(flatten)]
        source: Source,
        /// Where to write it.
        #[arg(short)]
        output: PathBuf,
    },
}

#[derive(clap::Args)]
struct Source {
    /// The recording.
    recording: PathBuf,
    /// Show what stands before the damage of a damaged recording.
    #[arg(long)]
    damaged: bool,
}

fn main() -> ExitCode {
    match run(&Command::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("inspect: {error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error>;

fn run(what: &What) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = match what {
        What::Summary(source) => {
            let recording = open(source)?;
            write!(out, "{}", Summary::new(&recording).text(&recording))
        }
        What::Text(source) => open(source)?.events.iter().try_for_each(|recorded| {
            let row = Row::new(recorded);
            let worker = row.worker.map_or(String::new(), |worker| format!("w{worker}"));
            let about = if recorded.unsure.is_zero() { "" } else { "~" };
            writeln!(out, "{:>8} {:>14} {worker:<4} {}", row.n, format!("{about}{:.3?}", recorded.at), row.text)
        }),
        What::Json(source) => open(source)?.events.iter().try_for_each(|recorded| {
            writeln!(out, "{}", serde_json::to_string(&Row::new(recorded)).expect("plain data"))
        }),
        What::State { source, at } => {
            let recording = open(source)?;
            let n = at.unwrap_or(recording.events.len());
            let state = inspect::State::after(recording.header.workers, &recording.events, n);
            writeln!(out, "{}", serde_json::to_string_pretty(&state)?)
        }
        What::Replay { source, output } => {
            let name = source.recording.file_name().unwrap_or_default().to_string_lossy();
            return save(output, &replay::page(&open(source)?, &format!("Replay of {name}")));
        }
        What::Perfetto { source, output } => return save(output, &perfetto::trace(&open(source)?).to_string()),
    };
    match written.and_then(|()| out.flush()) {
        // A reader like `head` has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn open(source: &Source) -> Result<Recording, Failure> {
    let path = source.recording.display();
    let recording = inspect::open(&source.recording).map_err(|error| format!("{path}: {error}"))?;
    if let Some(warning) = inspect::warning(&recording.end) {
        if matches!(recording.end, End::Damaged { .. }) && !source.damaged {
            let whole = recording.events.len();
            return Err(format!("{path}: {warning}; --damaged shows the {whole} events before").into());
        }
        eprintln!("inspect: {path}: {warning}");
    }
    Ok(recording)
}
