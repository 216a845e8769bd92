//! Rounds of child processes, and what they say about one workload.
//!
//! A round is A B B A, and with more contenders A B C C B A: whatever drifts evenly over a round, such as the machine's temper,
//! falls on all alike. Only ratios within a round are compared; absolute times on a shared machine change by half within
//! minutes.

use crate::allocator::Choice;
use crate::child::{self, Job};
use crate::contenders::{Contender, OURS, TOKIO, TOKIO_BEST};
use crate::meter::Sample;
use crate::report::{Entry, Row};
use crate::rt::Settings;
use crate::statistics::{Estimate, bootstrap, median, quotient};
use crate::workloads::Workload;

/// One workload and who runs it, ours first.
pub struct Heat<'a> {
    pub workload: &'a Workload,
    pub contenders: Vec<&'a str>,
    pub allocator: Choice,
    pub rounds: usize,
    pub quick: bool,
}

impl<'a> Heat<'a> {
    /// Those of `contenders` that take part in `workload`.
    pub fn new(
        workload: &'a Workload,
        contenders: &[&'a Contender],
        allocator: Choice,
        rounds: usize,
        quick: bool,
    ) -> Self {
        let takes_part = |contender: &&&Contender| contender.list().find(&workload.name).is_some();
        let contenders = contenders.iter().filter(takes_part).map(|contender| contender.name).collect();
        Self { workload, contenders, allocator, rounds: rounds.clamp(1, workload.max_rounds), quick }
    }

    /// How many processes it takes.
    pub fn children(&self) -> usize {
        let best = if self.contenders.contains(&TOKIO_BEST) { Settings::CANDIDATES.len() } else { 0 };
        self.rounds * 2 * self.contenders.len() + best
    }

    /// Runs it; calls `child_ended` after each child. Also returns which children failed, and why: who fails once is out, and the
    /// others go on.
    ///
    /// # Errors
    ///
    /// If a child of ours failed: without it there is nothing to compare.
    pub fn run(&self, mut child_ended: impl FnMut()) -> Result<(Row, Vec<String>), String> {
        let mut measure = |contender, settings| {
            let (workload, quick) = (self.workload.name.as_str(), self.quick);
            let sample = child::measure(&Job { contender, workload, allocator: self.allocator, settings, quick });
            child_ended();
            sample
        };
        let mut best = Settings::default();
        if self.contenders.contains(&TOKIO_BEST) {
            let mut tried = Vec::new();
            for settings in Settings::CANDIDATES {
                tried.push((measure(TOKIO_BEST, settings)?.value, settings));
            }
            best = tried.into_iter().min_by(|(one, _), (other, _)| one.total_cmp(other)).expect("there are some").1;
        }
        let settings_of = |contender| if contender == TOKIO_BEST { best } else { Settings::default() };
        // None: it failed, and is out.
        let mut samples: Vec<Option<Vec<Sample>>> = self.contenders.iter().map(|_| Some(Vec::new())).collect();
        let mut failures = Vec::new();
        for _ in 0..self.rounds {
            for turn in order(self.contenders.len()) {
                let (contender, Some(taken)) = (self.contenders[turn], &mut samples[turn]) else { continue };
                match measure(contender, settings_of(contender)) {
                    Ok(sample) => taken.push(sample),
                    Err(failure) if contender == OURS => return Err(failure),
                    Err(failure) => {
                        failures.push(failure);
                        samples[turn] = None;
                    }
                }
            }
        }
        let names = self.contenders.iter().copied();
        let results = names.zip(samples).filter_map(|(name, samples)| Some((name, settings_of(name), samples?)));
        Ok((self.row(results.collect()), failures))
    }

    fn row(&self, results: Vec<(&str, Settings, Vec<Sample>)>) -> Row {
        let ours = results[0].2.clone();
        let entries = results.into_iter().map(|(name, settings, samples)| {
            let is_ours = name == OURS;
            let (values, cpus) = (values(&samples), cpus(&samples));
            Entry {
                contender: name.to_owned(),
                settings: (name == TOKIO_BEST).then(|| settings.to_string()),
                value: median(&values),
                cpu: cpus.as_deref().map(median),
                ratio: (!is_ours).then(|| ratio(&self::values(&ours), &values)),
                cpu_ratio: if is_ours {
                    None
                } else {
                    self::cpus(&ours).zip(cpus).map(|(ours, cpus)| ratio(&ours, &cpus))
                },
                samples: values,
            }
        });
        Row {
            workload: self.workload.name.clone(),
            file: self.workload.file.to_owned(),
            allocator: self.allocator,
            unit: ours[0].unit.clone(),
            rounds: self.rounds,
            entries: entries.collect(),
        }
    }
}

/// Whom a comparison has by default: everybody, or the two that matter most.
pub fn default_field(quick: bool) -> &'static [&'static str] {
    if quick { &[TOKIO] } else { &[TOKIO, TOKIO_BEST, "smol", "futures", "async-channel", "flume", "kanal"] }
}

// ANCHOR: benches-order
/// Whose turn it is, one after the other, in a round of so many contenders.
fn order(contenders: usize) -> impl Iterator<Item = usize> {
    (0..contenders).chain((0..contenders).rev())
}

fn values(samples: &[Sample]) -> Vec<f64> {
    samples.iter().map(|sample| sample.value).collect()
}

/// None if one of them has none.
fn cpus(samples: &[Sample]) -> Option<Vec<f64>> {
    samples.iter().map(|sample| sample.cpu).collect()
}

/// The ratio of each round, put together: two samples of each a round.
fn ratio(ours: &[f64], theirs: &[f64]) -> Estimate {
    let rounds = ours.chunks_exact(2).zip(theirs.chunks_exact(2));
    let ratios: Vec<f64> = rounds.map(|(ours, theirs)| quotient(ours.iter().sum(), theirs.iter().sum())).collect();
    bootstrap(&ratios)
}

#[cfg(test)]
mod tests {
    use super::{order, ratio};

    #[test]
    fn a_round_goes_there_and_back() {
        assert_eq!(order(2).collect::<Vec<_>>(), [0, 1, 1, 0]);
        assert_eq!(order(3).collect::<Vec<_>>(), [0, 1, 2, 2, 1, 0]);
    }

    #[test]
    fn an_even_drift_over_a_round_falls_on_all_alike() {
        // Each turn takes as long as the ones before took, and a tenth more.
        let mut sums = [0; 3];
        for (minute, turn) in order(3).enumerate() {
            sums[turn] += 100 + 10 * minute;
        }
        assert_eq!(sums[0], sums[1]);
        assert_eq!(sums[1], sums[2]);
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine was ten times slower in the second round, for both.
        let estimate = ratio(&[1.0, 1.0, 10.0, 10.0], &[2.0, 2.0, 20.0, 20.0]);
        assert_eq!((estimate.low, estimate.median, estimate.high), (0.5, 0.5, 0.5));
    }
}
