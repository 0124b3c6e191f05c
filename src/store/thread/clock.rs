//! The escalation clock's side of the database: what is due is claimed in one statement, and recorded in one
//! transaction.
//!
//! A claim only keeps replicas from doing the same work; it lapses when its replica dies. What makes it impossible to
//! raise a thread to a level twice, or to record a breach twice, is the timeline's unique index.

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

/// How long a replica is trusted with what it has claimed.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);
/// When a thread at which someone is at work is looked at again.
const LATER: TimeDelta = TimeDelta::seconds(1);
/// So many threads are claimed at once.
const BATCH: u64 = 100;

/// A thread that the clock has something to do for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Which.
    pub thread: ThreadId,
    /// Since when.
    pub due_at: DateTime,
}

impl Store {
    /// Records all that is due; how much that was. A thread that cannot be escalated now holds up no other.
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

    /// Claims some of what is due at an instant, first what has waited longest, for so long.
    pub async fn claim_due(&self, now: DateTime, lease: TimeDelta) -> Result<Vec<Due>, Error> {
        // Most of the time there is nothing, and nobody needs to write to know it.
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

    /// Records what has become due of threads by an instant; how much that was.
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

/// Threads for which something is due.
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
        // What was due earlier is told now.
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
            // Whatever index says that it is there already: the one that lets each of them happen once.
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
    /// The threads, locked. Those at which someone else is at work are left for a moment later.
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
