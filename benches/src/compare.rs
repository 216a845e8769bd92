//! [`Comparison`]: what rounds of child processes say about one workload.
//!
//! A round is four children, A B B A: whatever drifts evenly over a round, such as the machine's temper, falls on both alike.
//! Only ratios within a round are compared; absolute times on a shared machine change by half within minutes.

use crate::child;
use crate::meter::Sample;
use crate::rt::{Mini, Rt, Tokio};
use crate::statistics::{Estimate, bootstrap, median};
use crate::workloads::Workload;

/// Below 1 is good for us, in all of these.
pub struct Comparison {
    pub name: String,
    pub unit: String,
    /// Median over all children.
    pub mini: f64,
    pub tokio: f64,
    /// Ours by theirs.
    pub ratio: Estimate,
    pub cpu_ratio: Option<Estimate>,
    pub rounds: usize,
}

/// What an interval allows to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Better,
    Worse,
    /// The interval contains 1.
    Open,
}

impl From<&Estimate> for Verdict {
    fn from(ratio: &Estimate) -> Self {
        match ratio {
            Estimate { high, .. } if *high < 1.0 => Self::Better,
            Estimate { low, .. } if *low > 1.0 => Self::Worse,
            _ => Self::Open,
        }
    }
}

/// Runs `rounds` rounds of `workload`; calls `child_ended` after each child.
///
/// # Errors
///
/// If a child failed: which, and why.
pub fn compare(
    workload: &Workload,
    rounds: usize,
    quick: bool,
    mut child_ended: impl FnMut(),
) -> Result<Comparison, String> {
    let mut measure = |runtime: &str| {
        let sample = child::measure(runtime, &workload.name, quick);
        child_ended();
        sample.map_err(|error| format!("{} on {runtime}: {error}", workload.name))
    };
    let (mut mini, mut tokio) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        mini.push(measure(Mini::NAME)?);
        tokio.push(measure(Tokio::NAME)?);
        tokio.push(measure(Tokio::NAME)?);
        mini.push(measure(Mini::NAME)?);
    }
    let values = |samples: &[Sample]| samples.iter().map(|sample| sample.value).collect::<Vec<_>>();
    let cpus = |samples: &[Sample]| samples.iter().map(|sample| sample.cpu).collect::<Option<Vec<_>>>();
    let cpu_ratio = cpus(&mini).zip(cpus(&tokio)).map(|(mini, tokio)| ratio(&mini, &tokio));
    Ok(Comparison {
        name: workload.name.clone(),
        unit: mini[0].unit.clone(),
        mini: median(&values(&mini)),
        tokio: median(&values(&tokio)),
        ratio: ratio(&values(&mini), &values(&tokio)),
        cpu_ratio,
        rounds,
    })
}

/// The ratio of each round, put together.
fn ratio(mini: &[f64], tokio: &[f64]) -> Estimate {
    let rounds = mini.chunks_exact(2).zip(tokio.chunks_exact(2));
    let ratios: Vec<f64> = rounds.map(|(ours, theirs)| ours.iter().sum::<f64>() / theirs.iter().sum::<f64>()).collect();
    bootstrap(&ratios)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, ratio};
    use crate::statistics::Estimate;

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine was ten times slower in the second round, for both.
        let estimate = ratio(&[1.0, 1.0, 10.0, 10.0], &[2.0, 2.0, 20.0, 20.0]);
        assert_eq!((estimate.low, estimate.median, estimate.high), (0.5, 0.5, 0.5));
    }

    #[test]
    fn only_an_interval_wholly_on_one_side_of_one_is_a_verdict() {
        let verdict = |low, high| Verdict::from(&Estimate { median: 1.0, low, high });
        assert_eq!(verdict(0.5, 0.9), Verdict::Better);
        assert_eq!(verdict(0.5, 1.1), Verdict::Open);
        assert_eq!(verdict(1.1, 1.2), Verdict::Worse);
    }
}
