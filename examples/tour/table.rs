//! [`Table`]: the figures of all acts, in columns.

use std::fmt;
use std::time::Duration;

use crate::stage::Figures;

#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 3]>,
}

impl Table {
    pub fn add(&mut self, act: &str, figures: Figures, took: Duration) {
        let figures = figures.into_iter().chain([("the act took", examples::duration(took))]);
        self.rows.extend(figures.map(|(what, figure)| [act.to_owned(), what.to_owned(), figure]));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["act", "what", "figure"].map(str::to_owned);
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&header]).map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths = [0, 1, 2].map(width);
        let rule = widths.map(|width| "-".repeat(width + 2)).join("+");
        let [a, b, c] = widths;
        let line = |[act, what, figure]: &[String; 3]| format!(" {act:<a$} | {what:<b$} | {figure:<c$}");
        writeln!(f, "{}\n{rule}", line(&header).trim_end())?;
        let mut before = "";
        for row in &self.rows {
            if !before.is_empty() && before != row[0] {
                writeln!(f, "{rule}")?;
            }
            writeln!(f, "{}", line(row).trim_end())?;
            before = &row[0];
        }
        Ok(())
    }
}
