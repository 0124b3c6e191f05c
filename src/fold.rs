//! Texts as people search and sort them: without accents, in lower case.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text without accents and in lower case: `Dossier médical` and `DOSSIER MEDICAL` are one, and so are `cœur` and
/// `coeur`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
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
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_and_case_go() {
        assert_eq!(fold("Durée d'ADMISSION, Œuvre ﬁn"), "duree d'admission, oeuvre fin");
        assert_eq!(fold("Straße İzmir Ærø Łódź λόγος ΛΟΓΟΣ"), "strasse izmir aero lodz λογοσ λογοσ");
    }
}
