//! Folded texts, for searching and sorting: in lower case, without accents, in one width.

use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfc_quick};

/// The text in lower case and without accents: `Dossier médical` and `DOSSIER MEDICAL` give the same result, and so do
/// `cœur` and `coeur`, `ｶﾞｽ` and `ガス`.
///
/// Accents are removed from Latin, Greek and Cyrillic letters only. In other scripts, a mark makes a different word:
/// `か` is not `が`, `कि` is not `की`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut keeps_marks = false;
    for c in text.nfkd() {
        if is_combining_mark(c) {
            folded.extend(keeps_marks.then_some(c));
            continue;
        }
        keeps_marks = c.is_alphabetic() && !has_accents(c);
        for c in c.to_lowercase().filter(|c| !is_combining_mark(*c)) {
            match c {
                'œ' => folded.push_str("oe"),
                'æ' => folded.push_str("ae"),
                'ß' => folded.push_str("ss"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'đ' => folded.push('d'),
                'ı' => folded.push('i'),
                'ς' => folded.push('σ'),
                other => folded.push(other),
            }
        }
    }
    match is_nfc_quick(folded.chars()) {
        IsNormalized::Yes => folded,
        _ => folded.nfc().collect(),
    }
}

/// Whether the letter is of a script in which a mark is an accent: Latin, Greek or Cyrillic.
fn has_accents(c: char) -> bool {
    matches!(c,
        '\0'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1fff}'
        | '\u{2c60}'..='\u{2c7f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}'
    )
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_and_case_go() {
        assert_eq!(fold("Durée d'ADMISSION, Œuvre ﬁn"), "duree d'admission, oeuvre fin");
        assert_eq!(fold("Straße İzmir Ærø Łódź λόγος ΛΟΓΟΣ"), "strasse izmir aero lodz λογοσ λογοσ");
        assert_eq!(fold("Приёмный ПРИЕМНЫИ"), "приемныи приемныи");
    }

    #[test]
    fn width_is_removed_and_marks_that_make_another_word_are_kept() {
        assert_eq!(fold("ｶﾞｽ ﾊﾟｽ Ａ１"), "ガス パス a1");
        assert_eq!(fold("か\u{3099}ん"), "がん");
        assert_ne!(fold("がん"), fold("かん"));
        assert_ne!(fold("किला"), fold("कीला"));
        assert_ne!(fold("שׁ"), fold("שׂ"));
        assert_eq!(fold("한국"), fold("\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"));
    }
}
