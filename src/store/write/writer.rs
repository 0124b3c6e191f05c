//! Writes: one transaction each, in a task that outlives its client, tried again where it lost a race, and answered
//! once only for one `Idempotency-Key`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use entente_entity::{
    actor::Actor,
    change,
    enums::{ChangeAction, ChangeEntityType},
    id::{OrganizationId, ServiceId},
    item_graph,
    scalar::DateTime,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    idempotency::Once,
    rows::{Held, Row},
};
use crate::{
    definition::document::OrganizationKey,
    policy::Viewer,
    store::{
        Store,
        db::{
            error::{Error, Refusal},
            parts::ROWS,
        },
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

/// One transaction.
pub struct Writer {
    pub(in crate::store) transaction: DatabaseTransaction,
    pub(in crate::store) store: Store,
    pub(in crate::store) viewer: Viewer,
    /// The rows that it holds, and the one that it would.
    pub(in crate::store) held: Held,
    /// When what is written was written: never before the transaction began.
    pub(in crate::store) now: DateTime,
    /// When the transaction began, for as long as it lasts.
    _start: Arc<DateTime>,
    /// The person behind an integration, in that tool's words.
    pub(in crate::store) on_behalf_of: Option<String>,
    /// The organizations that keys named before the transaction began. None of them ever goes.
    pub(in crate::store) known: Arc<Known>,
    changes: Vec<change::ActiveModel>,
    /// Whose items' graphs change.
    graphs: BTreeSet<OrganizationId>,
    /// Services that lose keys of organizations that are no parties of theirs any more.
    pub(in crate::store) freed: BTreeSet<ServiceId>,
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
    once: Option<Arc<Once>>,
}

/// What came of an attempt to write.
enum Attempt<D> {
    Ended(Result<D, Refusal>),
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
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Done, Refusal> {
        let viewer = self.viewer()?.clone();
        let place = self.count_write(write.name());
        write.check(&viewer)?;
        let known = write.look_up(self).await?;
        let (store, who) = (self.store(), principal(&viewer));
        let key = self.idempotency_key().filter(|_| !write.is_dry_run());
        let once = key.map(|key| Once::new(key, place, &write, &viewer)).transpose()?.map(Arc::new);
        if let Some(gate) = self.gate() {
            gate.stay();
        }
        let mut turn = store.turns.take(who.clone()).await?;
        let held = Held::none(&store.rows, who);
        if let Some(row) = write.row() {
            held.take(row);
        }
        let (write, asked) = (Arc::new(write), Asked { viewer, known: Arc::new(known), held: held.clone(), once });
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
        Attempt::Ended(done.map(|done| write.told(done, &asked.viewer)))
    }

    async fn write_with_retries<W: Write>(&self, write: &W, asked: &Asked) -> Result<W::Done, Refusal> {
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

    async fn write_once<W: Write>(&self, write: &W, asked: Asked) -> Result<W::Done, Refusal> {
        let Asked { viewer, known, held, once } = asked;
        let store = self.store().clone();
        let (transaction, start) = store.begin_to_write().await?;
        let mut writer = Writer {
            transaction,
            store,
            viewer,
            held,
            now: *start,
            _start: start,
            on_behalf_of: None,
            known,
            changes: Vec::new(),
            graphs: BTreeSet::new(),
            freed: BTreeSet::new(),
        };
        if let Some(once) = &once
            && let Some(done) = once.recall_or_claim(&writer).await?
        {
            writer.transaction.rollback().await?;
            return Ok(done);
        }
        let done = match write.run(&mut writer).await {
            Ok(done) if !write.is_dry_run() => done,
            undone => {
                writer.transaction.rollback().await?;
                return undone;
            }
        };
        if let Some(once) = once {
            once.remember(&writer, &done).await?;
        }
        writer.commit().await?;
        Ok(done)
    }
}

impl Writer {
    /// Who writes, as it is kept with what is written.
    pub(in crate::store) fn actor(&self) -> Actor {
        Actor { on_behalf_of: self.on_behalf_of.clone(), ..self.viewer.actor() }
    }

    /// Logs a change of something, to be written with it. A change of nothing is none.
    pub(in crate::store) fn log(&mut self, change: Logged) {
        self.log_for(change, false);
    }

    /// As [`Writer::log`]; `internal` where only the provider's side may see the change.
    pub(in crate::store) fn log_for(&mut self, change: Logged, internal: bool) {
        self.log_by(self.actor(), change, internal);
    }

    /// As [`Writer::log_for`], of what another did.
    pub(in crate::store) fn log_by(&mut self, actor: Actor, change: Logged, internal: bool) {
        let Logged { action, entity_type, entity_id, service_id, organization_id, fields } = change;
        if action == ChangeAction::Updated && fields.is_empty() {
            return;
        }
        self.changes.push(change::ActiveModel {
            id: sea_orm::ActiveValue::NotSet,
            position: Set(None),
            at: Set(self.now),
            actor: Set(actor),
            action: Set(action),
            entity_type: Set(entity_type),
            entity_id: Set(entity_id),
            service_id: Set(service_id),
            organization_id: Set(organization_id),
            internal: Set(internal),
            fields: Set(change::Fields(fields)),
        });
    }

    /// How many changes are logged so far.
    pub(in crate::store) fn logged(&self) -> usize {
        self.changes.len()
    }

    /// Inserts rows, so many in a statement.
    pub(in crate::store) async fn insert<A>(&self, rows: Vec<A>) -> Result<(), Error>
    where
        A: sea_orm::ActiveModelTrait + Send,
    {
        insert(&self.transaction, rows).await
    }

    /// Rows of which some are new and some stand: those say these columns anew.
    pub(in crate::store) async fn upsert<A>(
        &self,
        rows: Vec<A>,
        id: <A::Entity as EntityTrait>::Column,
        columns: &[<A::Entity as EntityTrait>::Column],
    ) -> Result<(), Error>
    where
        A: sea_orm::ActiveModelTrait + Send,
    {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<A> = rows.by_ref().take(ROWS).collect();
            let standing = OnConflict::column(id).update_columns(columns.iter().copied()).to_owned();
            A::Entity::insert_many(some).on_conflict(standing).exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }

    /// Notes that the dependencies of this organization's items change, or what runs on them.
    pub(in crate::store) fn changes_graph_of(&mut self, organization: OrganizationId) {
        self.graphs.insert(organization);
    }

    async fn commit(mut self) -> Result<(), Error> {
        let changes = std::mem::take(&mut self.changes);
        self.insert(changes).await?;
        let freed = std::mem::take(&mut self.freed);
        if !freed.is_empty() {
            self.touch_for_provider(freed).await?;
        }
        // At the very end, and in order, so that no writer waits here for one that waits for it.
        let version =
            |id: &OrganizationId| item_graph::ActiveModel { organization_id: Set(*id), version: Set(Uuid::now_v7()) };
        let versions: Vec<_> = self.graphs.iter().map(version).collect();
        self.upsert(versions, item_graph::Column::OrganizationId, &[item_graph::Column::Version]).await?;
        Ok(self.transaction.commit().await?)
    }
}

/// Inserts rows, so many in a statement.
pub(in crate::store) async fn insert<A, C>(connection: &C, rows: Vec<A>) -> Result<(), Error>
where
    A: sea_orm::ActiveModelTrait + Send,
    C: ConnectionTrait,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<A> = rows.by_ref().take(ROWS).collect();
        A::Entity::insert_many(some).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// A change, before it is written.
pub(in crate::store) struct Logged {
    pub(in crate::store) action: ChangeAction,
    pub(in crate::store) entity_type: ChangeEntityType,
    pub(in crate::store) entity_id: Uuid,
    pub(in crate::store) service_id: Option<ServiceId>,
    pub(in crate::store) organization_id: Option<OrganizationId>,
    pub(in crate::store) fields: Vec<change::FieldChange>,
}
