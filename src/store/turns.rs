//! Whose turn it is to write. Those who write are few places, and whoever writes much waits behind its own writes, not before
//! those of others.
//!
//! A principal holds a part of the places at most. Beyond it, its writes wait in a queue of its own, which has an end; the queues are
//! served in turns. So the writes that wait for one row of one tenant do not take every connection.

mod line;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente_entity::id::OrganizationId;
use sea_orm::DbErr;
use tokio::sync::oneshot;

use self::line::Line;
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
        self.wait_for(turn).await
    }

    /// A turn, if there is one at once.
    pub(super) fn take_now(self: &Arc<Self>, who: &Principal) -> Option<Turn> {
        self.locked().take_now(who).then(|| Turn { turns: Arc::clone(self), who: who.clone() })
    }

    async fn wait_for(self: &Arc<Self>, turn: oneshot::Receiver<Turn>) -> Result<Turn, Error> {
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

impl Turn {
    /// Lets others have the place while its holder waits for something else.
    pub(super) fn park(self) -> Parked {
        self.turns.locked().park(&self.who);
        Parked { turns: Arc::clone(&self.turns), who: self.who.clone() }
    }
}

/// Who has had a place, and comes back for one. It counts among those who wait.
#[derive(Debug)]
pub(super) struct Parked {
    turns: Arc<Turns>,
    who: Principal,
}

impl Parked {
    /// A place again, before others of the same principal: someone may wait for what this one holds.
    pub(super) async fn resume(self) -> Result<Turn, Error> {
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
