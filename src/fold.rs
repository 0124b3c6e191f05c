//! Texts as people search and sort them: without accents, in lower case.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text without accents and in lower case: `Dossier médical` and `DOSSIER MEDICAL` are one.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_and_case_go() {
        assert_eq!(fold("Durée d'ADMISSION, Œuvre ﬁn"), "duree d'admission, œuvre fin");
    }
}
