//! Input fields written twice in one object literal. The parser keeps the last and forgets the others, so they are
//! looked for in the text, which is known to parse.

use std::collections::HashSet;

use async_graphql::{Pos, ServerError};

use super::bad_request;

/// Refuses a text in which an object literal names a field twice.
pub fn check(text: &str) -> Result<(), ServerError> {
    let bytes = text.as_bytes();
    // The brackets that are open; an object literal with the names it has so far.
    let mut open: Vec<Option<HashSet<&str>>> = Vec::new();
    // How many of the open brackets are round: a curly bracket within one opens an object literal.
    let mut round = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => at += bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len() - at),
            b'"' => at = after_string(bytes, at),
            b'(' | b'[' | b'{' => {
                round += usize::from(byte == b'(');
                open.push((byte == b'{' && round > 0).then(HashSet::new));
                at += 1;
            }
            b')' | b']' | b'}' => {
                round -= usize::from(byte == b')' && round > 0);
                open.pop();
                at += 1;
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let start = at;
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                if let Some(Some(names)) = open.last_mut()
                    && is_key(bytes, at)
                    && !names.insert(&text[start..at])
                {
                    let message = format!("The field \"{}\" stands twice in one object.", &text[start..at]);
                    return Err(bad_request(message, Some(position(text, start))));
                }
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Whether a colon is the next thing that matters.
fn is_key(bytes: &[u8], mut at: usize) -> bool {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b':' => return true,
            b' ' | b'\t' | b'\r' | b'\n' | b',' | 0xEF | 0xBB | 0xBF => at += 1,
            b'#' => {
                at += bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len() - at);
            }
            _ => return false,
        }
    }
    false
}

fn after_string(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(br#"""""#);
    let mut at = start + if block { 3 } else { 1 };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if block && bytes[at..].starts_with(br#"\""""#) => at += 4,
            b'\\' if !block => at += 2,
            b'"' if !block => return at + 1,
            b'"' if bytes[at..].starts_with(br#"""""#) => return at + 3,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    Pos { line, column }
}
