//! Merges fields that are selected twice. The library would resolve each of them and merge the answers: a mutation would run twice, and
//! a list that is read twice could mix two states of the data in one object.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{Field, InlineFragment, Selection, SelectionSet, TypeCondition},
};

use super::{
    overlap::Fragments,
    types::{Types, base},
};

/// Merges the fields that are selected twice in a set and in all sets below it, unless one of them, or a fragment around it, has a
/// directive. A fragment without directives is replaced by its selections.
pub fn merge(types: &Types, fragments: &Fragments, set: &mut SelectionSet, parent: &Name) {
    let mut merged = Merged::default();
    merged.add(fragments, std::mem::take(&mut set.items), parent, None, &mut HashSet::new());
    set.items = merged.items;
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let known = types.field(parent, &field.node.name.node).map(|known| base(&known.ty));
                if let Some(parent) = known {
                    merge(types, fragments, &mut field.node.selection_set.node, parent);
                }
            }
            Selection::InlineFragment(fragment) => {
                let fragment = &mut fragment.node;
                let condition = fragment.type_condition.as_ref().map_or(parent, |condition| &condition.node.on.node);
                merge(types, fragments, &mut fragment.selection_set.node, condition);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

#[derive(Default)]
struct Merged {
    items: Vec<Positioned<Selection>>,
    /// The position of the field of each type condition and response key: the index of the item, and, if this is a fragment on another
    /// type, the index in it.
    keys: HashMap<(Option<Name>, Name), (usize, Option<usize>)>,
}

impl Merged {
    /// Adds the items of a set on the type `parent`. `condition`: the items are in a fragment on another type.
    fn add(
        &mut self,
        fragments: &Fragments,
        items: Vec<Positioned<Selection>>,
        parent: &Name,
        condition: Option<&Positioned<TypeCondition>>,
        spread: &mut HashSet<(Option<Name>, Name)>,
    ) {
        let scope = condition.map(|condition| condition.node.on.node.clone());
        for item in items {
            if !item.node.directives().is_empty() {
                self.push(item, condition);
                continue;
            }
            let (on, within) = match item.node {
                Selection::Field(field) => {
                    self.field(field, item.pos, condition);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.node.type_condition, fragment.node.selection_set.node.items)
                }
                Selection::FragmentSpread(name) => {
                    let Some(fragment) = fragments.get(&name.node.fragment_name.node) else {
                        self.push(Positioned::new(Selection::FragmentSpread(name), item.pos), condition);
                        continue;
                    };
                    if !spread.insert((scope.clone(), name.node.fragment_name.node)) {
                        continue;
                    }
                    let fragment = &fragment.node;
                    (Some(fragment.type_condition.clone()), fragment.selection_set.node.items.clone())
                }
            };
            let same = |on: &Positioned<TypeCondition>| on.node.on.node == *parent;
            match on {
                Some(on) if !same(&on) && condition.is_none() => {
                    self.add(fragments, within, &on.node.on.node, Some(&on), spread);
                }
                // A fragment on a third type is kept.
                Some(on) if !same(&on) => {
                    self.push(inline(on, within, item.pos), condition);
                }
                _ => self.add(fragments, within, parent, condition, spread),
            }
        }
    }

    fn field(&mut self, field: Positioned<Field>, pos: Pos, condition: Option<&Positioned<TypeCondition>>) {
        let on = condition.map(|condition| condition.node.on.node.clone());
        let key = (on, field.node.response_key().node.clone());
        match self.keys.get(&key).and_then(|at| field_at(&mut self.items, *at)) {
            Some(first) => first.selection_set.node.items.extend(field.node.selection_set.node.items),
            None => {
                let at = self.push(Positioned::new(Selection::Field(field), pos), condition);
                self.keys.insert(key, at);
            }
        }
    }

    /// Adds an item at the end: to the last fragment, if it has the same type condition.
    fn push(
        &mut self,
        item: Positioned<Selection>,
        condition: Option<&Positioned<TypeCondition>>,
    ) -> (usize, Option<usize>) {
        let Some(condition) = condition else {
            self.items.push(item);
            return (self.items.len() - 1, None);
        };
        if let Some(Positioned { node: Selection::InlineFragment(last), .. }) = self.items.last_mut()
            && last.node.directives.is_empty()
            && last.node.type_condition.as_ref().is_some_and(|last| last.node.on.node == condition.node.on.node)
        {
            let items = &mut last.node.selection_set.node.items;
            items.push(item);
            let at = items.len() - 1;
            return (self.items.len() - 1, Some(at));
        }
        let pos = item.pos;
        self.items.push(inline(condition.clone(), vec![item], pos));
        (self.items.len() - 1, Some(0))
    }
}

fn field_at(items: &mut [Positioned<Selection>], (at, within): (usize, Option<usize>)) -> Option<&mut Field> {
    match (&mut items.get_mut(at)?.node, within) {
        (Selection::Field(field), None) => Some(&mut field.node),
        (Selection::InlineFragment(fragment), Some(within)) => {
            field_at(&mut fragment.node.selection_set.node.items, (within, None))
        }
        _ => None,
    }
}

fn inline(on: Positioned<TypeCondition>, items: Vec<Positioned<Selection>>, pos: Pos) -> Positioned<Selection> {
    let selection_set = Positioned::new(SelectionSet { items }, pos);
    let fragment = InlineFragment { type_condition: Some(on), directives: Vec::new(), selection_set };
    Positioned::new(Selection::InlineFragment(Positioned::new(fragment, pos)), pos)
}
