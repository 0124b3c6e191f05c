//! The excerpt of a text that was found.

use super::{
    search_words::SearchWords,
    words::{Word, words},
};

/// Maximum number of characters of the text that are shown.
const WIDTH: usize = 160;
/// Maximum number of characters before the first word that was found.
const LEAD: usize = 40;

/// The part of the text that contains most of the words, as plain text on one line: each word that was found between
/// `**` and `**`, `…` marks an omission, ` · ` a line break. An asterisk of the text itself is shown as `∗`, so that
/// the marks are the only ones.
pub fn snippet(text: &str, searched: &SearchWords) -> String {
    let words = words(text);
    let shown = part(text, &words, searched);
    let mut line = Line::default();
    if shown.start > 0 {
        line.out.push('…');
    }
    let mut at = shown.start;
    for word in &words {
        if word.at.start < shown.start || word.at.start >= shown.end || searched.found_in(&word.folded).next().is_none()
        {
            continue;
        }
        line.add(&text[at..word.at.start]);
        at = word.at.end.min(shown.end);
        line.mark(&text[word.at.start..at]);
    }
    line.add(&text[at..shown.end]);
    if shown.end < text.len() {
        line.out.push('…');
    }
    line.out
}

/// The range of the text that is shown, in bytes.
fn part(text: &str, words: &[Word], searched: &SearchWords) -> std::ops::Range<usize> {
    // The position of each character, and of the end of the text.
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let characters = places.len() - 1;
    if characters <= WIDTH {
        return 0..text.len();
    }
    let nth = |byte: usize| places.partition_point(|place| *place < byte);
    let found: Vec<Found> = words
        .iter()
        .map(|word| Found {
            from: nth(word.at.start),
            to: nth(word.at.end),
            which: searched.found_in(&word.folded).collect(),
        })
        .filter(|found| !found.which.is_empty())
        .collect();
    let best = densest(&found, searched.words().len());
    let first = words.iter().find(|word| nth(word.at.start) + LEAD >= best).map_or(0, |word| word.at.start);
    let first = if nth(first) + LEAD > best && best <= LEAD { 0 } else { first };
    let limit = places[(nth(first) + WIDTH).min(characters)];
    if limit == text.len() {
        return first..limit;
    }
    let last =
        words.iter().rfind(|word| word.at.start > first && word.at.end <= limit).map_or(limit, |word| word.at.end);
    first..last
}

/// A word that was found: its characters in the text, and which of the searched words it is.
#[derive(Clone, Debug)]
struct Found {
    from: usize,
    to: usize,
    which: Vec<usize>,
}

/// The window with the most different words, then the most words, then the first one. A window begins at each word in
/// turn, so the text is read once.
fn densest(found: &[Found], searched: usize) -> usize {
    let mut best = (0, 0, 0);
    let (mut end, mut different, mut counts) = (0, 0, vec![0_usize; searched]);
    for (index, first) in found.iter().enumerate() {
        while let Some(next) = found.get(end).filter(|next| next.to <= first.from + WIDTH - LEAD) {
            for one in &next.which {
                different += usize::from(counts[*one] == 0);
                counts[*one] += 1;
            }
            end += 1;
        }
        if end <= index {
            // A word that is longer than the window.
            end = index + 1;
            continue;
        }
        if (different, end - index) > (best.0, best.1) {
            best = (different, end - index, first.from);
        }
        for one in &first.which {
            counts[*one] -= 1;
            different -= usize::from(counts[*one] == 0);
        }
    }
    best.2
}

/// One line of plain text.
#[derive(Default)]
struct Line {
    out: String,
    space: bool,
    new_line: bool,
    marked: bool,
}

impl Line {
    fn add(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.space = true;
                self.new_line |= c == '\n';
                continue;
            }
            self.begin();
            self.out.push(if c == '*' { '∗' } else { c });
        }
    }

    fn mark(&mut self, text: &str) {
        if self.marked && !self.space {
            // Adjacent words without a space, for example in Chinese, are marked as one.
            self.out.truncate(self.out.len() - "**".len());
        } else {
            self.begin();
            self.out.push_str("**");
        }
        self.out.push_str(text);
        self.out.push_str("**");
        self.marked = true;
    }

    /// Writes a pending space.
    fn begin(&mut self) {
        if self.space && !self.out.is_empty() && self.out != "…" {
            self.out.push_str(if self.new_line { " · " } else { " " });
        }
        (self.space, self.new_line, self.marked) = (false, false, false);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_densest_window_is_the_best_of_all(
            words in prop::collection::vec((0..60_usize, 1..150_usize, prop::collection::btree_set(0..6_usize, 1..4)), 0..60),
        ) {
            let mut at = 0;
            let found: Vec<Found> = words
                .into_iter()
                .map(|(gap, length, which)| {
                    let from = at + gap;
                    at = from + length;
                    Found { from, to: at, which: which.into_iter().collect() }
                })
                .collect();
            let mut best = (0, 0, 0);
            for (index, first) in found.iter().enumerate() {
                let window = found[index..].iter().take_while(|next| next.to <= first.from + WIDTH - LEAD);
                let window: Vec<&Found> = window.collect();
                let different: std::collections::BTreeSet<_> = window.iter().flat_map(|found| &found.which).collect();
                if (different.len(), window.len()) > (best.0, best.1) {
                    best = (different.len(), window.len(), first.from);
                }
            }
            prop_assert_eq!(densest(&found, 6), best.2);
        }
    }

    fn shown(text: &str, searched: &str) -> String {
        snippet(text, &SearchWords::parse(searched).unwrap())
    }

    #[test]
    fn words_that_were_found_are_marked_in_the_text_as_it_was_written() {
        assert_eq!(
            shown("Perdre le dossier d'un patient", "PATIENT dossiér"),
            "Perdre le **dossier** d'un **patient**"
        );
        assert_eq!(shown("The triage nurse", "tri"), "The **triage** nurse");
        assert_eq!(shown("Un risque\n  pour tous", "pour"), "Un risque · **pour** tous");
        assert_eq!(shown("a **bold** 2*3 claim", "bold"), "a ∗∗**bold**∗∗ 2∗3 claim");
        assert_eq!(shown("病歴を管理", "病歴"), "**病歴**を管理");
        assert_eq!(shown("nothing of it", "else"), "nothing of it");
    }

    #[test]
    fn a_long_text_is_cut_where_most_words_are_found() {
        let text = format!("dossier {} le dossier médical du patient {}", "mot ".repeat(200), "autre ".repeat(200));
        let snippet = shown(&text, "dossier medical");
        assert!(snippet.starts_with("…mot mot"), "{snippet}");
        assert!(snippet.contains("le **dossier** **médical** du patient"), "{snippet}");
        assert!(snippet.ends_with("autre…"), "{snippet}");
        assert!(snippet.chars().count() < 175, "{snippet}");
    }

    proptest! {
        #[test]
        fn every_snippet_is_one_short_line_with_pairs_of_marks(text in "(\\PC|[a-e *\n]){0,600}", searched in "[a-e ]{0,20}") {
            let searched = SearchWords::parse(&searched).unwrap();
            let snippet = snippet(&text, &searched);
            prop_assert!(!snippet.contains('\n'));
            prop_assert_eq!(snippet.matches("**").count() % 2, 0);
            let words = words(&text).iter().filter(|word| searched.found_in(&word.folded).next().is_some()).count();
            prop_assert_eq!(words > 0, snippet.contains("**"));
            let plain = snippet.replace("**", "");
            prop_assert!(!plain.contains('*'));
            prop_assert!(plain.chars().count() <= WIDTH * 3 + 2);
        }
    }
}
