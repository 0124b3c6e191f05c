//! The impact of failed configuration items: which other items fail, which lose redundancy, and the effect on services
//! and outcomes. Pure.
//!
//! An item fails if fewer of its dependencies still work than it needs. It has lost redundancy if it still works, but
//! one of its dependencies has failed or has lost redundancy.

use std::collections::{HashMap, VecDeque};

use entente_entity::{enums::ImpactEffect, id::ItemId};

/// A graph of items and their dependencies: the part of a CMDB that can be reached from some items.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    places: HashMap<ItemId, usize>,
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
struct Item {
    id: ItemId,
    /// The number of its dependencies that it needs.
    needed: usize,
    /// The number of its dependencies, including those that are not in the graph.
    has: usize,
    /// The items that depend on it; an item is in the list twice if it depends on it by two keys.
    dependents: Vec<usize>,
}

/// The state of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It still works, but has lost redundancy.
    Lost,
    /// It has failed.
    Failed,
}

impl Graph {
    /// Adds an item: the number of dependencies that it needs (all, if none is given), and the number that it has.
    pub fn item(&mut self, id: ItemId, needed: Option<i32>, has: i32) {
        let has = usize::try_from(has).unwrap_or_default();
        let needed = needed.map_or(has, |needed| usize::try_from(needed).unwrap_or_default());
        let place = self.place(id);
        self.items[place] = Item { needed, has, ..self.items[place].clone() };
    }

    /// Adds that one item depends on another.
    pub fn depends(&mut self, dependent: ItemId, dependency: ItemId) {
        let dependent = self.place(dependent);
        let dependency = self.place(dependency);
        self.items[dependency].dependents.push(dependent);
    }

    /// The approximate size in memory, in bytes.
    pub fn size(&self) -> usize {
        let item = |item: &Item| 64 + size_of::<Item>() + item.dependents.len() * size_of::<usize>();
        self.items.iter().map(item).sum()
    }

    fn place(&mut self, id: ItemId) -> usize {
        *self.places.entry(id).or_insert_with(|| {
            self.items.push(Item { id, needed: 0, has: 0, dependents: Vec::new() });
            self.items.len() - 1
        })
    }

    /// The states of the items if these fail; the order does not matter.
    pub fn fail(&self, failed: impl IntoIterator<Item = ItemId>) -> Spread<'_> {
        let mut sources: Vec<usize> = failed.into_iter().filter_map(|id| self.places.get(&id).copied()).collect();
        sources.sort_unstable();
        sources.dedup();
        let states = self.states(&sources);
        let steps = self.steps(&sources, &states);
        Spread { graph: self, states, steps }
    }

    /// First all failures: each item fails once, so that circular dependencies end. Then the items that are reached and
    /// still work.
    fn states(&self, sources: &[usize]) -> Vec<Option<State>> {
        let mut states = vec![None; self.items.len()];
        let mut gone = vec![0; self.items.len()];
        let mut waiting: VecDeque<usize> = sources.iter().copied().collect();
        for source in sources {
            states[*source] = Some(State::Failed);
        }
        while let Some(one) = waiting.pop_front() {
            for dependent in &self.items[one].dependents {
                let item = &self.items[*dependent];
                gone[*dependent] += 1;
                if states[*dependent].is_none() && item.has.saturating_sub(gone[*dependent]) < item.needed {
                    states[*dependent] = Some(State::Failed);
                    waiting.push_back(*dependent);
                }
            }
        }
        waiting.extend((0..states.len()).filter(|place| states[*place].is_some()));
        while let Some(one) = waiting.pop_front() {
            for dependent in &self.items[one].dependents {
                if states[*dependent].is_none() {
                    states[*dependent] = Some(State::Lost);
                    waiting.push_back(*dependent);
                }
            }
        }
        states
    }

    /// For each affected item, the previous item on a shortest path from an item that failed first. An item that only
    /// lost redundancy does not make others fail, so no path to a failed item leads through it. Of several paths, the
    /// one with the lower ids is taken.
    fn steps(&self, sources: &[usize], states: &[Option<State>]) -> Vec<Option<Step>> {
        let mut steps: Vec<Option<Step>> = vec![None; self.items.len()];
        let mut level: Vec<usize> = sources.to_vec();
        for source in sources {
            steps[*source] = Some(Step { length: 0, from: *source });
        }
        let mut length = 0;
        while !level.is_empty() {
            length += 1;
            let mut next = Vec::new();
            for one in level {
                for dependent in &self.items[one].dependents {
                    if (states[one], states[*dependent]) == (Some(State::Lost), Some(State::Failed)) {
                        continue;
                    }
                    match &mut steps[*dependent] {
                        Some(step) => {
                            if step.length == length && self.items[one].id < self.items[step.from].id {
                                step.from = one;
                            }
                        }
                        none => {
                            *none = Some(Step { length, from: one });
                            next.push(*dependent);
                        }
                    }
                }
            }
            level = next;
        }
        steps
    }
}

#[derive(Clone, Copy, Debug)]
struct Step {
    length: usize,
    from: usize,
}

/// The states of the items of a graph.
#[derive(Clone, Debug)]
pub struct Spread<'g> {
    graph: &'g Graph,
    states: Vec<Option<State>>,
    steps: Vec<Option<Step>>,
}

impl Spread<'_> {
    /// The state of an item; `None` if it works as before.
    pub fn state(&self, id: ItemId) -> Option<State> {
        self.states[*self.graph.places.get(&id)?]
    }

    /// A shortest chain of dependencies from an item that failed first to this one. Each item depends on the one
    /// before. Empty if the item is not affected.
    pub fn path(&self, id: ItemId) -> Vec<ItemId> {
        let mut path = Vec::new();
        let mut at = self.graph.places.get(&id).copied();
        while let Some((place, step)) = at.and_then(|place| Some((place, self.steps[place]?))) {
            path.push(self.graph.items[place].id);
            at = (step.length > 0).then_some(step.from);
        }
        path.reverse();
        path
    }

    /// The worst state of these items, and the item in this state with the shortest chain; of several, the one with the
    /// lowest id.
    fn worst(&self, items: impl IntoIterator<Item = ItemId>) -> Option<(State, ItemId)> {
        let hit = items.into_iter().filter_map(|id| {
            let place = *self.graph.places.get(&id)?;
            Some((self.states[place]?, self.steps[place]?.length, id))
        });
        let worst = hit.min_by_key(|(state, length, id)| (std::cmp::Reverse(*state), *length, *id))?;
        Some((worst.0, worst.2))
    }
}

/// The configuration items that a service depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsOn<K> {
    /// The items of the service itself.
    pub service: Vec<ItemId>,
    /// The outcomes, each with the items that only this outcome depends on.
    pub outcomes: Vec<(K, Vec<ItemId>)>,
}

/// The effect on a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<K> {
    /// The effect on the service as a whole.
    pub effect: ImpactEffect,
    /// The reason: the chain from an item that failed first to an item of the service, or of the outcome with the worst
    /// effect.
    pub path: Vec<ItemId>,
    /// The affected outcomes, in their order.
    pub outcomes: Vec<(K, ImpactEffect, Vec<ItemId>)>,
}

/// The effect of the failure on a service; `None` if there is none.
pub fn hit<K: Clone>(spread: &Spread, runs_on: &RunsOn<K>) -> Option<Hit<K>> {
    let own = spread.worst(runs_on.service.iter().copied());
    let tied = |items: &[ItemId]| spread.worst(items.iter().copied());
    let outcomes = runs_on.outcomes.iter().filter_map(|(outcome, items)| {
        // An item of the outcome itself is a better explanation than an item of the whole service.
        let worst = match (tied(items), own) {
            (Some(tied), Some(own)) if own.0 > tied.0 => own,
            (tied, own) => tied.or(own)?,
        };
        Some((outcome.clone(), effect(worst.0), spread.path(worst.1)))
    });
    let outcomes: Vec<_> = outcomes.collect();
    let worst_tied = spread.worst(runs_on.outcomes.iter().flat_map(|(_, items)| items.iter().copied()));
    let (effect, item) = match (own, worst_tied) {
        (Some((State::Failed, item)), _) => (ImpactEffect::Outage, item),
        (_, Some((State::Failed, item))) => (ImpactEffect::Degraded, item),
        (Some((State::Lost, item)), _) | (None, Some((State::Lost, item))) => (ImpactEffect::RedundancyLost, item),
        (None, None) => return None,
    };
    Some(Hit { effect, path: spread.path(item), outcomes })
}

fn effect(state: State) -> ImpactEffect {
    match state {
        State::Failed => ImpactEffect::Outage,
        State::Lost => ImpactEffect::RedundancyLost,
    }
}

#[cfg(test)]
mod tests;
