//! [`Meter`]: measures one workload, inside a child process of its own.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::statistics::median;

/// What one child found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub value: f64,
    pub unit: String,
    /// CPU time for each unit of work, of all threads together, in nanoseconds; none where the value is no time.
    pub cpu: Option<f64>,
}

pub struct Meter {
    /// How long to measure.
    target: Duration,
    /// Do just so many iterations and measure no time: something outside this process counts.
    iterations: Option<u32>,
    pub quick: bool,
    sample: Option<Sample>,
}

impl Meter {
    pub fn new(quick: bool) -> Self {
        let target = Duration::from_millis(if quick { 30 } else { 200 });
        Self { target, iterations: None, quick, sample: None }
    }

    /// A meter for a process that is watched from outside; its sample is the number of units of work that were done.
    pub fn counting(iterations: u32) -> Self {
        Self { iterations: Some(iterations), ..Self::new(true) }
    }

    /// Measures `iteration`, which does `units` units of work, by calling it again and again: first a while to warm up, then
    /// for as long as this meter measures. The value is the median iteration's time for one unit.
    pub fn repeat(&mut self, units: u32, mut iteration: impl FnMut()) {
        if let Some(iterations) = self.iterations {
            (0..iterations).for_each(|_| iteration());
            return self.report(f64::from(iterations) * f64::from(units), "units");
        }
        let warm = Instant::now();
        while warm.elapsed() < self.target / 4 {
            iteration();
        }
        let mut nanos = Vec::new();
        let (began, cpu) = (Instant::now(), process_cpu());
        while began.elapsed() < self.target || nanos.len() < 3 {
            let start = Instant::now();
            iteration();
            nanos.push(start.elapsed().as_nanos() as f64 / f64::from(units));
        }
        let cpu = (process_cpu() - cpu).as_nanos() as f64 / nanos.len() as f64 / f64::from(units);
        self.sample = Some(Sample { value: median(&nanos), unit: "ns".to_owned(), cpu: Some(cpu) });
    }

    /// For what is not the time of something.
    pub fn report(&mut self, value: f64, unit: &str) {
        self.sample = Some(Sample { value, unit: unit.to_owned(), cpu: None });
    }

    /// # Panics
    ///
    /// If the workload measured nothing.
    pub fn finish(self) -> Sample {
        self.sample.expect("every workload measures something")
    }
}

/// CPU time that this process has used, all threads together.
pub fn process_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec to write to, and the clock exists on every Unix system.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(failed, 0, "the process has a CPU clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Bytes of this process that are in memory.
pub fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux says how large a process is");
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).expect("its second field");
    // SAFETY: has no preconditions.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages * u64::try_from(page).expect("a page has a size")
}
