//! `MINI_TOKIO_SCHEDTRACE=1000`: a line on stderr every so many milliseconds that says what a runtime is at. The idea is Go's.

use std::fmt::Write;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::scheduler::Shared;

/// Starts the thread that prints, if the environment asks for it. The thread ends within a period after the runtime did. If
/// the system refuses the thread, nothing is printed: nobody's program shall fail for it.
pub(crate) fn start(shared: &Arc<Shared>) {
    let wish = std::env::var("MINI_TOKIO_SCHEDTRACE").ok().and_then(|text| text.parse().ok());
    let Some(period) = wish.filter(|&period: &u64| period > 0).map(Duration::from_millis) else { return };
    let (shared, start) = (Arc::downgrade(shared), Instant::now());
    let body = move || trace(&shared, start, period);
    let _ = std::thread::Builder::new().name("mini-schedtrace".to_owned()).spawn(body);
}

fn trace(shared: &Weak<Shared>, start: Instant, period: Duration) {
    loop {
        std::thread::sleep(period);
        let Some(shared) = shared.upgrade().filter(|shared| !shared.is_shutting_down()) else { return };
        eprintln!("schedtrace {}ms {}", start.elapsed().as_millis(), line(&shared));
    }
}

/// One line. Each figure was true at some moment of the call.
pub(super) fn line(shared: &Shared) -> String {
    let workers = shared.remotes.len();
    let (parked, searching) = (shared.config.workers - shared.idle.awake(), shared.idle.searching());
    let mut line = format!(
        "runtime {}: workers={workers} running={} parked={parked} searching={searching} queues=[",
        shared.id,
        workers.saturating_sub(parked + searching),
    );
    for (worker, remote) in shared.remotes.iter().enumerate() {
        let length = remote.stealer.as_ref().map_or_else(|| remote.stats.private_depth(), |stealer| stealer.len());
        let _ = write!(line, "{}{length}", if worker == 0 { "" } else { " " });
    }
    let (timers, blocking) = (shared.driver.timer.as_ref().map_or(0, timer::Timer::armed), &shared.blocking);
    let (threads, idle) = (blocking.threads(), blocking.idle_threads());
    let _ = write!(
        line,
        "] global={} tasks={} timers={timers} blocking: busy={} idle={idle} queued={}",
        shared.global.len(),
        shared.registry.len(),
        threads.saturating_sub(idle),
        blocking.queued(),
    );
    line
}
