//! Whose turn it is: to write, or to have much work done. The places are few, and whoever asks for much waits behind its own
//! requests, not before those of others.
//!
//! A principal holds a part of the places at most. Beyond it, its requests wait in a queue of its own, which has an end; the queues are
//! served in turns. So the writes that wait for one row of one tenant do not take every connection.

pub mod apart;
mod line;

use std::{
    fmt::Display,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::sync::oneshot;

use self::line::Line;
pub use self::line::Shares;

/// How long a request waits for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no turn.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoTurn {
    /// As many of the principal wait as may.
    #[error("too many requests of yours are waiting already: send this one again in a second")]
    Full,
    /// It did not come in time.
    #[error("no turn came in time")]
    Late,
}

/// For whom a request counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Principal(String);

impl Principal {
    /// The organization of whoever asks, by its id or its slug.
    pub fn organization(name: impl Display) -> Self {
        Self(format!("organization {name}"))
    }

    /// Whoever asks, where it has no organization.
    pub fn subject(name: &str) -> Self {
        Self(format!("subject {name}"))
    }
}

/// The places of those who work, and who waits for one.
#[derive(Debug)]
pub struct Turns {
    places: usize,
    line: Mutex<Line<Principal, oneshot::Sender<Turn>>>,
}

/// A place among those who work, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    who: Principal,
}

impl Turns {
    /// So many places, shared so.
    pub fn new(places: usize, shares: Shares) -> Arc<Self> {
        Arc::new(Self { places, line: Mutex::new(Line::new(places, shares)) })
    }

    /// As many places, shared otherwise.
    pub fn shared(&self, shares: Shares) -> Arc<Self> {
        Self::new(self.places, shares)
    }

    /// A turn to work. Whoever stops waiting gives up its turn.
    pub async fn take(self: &Arc<Self>, who: Principal) -> Result<Turn, NoTurn> {
        let (ticket, turn) = oneshot::channel();
        if !self.locked().join(who, ticket, oneshot::Sender::is_closed) {
            return Err(NoTurn::Full);
        }
        self.wait_for(turn).await
    }

    /// A turn, if there is one at once.
    pub fn take_now(self: &Arc<Self>, who: &Principal) -> Option<Turn> {
        self.locked().take_now(who).then(|| Turn { turns: Arc::clone(self), who: who.clone() })
    }

    /// Whether so many of its requests wait that another one would be refused.
    fn is_full(&self, who: &Principal) -> bool {
        self.locked().is_full(who, oneshot::Sender::is_closed)
    }

    async fn wait_for(self: &Arc<Self>, turn: oneshot::Receiver<Turn>) -> Result<Turn, NoTurn> {
        self.serve();
        match tokio::time::timeout(PATIENCE, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(NoTurn::Late),
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

impl Turn {
    /// Lets others have the place while its holder waits for something else.
    pub fn park(self) -> Parked {
        self.turns.locked().park(&self.who);
        Parked { turns: Arc::clone(&self.turns), who: self.who.clone() }
    }
}

/// Who has had a place, and comes back for one. It counts among those who wait.
#[derive(Debug)]
pub struct Parked {
    turns: Arc<Turns>,
    who: Principal,
}

impl Parked {
    /// A place again, before others of the same principal: someone may wait for what this one holds.
    pub async fn resume(self) -> Result<Turn, NoTurn> {
        let (ticket, turn) = oneshot::channel();
        self.turns.locked().join_again(&self.who, ticket);
        self.turns.wait_for(turn).await
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.turns.locked().leave(&self.who);
    }
}
