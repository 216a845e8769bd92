//! Numbers as people read them.

use std::time::Duration;

/// With a comma between thousands.
pub fn count(number: impl TryInto<u64>) -> String {
    let Ok(number) = number.try_into() else { return "too many".to_owned() };
    let digits = number.to_string();
    let (head, rest) = digits.split_at((digits.len() - 1) % 3 + 1);
    rest.as_bytes().chunks(3).fold(head.to_owned(), |text, chunk| text + "," + &String::from_utf8_lossy(chunk))
}

/// Three digits and a unit.
pub fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos() as f64;
    let (number, unit) = match duration.as_nanos() {
        0..1_000 => (nanos, "ns"),
        1_000..1_000_000 => (nanos / 1e3, "µs"),
        1_000_000..1_000_000_000 => (nanos / 1e6, "ms"),
        _ => (nanos / 1e9, "s"),
    };
    let decimals = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let numbers = [0_u64, 12, 999, 1_000, 12_345, 1_234_567];
        assert_eq!(numbers.map(count), ["0", "12", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn a_duration_has_three_digits() {
        let nanos = [0, 7, 1_500, 12_340, 999_000, 1_000_000, 100_000_000, 2_345_000_000];
        let texts = nanos.map(|nanos| duration(Duration::from_nanos(nanos)));
        assert_eq!(texts, ["0 ns", "7 ns", "1.5 µs", "12.3 µs", "999 µs", "1 ms", "100 ms", "2.35 s"]);
    }
}
