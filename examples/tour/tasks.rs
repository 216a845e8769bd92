//! Act 1: ten thousand tasks count words, and the scheduler says where its workers found them.
//!
//! ```text
//!   the first task ──spawns──▶ 100 parents ──each spawns──▶ 99 children ──each counts its part of the text──▶ sum
//! ```
//!
//! The first task runs on some worker, so the parents land in that worker's queue, and the other workers have to come and
//! steal. Each child counts half of its part and yields, as a polite task does. The last child that a parent waits for wakes
//! it, through the LIFO slot.

use std::ops::Range;
use std::time::Instant;

use bytes::Bytes;
use examples::{count, duration};
use mini_tokio::insight::{PollSources, poll_sources};
use mini_tokio::runtime::Handle;
use mini_tokio::task;

use crate::stage::{Failure, Figures, Progress, Stage, check};

const CHILDREN: usize = 99;

pub fn run(stage: &Stage, progress: &Progress) -> Result<Figures, Failure> {
    let parents = stage.scale(100, 20);
    let tasks = parents * (CHILDREN + 1);
    let text = stage.input.text.clone();
    let expected = words_starting_in(&text, 0..text.len());
    progress.begin(tasks, "tasks count words");

    let ((words, took), runtime) = stage.on_runtime(async {
        let began = Instant::now();
        let words = task::spawn(first_task(text.clone(), parents, progress.clone())).await??;
        Ok((words, began.elapsed()))
    })?;

    check(words == expected, || format!("the tasks counted {words} words, there are {expected}"))?;
    let mut figures = vec![
        ("tasks spawned and joined", count(tasks)),
        ("words counted, as without tasks", count(words)),
        ("from first spawn to last join", format!("{} ({} a task)", duration(took), duration(took / tasks as u32))),
    ];
    // Every child is polled twice at least, for it yields; every parent once, and the first task.
    figures.extend(who_ran_them(stage, &runtime, parents * (2 * CHILDREN + 1) + 1)?);
    Ok(figures)
}

async fn first_task(text: Bytes, parents: usize, progress: Progress) -> Result<usize, Failure> {
    let family = |parent| task::spawn(parent_task(text.clone(), part(0..text.len(), parent, parents)));
    let families: Vec<_> = (0..parents).map(family).collect();
    let mut words = 0;
    for family in families {
        words += family.await??;
        progress.advance(CHILDREN + 1);
    }
    Ok(words)
}

async fn parent_task(text: Bytes, range: Range<usize>) -> Result<usize, Failure> {
    let child = |child| task::spawn(child_task(text.clone(), part(range.clone(), child, CHILDREN)));
    let children: Vec<_> = (0..CHILDREN).map(child).collect();
    let mut words = 0;
    for child in children {
        words += child.await?;
    }
    Ok(words)
}

// ANCHOR: tour-child-task
async fn child_task(text: Bytes, range: Range<usize>) -> usize {
    let first = words_starting_in(&text, part(range.clone(), 0, 2));
    task::yield_now().await;
    first + words_starting_in(&text, part(range, 1, 2))
}

/// Part `index` of `parts` equal ones.
fn part(range: Range<usize>, index: usize, parts: usize) -> Range<usize> {
    let at = |index| range.start + range.len() * index / parts;
    at(index)..at(index + 1)
}

/// A word belongs to the part in which it begins; so cuts may go through words.
fn words_starting_in(text: &[u8], range: Range<usize>) -> usize {
    let is_space = |at: usize| text[at].is_ascii_whitespace();
    range.filter(|&at| !is_space(at) && (at == 0 || is_space(at - 1))).count()
}

fn who_ran_them(stage: &Stage, runtime: &Handle, at_least: usize) -> Result<Figures, Failure> {
    let workers: Vec<_> = (0..stage.workers).map(|worker| poll_sources(runtime, worker)).collect();
    let sum = |field: fn(&PollSources) -> u64| workers.iter().map(field).sum::<u64>();
    let total = sum(PollSources::total);
    let metrics = runtime.metrics();
    let counted: u64 = (0..stage.workers).map(|worker| metrics.worker_poll_count(worker)).sum();
    check(total == counted, || format!("{counted} polls, but {total} by where the tasks were found"))?;
    check(total >= at_least as u64, || format!("{total} polls are too few, {at_least} is the least"))?;

    let share = |number: u64| format!("{} ({:.1} %)", count(number), 100.0 * number as f64 / total as f64);
    let thefts: u64 = (0..stage.workers).map(|worker| metrics.worker_steal_operations(worker)).sum();
    let loot: u64 = (0..stage.workers).map(|worker| metrics.worker_steal_count(worker)).sum();
    let by_worker: Vec<_> = workers.iter().map(|worker| count(worker.total())).collect();
    Ok(vec![
        ("polls", format!("{}, by worker: {}", count(total), by_worker.join(" / "))),
        ("  found in the LIFO slot", share(sum(|polls| polls.lifo))),
        ("  found in the local queue", share(sum(|polls| polls.local))),
        ("  found in the global queue", share(sum(|polls| polls.global))),
        ("  stolen", share(sum(|polls| polls.stolen))),
        ("thefts", format!("{}, {} tasks in all", count(thefts), count(loot))),
    ])
}
