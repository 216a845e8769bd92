//! What a workload cannot do without, in steps of the floor.
//!
//! The counts are of this design's own promises (a task that can be awaited, aborted and woken from anywhere), for one unit of
//! the workload, and generous to nobody: no queue, no bookkeeping, no budget. So the floor cannot be reached; how far away a
//! runtime stays is what it spends on the rest.

use super::{CLOCK, ECHO_ONE, EPOLL, MALLOC, MUTEX, RMW, THREAD_LOCAL};
use crate::report::Report;

/// The workload, and how often it needs what.
type Necessity = (&'static str, &'static [(u32, &'static str)]);

// ANCHOR: benches-necessity
const LIST: [Necessity; 8] = [
    // The cell; woken once by itself; finished; its end seen; two references.
    ("ct/spawn_join", &[(1, MALLOC), (4, RMW), (2, THREAD_LOCAL)]),
    // Taken up, woken, put down.
    ("ct/yield_many", &[(3, RMW), (1, THREAD_LOCAL)]),
    ("ct/spawn_many_local", &[(1, MALLOC), (3, RMW), (1, THREAD_LOCAL)]),
    // Entered and left.
    ("ct/block_on_ready", &[(2, THREAD_LOCAL), (1, RMW)]),
    // The value's place; sent; received.
    ("ct/oneshot", &[(1, MALLOC), (2, RMW)]),
    ("ct/mpsc_unbounded_uncontended", &[(2, MUTEX)]),
    // The deadline.
    ("ct/sleep_made", &[(1, CLOCK)]),
    // Two turns of the reactor.
    ("ct/tcp_echo", &[(1, ECHO_ONE), (2, EPOLL)]),
];

/// One line of the comparison with the floor.
pub struct Need {
    pub workload: String,
    pub least: f64,
    pub ours: f64,
    pub tokios: f64,
    pub parts: String,
}

/// For those workloads that `report` has, if it has the floor.
pub fn needs(report: &Report) -> Vec<Need> {
    let cost = |name: &str| report.floor.iter().find(|figure| figure.name == name).map(|figure| figure.nanoseconds);
    let need = |&(workload, parts): &Necessity| {
        let costs: Option<Vec<f64>> = parts.iter().map(|&(count, name)| Some(f64::from(count) * cost(name)?)).collect();
        let parts: Vec<_> = parts.iter().map(|(count, name)| format!("{count} x {name}")).collect();
        Some(Need {
            workload: workload.to_owned(),
            least: costs?.iter().sum(),
            ours: report.ours(workload)?,
            tokios: report.tokios(workload)?,
            parts: parts.join("; "),
        })
    };
    LIST.iter().filter_map(need).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contenders;

    #[test]
    fn every_workload_here_is_one_of_ours() {
        let contenders = contenders::all();
        for (name, _) in LIST {
            assert!(contenders[0].list().find(name).is_some(), "{name}");
        }
    }
}
