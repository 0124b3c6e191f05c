//! Words of searches and of searchable texts.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::fold::fold;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its position in the text, in bytes.
    pub at: Range<usize>,
    /// Its search form: letters and digits with their marks, folded, and cut if it is too long.
    pub folded: String,
}

/// Maximum number of characters of a word that are compared.
const LONGEST: usize = 64;

/// The words of a text, in order. Characters that are neither letters nor digits separate words. In a script without
/// spaces between words (Chinese, Japanese, Thai …), every character is a word. A single letter at an apostrophe is not
/// a word, so that `l'admission` and `patient's` are found by `admission` and `patient`.
pub fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut start = None;
    let mut end_word = |start: &mut Option<usize>, end: usize| {
        if let Some(start) = start.take()
            && !is_elided(text, start..end)
        {
            let part_of_word = |c: &char| c.is_alphanumeric() || is_combining_mark(*c);
            let folded: String = fold(&text[start..end]).chars().filter(part_of_word).take(LONGEST).collect();
            if folded.contains(char::is_alphanumeric) {
                found.push(Word { at: start..end, folded });
            }
        }
    };
    let mut alone = false;
    for (at, c) in text.char_indices() {
        if is_joined(c) {
            continue;
        }
        if is_apostrophe(c) || !c.is_alphanumeric() {
            end_word(&mut start, at);
            continue;
        }
        if alone || stands_alone(c) {
            end_word(&mut start, at);
        }
        alone = stands_alone(c);
        start.get_or_insert(at);
    }
    end_word(&mut start, text.len());
    found
}

/// Whether the character is part of the one before it: an accent of any width, a soft hyphen, a joiner.
fn is_joined(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{ff9e}' | '\u{ff9f}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

/// Whether this is a single letter at an apostrophe: the `l` of `l'admission`, the `s` of `patient's`.
fn is_elided(text: &str, word: Range<usize>) -> bool {
    let mut letters = text[word.clone()].chars();
    if !letters.next().is_some_and(char::is_alphabetic) || letters.next().is_some() {
        return false;
    }
    apostrophe_and_more(text[..word.start].chars().rev()) || apostrophe_and_more(text[word.end..].chars())
}

fn apostrophe_and_more(mut away: impl Iterator<Item = char>) -> bool {
    away.next().is_some_and(is_apostrophe) && away.next().is_some_and(char::is_alphanumeric)
}

/// Whether the character, of any width, is of a script without spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(std::iter::once(c).nfkd().next().unwrap_or(c),
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3040}'..='\u{30ff}' // Japanese syllables
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Chinese characters
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn letters_and_digits_make_words() {
        assert_eq!(
            folded("Perdre le DOSSIER, à 99.9 % (COVID-19)"),
            ["perdre", "le", "dossier", "a", "99", "9", "covid", "19"]
        );
        assert_eq!(folded("re\u{301}a\u{ad}nimation ½ ﬁn"), ["reanimation", "12", "fin"]);
        assert_eq!(folded(" \"*\" AND -- :: \u{301}"), ["and"]);
    }

    #[test]
    fn a_letter_at_an_apostrophe_is_no_word() {
        assert_eq!(
            folded("l'admission d’un patient's record, plan 'B'"),
            ["admission", "un", "patient", "record", "plan", "b"]
        );
    }

    #[test]
    fn scripts_without_spaces_are_found_by_character() {
        assert_eq!(folded("病歴 ABC管理"), ["病", "歴", "abc", "管", "理"]);
        assert_eq!(folded("がん"), folded("か\u{3099}ん"));
        assert_eq!(folded("ｶﾞｽ漏れ"), ["ガ", "ス", "漏", "れ"]);
        assert_eq!(folded("ガス漏れ"), folded("ｶﾞｽ漏れ"));
        assert_ne!(folded("はし"), folded("ばし"));
        assert_eq!(folded("पुस्तक किला"), ["पुस्तक", "किला"]);
    }

    #[test]
    fn a_word_that_is_too_long_is_cut() {
        assert_eq!(folded(&"é".repeat(1000)), ["e".repeat(64)]);
    }
}
