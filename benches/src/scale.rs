//! How cost grows: with tasks, timers, connections; and with workers, which the stepper has as many of as one likes.
//!
//! The first three are workloads named `scale/WHAT_NUMBER`, run as the others are, in processes of their own. What is flat
//! costs the same for each however many there are.

pub mod workers;

use crate::allocator::Choice;
use crate::child::{self, Job};
use crate::contenders::{self, OURS, TOKIO};
use crate::report::{Curve, Line};
use crate::rt::Settings;
use crate::statistics::median;
use crate::workloads::Workload;

const CURVES: [(&str, &str, &str); 3] = [
    ("timers", "timers", "one timer armed and cancelled, with so many at once"),
    ("tasks", "tasks", "one task spawned, woken and joined, with so many at once"),
    ("connections", "connections", "a TCP round trip, while so many other connections are silent"),
];

/// The points of a curve: the number that a workload's name ends with, and the workload.
fn points<'a>(list: &'a [Workload], what: &str) -> Vec<(f64, &'a Workload)> {
    let number = |workload: &Workload| workload.name.strip_prefix(&format!("scale/{what}_"))?.parse().ok();
    let mut points: Vec<(f64, &Workload)> =
        list.iter().filter_map(|workload| Some((number(workload)?, workload))).collect();
    points.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    points
}

fn rounds(quick: bool) -> usize {
    if quick { 1 } else { 5 }
}

/// How many processes [`measure`] starts.
pub fn children(quick: bool) -> usize {
    let contenders = contenders::all();
    let all = CURVES.iter().map(|(what, _, _)| points(&contenders[0].list().0, what).len()).sum::<usize>();
    all * 2 * rounds(quick)
}

/// All curves, on ours and on tokio, in turns; the workers' with them. Calls `child_ended` after each child.
///
/// # Errors
///
/// If a child failed: which, and why.
pub fn measure(quick: bool, mut child_ended: impl FnMut(&str)) -> Result<Vec<Curve>, String> {
    let contenders = contenders::all();
    let mut curves = Vec::new();
    for (what, axis, name) in CURVES {
        let mut lines = [OURS, TOKIO].map(|name| Line { name: name.to_owned(), points: Vec::new() });
        for (x, workload) in points(&contenders[0].list().0, what) {
            let mut values = [Vec::new(), Vec::new()];
            for _ in 0..rounds(quick) {
                for (values, line) in values.iter_mut().zip(&lines) {
                    let (contender, settings) = (line.name.as_str(), Settings::default());
                    let job = Job { contender, workload: &workload.name, allocator: Choice::Glibc, settings, quick };
                    values.push(child::measure(&job)?.value);
                    child_ended(&workload.name);
                }
            }
            for (values, line) in values.iter().zip(&mut lines) {
                line.points.push((x, median(values)));
            }
        }
        curves.push(Curve { name: name.to_owned(), unit: "ns".to_owned(), axis: axis.to_owned(), lines: lines.into() });
    }
    curves.extend(workers::curves());
    Ok(curves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_has_points_in_ascending_order() {
        let contenders = contenders::all();
        for (what, _, _) in CURVES {
            let points = points(&contenders[0].list().0, what);
            assert!(points.len() >= 3, "{what}");
            assert!(points.is_sorted_by(|(one, _), (other, _)| one < other), "{what}");
        }
    }
}
