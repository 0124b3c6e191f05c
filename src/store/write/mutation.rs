//! Something that can be written, and how it is run: in a task that outlives its client, tried again where it lost a race, and done once only
//! for one `Idempotency-Key`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use entente_entity::id::OrganizationId;
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

/// Something that can be written. It may be run more than once; only what the last run wrote is kept.
///
/// As JSON it is what was asked for, whole: another request has another.
pub trait Write: Serialize + Send + Sync + 'static {
    /// What the caller is told. With an `Idempotency-Key` it is kept, and told again.
    type Done: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The name of the mutation.
    fn name(&self) -> &'static str;

    /// What it writes to, where it names that itself: it then waits for others who write there before it begins.
    fn row(&self) -> Option<Row> {
        None
    }

    /// Whether all is to be undone at the end.
    fn is_dry_run(&self) -> bool {
        false
    }

    /// What can be refused whatever is in the database, whoever's token lacks what it takes first of all: said before the write waits for
    /// its turn, and before an answer is told again.
    fn check(&self, viewer: &Viewer) -> Result<(), Refusal>;

    /// Which organizations the keys name that it holds: they are looked for before the write waits for its turn.
    fn look_up(&self, _session: &Session) -> impl Future<Output = Result<Known, Error>> + Send {
        std::future::ready(Ok(Known::default()))
    }

    /// What of it the viewer may be told, now and when it is told again.
    fn told(&self, done: Self::Done, _viewer: &Viewer) -> Self::Done {
        done
    }

    /// Checks and writes.
    fn run(&self, writer: &mut Writer) -> impl Future<Output = Result<Self::Done, Refusal>> + Send;
}

/// What a write did.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<D> {
    /// What the caller is told.
    pub done: D,
    /// The first change that it logged, and so the place in the log before its own changes. `None` if it logged none.
    pub first_change: Option<i64>,
}

/// Which organizations keys name.
pub type Known = HashMap<OrganizationKey, OrganizationId>;

/// What is the same in each attempt to write.
#[derive(Clone)]
struct Asked {
    viewer: Viewer,
    known: Arc<Known>,
    held: Held,
    /// Where the request is to be done once.
    key: Option<Arc<IdempotencyKey>>,
}

/// What came of an attempt to write.
enum Attempt<D> {
    Ended(Result<Written<D>, Refusal>),
    /// Another holds a row that it needs: nothing was written, and its place is given back.
    Busy(Turn),
}

/// For whom a write counts: its organization, else its own subject.
fn principal(viewer: &Viewer) -> Principal {
    viewer.organization.map_or_else(|| Principal::subject(&viewer.claims.subject), Principal::organization)
}

/// How often a write is tried in all.
const TRIES: u32 = 4;
/// How long an attempt to write may take in all.
const DEADLINE: Duration = Duration::from_secs(30);
impl Session {
    /// Writes, when it is its turn, and says what was done. Whoever goes away before then writes nothing; from then on the task goes on
    /// without its caller.
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
        // Before its place: else whoever has it next would find the rows held.
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
