//! The tokens of a GraphQL text, exactly as the parser behind the guard reads them.
//!
//! The parser is a PEG over characters (`graphql.pest` of async-graphql-parser) without a lexer. Where it is less strict than the
//! specification, this lexer is too. Both must agree on the beginnings and ends of strings and comments, because brackets inside
//! them are not counted. The differences from a lexer according to the specification:
//!
//! - In the specification, a `"""` that no other `"""` closes is an error. The parser reads its first two quotes as an empty
//!   string and continues, so `""""[` is two empty strings and a bracket.
//! - A byte order mark is white space everywhere, not only at the beginning.
//! - `01` is two numbers, and `1.5.6` ends at its second point.
//! - `true`, `false` and `null` need no separator before the next value: in a list, `null1.5` and `null1e-5` are two values each. Here
//!   each is one token to the end of the number. Only the name of a variable is always a name, and a number can follow it directly:
//!   `$null1e-5` is a variable with the name `null1e` and a number.
//! - Only `\n` and `\r` end a comment or break a string. A string can contain all other characters, also control characters.
//!
//! Each rule of the parser reads the same characters at the same position in the same way, and only one rule accepts a quote, a `#` or
//! an unknown character. So where this lexer finds no token, the parser finds none either: it cannot read beyond that position, and
//! the scan ends there (`Lexer::position`).

/// A token, with the kinds that the guard must distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    /// `...`
    Spread,
    Colon,
    /// `@`
    At,
    Open(Bracket),
    Close(Bracket),
    /// A number, a string, `$`, `!` or `=`.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    Brace,
    Square,
    Paren,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    comments: usize,
    /// Whether no `"""` from here on is closed. After one failed search all later searches would fail: they would read the same
    /// characters, and cannot begin inside a `\"""` that the first one skipped. So at most one search fails.
    unclosed_block: bool,
    /// Whether the last token was a `$`, so that the next one is the name of a variable.
    after_dollar: bool,
    escape: Escape,
}

/// The length of an escape after its backslash. `None` if it is not an escape.
type Escape = fn(&[u8]) -> Option<usize>;

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0, comments: 0, unclosed_block: false, after_dollar: false, escape }
    }

    /// Reads a text whose strings can also contain the escapes that the parser does not support.
    pub(super) fn with(text: &'a str, escape: Escape) -> Self {
        Self { escape, ..Self::new(text) }
    }

    /// The byte after the last token; after the end, the first byte that cannot be read.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The number of skipped comments.
    pub(super) fn comments(&self) -> usize {
        self.comments
    }

    /// Whether a name is next, after white space only: then the `on` that was just read is a type condition. With a comment between
    /// them, the parser reads `...on` as a spread of a fragment with the name `on`.
    pub(super) fn name_follows_space(&self) -> bool {
        let rest = self.rest();
        rest.get(space(rest)).is_some_and(|&byte| is_name_start(byte))
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.position..]
    }

    pub(super) fn skip_ignored(&mut self) {
        loop {
            let rest = self.rest();
            let ignored = match rest.first() {
                Some(b'#') => {
                    self.comments += 1;
                    rest.iter().take_while(|&&byte| !is_line_end(byte)).count()
                }
                _ => space(rest),
            };
            if ignored == 0 {
                return;
            }
            self.position += ignored;
        }
    }

    /// The length of the string that begins here. If it is malformed, `None`, and the position is that of the wrong byte.
    fn string(&mut self) -> Option<usize> {
        let rest = self.rest();
        if rest.starts_with(BLOCK_QUOTE) {
            if !self.unclosed_block {
                if let Some(content) = block_content(&rest[3..]) {
                    return Some(content + 6);
                }
                self.unclosed_block = true;
            }
            return Some(2);
        }
        match string_content(&rest[1..], self.escape) {
            Ok(content) => Some(content + 2),
            Err(content) => {
                self.position += 1 + content;
                None
            }
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_ignored();
        let rest = self.rest();
        let names_a_variable = std::mem::replace(&mut self.after_dollar, rest.first() == Some(&b'$'));
        let (token, length) = match *rest.first()? {
            b'{' => (Token::Open(Bracket::Brace), 1),
            b'}' => (Token::Close(Bracket::Brace), 1),
            b'[' => (Token::Open(Bracket::Square), 1),
            b']' => (Token::Close(Bracket::Square), 1),
            b'(' => (Token::Open(Bracket::Paren), 1),
            b')' => (Token::Close(Bracket::Paren), 1),
            b':' => (Token::Colon, 1),
            b'@' => (Token::At, 1),
            b'$' | b'!' | b'=' => (Token::Other, 1),
            b'.' if rest.starts_with(b"...") => (Token::Spread, 3),
            b'"' => (Token::Other, self.string()?),
            b'-' | b'0'..=b'9' => (Token::Other, number(rest)?),
            byte if is_name_start(byte) => {
                let length = rest.iter().take_while(|&&byte| is_name(byte)).count();
                let name = &self.text[self.position..self.position + length];
                let numbers = glued_numbers(rest).filter(|_| !names_a_variable);
                (Token::Name(name), numbers.map_or(length, |end| end.max(length)))
            }
            _ => return None,
        };
        self.position += length;
        Some(token)
    }
}

const BLOCK_QUOTE: &[u8] = b"\"\"\"";
const ESCAPED_BLOCK_QUOTE: &[u8] = b"\\\"\"\"";
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The number of bytes of white space, commas and line ends at the beginning.
fn space(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b' ' | b',' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(_) if bytes[at..].starts_with(BYTE_ORDER_MARK) => at += BYTE_ORDER_MARK.len(),
            _ => return at,
        }
    }
}

/// The length of a number. `None` if a name follows directly, or if there is only a `-`.
fn number(bytes: &[u8]) -> Option<usize> {
    let mut at = usize::from(bytes[0] == b'-');
    at += match bytes.get(at)? {
        b'0' => 1,
        b'1'..=b'9' => digits(&bytes[at..]),
        _ => return None,
    };
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(&bytes[at + 1..]);
        if fraction > 0 {
            at += 1 + fraction;
        }
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(&bytes[at + 1 + sign..]);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    match bytes.get(at) {
        Some(&byte) if is_name_start(byte) => None,
        _ => Some(at),
    }
}

/// The end of the numbers that directly follow one or more of `true`, `false` and `null`. `None` without such a number.
fn glued_numbers(bytes: &[u8]) -> Option<usize> {
    let keyword = |at: usize| {
        let keywords: [&[u8]; 3] = [b"true", b"false", b"null"];
        keywords.into_iter().find(|keyword| bytes[at..].starts_with(keyword)).map(<[u8]>::len)
    };
    let mut at = keyword(0)?;
    while let Some(length) = keyword(at) {
        at += length;
    }
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += number(&bytes[at..])?;
    }
    Some(at)
}

/// The number of bytes before the `"""` that closes a block string. `None` if there is none.
fn block_content(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(BLOCK_QUOTE) {
            return Some(at);
        }
        at += if rest.starts_with(ESCAPED_BLOCK_QUOTE) { ESCAPED_BLOCK_QUOTE.len() } else { 1 };
    }
    None
}

/// The number of bytes before the quote that closes a string. The error is the number of bytes before what no string can contain.
fn string_content(bytes: &[u8], escape: Escape) -> Result<usize, usize> {
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at += escape(&bytes[at + 1..]).ok_or(at)? + 1,
            Some(&byte) if !is_line_end(byte) => at += 1,
            _ => return Err(at),
        }
    }
}

/// The length of an escape after its backslash. `None` for a surrogate, which the parser refuses too.
pub(super) fn escape(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(1),
        [b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => None,
        [b'u', code @ ..] if code.len() >= 4 && code[..4].iter().all(u8::is_ascii_hexdigit) => Some(5),
        _ => None,
    }
}
