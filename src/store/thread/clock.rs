//! The database work of the escalation clock. Due threads are claimed in one statement, and their events are recorded
//! in one transaction.
//!
//! A claim only prevents replicas from doing the same work, and expires if its replica dies. The unique index of the
//! timeline prevents that a thread is raised to a level twice, or that a breach is recorded twice.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use entente_entity::{
    id::{OrganizationId, ServiceId, ThreadId},
    scalar::DateTime,
    service, thread, thread_due, thread_event,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, OnConflict},
};
use serde::Serialize;
use serde_json::json;

use super::{WriteThreads, change::Changing};
use crate::{
    policy::{Scope, Viewer},
    store::{
        Store,
        db::{
            database::Database,
            error::{Error, Refusal},
            parts::ROWS,
        },
        read::session::Session,
        write::{mutation::Write, writer::Writer},
    },
    thread::{State, due},
};

/// How long a claim is valid.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Delay after which a thread that another transaction has locked is checked again.
const LATER: TimeDelta = TimeDelta::seconds(1);
/// Maximum number of threads that are claimed at once.
const BATCH: u64 = 100;

/// A due thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The thread.
    pub thread: ThreadId,
    /// The instant since which it is due.
    pub due_at: DateTime,
}

impl Store {
    /// Records everything that is due; returns the number of events. A thread that fails does not stop the others.
    pub async fn tick(&self) -> Result<u64, Error> {
        let mut recorded = 0;
        loop {
            let now = self.time().await?;
            let due = self.claim_due(now, LEASE).await?;
            if due.is_empty() {
                return Ok(recorded);
            }
            match self.escalate(due.clone(), now).await {
                Ok(count) => recorded += count,
                Err(Error::Unavailable(error)) => return Err(Error::Unavailable(error)),
                Err(_) => {
                    for one in due {
                        match self.escalate(vec![one], now).await {
                            Ok(count) => recorded += count,
                            Err(error) => tracing::error!(thread = %one.thread, ?error, "a thread cannot be escalated"),
                        }
                    }
                }
            }
        }
    }

    /// Claims due threads for the duration `lease`, those that have waited longest first.
    pub async fn claim_due(&self, now: DateTime, lease: TimeDelta) -> Result<Vec<Due>, Error> {
        // Usually nothing is due, and reading is enough to know that.
        if thread_due::Entity::find().filter(is_due(now)).one(&self.database.read).await?.is_none() {
            return Ok(Vec::new());
        }
        let transaction = self.database.begin().await?;
        let mut first = thread_due::Entity::find()
            .select_only()
            .column(thread_due::Column::ThreadId)
            .filter(is_due(now))
            .order_by_asc(thread_due::Column::DueAt)
            .limit(BATCH)
            .into_query();
        Database::skip_locked(transaction.get_database_backend(), &mut first);
        let mut claimed = thread_due::Entity::update_many()
            .col_expr(thread_due::Column::ClaimedUntil, Expr::val(now.0 + lease))
            .filter(thread_due::Column::ThreadId.in_subquery(first))
            .exec_with_returning(&transaction)
            .await?;
        transaction.commit().await?;
        claimed.sort_by_key(|row| (row.due_at, row.thread_id));
        Ok(claimed.into_iter().map(|row| Due { thread: row.thread_id, due_at: row.due_at }).collect())
    }

    /// Records the events of these threads that are due at `now`; returns their number.
    pub async fn escalate(&self, due: Vec<Due>, now: DateTime) -> Result<u64, Error> {
        match Session::system(self).write(Escalate { due, now }).await {
            Ok(written) => Ok(written.done),
            Err(Refusal::Error(error)) => Err(error),
            Err(Refusal::Problems(problems)) => Err(Error::Corrupt(format!("{problems:?}"))),
        }
    }
}

fn is_due(now: DateTime) -> Condition {
    use thread_due::Column::{ClaimedUntil, DueAt};
    Condition::all().add(DueAt.lte(now)).add(Condition::any().add(ClaimedUntil.is_null()).add(ClaimedUntil.lte(now)))
}

/// Due threads, whose events are to be recorded.
#[derive(Serialize)]
struct Escalate {
    due: Vec<Due>,
    now: DateTime,
}

impl Write for Escalate {
    type Done = u64;

    fn name(&self) -> &'static str {
        "escalate"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        Ok(viewer.require(Scope::Admin)?)
    }

    async fn run(&self, writer: &mut Writer) -> Result<u64, Refusal> {
        // Not before the instant at which the events were due.
        writer.now = writer.now.max(self.now);
        let mut threads = self.threads(writer).await?;
        let since: HashMap<ThreadId, DateTime> = self.due.iter().map(|due| (due.thread, due.due_at)).collect();
        let (mut candidates, mut events) = (Vec::new(), Vec::new());
        for (index, thread) in threads.iter_mut().enumerate() {
            let since = since.get(&thread.state.row.id).copied().unwrap_or(self.now);
            for happened in due::due(&thread.state, since, self.now) {
                let at = thread.instant(writer.now);
                let event = thread.event(&happened, json!({}), writer.actor(), at);
                candidates.push((index, event.id, happened, at));
                events.push(event);
            }
        }
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        if !ids.is_empty() {
            let rows: Vec<thread_event::ActiveModel> =
                events.into_iter().map(IntoActiveModel::into_active_model).collect();
            // On a conflict with any index: the unique index that allows each event once.
            let once = OnConflict::new().do_nothing().to_owned();
            for some in rows.chunks(ROWS) {
                let insert = thread_event::Entity::insert_many(some.to_vec()).on_conflict(once.clone());
                insert.exec_without_returning(&writer.transaction).await?;
            }
        }
        let recorded: HashSet<_> = thread_event::Entity::find()
            .select_only()
            .column(thread_event::Column::Id)
            .filter(thread_event::Column::Id.is_in(ids))
            .into_tuple()
            .all(&writer.transaction)
            .await?
            .into_iter()
            .collect::<HashSet<entente_entity::id::ThreadEventId>>();
        for (index, id, happened, at) in candidates {
            if recorded.contains(&id)
                && let Some(thread) = threads.get_mut(index)
            {
                thread.has_happened(&happened, at);
            }
        }
        threads.iter_mut().for_each(Changing::forget_due);
        writer.threads().write_all(threads).await?;
        Ok(recorded.len() as u64)
    }
}

impl Escalate {
    /// The threads, locked. Threads that another transaction has locked are left for [`LATER`].
    async fn threads(&self, writer: &Writer) -> Result<Vec<Changing>, Error> {
        let backend = writer.transaction.get_database_backend();
        let mut all = thread::Entity::find()
            .filter(thread::Column::Id.is_in(self.due.iter().map(|due| due.thread)))
            .order_by_asc(thread::Column::Number);
        Database::skip_locked(backend, QuerySelect::query(&mut all));
        let rows = all.all(&writer.transaction).await?;
        if rows.len() < self.due.len() {
            let has: HashSet<ThreadId> = rows.iter().map(|row| row.id).collect();
            let left = self.due.iter().map(|due| due.thread).filter(|id| !has.contains(id));
            let mut free = thread_due::Entity::find()
                .select_only()
                .column(thread_due::Column::ThreadId)
                .filter(thread_due::Column::ThreadId.is_in(left))
                .into_query();
            Database::skip_locked(backend, &mut free);
            thread_due::Entity::update_many()
                .col_expr(thread_due::Column::ClaimedUntil, Expr::val(self.now.0 + LATER))
                .filter(thread_due::Column::ThreadId.in_subquery(free))
                .exec(&writer.transaction)
                .await?;
        }
        let providers: Vec<(ServiceId, OrganizationId)> = service::Entity::find()
            .select_only()
            .columns([service::Column::Id, service::Column::ProviderId])
            .filter(service::Column::Id.is_in(rows.iter().map(|row| row.service_id)))
            .into_tuple()
            .all(&writer.transaction)
            .await?;
        let providers: HashMap<_, _> = providers.into_iter().collect();
        rows.into_iter()
            .map(|row| {
                let provider = providers.get(&row.service_id).copied();
                let provider = provider.ok_or_else(|| Error::Corrupt(format!("{} is not there", row.service_id)))?;
                Ok(Changing::new(State::read(row)?, provider))
            })
            .collect()
    }
}
