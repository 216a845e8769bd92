//! The scheduler in a terminal, one decision at a time, forwards and backwards.
//!
//! ```text
//! cargo run --example step              lists the programs
//! cargo run --example step steal        steps one of them; `help` says how
//! ```
//!
//! | file | its noun |
//! |---|---|
//! | `lesson` | a program to be stepped, with what it shows |
//! | `session` | a run: the moves so far, which can be taken back |
//! | `picture` | workers, queues and clock, drawn |
//! | `command` | what can be typed |
//!
//! Commands are read from standard input line by line, so a session can be scripted; `tests/transcripts/step/` has some.

mod command;
mod lesson;
mod picture;
mod session;

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use command::{Command, HELP};
use lesson::LESSONS;
use session::{Ended, Session};

/// Steps a small program on virtual workers.
#[derive(Parser)]
struct Arguments {
    /// Which program; without one, they are listed.
    program: Option<String>,
    /// How many workers, if not as many as the program is made for.
    #[arg(long)]
    workers: Option<usize>,
    /// The seed of all random choices.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(name) = arguments.program else {
        for lesson in LESSONS {
            println!("{:<12} {}", lesson.name, lesson.shows);
        }
        return ExitCode::SUCCESS;
    };
    let Some(lesson) = LESSONS.iter().find(|lesson| lesson.name == name) else {
        eprintln!("There is no program {name}; without a name they are listed.");
        return ExitCode::FAILURE;
    };
    if arguments.workers == Some(0) {
        eprintln!("A stepper needs at least one worker.");
        return ExitCode::FAILURE;
    }
    println!("{}: {}\n{}\n", lesson.name, lesson.shows, lesson.hint);
    let mut session = Session::new(lesson, arguments.workers.unwrap_or(lesson.workers), arguments.seed);
    print!("{}{}", picture::news(&mut session, 0), picture::draw(&mut session));
    match converse(&mut session) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads commands until `quit` or the end of the input.
fn converse(session: &mut Session) -> io::Result<()> {
    let input = io::stdin();
    let typed = input.is_terminal();
    let mut last = String::new();
    loop {
        print!("> ");
        io::stdout().flush()?;
        let mut line = String::new();
        if input.lock().read_line(&mut line)? == 0 {
            println!();
            return Ok(());
        }
        if !typed {
            print!("{line}"); // a scripted session reads like a typed one
        }
        // An empty line repeats, as in other debuggers.
        if !line.trim().is_empty() {
            last = line.trim().to_owned();
        }
        match Command::parse(&last) {
            Ok(Command::Quit) => return Ok(()),
            Ok(Command::Help) => print!("{HELP}"),
            Ok(command) => obey(session, &command),
            Err(complaint) => println!("{complaint}"),
        }
    }
}

/// Carries a command out and shows what happened.
fn obey(session: &mut Session, command: &Command) {
    let before = session.lines_so_far();
    let ended = match command {
        Command::Next(moves) => session.go(*moves, |_| false),
        Command::Worker(worker) => session.move_worker(*worker),
        Command::Back(moves) => {
            session.back(*moves);
            print!("{}", picture::draw(session));
            return;
        }
        Command::Run => session.run_to_break(),
        Command::Until(goal) => session.run_until(goal),
        Command::Shutdown => session.shut_down(),
        Command::Break(task) => {
            let set = session.toggle_break(*task);
            println!("{} t{task}", if set { "`run` and `until` stop at polls of" } else { "no longer stops at" });
            return;
        }
        Command::Tasks => return print!("{}", picture::tasks(session)),
        Command::Draw => return print!("{}", picture::draw(session)),
        Command::Help | Command::Quit => Ended::AsAsked,
    };
    print!("{}", picture::news(session, before));
    match ended {
        Ended::AsAsked => {}
        Ended::Quiescent => println!("Nothing can happen any more."),
        Ended::Break(task) => println!("t{task} is polled."),
        Ended::CannotMove => println!("That worker cannot move: it sleeps and was not called, or there is none."),
        Ended::TooLong => println!("Stopped after {} moves.", session::PATIENCE),
        Ended::Over => println!("The runtime has shut down."),
    }
    print!("{}", picture::draw(session));
}
