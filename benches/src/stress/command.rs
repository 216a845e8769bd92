//! The stress run as a command: progress, figures, and memory that must not grow.

use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use mini_tokio::runtime::Builder;

use super::run;
use crate::allocator;

/// How much more may be in use at the end than after a tenth of the run: queues and tables keep the room that they once had.
const SLACK: i64 = 4 << 20;

#[derive(Args)]
pub struct StressArgs {
    /// How many tasks.
    #[arg(long, default_value_t = 10_000_000)]
    tasks: u64,
    /// How many at a time.
    #[arg(long, default_value_t = 20_000)]
    batch: u64,
    /// Worker threads; without it, as many as cores.
    #[arg(long)]
    workers: Option<usize>,
}

pub fn run_command(args: &StressArgs) -> Result<(), String> {
    if args.tasks == 0 || args.batch == 0 || args.workers == Some(0) {
        return Err("--tasks, --batch and --workers must be at least 1".to_owned());
    }
    allocator::start_counting();
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = args.workers {
        builder.worker_threads(workers);
    }
    let runtime = builder.enable_all().build().map_err(|error| format!("the runtime could not be built: {error}"))?;
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {per_sec} {eta:>5}");
    let bar = ProgressBar::new(args.tasks).with_style(style.expect("the template is right"));
    let (began, mut early) = (Instant::now(), None);
    let tally = run(&runtime, args.tasks, args.batch, |done| {
        bar.set_position(done);
        if early.is_none() && done >= args.tasks / 10 {
            early = Some(allocator::live().bytes);
        }
    })?;
    bar.finish_and_clear();
    let (took, early, late) = (began.elapsed(), early.unwrap_or(0), allocator::live().bytes);
    println!("tasks      {} in {took:.1?}, {:.0} a second", tally.total(), tally.total() as f64 / took.as_secs_f64());
    println!("values     {}", tally.values);
    println!("cancelled  {}", tally.cancelled);
    println!("panicked   {}", tally.panicked);
    println!("memory     {early} bytes after a tenth, {late} at the end");
    let alive = runtime.metrics().num_alive_tasks();
    if alive > 0 {
        return Err(format!("{alive} tasks are still alive"));
    }
    if late - early > SLACK {
        return Err(format!("memory grew by {} bytes", late - early));
    }
    Ok(())
}
