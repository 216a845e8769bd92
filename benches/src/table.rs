//! The comparisons as a table for people, and as JSON for programs.

use serde_json::{Value, json};

use crate::compare::{Comparison, Verdict};
use crate::statistics::Estimate;

pub fn header() -> String {
    format!(
        "{:<34} {:>10} {:>10}   {:<21} {:<21} verdict",
        "workload", "mini_tokio", "tokio", "ratio [95 %]", "CPU ratio [95 %]"
    )
}

pub fn row(comparison: &Comparison) -> String {
    let Comparison { name, unit, mini, tokio, ratio, cpu_ratio, .. } = comparison;
    let verdict = match Verdict::from(ratio) {
        Verdict::Better => "better",
        Verdict::Worse => "WORSE",
        Verdict::Open => "",
    };
    let cpu = cpu_ratio.as_ref().map_or_else(String::new, interval);
    let (mini, tokio, ratio) = (amount(*mini, unit), amount(*tokio, unit), interval(ratio));
    format!("{name:<34} {mini:>10} {tokio:>10}   {ratio:<21} {cpu:<21} {verdict}").trim_end().to_owned()
}

fn interval(estimate: &Estimate) -> String {
    format!("{:.2} [{:.2}, {:.2}]", estimate.median, estimate.low, estimate.high)
}

/// Three digits and a unit that suits the size.
fn amount(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "ns" if value >= 1e6 => (value / 1e6, "ms"),
        "ns" if value >= 1e3 => (value / 1e3, "us"),
        _ => (value, unit),
    };
    let digits = if value >= 100.0 { 0 } else { 2 - usize::from(value >= 10.0) };
    format!("{value:.digits$} {unit}")
}

pub fn json(comparison: &Comparison) -> Value {
    let estimate = |estimate: &Estimate| json!([estimate.median, estimate.low, estimate.high]);
    json!({
        "workload": comparison.name,
        "unit": comparison.unit,
        "mini_tokio": comparison.mini,
        "tokio": comparison.tokio,
        "ratio": estimate(&comparison.ratio),
        "cpu_ratio": comparison.cpu_ratio.as_ref().map(estimate),
        "rounds": comparison.rounds,
    })
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn an_amount_has_three_digits() {
        assert_eq!(amount(1.234, "ns"), "1.23 ns");
        assert_eq!(amount(12.34, "ns"), "12.3 ns");
        assert_eq!(amount(1_234.0, "ns"), "1.23 us");
        assert_eq!(amount(123_456_789.0, "ns"), "123 ms");
        assert_eq!(amount(1_234.0, "B"), "1234 B");
    }
}
