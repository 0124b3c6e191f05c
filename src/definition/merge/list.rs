//! Lists of elements, matched by key.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    enums::{ApplyMode, ElementKind},
    id::ElementId,
    text::Str,
};

use super::Merge;
use crate::{
    definition::{at::At, element::Element, limits, nearest::nearest},
    problem::Rule,
};

/// An entry of a list in a document, which describes an element.
pub(in crate::definition) trait Entry {
    /// The element that it describes.
    type Element: Element + Clone;

    /// The key of the element.
    fn key(&self) -> &str;

    /// The previous key of the element, if it is given.
    fn renamed_from(&self) -> Option<&str>;

    /// Whether it deletes the element.
    fn removed(&self) -> bool;

    /// The entry merged into the current element.
    fn onto(&self, base: Option<&Self::Element>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Self::Element;

    /// The current element in another list, from which it moves to this one.
    fn elsewhere(_key: &str, _merge: &Merge) -> Option<Self::Element> {
        None
    }
}

impl Merge<'_> {
    /// The resulting list of elements below this place. Existing elements keep their place, named or not; new ones are
    /// added at the end; `remove` deletes an element.
    pub(super) fn list<E: Entry>(
        &mut self,
        at: &At,
        field: &MaybeUndefined<Vec<E>>,
        base: Option<&[E::Element]>,
    ) -> Vec<E::Element> {
        let kind: ElementKind = E::Element::KIND;
        let at = &at.field(kind.list());
        let base = base.unwrap_or_default();
        let entries = match field {
            MaybeUndefined::Undefined => return base.to_vec(),
            MaybeUndefined::Null => return Vec::new(),
            MaybeUndefined::Value(entries) => entries,
        };
        let removed: HashSet<&str> = entries.iter().filter(|entry| entry.removed()).map(Entry::key).collect();
        let mut list: Vec<E::Element> =
            base.iter().filter(|element| !removed.contains(element.key().as_str())).cloned().collect();
        let mut places: HashMap<Str, usize> =
            list.iter().enumerate().map(|(place, element)| (element.key().clone(), place)).collect();
        for (index, entry) in entries.iter().enumerate() {
            let at = &at.index(index);
            let key = entry.key();
            if entry.removed() {
                if self.mode == ApplyMode::Replace {
                    self.problem(&at.field("remove"), Rule::RemoveWhileReplacing);
                }
                continue;
            }
            if !limits::is_key(key) {
                self.problem(&at.field("key"), Rule::NotAKey { given: key.to_owned() });
            }
            if let Some(from) = entry.renamed_from().filter(|from| !limits::is_key(from)) {
                self.problem(&at.field("renamedFrom"), Rule::NotAKey { given: from.to_owned() });
            }
            let id = self.id(kind, key);
            let place = places.get(key).copied();
            let moved = if place.is_some() || removed.contains(key) { None } else { E::elsewhere(key, self) };
            let current = place.map(|place| &list[place]).or(moved.as_ref());
            let (is_new, reported) = (current.is_none(), self.problems.len());
            let element = entry.onto(current, id, Str::from(key), at, self);
            if is_new {
                self.suggest_key(kind, entry, reported);
            }
            match place {
                Some(place) => list[place] = element,
                None => {
                    places.insert(element.key().clone(), list.len());
                    list.push(element);
                }
            }
        }
        list
    }

    /// If no element has the key of an entry, the entry lacks required fields, and a similar key exists, the key is
    /// probably a typo: the first REQUIRED problem from this index on then suggests the similar key.
    fn suggest_key(&mut self, kind: ElementKind, entry: &impl Entry, from: usize) {
        let lacking = self.problems[from..].iter_mut().find(|problem| problem.rule == Rule::Required);
        let Some(problem) = lacking else { return };
        let mut keys: Vec<&str> = self.known.keys().filter(|(other, _)| *other == kind).map(|(_, key)| *key).collect();
        keys.sort_unstable();
        let key = entry.renamed_from().unwrap_or(entry.key());
        if !keys.contains(&key)
            && let Some(nearest) = nearest(key, keys)
        {
            problem.rule = Rule::NoSuchElement { key: key.to_owned(), nearest };
        }
    }
}
