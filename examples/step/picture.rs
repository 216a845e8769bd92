//! Workers, queues and clock, drawn; and what happened, line by line.

use std::collections::HashMap;
use std::fmt::Write;

use crate::session::Session;

/// So many tasks of a queue are shown, and so many lines of news.
const QUEUE_SHOWN: usize = 12;
const NEWS_SHOWN: usize = 40;

type Numbers = HashMap<String, usize>;

fn task(numbers: &Numbers, id: u64) -> String {
    numbers.get(&id.to_string()).map_or_else(|| "t?".to_owned(), |number| format!("t{number}"))
}

/// A queue, the oldest first; of a long one the beginning.
fn queue(numbers: &Numbers, ids: &[u64]) -> String {
    if ids.is_empty() {
        return "-".to_owned();
    }
    let shown: Vec<_> = ids.iter().take(QUEUE_SHOWN).map(|&id| task(numbers, id)).collect();
    let rest = if ids.len() > QUEUE_SHOWN { format!(" .. {} in all", ids.len()) } else { String::new() };
    shown.join(" ") + &rest
}

/// The state of everything.
pub fn draw(session: &mut Session) -> String {
    let (numbers, queues, movable) = (session.numbers(), session.queues(), session.movable());
    let width = queues.lifo.iter().flatten().map(|&id| task(&numbers, id).len()).max().unwrap_or(1);
    let mut text = String::new();
    let (moves, clock, timers) = (session.moves(), session.clock(), queues.armed_timers);
    let _ = writeln!(text, "-- move {moves}, clock {clock:?}, timers armed: {timers}");
    for (worker, (lifo, local)) in queues.lifo.iter().zip(&queues.local).enumerate() {
        let state = match (movable.contains(&worker), queues.sleeping.contains(&worker)) {
            (_, true) => "asleep",
            (true, false) => "awake",
            (false, false) => "gone",
        };
        let lifo = lifo.map_or_else(|| "-".to_owned(), |id| task(&numbers, id));
        let _ = writeln!(text, "   w{worker}  {state:<6}  LIFO {lifo:<width$}  queue {}", queue(&numbers, local));
    }
    let _ = writeln!(text, "   global queue {}", queue(&numbers, &queues.global));
    text
}

/// The lines of the transcript from number `first` on; of many the last.
pub fn news(session: &mut Session, first: usize) -> String {
    let lines = session.lines_from(first);
    let hidden = lines.len().saturating_sub(NEWS_SHOWN);
    let mut text = if hidden > 0 { format!("({hidden} lines more)\n") } else { String::new() };
    for line in &lines[hidden..] {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// Each task that is alive, and where it is.
pub fn tasks(session: &mut Session) -> String {
    let queues = session.queues();
    let mut text = String::new();
    for alive in session.alive() {
        let holds = |ids: &Vec<u64>| ids.contains(&alive.id);
        let place = if let Some(worker) = queues.lifo.iter().position(|lifo| *lifo == Some(alive.id)) {
            format!("in the LIFO slot of w{worker}")
        } else if let Some(worker) = queues.local.iter().position(holds) {
            format!("in the queue of w{worker}")
        } else if holds(&queues.global) {
            "in the global queue".to_owned()
        } else {
            "waits".to_owned()
        };
        let name = alive.name.as_deref().unwrap_or("");
        let _ = writeln!(text, "   t{:<4} {name:<12} {place}", alive.number);
    }
    if text.is_empty() { "   no task is alive\n".to_owned() } else { text }
}
