//! The machine's floor: what the steps cost of which every runtime is made, without any runtime.
//!
//! A runtime's time for a workload says little alone. Beside the sum of the steps that it cannot do without (`necessity`), it
//! says how much there is to gain, and where it cannot come from.

mod kernel;
mod memory;
pub mod necessity;

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::report::Figure;

pub const RMW: &str = "atomic read-modify-write, alone";
pub const CAS: &str = "compare-exchange, alone";
pub const CONTENDED: &str = "atomic read-modify-write, with a second thread";
pub const MUTEX: &str = "std Mutex, lock and unlock, alone";
pub const ARC: &str = "Arc, clone and drop";
pub const THREAD_LOCAL: &str = "thread-local, read";
pub const MALLOC: &str = "malloc and free, 64 B, hot";
pub const MALLOC_MANY: &str = "malloc and free, 64 B, with 1,000 live";
pub const MALLOC_ALIGNED: &str = "malloc and free, 256 B aligned to 128";
pub const CLOCK: &str = "Instant::now";
pub const SYSTEM_CALL: &str = "system call (getppid)";
pub const FUTEX_NONE: &str = "futex wake, nobody waits";
pub const EPOLL: &str = "epoll_wait, no wait, nothing ready";
pub const HAND_OVER: &str = "wake a sleeping thread: until it runs";
pub const WAKE_SIDE: &str = "wake a sleeping thread: the waker's side";
pub const THREAD: &str = "thread, spawn and join";
pub const ECHO_ONE: &str = "TCP echo, four system calls on one thread";
pub const ECHO_TWO: &str = "TCP echo, two blocking threads";

// ANCHOR: benches-floor
/// All of them; calls `done` after each.
pub fn measure(quick: bool, mut done: impl FnMut(&str)) -> Vec<Figure> {
    let target = Duration::from_millis(if quick { 20 } else { 200 });
    let mut figures = Vec::new();
    let mut add = |name: &str, nanoseconds: f64| {
        done(name);
        figures.push(Figure { name: name.to_owned(), nanoseconds });
    };
    for (name, step) in memory::steps() {
        add(name, time(target, step));
    }
    add(CONTENDED, memory::contended(target));
    for (name, step) in kernel::steps() {
        add(name, time(target, step));
    }
    let (wake_side, hand_over) = kernel::hand_over(target);
    add(WAKE_SIDE, wake_side);
    add(HAND_OVER, hand_over);
    add(THREAD, time_batches(target, 1, || std::thread::spawn(|| {}).join().expect("it does nothing")));
    add(ECHO_ONE, kernel::echo_on_one_thread(target));
    add(ECHO_TWO, kernel::echo_between_threads(target));
    figures
}

pub const COUNT: usize = 18;

/// Nanoseconds for one `step`.
fn time(target: Duration, step: Box<dyn FnMut()>) -> f64 {
    const BATCH: u32 = 100;
    // The call through the pointer is no part of the step.
    let nothing: Box<dyn FnMut()> = black_box(Box::new(|| {
        black_box(());
    }));
    let call = time_batches(target / 8, BATCH, nothing);
    (time_batches(target, BATCH, step) - call).max(0.0)
}

/// The time for one step in the best tenth of batches of `batch` steps: what is above it is somebody else's doing.
fn time_batches(target: Duration, batch: u32, step: impl FnMut()) -> f64 {
    let batches = batches(target, batch, step);
    batches[batches.len() / 10]
}

/// The times for one step in batches of `batch` steps, the best first.
fn batches(target: Duration, batch: u32, mut step: impl FnMut()) -> Vec<f64> {
    (0..batch).for_each(|_| step());
    let (began, mut batches) = (Instant::now(), Vec::new());
    while began.elapsed() < target || batches.len() < 3 {
        let start = Instant::now();
        (0..batch).for_each(|_| step());
        batches.push(start.elapsed().as_nanos() as f64 / f64::from(batch));
    }
    batches.sort_by(f64::total_cmp);
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_there_once_and_is_positive_where_a_step_takes_time() {
        let mut names = Vec::new();
        let figures = measure(true, |name| names.push(name.to_owned()));
        assert_eq!(figures.len(), COUNT);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), COUNT, "no two have one name");
        let system_call = figures.iter().find(|figure| figure.name == SYSTEM_CALL).expect("it is there");
        assert!(system_call.nanoseconds > 0.0);
    }
}
