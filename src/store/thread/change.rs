//! Changes a thread. A change writes its row, its timeline, the due time of the escalation clock, and the log, in one
//! transaction.

use chrono::TimeDelta;
use entente_entity::{
    actor::Actor,
    change::FieldChange,
    enums::{ChangeAction, ThreadEventKind},
    id::{DefinitionId, OrganizationId, ServiceId, ThreadEventId, ThreadId},
    scalar::DateTime,
    service, service_consumer, thread, thread_due, thread_event,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use serde_json::{Value, json};

use super::{
    ThreadWrites,
    read::{seen_by, thread_named},
};
use crate::{
    definition::terms::Escalation,
    policy::{Changed, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::{
            error::{Error, Refusal},
            parts::ROWS,
        },
        index::WriteIndex,
        service::WriteServices,
        write::rows::Row,
    },
    thread::{State, action::Side, due, event::Happened, input::ThreadKey},
};

/// A thread that is being changed, locked until the transaction ends.
pub(in crate::store) struct Changing {
    before: thread::Model,
    pub(in crate::store) state: State,
    /// The provider of its service.
    pub(in crate::store) provider: OrganizationId,
    events: Vec<thread_event::Model>,
    /// The row after missed deadlines were recorded; `None` if there were none.
    caught_up: Option<thread::Model>,
    /// The due time in `thread_due`; `None`: write it in any case.
    due_before: Option<Option<DateTime>>,
}

impl Changing {
    pub(in crate::store) fn new(state: State, provider: OrganizationId) -> Self {
        let due_before = Some(due::next(&state));
        Self { before: state.row.clone(), state, provider, events: Vec::new(), caught_up: None, due_before }
    }

    /// A new thread. Its row is written already; it is not yet in `thread_due`.
    pub(in crate::store) fn opened(state: State, provider: OrganizationId) -> Self {
        Self { due_before: Some(None), ..Self::new(state, provider) }
    }

    /// Makes the due time be written in any case.
    pub(in crate::store) fn forget_due(&mut self) {
        self.due_before = None;
    }

    /// The instant of a new event or message of the thread: `now`, but later than all earlier ones, so that timeline
    /// and messages are in order even if clocks differ.
    pub(in crate::store) fn instant(&mut self, now: DateTime) -> DateTime {
        self.state.row.last_at = now.max(DateTime(self.state.row.last_at.0 + TimeDelta::microseconds(1)));
        self.state.row.last_at
    }

    /// As [`Changing::instant`], for something that both sides see.
    pub(in crate::store) fn shared_instant(&mut self, now: DateTime) -> DateTime {
        self.state.row.updated_at = self.instant(now);
        self.state.row.updated_at
    }

    /// As [`Changing::instant`], for something that only the provider's side sees. A provider that consumes its own
    /// service is on both sides.
    pub(in crate::store) fn internal_instant(&mut self, now: DateTime) -> DateTime {
        if self.provider == self.state.row.consumer_id { self.shared_instant(now) } else { self.instant(now) }
    }

    /// Applies an event to the thread, and adds it to the timeline. `more` are further fields of its detail.
    pub(in crate::store) fn happen(&mut self, happened: &Happened, more: Value, actor: Actor, now: DateTime) {
        let at = self.shared_instant(now);
        self.state.apply(happened, at);
        let event = self.event(happened, more, actor, at);
        self.events.push(event);
    }

    /// The row of an event in the timeline.
    pub(in crate::store) fn event(
        &self,
        happened: &Happened,
        more: Value,
        actor: Actor,
        at: DateTime,
    ) -> thread_event::Model {
        let mut detail = happened.detail();
        if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
            detail.extend(more);
        }
        if let (Happened::Raised { level, .. }, Some(policy)) = (happened, &self.state.policy)
            && let Some(level) = policy.levels.iter().find(|it| it.level == *level)
        {
            detail["kind"] = json!(level.kind);
            detail["name"] = json!(level.name);
        }
        thread_event::Model {
            id: ThreadEventId::new(),
            thread_id: self.state.row.id,
            service_id: self.state.row.service_id,
            kind: happened.kind(),
            at,
            actor,
            detail,
            once: happened.once(),
            internal: false,
        }
    }

    /// Records missed deadlines that nobody has recorded yet, before anything else happens.
    fn catch_up(&mut self, now: DateTime) {
        let missed = due::missed(&self.state, now);
        for happened in &missed {
            self.happen(happened, json!({}), Viewer::system().actor(), now);
        }
        if !missed.is_empty() {
            self.caught_up = Some(self.state.row.clone());
        }
    }

    /// Adds an event that does not change the row of the thread to the timeline.
    pub(in crate::store) fn tell(
        &mut self,
        kind: ThreadEventKind,
        detail: Value,
        actor: Actor,
        now: DateTime,
        internal: bool,
    ) {
        let at = if internal { self.internal_instant(now) } else { self.shared_instant(now) };
        self.events.push(thread_event::Model {
            id: ThreadEventId::new(),
            thread_id: self.state.row.id,
            service_id: self.state.row.service_id,
            kind,
            at,
            actor,
            detail,
            once: None,
            internal,
        });
    }

    /// As [`Changing::happen`], for an event that is in the timeline already.
    pub(in crate::store) fn has_happened(&mut self, happened: &Happened, at: DateTime) {
        self.state.apply(happened, at);
        self.state.row.updated_at = at;
    }
}

/// The fields in which two rows of a thread differ, with their names in the API.
fn fields(before: &thread::Model, after: &thread::Model) -> Vec<FieldChange> {
    let given = |value: Value| Some(value).filter(|value| !value.is_null());
    let both = shown(before).into_iter().zip(shown(after));
    both.filter_map(|((name, before), (_, after))| FieldChange::between(name, given(before), given(after))).collect()
}

/// The fields of a thread for the log.
pub(in crate::store) fn shown(row: &thread::Model) -> [(&'static str, Value); 13] {
    let instant = |at: Option<DateTime>| json!(at.map(|at| at.to_string()));
    [
        ("kind", json!(row.kind)),
        ("title", json!(row.title)),
        ("status", json!(row.status)),
        ("severity", json!(row.severity)),
        ("assignee", json!(row.assignee)),
        ("level", json!(row.level)),
        ("deadlines/acknowledgeBy", instant(row.acknowledge_by)),
        ("deadlines/resolveBy", instant(row.resolve_by)),
        ("deadlines/acknowledgeBreached", json!(row.acknowledge_breached)),
        ("deadlines/resolveBreached", json!(row.resolve_breached)),
        ("acknowledgedAt", instant(row.acknowledged_at)),
        ("resolvedAt", instant(row.resolved_at)),
        ("closedAt", instant(row.closed_at)),
    ]
}

impl ThreadWrites<'_> {
    /// The thread with this key, if the viewer sees it: locked, with missed deadlines recorded.
    pub(in crate::store) async fn change(self, key: &ThreadKey, at: &str) -> Result<Changing, Refusal> {
        let not_found = || Refusal::from(Problem::at([at], Rule::not_found(Thing::Thread)));
        let id = match key {
            ThreadKey::Ref(reference) => match thread_named(&self.transaction, &self.viewer, reference).await? {
                Ok(row) => row.map(|row| row.id),
                Err(open) => return Err(Problem::at([at], Rule::SeveralThreads { open }).into()),
            },
            ThreadKey::Id(id) => ThreadId::parse(id),
            ThreadKey::Number(number) => {
                let seen = seen_by(&self.viewer)?.filter(thread::Column::Number.eq(*number));
                seen.select_only().column(thread::Column::Id).into_tuple().one(&self.transaction).await?
            }
        };
        let row = match id {
            None => None,
            Some(id) => {
                self.hold(Row::Thread(id))?;
                let seen = seen_by(&self.viewer)?.filter(thread::Column::Id.eq(id));
                seen.lock_exclusive().one(&self.transaction).await?
            }
        };
        let row = row.ok_or_else(not_found)?;
        let provider = self.provider_of(row.service_id).await?;
        if self.viewer.organization == Some(row.consumer_id) {
            self.services().confirm(row.service_id, row.consumer_id).await?;
        }
        let mut thread = Changing::new(State::read(row).map_err(Error::from)?, provider);
        thread.catch_up(self.now);
        Ok(thread)
    }

    /// The thread with this id if it is open: locked, with missed deadlines recorded. The caller has checked what the viewer may do.
    pub(in crate::store) async fn open_one(self, id: ThreadId) -> Result<Option<Changing>, Refusal> {
        self.hold(Row::Thread(id))?;
        let row =
            thread::Entity::find().filter(thread::Column::Id.eq(id)).lock_exclusive().one(&self.transaction).await;
        let Some(row) = row.map_err(Error::from)? else { return Ok(None) };
        let provider = self.provider_of(row.service_id).await?;
        let mut thread = Changing::new(State::read(row).map_err(Error::from)?, provider);
        if !thread.state.is_open() {
            return Ok(None);
        }
        thread.catch_up(self.now);
        Ok(Some(thread))
    }

    /// Resolves those of these threads that are open, because a revision of the terms answers them.
    pub(in crate::store) async fn resolve_all(self, ids: &[ThreadId], revision: i32) -> Result<(), Refusal> {
        // In one order, so that two publications do not wait for each other.
        let (mut ids, mut resolved) = (ids.to_vec(), Vec::new());
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let Some(mut thread) = self.open_one(id).await? else { continue };
            thread.happen(&Happened::Resolved, json!({ "revision": revision }), self.actor(), self.now);
            resolved.push(thread);
        }
        Ok(self.write_all(resolved).await?)
    }

    async fn provider_of(self, service: ServiceId) -> Result<OrganizationId, Error> {
        let provider = service::Entity::find_by_id(service)
            .select_only()
            .column(service::Column::ProviderId)
            .into_tuple()
            .one(&self.transaction)
            .await?;
        provider.ok_or_else(|| Error::Corrupt(format!("{service} is not there")))
    }

    /// The side of the viewer in a thread that it sees.
    pub(in crate::store) fn side(self, thread: &Changing) -> Side {
        Side {
            provider: self.viewer.acts_for(thread.provider),
            consumer: self.viewer.acts_for(thread.state.row.consumer_id),
        }
    }

    /// The present escalation policy for a consumer of a service: that of its offering, otherwise of the service,
    /// otherwise the default of the server.
    pub(in crate::store) async fn policy_for(
        self,
        service: ServiceId,
        consumer: OrganizationId,
    ) -> Result<Escalation, Error> {
        let definition: Option<DefinitionId> = service::Entity::find_by_id(service)
            .select_only()
            .column(service::Column::DefinitionId)
            .into_tuple()
            .one(&self.transaction)
            .await?;
        let definition = definition.ok_or_else(|| Error::Corrupt(format!("{service} is not there")))?;
        let definition = self.store.definition(&self.transaction, definition).await?;
        let offering: Option<Option<String>> = service_consumer::Entity::find()
            .select_only()
            .column(service_consumer::Column::Offering)
            .filter(service_consumer::Column::ServiceId.eq(service))
            .filter(service_consumer::Column::OrganizationId.eq(consumer))
            .into_tuple()
            .one(&self.transaction)
            .await?;
        Ok(definition.terms.policy_for(offering.flatten().as_deref()))
    }

    /// Writes the changes of a thread.
    pub(in crate::store) async fn write(self, thread: Changing) -> Result<(), Error> {
        self.write_all(vec![thread]).await
    }

    /// Writes the changes of threads.
    pub(in crate::store) async fn write_all(self, threads: Vec<Changing>) -> Result<(), Error> {
        let (mut all_events, mut due, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for Changing { before, mut state, events, caught_up, due_before, provider: _ } in threads {
            let due_at = due::next(&state);
            if Some(due_at) != due_before {
                match due_at {
                    Some(due_at) => due.push(thread_due::ActiveModel {
                        thread_id: Set(state.row.id),
                        due_at: Set(due_at),
                        claimed_until: Set(None),
                    }),
                    None => done.push(state.row.id),
                }
            }
            state.freeze()?;
            let row = &state.row;
            if *row != before {
                let changed = thread::ActiveModel { number: Unchanged(row.number), ..set_all(row) };
                thread::Entity::update(changed).exec_without_returning(&self.transaction).await?;
            }
            if row.title != before.title {
                self.index().write_thread(row).await?;
            }
            all_events.extend(events.into_iter().map(IntoActiveModel::into_active_model));
            let since = caught_up.as_ref().unwrap_or(&before);
            let changed = Changed::thread(row);
            self.log_by(Viewer::system().actor(), changed, ChangeAction::Updated, fields(&before, since));
            self.log(changed, ChangeAction::Updated, fields(since, row));
        }
        self.insert(all_events).await?;
        let moved = OnConflict::column(thread_due::Column::ThreadId)
            .update_columns([thread_due::Column::DueAt, thread_due::Column::ClaimedUntil])
            .to_owned();
        for some in due.chunks(ROWS) {
            let insert = thread_due::Entity::insert_many(some.to_vec()).on_conflict(moved.clone());
            insert.exec_without_returning(&self.transaction).await?;
        }
        if !done.is_empty() {
            let are_done = thread_due::Column::ThreadId.is_in(done);
            thread_due::Entity::delete_many().filter(are_done).exec(&self.transaction).await?;
        }
        Ok(())
    }
}

/// A row with every column marked as changed.
pub(in crate::store) fn set_all(row: &thread::Model) -> thread::ActiveModel {
    row.clone().into_active_model().reset_all()
}
