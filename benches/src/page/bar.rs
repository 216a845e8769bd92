//! A ratio as a bar from 1, on a logarithmic scale.

use std::fmt::Write;

use crate::report::Entry;
use crate::statistics::{Estimate, Verdict};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 22.0;
/// The ends of the scale, as powers of two on each side of 1. What lies beyond ends in an arrow.
const ENDS: f64 = 3.0;

/// Where a ratio is.
fn x(ratio: f64) -> f64 {
    let power = ratio.max(1e-9).log2().clamp(-ENDS, ENDS);
    WIDTH * (power + ENDS) / (2.0 * ENDS)
}

pub fn class(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Better) => "better",
        Some(Verdict::Worse) => "worse",
        _ => "open",
    }
}

/// The scale, as wide as the bars.
pub fn axis() -> String {
    let mut svg = format!("<svg width=\"{WIDTH}\" height=\"16\" class=\"bar\">");
    for (label, ratio) in
        [("&#8539;", 0.125), ("&frac14;", 0.25), ("&frac12;", 0.5), ("1", 1.0), ("2", 2.0), ("4", 4.0), ("8", 8.0)]
    {
        let anchor = if ratio < 0.2 {
            "start"
        } else if ratio > 7.0 {
            "end"
        } else {
            "middle"
        };
        let _ = write!(svg, "<text x=\"{:.1}\" y=\"12\" text-anchor=\"{anchor}\">{label}</text>", x(ratio));
    }
    svg + "</svg>"
}

/// The bar of `entry`'s ratio, its interval, and the CPU time's thin bar below.
pub fn bar(entry: &Entry, verdict: Option<Verdict>) -> String {
    let mut svg = format!("<svg width=\"{WIDTH}\" height=\"{HEIGHT}\" class=\"bar {}\">", class(verdict));
    for ratio in [0.25, 0.5, 1.0, 2.0, 4.0] {
        let class = if ratio == 1.0 { "one" } else { "grid" };
        let _ = write!(svg, "<line class=\"{class}\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"0\" y2=\"{HEIGHT}\"/>", x(ratio));
    }
    if let Some(ratio) = &entry.ratio {
        svg += &block(ratio.median, 3.0, 9.0, "wall");
        svg += &whisker(ratio, 7.5);
    }
    if let Some(ratio) = &entry.cpu_ratio {
        svg += &block(ratio.median, 15.0, 3.0, "cpu");
    }
    svg + "</svg>"
}

fn block(ratio: f64, y: f64, height: f64, class: &str) -> String {
    let (from, to) = (x(ratio).min(x(1.0)), x(ratio).max(x(1.0)));
    let mut svg = format!(
        "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"{height}\"/>",
        (to - from).max(1.0)
    );
    if ratio.max(1e-9).log2().abs() > ENDS {
        let (tip, back) = if ratio < 1.0 { (0.0, 7.0) } else { (WIDTH, WIDTH - 7.0) };
        let (top, middle, bottom) = (y - 2.0, y + height / 2.0, y + height + 2.0);
        let _ = write!(svg, "<path class=\"beyond\" d=\"M{back} {top}L{tip} {middle}L{back} {bottom}\"/>");
    }
    svg
}

fn whisker(ratio: &Estimate, y: f64) -> String {
    let (low, high) = (x(ratio.low), x(ratio.high));
    let (top, bottom) = (y - 3.5, y + 3.5);
    format!("<path class=\"whisker\" d=\"M{low:.1} {y}H{high:.1}M{low:.1} {top}V{bottom}M{high:.1} {top}V{bottom}\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_in_the_middle_and_reciprocals_are_as_far_from_it() {
        assert_eq!(x(1.0), WIDTH / 2.0);
        assert!((x(2.0) - x(1.0) - (x(1.0) - x(0.5))).abs() < 1e-9);
    }

    #[test]
    fn what_lies_beyond_the_scale_ends_in_an_arrow_at_its_end() {
        assert_eq!(x(0.0), 0.0);
        assert_eq!(x(1e6), WIDTH);
        assert!(block(0.01, 0.0, 1.0, "wall").contains("beyond"));
        assert!(!block(0.2, 0.0, 1.0, "wall").contains("beyond"));
    }
}
