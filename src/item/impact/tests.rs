//! The results compared with a simple computation, on random graphs with circles and redundancy.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::*;

fn id(number: usize) -> ItemId {
    ItemId(Uuid::from_u128(number as u128 + 1))
}

/// Items by number: how many dependencies each needs, and which it has. A number without an item is an unresolved
/// dependency.
#[derive(Clone, Debug)]
struct Cmdb(Vec<(Option<i32>, Vec<usize>)>);

impl Cmdb {
    fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for (number, (needed, dependencies)) in self.0.iter().enumerate() {
            graph.item(id(number), *needed, dependencies.len() as i32);
            for other in dependencies.iter().filter(|other| **other < self.0.len()) {
                graph.depends(id(number), id(*other));
            }
        }
        graph
    }

    /// The states, computed by checking every item again until nothing changes.
    fn naive(&self, failed: &BTreeSet<usize>) -> BTreeMap<usize, State> {
        let mut states: BTreeMap<usize, State> = failed.iter().map(|number| (*number, State::Failed)).collect();
        for state in [State::Failed, State::Lost] {
            loop {
                let hit = |number: &usize| match state {
                    State::Failed => states.get(number) == Some(&State::Failed),
                    State::Lost => states.contains_key(number),
                };
                let new: Vec<usize> = (0..self.0.len())
                    .filter(|number| !states.contains_key(number))
                    .filter(|number| {
                        let (needed, dependencies) = &self.0[*number];
                        let gone = dependencies.iter().filter(|other| hit(other)).count();
                        let needed = needed.map_or(dependencies.len(), |needed| needed as usize);
                        match state {
                            State::Failed => gone > 0 && dependencies.len() - gone < needed,
                            State::Lost => gone > 0,
                        }
                    })
                    .collect();
                if new.is_empty() {
                    break;
                }
                states.extend(new.into_iter().map(|number| (number, state)));
            }
        }
        states
    }

    /// The length of the shortest chain to each affected item, computed again until nothing gets shorter.
    fn naive_lengths(&self, failed: &BTreeSet<usize>, states: &BTreeMap<usize, State>) -> BTreeMap<usize, usize> {
        let mut lengths: BTreeMap<usize, usize> = failed.iter().map(|number| (*number, 0)).collect();
        loop {
            let mut shorter = Vec::new();
            for (number, (_, dependencies)) in self.0.iter().enumerate() {
                for other in dependencies {
                    let Some(length) = lengths.get(other).map(|length| length + 1) else { continue };
                    let explains = states[other] == State::Failed || states[&number] == State::Lost;
                    if explains && lengths.get(&number).is_none_or(|known| *known > length) {
                        shorter.push((number, length));
                    }
                }
            }
            if shorter.is_empty() {
                return lengths;
            }
            for (number, length) in shorter {
                let known = lengths.entry(number).or_insert(length);
                *known = length.min(*known);
            }
        }
    }
}

fn cmdb() -> impl Strategy<Value = (Cmdb, BTreeSet<usize>, BTreeSet<usize>)> {
    (1..14_usize).prop_flat_map(|size| {
        // One more number than items, for an unresolved dependency.
        let item = (vec(0..=size, 0..5), any::<Option<u8>>()).prop_map(|(dependencies, needed)| {
            let needed = needed.map(|needed| i32::from(needed) % (dependencies.len() as i32 + 1));
            (needed, dependencies)
        });
        let some = || proptest::collection::btree_set(0..size, 0..4);
        (vec(item, size).prop_map(Cmdb), some(), some())
    })
}

fn states(spread: &Spread, size: usize) -> BTreeMap<usize, State> {
    (0..size).filter_map(|number| Some((number, spread.state(id(number))?))).collect()
}

proptest! {
    #[test]
    fn the_states_are_those_of_the_simple_computation((cmdb, failed, _) in cmdb()) {
        let graph = cmdb.graph();
        let spread = graph.fail(failed.iter().map(|number| id(*number)));
        prop_assert_eq!(states(&spread, cmdb.0.len()), cmdb.naive(&failed));
    }

    #[test]
    fn more_failures_never_help((cmdb, failed, more) in cmdb()) {
        let graph = cmdb.graph();
        let before = states(&graph.fail(failed.iter().map(|number| id(*number))), cmdb.0.len());
        let after = states(&graph.fail(failed.union(&more).map(|number| id(*number))), cmdb.0.len());
        for (number, state) in before {
            prop_assert!(after[&number] >= state);
        }
    }

    #[test]
    fn the_order_says_nothing((cmdb, failed, _) in cmdb(), seed in any::<u64>()) {
        let graph = cmdb.graph();
        let forward = graph.fail(failed.iter().map(|number| id(*number)));
        let turned = graph.fail(failed.iter().rev().chain(&failed).map(|number| id(*number)));
        // The same items, added to the graph in another order.
        let mut shuffled = Graph::default();
        let mut numbers: Vec<usize> = (0..cmdb.0.len()).collect();
        numbers.sort_by_key(|number| (*number as u64).wrapping_mul(seed | 1));
        for number in numbers {
            let (needed, dependencies) = &cmdb.0[number];
            for other in dependencies.iter().rev().filter(|other| **other < cmdb.0.len()) {
                shuffled.depends(id(number), id(*other));
            }
            shuffled.item(id(number), *needed, dependencies.len() as i32);
        }
        let shuffled = shuffled.fail(failed.iter().map(|number| id(*number)));
        for number in 0..cmdb.0.len() {
            for other in [&turned, &shuffled] {
                prop_assert_eq!(forward.state(id(number)), other.state(id(number)));
                prop_assert_eq!(forward.path(id(number)), other.path(id(number)));
            }
        }
    }

    #[test]
    fn every_path_is_real_explains_and_is_shortest((cmdb, failed, _) in cmdb()) {
        let graph = cmdb.graph();
        let spread = graph.fail(failed.iter().map(|number| id(*number)));
        let states = cmdb.naive(&failed);
        let lengths = cmdb.naive_lengths(&failed, &states);
        for number in 0..cmdb.0.len() {
            let path: Vec<usize> = spread.path(id(number)).iter().map(|id| id.0.as_u128() as usize - 1).collect();
            let Some(state) = states.get(&number) else {
                prop_assert!(path.is_empty());
                continue;
            };
            prop_assert!(failed.contains(&path[0]));
            prop_assert_eq!(*path.last().unwrap(), number);
            prop_assert_eq!(path.len(), lengths[&number] + 1);
            for step in path.windows(2) {
                prop_assert!(cmdb.0[step[1]].1.contains(&step[0]));
                prop_assert!(states[&step[0]] >= states[&step[1]]);
            }
            prop_assert!(states[&path[0]] >= *state);
        }
    }

    #[test]
    fn a_service_is_affected_as_its_items_are((cmdb, failed, own) in cmdb(), tied in vec(0..14_usize, 0..3)) {
        let graph = cmdb.graph();
        let spread = graph.fail(failed.iter().map(|number| id(*number)));
        let states = cmdb.naive(&failed);
        let worst = |items: &mut dyn Iterator<Item = &usize>| items.filter_map(|number| states.get(number)).max().copied();
        let (of_service, of_outcome) = (worst(&mut own.iter()), worst(&mut tied.iter()));
        let runs_on = RunsOn {
            service: own.iter().map(|number| id(*number)).collect(),
            outcomes: vec![("tied", tied.iter().map(|number| id(*number)).collect()), ("free", Vec::new())],
        };
        let found = hit(&spread, &runs_on);
        let effect = match (of_service, of_outcome) {
            (Some(State::Failed), _) => Some(ImpactEffect::Outage),
            (_, Some(State::Failed)) => Some(ImpactEffect::Degraded),
            (None, None) => None,
            _ => Some(ImpactEffect::RedundancyLost),
        };
        prop_assert_eq!(found.as_ref().map(|hit| hit.effect), effect);
        let outcomes: BTreeMap<_, _> = found.iter().flat_map(|hit| &hit.outcomes).map(|it| (it.0, (it.1, &it.2))).collect();
        prop_assert_eq!(outcomes.get("free").map(|it| it.0), of_service.map(super::effect));
        prop_assert_eq!(outcomes.get("tied").map(|it| it.0), of_service.max(of_outcome).map(super::effect));
        for path in found.iter().map(|hit| &hit.path).chain(outcomes.values().map(|it| it.1)) {
            prop_assert!(!path.is_empty());
        }
    }
}

#[test]
fn a_cluster_of_two_needs_one() {
    // 0 and 1 are nodes, 2 is the cluster, 3 runs on it.
    let cmdb = Cmdb(vec![(None, vec![]), (None, vec![]), (Some(1), vec![0, 1]), (None, vec![2])]);
    let graph = cmdb.graph();
    let one = graph.fail([id(0)]);
    assert_eq!([2, 3].map(|number| one.state(id(number))), [Some(State::Lost); 2]);
    assert_eq!(one.path(id(3)), [id(0), id(2), id(3)]);
    let both = graph.fail([id(0), id(1)]);
    assert_eq!([2, 3].map(|number| both.state(id(number))), [Some(State::Failed); 2]);
}

#[test]
fn a_circle_of_five_ends() {
    let cmdb = Cmdb((0..5).map(|number| (None, vec![(number + 1) % 5])).collect());
    let graph = cmdb.graph();
    let spread = graph.fail([id(2)]);
    assert_eq!(states(&spread, 5).len(), 5);
    assert_eq!(spread.path(id(3)), [id(2), id(1), id(0), id(4), id(3)]);
}
