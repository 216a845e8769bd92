//! A tour of the runtime: six acts on real input, each a file of its own, and a table of what was measured.
//!
//! ```sh
//! cargo run --release --example tour
//! cargo run --release --example tour -- --only-listen --listen 127.0.0.1:7000      # and then: nc 127.0.0.1 7000
//! ```
//!
//! Every act checks what it does, and any check that fails ends the tour with a message and exit code 1. How fast things are
//! is only reported: that depends on the machine. The input is text, by default the source of the runtime itself.

mod blocking;
mod cancellation;
mod delays;
mod echo;
mod input;
mod shutdown;
mod stage;
mod table;
mod tasks;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use crate::input::Input;
use crate::stage::{Failure, Figures, Progress, Stage};
use crate::table::Table;

/// A tour of mini_tokio: six acts, each checked, and a table of what was measured.
#[derive(Parser)]
struct Arguments {
    /// Smaller numbers of everything.
    #[arg(long)]
    quick: bool,
    /// How many workers the runtimes have; one a core unless given.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
    /// A file or directory whose text is worked on; the source of mini_tokio unless given.
    #[arg(long)]
    input: Option<PathBuf>,
    /// Leave an echo server up at this address afterwards; Ctrl-C ends it.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Skip the acts: nothing but the echo server.
    #[arg(long, requires = "listen")]
    only_listen: bool,
}

type Act = fn(&Stage, &Progress) -> Result<Figures, Failure>;

const ACTS: [(&str, Act); 6] = [
    ("tasks", tasks::run),
    ("delays", delays::run),
    ("echo", echo::run),
    ("blocking", blocking::run),
    ("cancellation", cancellation::run),
    ("shutdown", shutdown::run),
];

fn main() -> ExitCode {
    match tour(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tour: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn tour(arguments: &Arguments) -> Result<(), Failure> {
    // Taken before the acts: nobody wants to hear at the end that the address was in use.
    let listener = arguments.listen.map(bind).transpose()?;
    let workers = match arguments.workers {
        Some(workers) => workers.into(),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let stage = Stage { input: Input::read(arguments.input.as_deref())?, workers, quick: arguments.quick };
    if !arguments.only_listen {
        acts(&stage)?;
    }
    match listener {
        Some(listener) => echo::listen(&stage, listener),
        None => Ok(()),
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).map_err(|error| examples::explain_bind(address, error))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn acts(stage: &Stage) -> Result<(), Failure> {
    let (began, mut table) = (Instant::now(), Table::default());
    for (index, (name, act)) in ACTS.into_iter().enumerate() {
        let (act_began, progress) = (Instant::now(), Progress::new(index + 1, ACTS.len(), name));
        let figures = match act(stage, &progress) {
            Ok(figures) => figures,
            Err(failure) => {
                progress.give_up();
                return Err(Failure(format!("act {} ({name}) failed: {failure}", index + 1)));
            }
        };
        progress.finish();
        table.add(name, figures, act_began.elapsed());
    }
    println!("{}\n{table}", stage.heading());
    println!("All checks passed, in {}.", examples::duration(began.elapsed()));
    Ok(())
}
