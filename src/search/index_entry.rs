//! The searchable texts of a definition: an entry for each element and language.

use std::collections::HashMap;

use entente_entity::{
    enums::SearchType,
    id::ServiceId,
    text::{Lang, Str, Text},
};
use uuid::Uuid;

use super::words::words;
use crate::definition::terms::{Benefit, Cost, Expectation, Outcome, Risk, Terms};

/// A searchable text in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexEntry<'t> {
    /// The kind of object that it finds.
    pub kind: SearchType,
    /// The object that it finds.
    pub entity: Uuid,
    /// Its language.
    pub language: &'t Lang,
    /// Its texts.
    texts: Vec<&'t Str>,
    /// A text that is searched too, but not shown.
    beside: Option<&'t str>,
    /// Its rank, by the kind of text.
    rank: u32,
}

/// The changes of the entries of a definition.
#[derive(Debug, Default)]
pub struct Rewritten<'t> {
    /// The objects whose entries are deleted.
    pub gone: Vec<Uuid>,
    /// The new entries.
    pub come: Vec<IndexEntry<'t>>,
}

/// The name of a service has a higher rank than a sentence.
const NAME: u32 = 4;
const SERVICE: u32 = 3;
const OUTCOME: u32 = 2;
const OTHER: u32 = 1;

impl IndexEntry<'_> {
    /// Its text, with one line for each of its texts.
    pub fn text(&self) -> String {
        self.texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The words that find it, with their rank: higher in a name than in a sentence, and higher in a short text than in
    /// a long one.
    pub fn words(&self) -> (String, i64) {
        let shown = words(&self.text());
        let beside = self.beside.map(words).unwrap_or_default();
        let all: Vec<&str> = shown.iter().chain(&beside).map(|word| word.folded.as_str()).collect();
        (all.join(" "), weight(self.rank, shown.len()))
    }
}

/// The searchable texts of a thread: its title, or one of its messages; with the words and their rank.
pub fn thread_words(text: &str, is_title: bool) -> (String, i64) {
    let found = words(text);
    let all: Vec<&str> = found.iter().map(|word| word.folded.as_str()).collect();
    (all.join(" "), weight(if is_title { OUTCOME } else { OTHER }, found.len()))
}

/// The rank of a word in a text of this rank and length. A square root gives the same result on every machine.
fn weight(rank: u32, words: usize) -> i64 {
    (f64::from(rank) * 1000.0 / (words.max(1) as f64).sqrt()).round() as i64
}

/// The changes of the entries for a change of terms. Without earlier terms, all entries are new.
pub fn rewritten<'t>(service: ServiceId, slug: &'t str, before: Option<&'t Terms>, after: &'t Terms) -> Rewritten<'t> {
    let before = before.map(|terms| entries(service, slug, terms)).unwrap_or_default();
    let mut current: HashMap<Uuid, Vec<IndexEntry>> = HashMap::new();
    for entry in before {
        current.entry(entry.entity).or_default().push(entry);
    }
    let mut all = Rewritten::default();
    let after = entries(service, slug, after);
    for said in after.chunk_by(|one, other| one.entity == other.entity) {
        match current.remove(&said[0].entity) {
            Some(entries) if entries == said => continue,
            Some(_) => all.gone.push(said[0].entity),
            None => {}
        }
        all.come.extend_from_slice(said);
    }
    all.gone.extend(current.into_keys());
    all
}

/// The entries of a definition; those of one object follow each other.
fn entries<'t>(service: ServiceId, slug: &'t str, terms: &'t Terms) -> Vec<IndexEntry<'t>> {
    let Terms {
        provider: _,
        name,
        summary,
        journey: _,
        outcomes,
        costs,
        risks,
        benefits,
        expectations,
        offerings: _,
        escalation: _,
        review_every: _,
    } = terms;
    let mut all = Vec::new();
    let mut add = |kind, entity, rank, beside, texts: &[Option<&'t Text>]| {
        let texts = texts.iter().copied().flatten();
        let mut languages: Vec<&Lang> = texts.clone().flat_map(|text| text.0.keys()).collect();
        languages.sort_unstable();
        languages.dedup();
        all.extend(languages.into_iter().map(|language| {
            let texts = texts.clone().filter_map(|text| text.0.get(language.as_str())).collect();
            IndexEntry { kind, entity, language, texts, beside, rank }
        }));
    };
    add(SearchType::Service, service.0, NAME, None, &[Some(name)]);
    add(SearchType::Service, service.0, SERVICE, Some(slug), &[Some(name), summary.as_ref()]);
    for Outcome { id, statement, .. } in outcomes {
        add(SearchType::Outcome, id.0, OUTCOME, None, &[Some(statement)]);
    }
    for Cost { id, statement, .. } in costs {
        add(SearchType::Cost, id.0, OTHER, None, &[Some(statement)]);
    }
    for Risk { id, statement, mitigation, .. } in risks {
        add(SearchType::Risk, id.0, OTHER, None, &[Some(statement), mitigation.as_ref()]);
    }
    for Benefit { id, statement, stakeholder, .. } in benefits {
        add(SearchType::Benefit, id.0, OTHER, None, &[Some(statement), Some(stakeholder)]);
    }
    for Expectation { id, statement, .. } in expectations {
        add(SearchType::Expectation, id.0, OTHER, None, &[Some(statement)]);
    }
    all
}
