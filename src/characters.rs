//! The characters of input texts: which are allowed, which change the direction of text, which are visible; and the
//! normalized form in which texts are stored.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::problem::Rule;

/// The rule that the characters of a text of one line break (a title, a name, a key), if any. Line breaks and direction
/// controls are not allowed.
pub fn line_fault(text: &str) -> Option<Rule> {
    text.chars().find_map(|c| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(Rule::ControlCharacter),
        _ => name_fault(c),
    })
}

/// As [`line_fault`], for a name that a file may have broken into lines: line breaks are allowed.
pub fn label_fault(text: &str) -> Option<Rule> {
    text.chars().find_map(|c| match c {
        '\u{2028}' | '\u{2029}' => Some(Rule::ControlCharacter),
        _ => name_fault(c),
    })
}

/// As [`line_fault`], for a text that programs compare (a key of another system, an address): invisible characters are
/// not allowed either, because two texts that look the same must be the same.
pub fn code_fault(text: &str) -> Option<Rule> {
    line_fault(text).or_else(|| text.chars().find(|c| is_invisible(*c)).map(|found| Rule::Invisible { found }))
}

/// The rule that the characters of a text of several lines break, if any. Direction controls must be in pairs within a
/// paragraph; direction marks need no counterpart.
pub fn body_fault(text: &str) -> Option<Rule> {
    text.chars().find_map(fault).or_else(|| unbalanced(text).map(|found| Rule::UnbalancedDirection { found }))
}

fn name_fault(c: char) -> Option<Rule> {
    let turns = (turns_direction(c) || is_direction_mark(c)).then_some(Rule::DirectionControl { found: c });
    fault(c).or(turns)
}

/// The rule that a character breaks in any text, if any.
fn fault(c: char) -> Option<Rule> {
    if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
        Some(Rule::ControlCharacter)
    } else {
        is_noncharacter(c).then_some(Rule::NotACharacter { found: c })
    }
}

/// Whether it is a noncharacter, which Unicode reserves for internal use. Some readers of JSON and YAML refuse it.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether it begins or ends a part of a text with its own direction.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether it is an invisible mark that has the direction of a letter.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

/// The first direction control without a counterpart in its paragraph.
fn unbalanced(text: &str) -> Option<char> {
    const OVER: [char; 3] = ['\n', '\r', '\u{2029}'];
    text.split(OVER).find_map(|paragraph| {
        let mut open = Vec::new();
        for c in paragraph.chars().filter(|c| turns_direction(*c)) {
            let closes = match c {
                '\u{202c}' => open.pop().is_some_and(|open| matches!(open, '\u{202a}'..='\u{202e}')),
                '\u{2069}' => open.pop().is_some_and(|open| matches!(open, '\u{2066}'..='\u{2068}')),
                _ => {
                    open.push(c);
                    true
                }
            };
            if !closes {
                return Some(c);
            }
        }
        open.pop()
    })
}

/// Whether a text contains a visible character.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Whether a text is empty, or only contains blanks.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(blank)
}

/// A blank that tables and clipboards may add around a text, including blanks without a width.
fn blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Whether it is invisible: joiners, marks of direction, fillers, selectors of variants (Unicode's
/// `Default_Ignorable_Code_Point`), and the blank of Braille.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The text with normalized line ends and letters. All texts are stored in this form, so that texts that look the same
/// are equal.
pub fn composed(text: &str) -> Cow<'_, str> {
    let lines: Cow<str> = match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => text.into(),
    };
    match is_nfc_quick(lines.chars()) {
        IsNormalized::Yes => lines,
        _ => lines.nfc().collect::<String>().into(),
    }
}

/// A key of another system in the form in which it is stored: normalized, without the blanks that tables and clipboards
/// may add around it.
pub fn trimmed(key: &str) -> String {
    composed(key.trim_matches(blank)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_one_line_has_no_direction_controls_and_no_line_breaks() {
        let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
        for c in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}').chain(marks) {
            let text = format!("a{c}b");
            assert_eq!(line_fault(&text), Some(Rule::DirectionControl { found: c }));
            assert_eq!(label_fault(&text), Some(Rule::DirectionControl { found: c }));
        }
        for c in ['\u{2028}', '\u{2029}', '\n', '\u{85}', '\0', '\u{7f}'] {
            assert_eq!(line_fault(&format!("a{c}b")), Some(Rule::ControlCharacter), "{c:?}");
        }
        for c in ['\u{fffe}', '\u{ffff}', '\u{fdd0}', '\u{10ffff}', '\u{1fffe}'] {
            assert_eq!(line_fault(&format!("a{c}b")), Some(Rule::NotACharacter { found: c }), "{c:?}");
            assert_eq!(body_fault(&format!("a{c}b")), Some(Rule::NotACharacter { found: c }), "{c:?}");
        }
        for right in ["שירות A", "👩\u{200d}⚕\u{fe0f}", "می\u{200c}خواهم", "a\u{fffd}"] {
            assert_eq!(line_fault(right), None, "{right:?}");
        }
    }

    #[test]
    fn a_text_for_programs_contains_nothing_invisible() {
        for c in ['\u{200b}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{3164}', '\u{180e}'] {
            assert_eq!(code_fault(&format!("PM{c}S")), Some(Rule::Invisible { found: c }));
            assert_eq!(line_fault(&format!("PM{c}S")), None);
        }
        assert_eq!(code_fault("HELP-42 é 中"), None);
        assert!(is_blank(" \u{a0}\u{200b}") && !is_blank("\u{202e}") && !is_blank("\0"));
    }

    #[test]
    fn direction_controls_of_a_body_are_in_pairs_within_a_paragraph() {
        for right in [
            "a\n\tb\r\nc\u{2028}d",
            "שירות\u{200f} (A)",
            "\u{202b}a\u{202c}",
            "\u{2067}a\u{202e}b\u{202c}\u{2069} c\n\u{2068}d\u{2069}",
        ] {
            assert_eq!(body_fault(right), None, "{right:?}");
        }
        for (wrong, found) in [
            ("a\u{202e}b", '\u{202e}'),
            ("a\u{202c}", '\u{202c}'),
            ("\u{2067}a\n\u{2069}", '\u{2067}'),
            ("\u{2067}a\u{202c}", '\u{202c}'),
            ("\u{202e}\u{2066}a\u{202c}\u{2069}", '\u{202c}'),
        ] {
            assert_eq!(body_fault(wrong), Some(Rule::UnbalancedDirection { found }), "{wrong:?}");
        }
    }

    #[test]
    fn a_text_of_invisible_characters_is_not_visible() {
        for nothing in
            ["", " \u{a0}\u{3000}", "\u{200b}", "\u{feff} \u{2060}", "\u{3164}", "\u{2800}", "\u{ad}\u{200d}"]
        {
            assert!(!is_visible(nothing), "{nothing:?}");
        }
        assert!(is_visible(" a\u{200b}") && is_visible("।") && is_visible("✓"));
    }

    #[test]
    fn texts_that_look_the_same_are_stored_the_same() {
        assert_eq!(composed("e\u{301}\r\nb\rc"), "é\nb\nc");
        assert!(matches!(composed("é\nb"), Cow::Borrowed(_)));
        assert_eq!(trimmed("\u{feff} HELP-42\u{a0}\t"), "HELP-42");
    }
}
