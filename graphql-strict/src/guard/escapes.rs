//! The escapes of strings that the parser does not support: `\u{1F600}`, and pairs of surrogates, which JSON encoders write. They are
//! replaced by their characters before anything else reads the document.
//!
//! All tokens keep their lines and columns: if a string becomes shorter, blanks are added after it. A single surrogate is not replaced,
//! so that the parser refuses it.

use std::borrow::Cow;

use super::lexer::{Lexer, escape};

/// The document with these escapes replaced. It has at most 4/3 of the bytes.
pub fn rewrite(text: &str) -> Cow<'_, str> {
    // Most documents have none.
    if !text.as_bytes().windows(3).any(|bytes| matches!(bytes, [b'\\', b'u', b'{' | b'd' | b'D'])) {
        return text.into();
    }
    let mut lexer =
        Lexer::with(text, |bytes| code_point(bytes).map_or_else(|| escape(bytes), |(_, length)| Some(length)));
    let (mut written, mut done) = (String::with_capacity(text.len() + text.len() / 3), 0);
    loop {
        lexer.skip_ignored();
        let start = lexer.position();
        if lexer.next().is_none() {
            break;
        }
        let word = &text[start..lexer.position()];
        if word.starts_with('"') && !word.starts_with("\"\"") {
            written.push_str(&text[done..start]);
            string(word, &mut written);
            done = lexer.position();
        }
    }
    written.push_str(&text[done..]);
    written.into()
}

/// Writes a string, and after it a blank for each character that it has become shorter.
fn string(word: &str, written: &mut String) {
    let mut rest = word;
    let mut shorter = 0;
    while let Some(at) = rest.find('\\') {
        let (before, escaped) = (&rest[..at], &rest.as_bytes()[at + 1..]);
        written.push_str(before);
        if let Some((c, length)) = code_point(escaped) {
            let taken = length + 1;
            shorter += taken - write(c, written);
            rest = &rest[at + taken..];
        } else {
            // With the next character, so that the second of two backslashes does not begin an escape.
            let taken = 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8);
            written.push_str(&rest[at..at + taken]);
            rest = &rest[at + taken..];
        }
    }
    written.push_str(rest);
    written.extend(std::iter::repeat_n(' ', shorter));
}

/// Writes a character of a string, with an escape if necessary. Returns the number of written characters.
fn write(c: char, written: &mut String) -> usize {
    let escaped = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        c => {
            written.push(c);
            return 1;
        }
    };
    written.push_str(escaped);
    escaped.len()
}

/// The character of an escape of these kinds, and the length of the escape after the backslash.
fn code_point(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [b'u', b'{', rest @ ..] => {
            let digits = rest.iter().position(|byte| *byte == b'}').filter(|digits| *digits > 0)?;
            let value = rest[..digits].iter().try_fold(0_u32, |value, byte| {
                let digit = char::from(*byte).to_digit(16)?;
                Some(value * 16 + digit).filter(|value| *value <= 0x10_ffff)
            })?;
            Some((char::from_u32(value)?, digits + 3))
        }
        [b'u', high @ ..] => {
            let high = unit(high).filter(|unit| (0xd800..0xdc00).contains(unit))?;
            let low = bytes.get(5..7).filter(|next| *next == b"\\u").and_then(|_| unit(&bytes[7..]))?;
            let low = Some(low).filter(|unit| (0xdc00..0xe000).contains(unit))?;
            Some((char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 11))
        }
        _ => None,
    }
}

/// The number of four hexadecimal digits.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;

    /// The only argument of the only field, as the parser reads it after this.
    fn read(text: &str) -> Option<String> {
        let document = format!("{{a(x:{text})}}");
        let document = parse_query(rewrite(&document)).ok()?;
        let operation = document.operations.iter().next()?.1;
        let async_graphql::parser::types::Selection::Field(field) = &operation.node.selection_set.node.items[0].node
        else {
            return None;
        };
        match &field.node.arguments[0].1.node {
            async_graphql_value::Value::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    #[test]
    fn pairs_and_code_points_are_read() {
        for (written, said) in [
            (r#""\uD83D\uDE00""#, "😀"),
            (r#""a\ud83d\ude00b\uD83D\uDE00""#, "a😀b😀"),
            (r#""\u{1F600}\u{e9}\u{00000041}\u{10FFFF}""#, "😀éA\u{10ffff}"),
            (r#""\u{22}\u{5c}\u{a}\u{D}\u{0}""#, "\"\\\n\r\0"),
            (r#""\\uD83D \\u{1F600} \u00e9""#, "\\uD83D \\u{1F600} é"),
            (r#""\\\uD83D\uDE00""#, "\\😀"),
            (r#""""\uD83D\uDE00 \u{1F600}""""#, r"\uD83D\uDE00 \u{1F600}"),
        ] {
            assert_eq!(read(written).as_deref(), Some(said), "{written}");
        }
    }

    #[test]
    fn single_surrogates_and_invalid_code_points_stay_errors() {
        for wrong in [
            r#""\uD83D""#,
            r#""\uDE00\uD83D""#,
            r#""\uD83Dx\uDE00""#,
            r#""\uD83D\u0041""#,
            r#""\u{D83D}\u{DE00}""#,
            r#""\uD83D\u{DE00}""#,
            r#""\u{110000}""#,
            r#""\u{}""#,
            r#""\u{ 41}""#,
            r#""\u{41""#,
            r#""\u{FFFFFFFFFFFFFFFFFFFF41}""#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tokens_keep_their_positions_and_comments_stay_unchanged() {
        for text in [
            "# \"\\uD83D\\uDE00\n{a(x:\"\\u{1F600}\",y:\"\\uD83D\\uDE00 é\") b}",
            "{a(x:\"\\u{A}\" y:\"\"\"\\u{A}\"\"\") # \\uD83D\\uDE00\r\n b(z:\"\\ud83d\")}",
            "{a(x:\"\\u{1F600} \u{1F600}\"\"\\u{A}\")}",
        ] {
            let rewritten = rewrite(text);
            assert_eq!(rewritten.chars().count(), text.chars().count(), "{rewritten}");
            assert_eq!(rewritten.lines().count(), text.lines().count(), "{rewritten}");
            for word in ["b", "y:", "z:", ")", "# "] {
                let places = |text: &str| {
                    text.char_indices()
                        .enumerate()
                        .filter(|(_, (at, _))| text[*at..].starts_with(word))
                        .map(|(n, _)| n)
                        .collect::<Vec<_>>()
                };
                assert_eq!(places(&rewritten), places(text), "{word} {rewritten}");
            }
        }
        assert!(matches!(rewrite("{ a(x: \"\\u00e9\") }"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn supported_escapes_stay_unchanged(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("\""), Just("\"\"\""), Just("\\"), Just("\\u"), Just("\\uD83D"), Just("\\uDE00"), Just("\\u{1F600}"),
                    Just("{"), Just("}"), Just("\\u00e9"), Just("#"), Just("\n"), Just("a"), Just(" "), Just("é"), Just("\\n"),
                ],
                0..24,
            )
        ) {
            let text = format!("{{a(x:\"{}\")}}", parts.concat());
            let rewritten = rewrite(&text).into_owned();
            prop_assert_eq!(rewritten.chars().count(), text.chars().count());
            prop_assert_eq!(&*rewrite(&rewritten), &*rewritten);
            if parse_query(&text).is_ok() {
                prop_assert_eq!(rewritten, text);
            }
        }
    }
}
