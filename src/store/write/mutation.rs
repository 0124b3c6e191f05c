//! Writes, and how they run: in a task that continues if the client disconnects, with retries after lost races, and
//! only once for each `Idempotency-Key`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use entente_entity::id::{DefinitionId, OrganizationId};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    idempotency::IdempotencyKey,
    rows::{Held, Row},
    writer::Writer,
};
use crate::{
    definition::document::OrganizationKey,
    policy::Viewer,
    store::{
        db::error::{Error, Refusal},
        read::session::Session,
    },
    turns::{
        Principal, Turn,
        apart::{self, Gate},
    },
};

/// A write. It may run several times; each run is a transaction, and only the last one can be committed.
///
/// Its JSON is the whole request: two different requests have different JSON.
pub trait Write: Serialize + Send + Sync + 'static {
    /// The result. With an `Idempotency-Key` it is stored, and returned again.
    type Done: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The name of the mutation.
    fn name(&self) -> &'static str;

    /// The row that it writes to, if its input names it. The write then waits for other writers of this row before it
    /// begins.
    fn row(&self) -> Option<Row> {
        None
    }

    /// Whether the transaction is rolled back at the end.
    fn is_dry_run(&self) -> bool {
        false
    }

    /// Checks that need no database, the scope first. Runs before the queue, and before a stored result is returned.
    fn check(&self, viewer: &Viewer) -> Result<(), Refusal>;

    /// What is read before the write waits for its turn: the organizations of the keys in its input.
    fn look_up(&self, _session: &Session) -> impl Future<Output = Result<Known, Error>> + Send {
        std::future::ready(Ok(Known::default()))
    }

    /// The part of the result that the viewer may see, for a new and for a stored result.
    fn told(&self, done: Self::Done, _viewer: &Viewer) -> Self::Done {
        done
    }

    /// Checks and writes, in the writer's transaction.
    fn run(&self, writer: &mut Writer) -> impl Future<Output = Result<Self::Done, Refusal>> + Send;
}

/// The result of a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<D> {
    /// The result for the caller.
    pub done: D,
    /// The id of the first change that it logged. `None` if it logged none.
    pub first_change: Option<i64>,
}

/// What was read before a write waited for its turn.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Organizations by their keys.
    pub(in crate::store) organizations: HashMap<OrganizationKey, OrganizationId>,
    /// The open proposal of the service, if the write needs to know it.
    pub(in crate::store) proposal: Option<DefinitionId>,
}

impl From<HashMap<OrganizationKey, OrganizationId>> for Known {
    fn from(organizations: HashMap<OrganizationKey, OrganizationId>) -> Self {
        Self { organizations, proposal: None }
    }
}

/// What all attempts of a write share.
#[derive(Clone)]
struct Asked {
    viewer: Viewer,
    known: Arc<Known>,
    held: Held,
    /// `None` without an `Idempotency-Key`, and for a dry run.
    key: Option<Arc<IdempotencyKey>>,
}

/// The result of an attempt to write.
enum Attempt<D> {
    Ended(Result<Written<D>, Refusal>),
    /// Another write holds a row that it needs. Nothing was written; the turn is returned.
    Busy(Turn),
}

/// Whose share of the turns a write uses: that of the viewer's organization, otherwise that of its subject.
fn principal(viewer: &Viewer) -> Principal {
    viewer.organization.map_or_else(|| Principal::subject(&viewer.claims.subject), Principal::organization)
}

/// Maximum number of attempts.
const TRIES: u32 = 4;
/// Maximum duration of an attempt with its retries; after it: UNAVAILABLE.
const DEADLINE: Duration = Duration::from_secs(30);
impl Session {
    /// Runs a write, and returns its result. A caller that disconnects before the turn of the write cancels it; later,
    /// the write continues.
    pub async fn write<W: Write>(&self, write: W) -> Result<Written<W::Done>, Refusal> {
        let viewer = self.viewer()?.clone();
        let place = self.count_write(write.name());
        write.check(&viewer)?;
        let known = write.look_up(self).await?;
        let (store, who) = (self.store(), principal(&viewer));
        let key = self.idempotency_key().filter(|_| !write.is_dry_run());
        let key = key.map(|key| IdempotencyKey::new(key, place, &write, &viewer)).transpose()?.map(Arc::new);
        if let Some(gate) = self.gate() {
            gate.stay();
        }
        let mut turn = store.turns.take(who.clone()).await?;
        let held = Held::none(&store.rows, who);
        if let Some(row) = write.row() {
            held.take(row);
        }
        let (write, asked) = (Arc::new(write), Asked { viewer, known: Arc::new(known), held: held.clone(), key });
        loop {
            if held.is_busy() {
                let parked = turn.park();
                held.wait().await?;
                turn = parked.resume().await?;
            }
            let attempt = self.clone().attempt(Arc::clone(&write), asked.clone(), turn);
            let is_large = self.gate().is_some_and(Gate::is_passed);
            let task = if is_large { apart::spawn(attempt) } else { tokio::spawn(attempt) };
            match task.await {
                Ok(Attempt::Ended(done)) => return done,
                Ok(Attempt::Busy(again)) => turn = again,
                Err(panic) => return Err(Refusal::Error(Error::Corrupt(panic.to_string()))),
            }
        }
    }

    async fn attempt<W: Write>(self, write: Arc<W>, asked: Asked, turn: Turn) -> Attempt<W::Done> {
        let work = self.write_with_retries(&*write, &asked);
        let done = tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| {
            Err(Refusal::Error(Error::Unavailable(sea_orm::DbErr::Custom("the write took too long".into()))))
        });
        if done.is_err() && asked.held.is_busy() {
            return Attempt::Busy(turn);
        }
        // Before the turn: otherwise the next write would find the rows held.
        asked.held.let_go();
        drop(turn);
        Attempt::Ended(done.map(|Written { done, first_change }| {
            let done = write.told(done, &asked.viewer);
            Written { done, first_change }
        }))
    }

    async fn write_with_retries<W: Write>(&self, write: &W, asked: &Asked) -> Result<Written<W::Done>, Refusal> {
        let mut tried = 1;
        loop {
            match self.write_once(write, asked.clone()).await {
                Err(refusal) if asked.held.is_busy() => return Err(refusal),
                Err(refusal) if refusal.is_lost_race() && tried < TRIES => {
                    tokio::time::sleep(Duration::from_millis(5 << tried)).await;
                    tried += 1;
                }
                done => {
                    match &done {
                        Err(Refusal::Error(Error::Unavailable(error))) => self.store().database.note(error),
                        Ok(_) if !write.is_dry_run() => self.store().database.note_written(),
                        _ => {}
                    }
                    return done;
                }
            }
        }
    }

    async fn write_once<W: Write>(&self, write: &W, asked: Asked) -> Result<Written<W::Done>, Refusal> {
        let Asked { viewer, known, held, key } = asked;
        let store = self.store().clone();
        let mut writer = Writer::begin(store, viewer, held, known).await?;
        if let Some(key) = &key
            && let Some(written) = key.recall_or_claim(&writer).await?
        {
            writer.transaction.rollback().await?;
            return Ok(written);
        }
        let done = match write.run(&mut writer).await {
            Ok(done) if !write.is_dry_run() => done,
            undone => {
                writer.transaction.rollback().await?;
                return undone.map(|done| Written { done, first_change: None });
            }
        };
        let written = Written { done, first_change: writer.write_log().await? };
        if let Some(key) = key {
            key.remember(&writer, &written).await?;
        }
        writer.commit().await?;
        Ok(written)
    }
}
