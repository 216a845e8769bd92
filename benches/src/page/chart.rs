//! [`Chart`]: a few lines over one axis.

use std::fmt::Write;

use crate::report::amount;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 70.0;
/// Room for the lines' names.
const RIGHT: f64 = 110.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 40.0;
/// The least distance between two names.
const NAME_HEIGHT: f64 = 14.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    /// Linear, and 0 is on it: lengths can be compared.
    FromZero,
    Logarithmic,
}

pub struct Chart<'a> {
    pub x: Scale,
    pub y: Scale,
    pub x_label: &'a str,
    pub unit: &'a str,
    pub lines: Vec<(&'a str, Vec<(f64, f64)>)>,
}

/// A scale with its ends: values to positions between 0 and 1.
#[derive(Clone, Copy, Debug)]
struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Axis {
    fn new(scale: Scale, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = match scale {
            Scale::Linear => (low, high),
            Scale::FromZero => (low.min(0.0), high * 1.05),
            // Whole powers of ten.
            Scale::Logarithmic => {
                (10_f64.powf(low.max(1e-3).log10().floor()), 10_f64.powf(high.max(1e-3).log10().ceil()))
            }
        };
        Self { scale, low, high: if high > low { high } else { low + 1.0 } }
    }

    /// From the least value to the greatest.
    fn tight(scale: Scale, values: impl Iterator<Item = f64> + Clone) -> Self {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let low = if scale == Scale::Logarithmic { low.max(1e-3) } else { low };
        Self { scale, low, high: if high > low { high } else { low + 1.0 } }
    }

    fn at(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Logarithmic => (value.max(self.low) / self.low).ln() / (self.high / self.low).ln(),
            _ => (value - self.low) / (self.high - self.low),
        }
    }

    /// Round values that lie on it: about five.
    fn ticks(&self) -> Vec<f64> {
        if self.scale == Scale::Logarithmic {
            let decades = (self.high / self.low).log10().round() as i32;
            return (0..=decades).map(|decade| self.low * 10_f64.powi(decade)).collect();
        }
        let rough = (self.high - self.low) / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (self.low / step).ceil() as i64;
        (first..).map(|tick| tick as f64 * step).take_while(|tick| *tick <= self.high).collect()
    }
}

impl Chart<'_> {
    pub fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        if points().next().is_none() {
            return String::new();
        }
        let x_axis = Axis::tight(self.x, points().map(|(x, _)| *x));
        let y_axis = Axis::new(self.y, points().map(|(_, y)| *y));
        let x = |value| LEFT + (WIDTH - LEFT - RIGHT) * x_axis.at(value);
        let y = |value| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - y_axis.at(value));
        let mut svg =
            format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" class=\"chart\">");
        for tick in y_axis.ticks() {
            let (label, y) = (amount(tick, self.unit), y(tick));
            let label = if tick == 0.0 { "0" } else { label.trim() };
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                WIDTH - RIGHT
            );
            let _ = write!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", LEFT - 6.0, y + 4.0);
        }
        // A logarithmic one is marked where it was measured.
        let measured: Vec<f64> = self.lines[0].1.iter().map(|(x, _)| *x).collect();
        for tick in if self.x == Scale::Logarithmic { measured } else { x_axis.ticks() } {
            let (x, y) = (x(tick), HEIGHT - BOTTOM + 16.0);
            let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", count(tick));
        }
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        let _ =
            write!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>", HEIGHT - 6.0, self.x_label);
        for (index, (_, points)) in self.lines.iter().enumerate() {
            let path: Vec<String> = points.iter().map(|(px, py)| format!("{:.1} {:.1}", x(*px), y(*py))).collect();
            let _ = write!(svg, "<path class=\"line{index}\" d=\"M{}\"/>", path.join("L"));
            for (px, py) in points {
                let _ =
                    write!(svg, "<circle class=\"dot{index}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\"/>", x(*px), y(*py));
            }
        }
        let ends = self.lines.iter().map(|(_, points)| points.last().map_or(HEIGHT, |(_, last)| y(*last)));
        for (index, place) in names(ends.collect()).into_iter().enumerate() {
            let (name, x) = (self.lines[index].0, WIDTH - RIGHT + 8.0);
            let _ = write!(svg, "<text class=\"name{index}\" x=\"{x}\" y=\"{:.1}\">{name}</text>", place + 4.0);
        }
        svg + "</svg>\n"
    }
}

/// A number with its thousands apart.
fn count(number: f64) -> String {
    let digits = number.to_string();
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    if is_whole { groups.collect::<Vec<_>>().join(",") } else { digits }
}

/// Where names go whose lines end there: as near as can be, without one on top of another, and within the chart.
fn names(ends: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|one, other| ends[*one].total_cmp(&ends[*other]));
    let mut places = ends.clone();
    let mut least = f64::MIN;
    for (rank, &index) in order.iter().enumerate() {
        let below = (order.len() - 1 - rank) as f64;
        let most = HEIGHT - BOTTOM - below * NAME_HEIGHT;
        places[index] = ends[index].min(most).max(least);
        least = places[index] + NAME_HEIGHT;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_on_the_axis() {
        assert_eq!(Axis::new(Scale::FromZero, [38.0].into_iter()).ticks(), [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(Axis::new(Scale::Logarithmic, [20.0, 800.0].into_iter()).ticks(), [10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn equal_values_have_an_axis_too() {
        let axis = Axis::new(Scale::Linear, [3.0, 3.0].into_iter());
        assert_eq!(axis.at(3.0), 0.0);
        assert!(!axis.ticks().is_empty());
        assert!(!Axis::new(Scale::FromZero, [0.0].into_iter()).ticks().is_empty());
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([100.0, 1_000.0, 1_000_000.0, 2.5].map(count), ["100", "1,000", "1,000,000", "2.5"]);
    }

    #[test]
    fn names_keep_their_distance_and_their_order() {
        let places = names(vec![50.0, 51.0, 20.0, 180.0, 180.0]);
        assert_eq!(&places[..3], [50.0, 64.0, 20.0]);
        assert!(places[4] - places[3] >= NAME_HEIGHT);
        assert!(places[4] <= HEIGHT - BOTTOM);
    }

    #[test]
    fn nothing_has_no_chart() {
        let chart =
            Chart { x: Scale::Linear, y: Scale::FromZero, x_label: "", unit: "", lines: vec![("a", Vec::new())] };
        assert_eq!(chart.svg(), "");
    }
}
