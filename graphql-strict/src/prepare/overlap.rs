//! Checks whether fields with the same response key can be merged. The library's rule does not check fields on lower levels, nor between
//! a set and its fragments.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{BaseType, Field, FragmentDefinition, Selection, SelectionSet, Type},
};
use indexmap::IndexMap;

use super::types::{Types, base};
use crate::Refusal;

/// The most fields that are visited, each as often as it is reached. The guard accepts 5,000 selections. Only fragments that overlap on
/// every level need more.
const REACHED: usize = 20_000;

/// The fragments of a document, by name.
pub type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// A field, and the type that it is selected on.
#[derive(Clone, Copy)]
struct Selected<'a> {
    parent: &'a str,
    field: &'a Positioned<Field>,
}

type Groups<'a> = IndexMap<&'a str, Vec<Selected<'a>>>;

/// The check of a document's fields, merged as in the answer.
pub struct Overlap<'a> {
    types: &'a Types,
    fragments: &'a Fragments,
    /// The number of visited fields.
    pub reached: usize,
    /// Whether a field is selected twice, so that the library would resolve it twice.
    pub repeated: bool,
}

impl<'a> Overlap<'a> {
    /// A check that has visited no field.
    pub fn new(types: &'a Types, fragments: &'a Fragments) -> Self {
        Self { types, fragments, reached: 0, repeated: false }
    }

    /// Checks the fields of an operation on all levels.
    pub fn check(&mut self, set: &'a SelectionSet, parent: &'a str) -> Result<(), Refusal> {
        let groups = self.groups([(set, parent)])?;
        self.merge(&groups, true)
    }

    /// The response keys of a set, each with the number of its fields.
    pub fn keys(&mut self, set: &'a SelectionSet, parent: &'a str) -> Result<Vec<(&'a str, usize)>, Refusal> {
        Ok(self.groups([(set, parent)])?.into_iter().map(|(key, fields)| (key, fields.len())).collect())
    }

    fn groups(&mut self, sets: impl IntoIterator<Item = (&'a SelectionSet, &'a str)>) -> Result<Groups<'a>, Refusal> {
        let mut groups = Groups::new();
        let mut visited = HashSet::new();
        for (set, parent) in sets {
            self.collect(set, parent, &mut groups, &mut visited)?;
        }
        Ok(groups)
    }

    fn collect(
        &mut self,
        set: &'a SelectionSet,
        parent: &'a str,
        groups: &mut Groups<'a>,
        visited: &mut HashSet<&'a str>,
    ) -> Result<(), Refusal> {
        for selection in &set.items {
            self.reached += 1;
            if self.reached > REACHED {
                return Err(Refusal::too_much(format!("The document's fields overlap more than {REACHED} times.")));
            }
            match &selection.node {
                Selection::Field(field) => {
                    groups.entry(field.node.response_key().node.as_str()).or_default().push(Selected { parent, field });
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.collect(&fragment.node.selection_set.node, parent, groups, visited)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if !visited.insert(name) {
                        // The library would resolve its selections again.
                        self.repeated = true;
                    } else if let Some(fragment) = self.fragments.get(name) {
                        let parent = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(&fragment.node.selection_set.node, parent, groups, visited)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `full`: all fields can belong to one object. Otherwise only their shapes must agree.
    fn merge(&mut self, groups: &Groups<'a>, full: bool) -> Result<(), Refusal> {
        for (key, fields) in groups {
            let Some((first, rest)) = fields.split_first() else { continue };
            for other in rest {
                self.same_shape(key, *first, *other)?;
            }
            // The object types of the fields. Fields on interfaces and unions belong to each of them.
            let objects: HashSet<&str> =
                fields.iter().map(|field| field.parent).filter(|parent| self.types.is_object(parent)).collect();
            if !full || objects.len() <= 1 {
                if full {
                    for other in rest {
                        same_field(key, *first, *other)?;
                    }
                    self.repeated |= !rest.is_empty();
                }
                self.descend(fields.iter().copied(), full)?;
            } else {
                for object in objects {
                    let answers = |field: &Selected<'_>| field.parent == object || !self.types.is_object(field.parent);
                    let fields: Vec<_> = fields.iter().copied().filter(answers).collect();
                    self.merge(&Groups::from([(*key, fields)]), true)?;
                }
                self.descend(fields.iter().copied(), false)?;
            }
        }
        Ok(())
    }

    fn descend(&mut self, fields: impl Iterator<Item = Selected<'a>>, full: bool) -> Result<(), Refusal> {
        let types = self.types;
        let below = fields.filter_map(|Selected { parent, field }| {
            let set = &field.node.selection_set.node;
            let known = types.field(parent, &field.node.name.node);
            (!set.items.is_empty()).then(|| (set, known.map_or("", |known| base(&known.ty).as_str())))
        });
        let groups = self.groups(below)?;
        self.merge(&groups, full)
    }

    fn same_shape(&self, key: &str, a: Selected<'a>, b: Selected<'a>) -> Result<(), Refusal> {
        let ty = |selected: Selected<'a>| {
            self.types.field(selected.parent, &selected.field.node.name.node).map(|field| &field.ty)
        };
        match (ty(a), ty(b)) {
            (Some(one), Some(other)) if !self.shape(one, other) => {
                Err(conflict(key, a, b, &format!("one is of the type \"{one}\", the other of \"{other}\"")))
            }
            _ => Ok(()),
        }
    }

    fn shape(&self, one: &Type, other: &Type) -> bool {
        let composite = |name: &Name| self.types.is_composite(name);
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.shape(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => one == other || (composite(one) && composite(other)),
                _ => false,
            }
    }
}

fn same_field<'a>(key: &str, a: Selected<'a>, b: Selected<'a>) -> Result<(), Refusal> {
    let (one, other) = (&a.field.node, &b.field.node);
    if one.name.node != other.name.node {
        let why = format!("one is \"{}\", the other is \"{}\"", one.name.node, other.name.node);
        return Err(conflict(key, a, b, &why));
    }
    let same = one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| other.get_argument(&name.node).is_some_and(|other| value == other));
    if same { Ok(()) } else { Err(conflict(key, a, b, "their arguments differ")) }
}

fn conflict(key: &str, a: Selected<'_>, b: Selected<'_>, why: &str) -> Refusal {
    let message = format!("The fields under the key \"{key}\" cannot be merged: {why}. Give one of them an alias.");
    Refusal::invalid(message, [a.field.pos, b.field.pos])
}
