//! A table in plain text: columns with a width, two blanks apart.

use crate::cli::out::{Out, Paint};

/// Rows of the same columns.
#[derive(Debug, Default)]
pub(super) struct Table {
    has_headings: bool,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with headings.
    pub fn new<'h>(headings: impl Iterator<Item = &'h str>) -> Self {
        Self { has_headings: true, rows: vec![headings.map(str::to_uppercase).collect()] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| on_one_line(&cell)).collect());
    }

    /// Prints the rows, each after this indent.
    pub fn print(&self, indent: &str, out: &mut Out) -> anyhow::Result<()> {
        for (number, line) in self.lines().iter().enumerate() {
            let is_heading = self.has_headings && number == 0;
            let line = if is_heading { out.paint(Paint::Dim, line) } else { line.clone() };
            out.detail(&format!("{indent}{line}"))?;
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).filter(|(_, width)| **width > 0);
            let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// A text of several lines on one line. Control characters cannot reach the terminal.
fn on_one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::default();
        table.row(["pharmacy", "", "OBJECTED", "Three days\nare too short"].map(str::to_owned));
        table.row(["été", "", "AGREED", ""].map(str::to_owned));
        assert_eq!(table.lines(), ["pharmacy  OBJECTED  Three days are too short", "été       AGREED"]);
        assert!(Table::new(["service"].into_iter()).lines() == ["SERVICE"]);
    }
}
