//! Reads CSV tables (RFC 4180), with the line and the column of each field.

use std::{iter::Peekable, str::Chars};

/// A field with its line and column, which begin at 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub text: String,
    pub line: u64,
    pub column: u64,
}

/// The place of a quote that is not closed, or that is followed by text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BadQuote {
    pub line: u64,
    pub column: u64,
}

/// The end of a field.
enum End {
    Field,
    Row,
}

/// The rows of a table without blank rows. A bad quote ends the table.
pub(super) struct Rows<'t> {
    rest: Peekable<Chars<'t>>,
    separator: char,
    line: u64,
    column: u64,
}

impl<'t> Rows<'t> {
    /// The rows of a text. The first line determines the separator: a semicolon, otherwise a tab, otherwise a comma. A
    /// byte order mark, and a first line `sep=;`, which sets the separator, are skipped.
    pub fn of(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        if let Some(separator) = first.trim_end().strip_prefix("sep=")
            && let (Some(separator), None) = (separator.chars().next(), separator.chars().nth(1))
        {
            return Self { rest: rest.chars().peekable(), separator, line: 2, column: 1 };
        }
        let is_in_use = |separator: &char| first.split('"').step_by(2).any(|part| part.contains(*separator));
        let separator = [';', '\t'].into_iter().find(is_in_use).unwrap_or(',');
        Self { rest: text.chars().peekable(), separator, line: 1, column: 1 }
    }

    /// The next character. All line ends become line feeds.
    fn take(&mut self) -> Option<char> {
        let mut c = self.rest.next()?;
        if c == '\r' {
            self.rest.next_if_eq(&'\n');
            c = '\n';
        }
        match c {
            '\n' => (self.line, self.column) = (self.line + 1, 1),
            _ => self.column += 1,
        }
        Some(c)
    }

    fn row(&mut self) -> Result<Vec<Field>, BadQuote> {
        let mut row = Vec::new();
        loop {
            let (line, column) = (self.line, self.column);
            let (text, end) = match self.rest.next_if_eq(&'"') {
                Some(_) => {
                    self.column += 1;
                    self.quoted().ok_or(BadQuote { line, column })?
                }
                None => self.plain(),
            };
            row.push(Field { text, line, column });
            if matches!(end, End::Row) {
                return Ok(row);
            }
        }
    }

    fn plain(&mut self) -> (String, End) {
        let mut text = String::new();
        loop {
            match self.take() {
                None | Some('\n') => return (text, End::Row),
                Some(c) if c == self.separator => return (text, End::Field),
                Some(c) => text.push(c),
            }
        }
    }

    /// The text after an opening quote until the closing one. Two quotes are one quote of the text.
    fn quoted(&mut self) -> Option<(String, End)> {
        let mut text = String::new();
        loop {
            match self.take()? {
                '"' if self.rest.peek() == Some(&'"') => text.extend(self.take()),
                '"' => break,
                c => text.push(c),
            }
        }
        match self.take() {
            None | Some('\n') => Some((text, End::Row)),
            Some(c) => (c == self.separator).then_some((text, End::Field)),
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Vec<Field>, BadQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest.peek()?;
            match self.row() {
                Ok(row) if row.iter().all(|field| field.text.trim().is_empty()) => {}
                Ok(row) => return Some(Ok(row)),
                Err(bad) => {
                    self.rest = "".chars().peekable();
                    return Some(Err(bad));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        Rows::of(text).map(|row| row.unwrap().into_iter().map(|field| field.text).collect()).collect()
    }

    #[rstest]
    #[case("a,b\nc,d\n", &[&["a", "b"][..], &["c", "d"][..]])]
    #[case("a;b,c\r\nd;e\r\n", &[&["a", "b,c"][..], &["d", "e"][..]])]
    #[case("a\tb,c", &[&["a", "b,c"][..]])]
    #[case("\u{feff}a;b", &[&["a", "b"][..]])]
    #[case("sep=|\r\na|b;c", &[&["a", "b;c"][..]])]
    #[case("\"a;b\",\"c \"\"d\"\"\",\"e\nf\"\n", &[&["a;b", "c \"d\"", "e\nf"][..]])]
    #[case("a,b\n\n , \n\r\nc,\n", &[&["a", "b"][..], &["c", ""][..]])]
    #[case("a,b\rc,d\r", &[&["a", "b"][..], &["c", "d"][..]])]
    #[case("\"\",b", &[&["", "b"][..]])]
    #[case("", &[])]
    fn tables_are_read_as_spreadsheets_write_them(#[case] text: &str, #[case] rows: &[&[&str]]) {
        assert_eq!(texts(text), rows);
    }

    #[test]
    fn each_field_has_its_place() {
        let rows: Vec<_> = Rows::of("é,\"b\nb\",c\r\nd, e").map(Result::unwrap).collect();
        let places = |row: usize| rows[row].iter().map(|field| (field.line, field.column)).collect::<Vec<_>>();
        assert_eq!(places(0), [(1, 1), (1, 3), (2, 4)]);
        assert_eq!(places(1), [(3, 1), (3, 3)]);
    }

    #[rstest]
    #[case("a,\"b", 1, 3)]
    #[case("a,b\nc,\"d\" e\nf", 2, 3)]
    fn a_quote_that_is_not_closed_or_that_something_follows_ends_the_table(
        #[case] text: &str,
        #[case] line: u64,
        #[case] column: u64,
    ) {
        let last = Rows::of(text).last().unwrap();
        assert_eq!(last, Err(BadQuote { line, column }));
    }
}
