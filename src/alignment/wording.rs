//! Names of configuration items in texts for customers.
//!
//! A provider can have 100,000 items. Their folded names are kept sorted: at each beginning of a word in a text, the names that begin
//! like the text are narrowed down word by word. This needs little more memory than the names, and a text takes as many searches as it
//! has words.

use std::{collections::HashMap, mem::size_of};

use entente_entity::{id::ElementId, text::Text};
use unicode_normalization::char::is_combining_mark;

use super::Texts;
use crate::fold::fold;

/// Minimum number of characters of a name. Shorter ones are too often words of a text.
const SHORTEST: usize = 3;
/// Maximum number of names that are listed for one element.
const LISTED: usize = 5;

/// The names that are found in the texts of an element, or of the service itself (`None`). Only those with a name.
pub type Named = HashMap<Option<ElementId>, Vec<String>>;

/// The names of the configuration items of an organization.
#[derive(Debug, Default)]
pub struct Names {
    /// Folded, and as they were given; sorted by the first.
    sorted: Vec<(Box<str>, Box<str>)>,
}

impl Names {
    /// These names, without those that are too short, or have no letter and no digit.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let searched = |name: String| {
            let name = name.trim();
            let is_word = name.chars().count() >= SHORTEST && name.chars().any(char::is_alphanumeric);
            is_word.then(|| (folded(name).into_boxed_str(), Box::from(name)))
        };
        let mut sorted: Vec<_> = names.into_iter().filter_map(searched).collect();
        sorted.sort_unstable();
        sorted.dedup_by(|one, other| one.0 == other.0);
        Self { sorted }
    }

    /// Approximate size in memory, in bytes.
    pub fn size(&self) -> usize {
        let of_name = |(folded, given): &(Box<str>, Box<str>)| folded.len() + given.len() + 32;
        size_of::<Self>()
            + self.sorted.len() * size_of::<(Box<str>, Box<str>)>()
            + self.sorted.iter().map(of_name).sum::<usize>()
    }

    /// The names in the texts for customers of each element, and of the service itself.
    pub fn named_in(&self, all: &[Texts<'_>]) -> Named {
        let mut named = Named::new();
        if self.sorted.is_empty() {
            return named;
        }
        for texts in all {
            let mut found = Vec::new();
            texts.shown.iter().for_each(|text| self.search(text, &mut found));
            if !found.is_empty() {
                named.insert(texts.id(), found);
            }
        }
        named
    }

    /// Adds the names in a text, in any of its languages. Of names that overlap, the longest of the first beginning counts.
    fn search(&self, text: &Text, found: &mut Vec<String>) {
        for text in text.0.values() {
            let text = folded(text.as_str());
            let bounds = bounds(&text);
            let mut next = 0;
            for (index, start) in bounds.iter().enumerate() {
                if *start < next || *start == text.len() {
                    continue;
                }
                let ends = bounds[index + 1..].iter().map(|end| end - start);
                let Some((name, length)) = self.longest(&text[*start..], ends) else { continue };
                next = start + length;
                if found.len() < LISTED && !found.iter().any(|known| **known == *name) {
                    found.push(name.to_owned());
                }
            }
        }
    }

    /// The longest name with which a text begins, with its length in the text; it ends at one of these places.
    fn longest(&self, text: &str, ends: impl Iterator<Item = usize>) -> Option<(&str, usize)> {
        let mut names = &self.sorted[..];
        let mut longest = None;
        for end in ends {
            let begin = &text[..end];
            names = &names[names.partition_point(|(name, _)| **name < *begin)..];
            names = &names[..names.partition_point(|(name, _)| name.starts_with(begin))];
            let Some((name, given)) = names.first() else { break };
            if **name == *begin {
                longest = Some((&**given, end));
            }
            if names.len() == 1 && name.len() <= end {
                break;
            }
        }
        longest
    }
}

/// The text in the form in which it is compared: folded, with single spaces.
fn folded(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The places in a text where a word can begin or end.
fn bounds(text: &str) -> Vec<usize> {
    let mut bounds = Vec::new();
    let mut before = false;
    for (at, c) in text.char_indices() {
        let is_part = is_part_of_word(c);
        if !(before && is_part) {
            bounds.push(at);
        }
        before = is_part;
    }
    bounds.push(text.len());
    bounds
}

/// Whether a word continues with this character. In scripts without spaces between words, or with endings that follow a name
/// immediately, each character can begin and end a word.
fn is_part_of_word(c: char) -> bool {
    (c.is_alphanumeric() || is_combining_mark(c)) && !has_no_spaces(c)
}

/// Whether the character is of such a script: Thai, Lao, Myanmar, Khmer, Hangul, Kana, Bopomofo or Han.
fn has_no_spaces(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn found(names: &[&str], text: &str) -> Vec<String> {
        let names = Names::new(names.iter().map(|name| (*name).to_owned()));
        let text: Text = serde_json::from_value(serde_json::json!({ "en": text })).unwrap();
        let mut found = Vec::new();
        names.search(&text, &mut found);
        found
    }

    #[rstest]
    #[case::whole_words(&["ORA-PMS-01"], "The record is in ORA-PMS-01.", &["ORA-PMS-01"])]
    #[case::part_of_a_word(&["PMS"], "PMSI and XPMS are no PMS2", &[])]
    #[case::next_to_signs(&["PMS"], "(pms), l'PMS_old", &["PMS"])]
    #[case::case_and_accents(&["Dépôt Été"], "le DEPOT ETE tombe", &["Dépôt Été"])]
    #[case::width_and_spaces(&["App Server 1"], "ＡＰＰ\n  server 1 fails", &["App Server 1"])]
    #[case::three_characters_at_least(&["DB", "DB2"], "DB and DB2", &["DB2"])]
    #[case::no_word(&["---", "   "], "a --- b", &[])]
    #[case::the_longest(&["Oracle", "Oracle PMS", "Oracle PMS two"], "Oracle PMS and Oracle", &["Oracle PMS", "Oracle"])]
    #[case::a_longer_one_that_ends_elsewhere(&["Oracle", "Oracle PMS database"], "Oracle PMS tables", &["Oracle"])]
    #[case::several(&["one", "two", "one two three"], "one two", &["one", "two"])]
    #[case::each_once(&["one"], "one One ONE", &["one"])]
    #[case::han(&["病历系统"], "护士打开病历系统查看", &["病历系统"])]
    #[case::katakana(&["サーバー"], "このサーバーが止まる", &["サーバー"])]
    #[case::hangul_with_a_particle(&["진료서버"], "진료서버가 멈춘다", &["진료서버"])]
    #[case::latin_within_han(&["ORA1"], "数据库ORA1故障", &["ORA1"])]
    #[case::latin_beside_latin(&["ORA1"], "数据库ORA12故障", &[])]
    #[case::cyrillic(&["Приёмный"], "это приемный сервер", &["Приёмный"])]
    #[case::marks_belong_to_words(&["कमल"], "कमली", &[])]
    fn names_are_found_as_whole_words(#[case] names: &[&str], #[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(found(names, text), expected);
    }

    #[test]
    fn a_hundred_thousand_names_are_searched_in_a_long_text_at_once() {
        let names = Names::new((0..100_000).map(|number| format!("srv of ward {number}")));
        assert!(names.size() < 20_000_000, "{}", names.size());
        let words = "srv of ward and of the ward ".repeat(2_000) + "SRV of Ward 99999";
        let text: Text = serde_json::from_value(serde_json::json!({ "en": words })).unwrap();
        let started = std::time::Instant::now();
        let mut found = Vec::new();
        names.search(&text, &mut found);
        assert_eq!(found, ["srv of ward 99999"]);
        assert!(started.elapsed().as_millis() < 2_000, "{:?}", started.elapsed());
    }
}
