//! The words of a search.

use super::words::words;

/// The words of a search: each must be found, as a whole or as the beginning of a longer word. Other characters are not
/// operators, and are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SearchWords(Vec<String>);

/// Maximum number of different words.
const MAX_WORDS: usize = 32;

/// A text that cannot be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsearchable {
    /// It has too many words.
    #[error("`text` has {0} different words; {MAX_WORDS} at most can be searched for")]
    TooManyWords(usize),
}

impl SearchWords {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, Unsearchable> {
        let mut searched: Vec<String> = Vec::new();
        for word in words(text) {
            if !searched.contains(&word.folded) {
                searched.push(word.folded);
            }
        }
        if searched.len() > MAX_WORDS { Err(Unsearchable::TooManyWords(searched.len())) } else { Ok(Self(searched)) }
    }

    /// The words, folded: letters and digits with their marks, each once, none of them empty.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The indexes of the words that this folded word equals or begins with.
    pub(super) fn found_in<'w>(&'w self, word: &'w str) -> impl Iterator<Item = usize> + 'w {
        self.0.iter().enumerate().filter(|(_, searched)| word.starts_with(searched.as_str())).map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_text() {
        let words = |text| SearchWords::parse(text).unwrap().0;
        assert_eq!(
            words("\"dossier*\" OR -médical NEAR(a b) statement:x & | ! <-> 'o'x'"),
            ["dossier", "or", "medical", "near", "a", "b", "statement", "x"]
        );
        assert_eq!(words("* \" ' ; --"), [] as [&str; 0]);
    }

    #[test]
    fn too_much_is_refused_with_the_limit() {
        let error = |text: &str| SearchWords::parse(text).unwrap_err().to_string();
        let many: Vec<String> = (0..33).map(|n| format!("w{n}")).collect();
        assert_eq!(error(&many.join(" ")), "`text` has 33 different words; 32 at most can be searched for");
    }
}
