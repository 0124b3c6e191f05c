//! The order in which places are given to waiting requests.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// How much of the places one principal may take.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// The part of the places that it may hold; at least one place.
    pub part: f64,
    /// How many of its requests may wait.
    pub queue: usize,
}

impl Default for Shares {
    fn default() -> Self {
        Self { part: 0.25, queue: 64 }
    }
}

/// The order in which places are given. It does no I/O: a ticket represents a waiting request.
#[derive(Debug)]
pub(super) struct Line<K, T> {
    free: usize,
    share: usize,
    queue: usize,
    held: HashMap<K, usize>,
    waiting: HashMap<K, Queue<T>>,
    /// The principals with waiting requests, in the order of their turns.
    round: VecDeque<K>,
}

/// The waiting requests of one principal.
#[derive(Debug)]
struct Queue<T> {
    /// Requests that had a place before.
    again: VecDeque<T>,
    new: VecDeque<T>,
    /// The number of requests that had a place, wait for something else, and will want a place again.
    parked: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { again: VecDeque::new(), new: VecDeque::new(), parked: 0 }
    }
}

impl<T> Queue<T> {
    /// The number of requests. One that had a place before is counted as parked until it has a place again.
    fn len(&self) -> usize {
        self.new.len() + self.parked
    }

    fn has_tickets(&self) -> bool {
        !(self.again.is_empty() && self.new.is_empty())
    }

    fn next(&mut self) -> Option<T> {
        self.again.pop_front().or_else(|| self.new.pop_front())
    }
}

impl<K: Clone + Eq + Hash, T> Line<K, T> {
    pub(super) fn new(places: usize, shares: Shares) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a small number, limited to between 1 and all of it"
        )]
        let share = ((places as f64 * shares.part) as usize).clamp(1, places.max(1));
        let (held, waiting, round) = Default::default();
        Self { free: places, share, queue: shares.queue, held, waiting, round }
    }

    /// Adds a request to the end of the queue of its principal. `false` if the queue is full of requests that still wait, and no
    /// place is free.
    pub(super) fn join(&mut self, who: K, ticket: T, is_gone: impl Fn(&T) -> bool) -> bool {
        let is_free = self.free > 0 && self.held.get(&who).is_none_or(|held| *held < self.share);
        let queue = self.waiting.entry(who.clone()).or_default();
        if queue.len() >= self.queue {
            queue.new.retain(|ticket| !is_gone(ticket));
        }
        if queue.len() >= self.queue && !(is_free && queue.len() == 0) {
            return false;
        }
        queue.new.push_back(ticket);
        if !self.round.contains(&who) {
            self.round.push_back(who);
        }
        true
    }

    /// Whether the queue of the principal is full of requests that still wait.
    pub(super) fn is_full(&mut self, who: &K, is_gone: impl Fn(&T) -> bool) -> bool {
        let Some(queue) = self.waiting.get_mut(who) else { return false };
        if queue.len() >= self.queue {
            queue.new.retain(|ticket| !is_gone(ticket));
        }
        queue.len() >= self.queue
    }

    /// Adds a request that had a place before. It is served before the new requests of its principal.
    pub(super) fn join_again(&mut self, who: &K, ticket: T) {
        self.waiting.entry(who.clone()).or_default().again.push_back(ticket);
        if !self.round.contains(who) {
            self.round.push_back(who.clone());
        }
    }

    /// Takes a place immediately. `false` if no place is free, or the principal holds its share.
    pub(super) fn take_now(&mut self, who: &K) -> bool {
        let held = self.held.get(who).copied().unwrap_or_default();
        let takes = self.free > 0 && held < self.share;
        if takes {
            self.free -= 1;
            self.held.insert(who.clone(), held + 1);
        }
        takes
    }

    /// Counts a request that waits for something else, and will want a place again.
    pub(super) fn park(&mut self, who: &K) {
        self.waiting.entry(who.clone()).or_default().parked += 1;
    }

    /// Counts a parked request that has a place again, or no longer wants one.
    pub(super) fn leave(&mut self, who: &K) {
        if let Some(queue) = self.waiting.get_mut(who) {
            queue.parked = queue.parked.saturating_sub(1);
        }
        self.forget(who);
    }

    /// Removes the queue of a principal without requests.
    fn forget(&mut self, who: &K) {
        if self.waiting.get(who).is_some_and(|queue| !queue.has_tickets() && queue.parked == 0) {
            self.waiting.remove(who);
        }
    }

    /// The next request that gets a place. `None` if no place is free, or no principal with a waiting request may have one.
    pub(super) fn next(&mut self, is_gone: impl Fn(&T) -> bool) -> Option<(K, T)> {
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
                while let Some(ticket) = queue.next() {
                    if !is_gone(&ticket) {
                        return Some(ticket);
                    }
                }
                None
            });
            if self.waiting.get(&who).is_some_and(Queue::has_tickets) {
                self.round.push_back(who.clone());
            }
            self.forget(&who);
            if let Some(ticket) = ticket {
                self.free -= 1;
                self.held.insert(who.clone(), held + 1);
                return Some((who, ticket));
            }
        }
        None
    }

    /// Frees a place of this principal.
    pub(super) fn give_back(&mut self, who: &K) {
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
    fn a_principal_holds_its_share_and_others_are_served_in_turns() {
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
    fn with_one_place_busy_and_quiet_principals_take_turns() {
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
    fn a_queue_has_a_maximum_length_without_dropped_requests() {
        let mut line = line(1, 1.0, 2);
        assert!(line.join('a', 0, |_| false));
        assert_eq!(served(&mut line), [('a', 0)]);
        assert!(line.join('a', 1, |_| false) && line.join('a', 2, |_| false));
        assert!(!line.join('a', 3, |_| false));
        assert!(line.join('b', 10, |_| false), "another has a queue of its own");
        assert!(line.join('a', 4, |ticket| *ticket == 1));
        line.give_back(&'a');
        assert_eq!(line.next(|ticket| *ticket == 2), Some(('a', 4)));
        // Without a queue, a request that needs not wait is still served.
        let mut line = self::line(1, 1.0, 0);
        assert!(line.join('a', 0, |_| false));
        assert_eq!(served(&mut line), [('a', 0)]);
        assert!(!line.join('a', 1, |_| false));
        assert!(!line.take_now(&'b'));
        line.give_back(&'a');
        assert!(line.take_now(&'b') && !line.take_now(&'a'));
    }

    #[test]
    fn a_parked_request_frees_its_place_counts_as_waiting_and_is_served_first() {
        let mut line = line(1, 1.0, 2);
        assert!(line.join('a', 0, |_| false));
        assert_eq!(served(&mut line), [('a', 0)]);
        line.park(&'a');
        line.give_back(&'a');
        assert!(line.join('b', 10, |_| false));
        assert_eq!(served(&mut line), [('b', 10)]);
        assert!(line.join('a', 1, |_| false));
        assert!(!line.join('a', 2, |_| false), "one waits, and one is parked");
        line.join_again(&'a', 3);
        line.give_back(&'b');
        assert_eq!(served(&mut line), [('a', 3)]);
        line.leave(&'a');
        assert!(line.join('a', 4, |_| false));
        line.give_back(&'a');
        assert_eq!(served(&mut line), [('a', 1)]);
        // Nothing is stored for principals without requests.
        line.give_back(&'a');
        assert_eq!(served(&mut line), [('a', 4)]);
        line.park(&'b');
        line.leave(&'b');
        assert!(line.waiting.is_empty() && line.round.is_empty());
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
                    // No request waits while a place is free that it may have.
                    let waits = line.waiting.get(&who).is_some_and(Queue::has_tickets);
                    prop_assert!(!(waits && line.free > 0 && held < 2));
                }
            }
        }
    }
}
