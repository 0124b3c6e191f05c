//! Turns to write, and turns for large requests. There are few places, which are shared fairly among the principals.
//!
//! A principal holds at most a part of the places. Its other requests wait in its own queue, which has a maximum length. The queues
//! are served in turns. So the writes that wait for one row of one organization do not take all connections.

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

/// The longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no turn.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoTurn {
    /// The queue of the principal is full.
    #[error("too many requests of yours are waiting already: send this one again in a second")]
    Full,
    /// The wait was too long.
    #[error("no turn came in time")]
    Late,
}

/// The organization, or the subject of the token, to which a request is attributed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Principal(String);

impl Principal {
    /// The organization of the sender, by its id or its slug.
    pub fn organization(name: impl Display) -> Self {
        Self(format!("organization {name}"))
    }

    /// The sender itself, if it has no organization.
    pub fn subject(name: &str) -> Self {
        Self(format!("subject {name}"))
    }
}

/// The places, and the requests that wait for one.
#[derive(Debug)]
pub struct Turns {
    places: usize,
    line: Mutex<Line<Principal, oneshot::Sender<Turn>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    who: Principal,
}

impl Turns {
    /// This number of places, shared in this way.
    pub fn new(places: usize, shares: Shares) -> Arc<Self> {
        Arc::new(Self { places, line: Mutex::new(Line::new(places, shares)) })
    }

    /// New turns with the same number of places, shared in another way.
    pub fn shared(&self, shares: Shares) -> Arc<Self> {
        Self::new(self.places, shares)
    }

    /// Waits for a turn. If this future is dropped, the request no longer waits.
    ///
    /// # Errors
    ///
    /// [`NoTurn::Full`] if the queue of the principal is full, [`NoTurn::Late`] after ten seconds.
    pub async fn take(self: &Arc<Self>, who: Principal) -> Result<Turn, NoTurn> {
        let (ticket, turn) = oneshot::channel();
        if !self.locked().join(who, ticket, oneshot::Sender::is_closed) {
            return Err(NoTurn::Full);
        }
        self.wait_for(turn).await
    }

    /// A turn without waiting. `None` if no place is free for this principal.
    pub fn take_now(self: &Arc<Self>, who: &Principal) -> Option<Turn> {
        self.locked().take_now(who).then(|| Turn { turns: Arc::clone(self), who: who.clone() })
    }

    /// Whether another request of this principal would be refused.
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
            // Without the lock: a turn whose receiver is gone is dropped here, and that needs the lock.
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
    /// Gives the place to others while its holder waits for something else.
    pub fn park(self) -> Parked {
        self.turns.locked().park(&self.who);
        Parked { turns: Arc::clone(&self.turns), who: self.who.clone() }
    }
}

/// A request that had a place and will want one again. It counts as waiting.
#[derive(Debug)]
pub struct Parked {
    turns: Arc<Turns>,
    who: Principal,
}

impl Parked {
    /// Waits for a place again, before the new requests of the principal: these may wait for what this request holds.
    ///
    /// # Errors
    ///
    /// [`NoTurn::Late`] after ten seconds.
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
