//! Whose turn it is to write. Those who write are few places, and whoever writes much waits behind its own writes, not before
//! those of others.
//!
//! A principal holds a part of the places at most. Beyond it, its writes wait in a queue of its own, which has an end; the queues are
//! served in turns. So the writes that wait for one row of one tenant do not take every connection.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente_entity::id::OrganizationId;
use sea_orm::DbErr;
use tokio::sync::oneshot;

use super::Error;
use crate::policy::Viewer;

/// How long a write waits for its turn: less than a request may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one principal may take of those who write.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// Which part of the places it holds at most; one place in any case.
    pub part: f64,
    /// How many of its writes wait at most.
    pub queue: usize,
}

impl Default for Shares {
    fn default() -> Self {
        Self { part: 0.25, queue: 64 }
    }
}

/// For whom a write counts: its organization, else its own subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Principal {
    Organization(OrganizationId),
    Subject(String),
}

impl From<&Viewer> for Principal {
    fn from(viewer: &Viewer) -> Self {
        match viewer.organization {
            Some(organization) => Self::Organization(organization),
            None => Self::Subject(viewer.claims.subject.clone()),
        }
    }
}

/// The places of those who write, and who waits for one.
#[derive(Debug)]
pub(super) struct Turns {
    places: usize,
    line: Mutex<Line<Principal, oneshot::Sender<Turn>>>,
}

/// A place among those who write, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    who: Principal,
}

impl Turns {
    pub(super) fn new(places: usize, shares: Shares) -> Arc<Self> {
        Arc::new(Self { places, line: Mutex::new(Line::new(places, shares)) })
    }

    /// As many places, shared otherwise.
    pub(super) fn shared(&self, shares: Shares) -> Arc<Self> {
        Self::new(self.places, shares)
    }

    /// A turn to write. Whoever stops waiting gives up its turn.
    pub(super) async fn take(self: &Arc<Self>, who: Principal) -> Result<Turn, Error> {
        let (ticket, turn) = oneshot::channel();
        if !self.locked().join(who, ticket, oneshot::Sender::is_closed) {
            return Err(Error::RateLimited);
        }
        self.serve();
        match tokio::time::timeout(PATIENCE, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(Error::Unavailable(DbErr::Custom("no turn to write came in time".into()))),
        }
    }

    fn serve(self: &Arc<Self>) {
        loop {
            // Not under the lock: a turn that nobody takes is given back at once.
            let next = self.locked().next(oneshot::Sender::is_closed);
            let Some((who, ticket)) = next else { return };
            let _ = ticket.send(Turn { turns: Arc::clone(self), who });
        }
    }

    fn locked(&self) -> MutexGuard<'_, Line<Principal, oneshot::Sender<Turn>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.locked().give_back(&self.who);
        self.turns.serve();
    }
}

/// The order in which places are given. Pure: a ticket stands for who waits with it.
#[derive(Debug)]
struct Line<K, T> {
    free: usize,
    share: usize,
    queue: usize,
    held: HashMap<K, usize>,
    waiting: HashMap<K, VecDeque<T>>,
    /// Those who wait, whose turn is next first.
    round: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, T> Line<K, T> {
    fn new(places: usize, shares: Shares) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a small number, held between 1 and all of it"
        )]
        let share = ((places as f64 * shares.part) as usize).clamp(1, places.max(1));
        let (held, waiting, round) = Default::default();
        Self { free: places, share, queue: shares.queue, held, waiting, round }
    }

    /// Waits at the end of its own queue. `false` where that is full of those who still wait, and no place is free.
    fn join(&mut self, who: K, ticket: T, is_gone: impl Fn(&T) -> bool) -> bool {
        let is_free = self.free > 0 && self.held.get(&who).is_none_or(|held| *held < self.share);
        let queue = self.waiting.entry(who.clone()).or_default();
        if queue.len() >= self.queue {
            queue.retain(|ticket| !is_gone(ticket));
        }
        if queue.len() >= self.queue && !(is_free && queue.is_empty()) {
            return false;
        }
        queue.push_back(ticket);
        if !self.round.contains(&who) {
            self.round.push_back(who);
        }
        true
    }

    /// Who gets a place now, if there is one for someone who still waits.
    fn next(&mut self, is_gone: impl Fn(&T) -> bool) -> Option<(K, T)> {
        if self.free == 0 {
            return None;
        }
        for _ in 0..self.round.len() {
            let who = self.round.pop_front()?;
            let held = self.held.get(&who).copied().unwrap_or_default();
            if held >= self.share {
                self.round.push_back(who);
                continue;
            }
            let ticket = self.waiting.get_mut(&who).and_then(|queue| {
                while let Some(ticket) = queue.pop_front() {
                    if !is_gone(&ticket) {
                        return Some(ticket);
                    }
                }
                None
            });
            if self.waiting.get(&who).is_none_or(VecDeque::is_empty) {
                self.waiting.remove(&who);
            } else {
                self.round.push_back(who.clone());
            }
            if let Some(ticket) = ticket {
                self.free -= 1;
                self.held.insert(who.clone(), held + 1);
                return Some((who, ticket));
            }
        }
        None
    }

    /// A place is free again.
    fn give_back(&mut self, who: &K) {
        self.free += 1;
        if let Some(held) = self.held.get_mut(who) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn line(places: usize, part: f64, queue: usize) -> Line<char, u32> {
        Line::new(places, Shares { part, queue })
    }

    fn served(line: &mut Line<char, u32>) -> Vec<(char, u32)> {
        std::iter::from_fn(|| line.next(|_| false)).collect()
    }

    #[test]
    fn a_principal_holds_its_share_and_the_others_are_served_in_turns() {
        let mut line = line(4, 0.5, 10);
        for n in 0..6 {
            assert!(line.join('a', n, |_| false));
        }
        assert_eq!(served(&mut line), [('a', 0), ('a', 1)]);
        assert!(line.join('b', 10, |_| false) && line.join('b', 11, |_| false) && line.join('c', 20, |_| false));
        assert_eq!(served(&mut line), [('b', 10), ('c', 20)]);
        line.give_back(&'a');
        assert_eq!(served(&mut line), [('a', 2)]);
        line.give_back(&'a');
        assert_eq!(served(&mut line), [('b', 11)]);
    }

    #[test]
    fn with_one_place_whoever_writes_much_takes_turns_with_whoever_writes_little() {
        let mut line = line(1, 0.25, 10);
        for n in 0..4 {
            assert!(line.join('a', n, |_| false));
        }
        assert_eq!(served(&mut line), [('a', 0)]);
        assert!(line.join('b', 10, |_| false));
        let mut order = Vec::new();
        let mut holder = 'a';
        for _ in 0..4 {
            line.give_back(&holder);
            let (who, ticket) = line.next(|_| false).unwrap();
            (holder, _) = (who, order.push((who, ticket)));
        }
        assert_eq!(order, [('a', 1), ('b', 10), ('a', 2), ('a', 3)]);
    }

    #[test]
    fn a_queue_has_an_end_and_those_who_are_gone_are_not_in_it() {
        let mut line = line(1, 1.0, 2);
        assert!(line.join('a', 0, |_| false));
        assert_eq!(served(&mut line), [('a', 0)]);
        assert!(line.join('a', 1, |_| false) && line.join('a', 2, |_| false));
        assert!(!line.join('a', 3, |_| false));
        assert!(line.join('b', 10, |_| false), "another has a queue of its own");
        assert!(line.join('a', 4, |ticket| *ticket == 1));
        line.give_back(&'a');
        assert_eq!(line.next(|ticket| *ticket == 2), Some(('a', 4)));
        // Who needs no queue may write without one.
        let mut line = self::line(1, 1.0, 0);
        assert!(line.join('a', 0, |_| false));
        assert_eq!(served(&mut line), [('a', 0)]);
        assert!(!line.join('a', 1, |_| false));
    }

    proptest! {
        #[test]
        fn no_place_is_lost_and_no_share_exceeded(steps in prop::collection::vec((0u8..3, 0u8..3), 0..200)) {
            let mut line = line(4, 0.5, 3);
            let mut holders = Vec::new();
            for (ticket, (who, what)) in steps.into_iter().enumerate() {
                let who = char::from(b'a' + who);
                if what < 2 {
                    line.join(who, u32::try_from(ticket).unwrap(), |_| false);
                } else if !holders.is_empty() {
                    line.give_back(&holders.remove(0));
                }
                holders.extend(served(&mut line).into_iter().map(|(who, _)| who));
                prop_assert_eq!(line.free + holders.len(), 4);
                for who in ['a', 'b', 'c'] {
                    let held = holders.iter().filter(|holder| **holder == who).count();
                    prop_assert!(held <= 2);
                    // Nobody waits beside a free place that it may have.
                    let waits = line.waiting.get(&who).is_some_and(|queue| !queue.is_empty());
                    prop_assert!(!(waits && line.free > 0 && held < 2));
                }
            }
        }
    }
}
