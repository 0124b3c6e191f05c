//! Brackets and quotes that are not closed: the parser notices them only at a later place, where it reports something else.

use super::tree::Spot;

/// Something that is not closed before a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// `[` or `{`.
    Bracket(char),
    /// A quote, which is not closed, or only by one that was meant to open another text.
    Quote,
}

/// What is not closed in a text in which the parser stopped at this place, and where it begins.
pub(super) fn before(text: &str, stopped: Spot) -> Option<(Spot, Open)> {
    let mut scan = Scan::new(text);
    scan.until(stopped, None);
    if let Some(Quoted { at, end }) = scan.quoted
        && at.line < stopped.line
        && end.is_none_or(|end| end >= stopped || only_blanks(text, end, stopped))
    {
        return Some((at, Open::Quote));
    }
    // The parser may stop at the bracket itself.
    if let Some(sign @ ('[' | '{')) = scan.rest.peek().copied()
        && scan.can_open()
    {
        scan.open(sign);
    }
    // The innermost bracket is closed, if a closing one of its kind follows before the text around them goes on.
    let outermost = *scan.brackets.first()?;
    scan.until(Spot { line: u64::MAX, column: 0 }, Some(outermost.margin));
    let open = *scan.brackets.last()?;
    let bracket = scan.slipped.unwrap_or(open);
    Some((bracket.at, Open::Bracket(bracket.sign)))
}

/// Whether only blanks are between two places, of which the first is behind a quote.
fn only_blanks(text: &str, from: Spot, to: Spot) -> bool {
    let line = text.lines().nth(usize::try_from(from.line - 1).unwrap_or(usize::MAX)).unwrap_or_default();
    let rest: String = line.chars().skip(usize::try_from(from.column - 1).unwrap_or(usize::MAX)).collect();
    from.line == to.line && rest.chars().take((to.column - from.column) as usize).all(char::is_whitespace)
}

#[derive(Clone, Copy)]
struct Bracket {
    at: Spot,
    sign: char,
    /// Lines within it begin behind this column.
    margin: u64,
    /// The column at which its line begins.
    indent: u64,
}

#[derive(Clone, Copy)]
struct Quoted {
    at: Spot,
    /// The place behind it, once it is closed.
    end: Option<Spot>,
}

/// Follows a text as YAML, as far as brackets and quotes are concerned.
struct Scan<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    here: Spot,
    /// The column of the first character of the line that is no blank; 0 before it.
    indent: u64,
    /// The column of the last key, entry or value that began in this line outside of brackets.
    entry: u64,
    /// A value can begin here, and not only go on.
    begins: bool,
    /// A text without quotes goes on in lines that begin behind this column.
    plain: Option<u64>,
    /// The character before this one.
    last: char,
    brackets: Vec<Bracket>,
    /// The first bracket whose closing one begins a line further to the left than its own: that one probably closes another.
    slipped: Option<Bracket>,
    quoted: Option<Quoted>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            rest: text.chars().peekable(),
            here: Spot { line: 1, column: 1 },
            indent: 0,
            entry: 0,
            begins: true,
            plain: None,
            last: '\n',
            brackets: Vec::new(),
            slipped: None,
            quoted: None,
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.last = c;
        if c == '\n' {
            self.here = Spot { line: self.here.line + 1, column: 1 };
            (self.indent, self.begins) = (0, true);
        } else {
            self.here.column += 1;
        }
        Some(c)
    }

    /// Follows the text up to a place, or to the end of the outermost bracket if the margin of its lines is given: also where a line
    /// begins within the margin, or with a bracket that closes another.
    fn until(&mut self, stop: Spot, margin: Option<u64>) {
        while let Some(c) = self.rest.peek().copied() {
            if self.here >= stop || (margin.is_some() && self.brackets.is_empty()) {
                return;
            }
            if c.is_whitespace() {
                self.next();
                continue;
            }
            if self.indent == 0 {
                self.indent = self.here.column;
                if margin.is_some_and(|margin| self.indent <= margin) && !matches!(c, ']' | '}') {
                    return;
                }
                if self.brackets.is_empty() {
                    let goes_on = self.plain.is_some_and(|entry| self.indent > entry);
                    self.plain = self.plain.filter(|_| goes_on);
                    self.begins = !goes_on;
                }
            }
            match c {
                '#' if self.last.is_whitespace() => self.line(),
                '"' | '\'' if self.begins => self.quote(c, stop),
                '[' | '{' if self.can_open() => self.open(c),
                ']' | '}' if !self.brackets.is_empty() => {
                    let is_its =
                        self.brackets.last().is_some_and(|open| matches!((open.sign, c), ('[', ']') | ('{', '}')));
                    if !is_its && margin.is_some() {
                        return;
                    }
                    let is_first = self.indent == self.here.column;
                    let closed = self.brackets.pop().filter(|open| is_first && open.indent > self.indent);
                    self.slipped = self.slipped.or(closed);
                    self.next();
                    self.begins = false;
                }
                ',' if !self.brackets.is_empty() => {
                    self.next();
                    self.begins = true;
                }
                '|' | '>' if self.begins && self.brackets.is_empty() => self.block(),
                '&' | '!' if self.begins => {
                    while self.rest.peek().is_some_and(|c| !c.is_whitespace()) {
                        self.next();
                    }
                }
                '-' | '?' if self.begins && self.brackets.is_empty() && self.is_followed_by_blank() => {
                    self.entry = self.here.column;
                    self.next();
                }
                ':' if self.is_followed_by_blank() || (!self.brackets.is_empty() && !self.begins) => {
                    self.next();
                    (self.begins, self.plain) = (true, None);
                }
                _ => {
                    if self.begins && self.brackets.is_empty() {
                        // If it is a key, its value begins behind the colon, and is no continuation.
                        self.plain = Some(self.entry);
                        self.entry = self.here.column;
                    }
                    self.next();
                    self.begins = false;
                }
            }
        }
    }

    fn is_followed_by_blank(&self) -> bool {
        let mut rest = self.rest.clone();
        rest.next();
        rest.next().is_none_or(char::is_whitespace)
    }

    /// Whether a bracket opens a list or an object here: within brackets, texts without quotes contain none.
    fn can_open(&self) -> bool {
        self.begins || !self.brackets.is_empty()
    }

    /// Passes over the rest of the line.
    fn line(&mut self) {
        while self.rest.peek().is_some_and(|c| *c != '\n') {
            self.next();
        }
    }

    fn open(&mut self, sign: char) {
        let is_first = self.indent == self.here.column;
        let margin = if is_first { self.indent - 1 } else { self.indent };
        self.brackets.push(Bracket { at: self.here, sign, margin, indent: self.indent });
        self.next();
    }

    fn quote(&mut self, quote: char, stop: Spot) {
        let at = self.here;
        if self.brackets.is_empty() {
            self.entry = at.column;
        }
        self.next();
        self.quoted = Some(Quoted { at, end: None });
        while self.here < stop
            && let Some(c) = self.next()
        {
            let doubles = quote == '\'' && self.rest.peek() == Some(&'\'');
            match c {
                '\\' if quote == '"' => drop(self.next()),
                '\'' if c == quote && doubles => drop(self.next()),
                _ if c == quote => {
                    self.quoted = Some(Quoted { at, end: Some(self.here) });
                    break;
                }
                _ => {}
            }
        }
        self.begins = false;
    }

    /// Passes over a text of several lines (`|`, `>`): all lines behind the column of its entry.
    fn block(&mut self) {
        let entry = self.entry;
        self.line();
        self.next();
        loop {
            let ahead: String = self.rest.clone().take_while(|c| *c != '\n').collect();
            let blanks = ahead.chars().take_while(|c| *c == ' ').count() as u64;
            let is_empty = ahead.trim().is_empty();
            if self.rest.peek().is_none() || (!is_empty && blanks < entry.max(1)) {
                return;
            }
            self.line();
            self.next();
        }
    }
}

/// The place of a colon or a hyphen that no blank follows, in the line at which the parser stopped or in the one above it.
pub(super) fn without_blank(text: &str, stopped: Spot) -> Option<(Spot, char)> {
    let lines: Vec<(&str, u64)> = text.lines().zip(1..).take_while(|(_, number)| *number <= stopped.line).collect();
    let said = lines.iter().rev().filter(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    said.take(2).find_map(|(line, number)| {
        let mut rest = line.trim_start();
        while let Some(entry) = rest.strip_prefix("- ") {
            rest = entry.trim_start();
        }
        let before = line.len() - rest.len();
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let spot = |at: usize| Spot { line: *number, column: line[..before + at].chars().count() as u64 + 1 };
        let after = rest[name..].strip_prefix(':').and_then(|value| value.chars().next());
        if rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some((spot(0), '-'));
        }
        let is_name = rest.starts_with(|c: char| c.is_ascii_lowercase());
        (is_name && after.is_some_and(|c| !c.is_whitespace() && !matches!(c, ':' | '/'))).then(|| (spot(name), ':'))
    })
}
