//! Opening threads.

use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ReferencedKind, Severity, ThreadKind, ThreadStatus},
    external_reference,
    id::{ElementId, OrganizationId, ThreadId},
    service, service_consumer, thread,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    ThreadWrites, WriteThreads,
    change::{Changing, set_all, shown},
    messages::Said,
    references::any_of,
};
use crate::{
    definition::{
        at::At,
        document::ExternalReferenceInput,
        element::identities,
        limits::{MAX_NAME, line_rule, reference_problems, text_rule},
    },
    policy::{Changed, Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal},
        index::WriteIndex,
        organization::{ReadOrganizations, WriteOrganizations},
        read::session::Session,
        service::WriteServices,
        write::{
            mutation::{Known, Write},
            rows::Row,
            writer::Writer,
        },
    },
    thread::{
        State,
        event::Happened,
        input::{MAX_BODY, MAX_TITLE, ThreadOpenInput},
    },
};

/// A thread to open.
#[derive(Clone, Debug, Serialize)]
pub struct ThreadOpen(pub ThreadOpenInput);

/// The thread that was written.
#[derive(Debug, Serialize, Deserialize)]
pub struct ThreadWritten(pub ThreadId);

impl Write for ThreadOpen {
    type Done = ThreadWritten;

    fn name(&self) -> &'static str {
        "threadOpen"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        Ok(viewer.require(Scope::ThreadsWrite)?)
    }

    async fn look_up(&self, session: &Session) -> Result<Known, Error> {
        Ok(session.organizations().all_called(self.0.consumer.iter()).await?.into())
    }

    async fn run(&self, writer: &mut Writer) -> Result<ThreadWritten, Refusal> {
        let Self(input) = self;
        writer.on_behalf_of.clone_from(&input.on_behalf_of);
        let mut problems = self.problems();
        let service = match writer.services().named([&input.service]).await?.get(&input.service).cloned() {
            Ok(service) => service,
            Err(rule) => {
                problems.push(Problem::at(["service"], rule));
                return Err(problems.into());
            }
        };
        let suggestion = match &input.suggestion {
            None => None,
            Some(suggestion) => match writer.services().suggestion(&service, suggestion).await {
                Ok(suggestion) => Some(suggestion),
                Err(Refusal::Problems(wrong)) => {
                    problems.extend(wrong);
                    None
                }
                Err(error) => return Err(error),
            },
        };
        let element = self.element(writer, &service).await?.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let consumer = match self.consumer(writer, &service).await? {
            Ok(consumer) if problems.is_empty() => consumer,
            Ok(_) => return Err(problems.into()),
            Err(problem) => {
                problems.push(problem);
                return Err(problems.into());
            }
        };
        if writer.viewer.organization == Some(consumer.organization_id) && consumer.confirmed_at.is_none() {
            writer.services().confirm(service.id, consumer.organization_id).await?;
        }
        if let Some(open) = self.open_already(writer, &service, element, consumer.organization_id).await? {
            return Ok(ThreadWritten(open));
        }
        let Self(input) = self;
        let new = NewThread {
            kind: input.kind,
            severity: input.severity,
            title: &input.title,
            body: &input.body,
            rating: input.rating,
            element: element.zip(input.element.as_deref()),
            references: self.references(),
            detail: json!({}),
            suggestion,
        };
        Ok(ThreadWritten(writer.threads().open(&service, &consumer, new).await?))
    }
}

/// A thread to open, checked.
pub(in crate::store) struct NewThread<'a> {
    pub(in crate::store) kind: ThreadKind,
    pub(in crate::store) severity: Severity,
    pub(in crate::store) title: &'a str,
    /// The first message.
    pub(in crate::store) body: &'a str,
    pub(in crate::store) rating: Option<i32>,
    /// The element that it is about, with its key.
    pub(in crate::store) element: Option<(ElementId, &'a str)>,
    pub(in crate::store) references: &'a [ExternalReferenceInput],
    /// Further fields of the event in the timeline.
    pub(in crate::store) detail: Value,
    /// The change of the terms that it asks for, as stored.
    pub(in crate::store) suggestion: Option<String>,
}

impl ThreadWrites<'_> {
    /// Opens a thread of a consumer of a service.
    pub(in crate::store) async fn open(
        self,
        service: &service::Model,
        consumer: &service_consumer::Model,
        new: NewThread<'_>,
    ) -> Result<ThreadId, Refusal> {
        let policy = self.store.definition(&self.transaction, service.definition_id).await?;
        let policy = policy.terms.policy_for(consumer.offering.as_deref());
        let mut state = State::opened(new.row(&self, service, consumer.organization_id), &policy);
        state.freeze().map_err(Error::from)?;
        let row = thread::ActiveModel { number: NotSet, ..set_all(&state.row) };
        state.row = row.insert(&self.transaction).await.map_err(Error::from)?;
        self.index().write_thread(&state.row).await?;
        self.log(Changed::thread(&state.row), ChangeAction::Created, new.fields(&state.row));
        let mut thread = Changing::opened(state, service.provider_id);
        let opened = Happened::Opened { kind: new.kind, severity: new.severity, policy };
        thread.happen(&opened, new.detail, self.actor(), self.now);
        self.say(&mut thread, Said::shared(new.body)).await?;
        self.link(&mut thread, None, new.references).await?;
        let id = thread.state.row.id;
        self.write(thread).await?;
        Ok(id)
    }
}

impl ThreadOpen {
    fn references(&self) -> &[ExternalReferenceInput] {
        self.0.external_references.as_deref().unwrap_or_default()
    }

    /// The problems of the input that need no database.
    fn problems(&self) -> Vec<Problem> {
        let Self(input) = self;
        let mut problems = Vec::new();
        let mut look = |field: &str, rule: Option<Rule>| problems.extend(rule.map(|rule| Problem::at([field], rule)));
        look("title", line_rule(&input.title, MAX_TITLE));
        look("body", text_rule(&input.body, MAX_BODY));
        look("rating", input.rating.and_then(|rating| rating_rule(rating, input.kind)));
        look("onBehalfOf", input.on_behalf_of.as_deref().and_then(|name| line_rule(name, MAX_NAME)));
        problems.extend(reference_problems(self.references(), &At::top("externalReferences")));
        problems
    }

    /// The element in the input; `None` if there is none.
    async fn element(
        &self,
        writer: &Writer,
        service: &service::Model,
    ) -> Result<Result<Option<ElementId>, Problem>, Error> {
        let Some(key) = &self.0.element else { return Ok(Ok(None)) };
        let definition = writer.store.definition(&writer.transaction, service.definition_id).await?;
        let all = identities(&definition.terms);
        let found = all.iter().find(|identity| identity.key.as_str() == key).map(|identity| identity.id);
        Ok(found.map(Some).ok_or_else(|| Problem::at(["element"], Rule::not_found(Thing::Element))))
    }

    /// The relationship of the consumer for whom the thread is opened. It is locked if the input has external keys, so
    /// that two requests with the same key wait for each other.
    async fn consumer(
        &self,
        writer: &Writer,
        service: &service::Model,
    ) -> Result<Result<service_consumer::Model, Problem>, Error> {
        let is_provider = writer.viewer.acts_for(service.provider_id);
        let refuse = |rule| Ok(Err(Problem::at(["consumer"], rule)));
        let organization = match (&self.0.consumer, writer.viewer.organization) {
            (Some(key), _) => match writer.organizations().named([key].into_iter()).await?.get(key) {
                Ok(id) if is_provider || writer.viewer.acts_for(id) => id,
                Err(rule) if is_provider => return refuse(rule),
                // A consumer must not learn whether another organization exists.
                _ => return refuse(Rule::not_found(Thing::Organization)),
            },
            (None, Some(own)) => own,
            (None, None) => return refuse(Rule::Required),
        };
        let mut row = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.eq(service.id))
            .filter(service_consumer::Column::OrganizationId.eq(organization));
        if !self.references().is_empty() {
            writer.hold(Row::Consumer(service.id, organization))?;
            row = row.lock_exclusive();
        }
        match row.one(&writer.transaction).await? {
            Some(row) => Ok(Ok(row)),
            None if self.0.consumer.is_none() && is_provider => refuse(Rule::Required),
            None => refuse(Rule::NotAConsumer),
        }
    }

    /// The open thread with the same subject, the same consumer and one of the same external keys.
    async fn open_already(
        &self,
        writer: &Writer,
        service: &service::Model,
        element: Option<ElementId>,
        consumer: OrganizationId,
    ) -> Result<Option<ThreadId>, Error> {
        use external_reference::Column;
        if self.references().is_empty() {
            return Ok(None);
        }
        let owner = writer.viewer.links_for(service.provider_id);
        let named = external_reference::Entity::find()
            .select_only()
            .column(Column::EntityId)
            .filter(Column::OrganizationId.eq(owner))
            .filter(Column::EntityKind.eq(ReferencedKind::Thread))
            .filter(any_of(self.references()));
        let about = match element {
            None => thread::Column::ElementId.is_null(),
            Some(element) => thread::Column::ElementId.eq(element),
        };
        Ok(thread::Entity::find()
            .select_only()
            .column(thread::Column::Id)
            .filter(thread::Column::ServiceId.eq(service.id))
            .filter(thread::Column::ConsumerId.eq(consumer))
            .filter(about)
            .filter(thread::Column::Status.is_not_in([ThreadStatus::Resolved, ThreadStatus::Closed]))
            .filter(thread::Column::Id.in_subquery(named.into_query()))
            .order_by_asc(thread::Column::Number)
            .limit(1)
            .into_tuple()
            .one(&writer.transaction)
            .await?)
    }
}

impl NewThread<'_> {
    /// The row of the thread before its first event.
    fn row(&self, writer: &Writer, service: &service::Model, consumer: OrganizationId) -> thread::Model {
        thread::Model {
            number: 0,
            id: ThreadId::new(),
            service_id: service.id,
            consumer_id: consumer,
            element_id: self.element.map(|(id, _)| id),
            kind: self.kind,
            status: ThreadStatus::Open,
            severity: self.severity,
            title: self.title.to_owned(),
            rating: self.rating,
            opened_by: writer.actor(),
            assignee: None,
            policy: None,
            level: None,
            deadlines_from: None,
            levels_from: None,
            acknowledge_by: None,
            resolve_by: None,
            acknowledge_breached: false,
            resolve_breached: false,
            suggestion: self.suggestion.clone(),
            opened_at: writer.now,
            acknowledged_at: None,
            resolved_at: None,
            closed_at: None,
            updated_at: writer.now,
            // So that the event of the opening has exactly this instant.
            last_at: entente_entity::scalar::DateTime(writer.now.0 - chrono::TimeDelta::microseconds(1)),
        }
    }

    /// The suggestion as the log has it.
    fn suggested(&self) -> Value {
        self.suggestion.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The fields of a new thread for the log.
    fn fields(&self, row: &thread::Model) -> impl Iterator<Item = FieldChange> {
        let more = [
            ("rating", json!(row.rating)),
            ("element", json!(self.element.map(|(_, key)| key))),
            ("suggestion", self.suggested()),
        ];
        let all = shown(row).into_iter().chain(more).filter(|(_, value)| !value.is_null() && *value != json!(false));
        all.map(|(name, value)| FieldChange::set(name, value))
    }
}

fn rating_rule(rating: i32, kind: ThreadKind) -> Option<Rule> {
    if kind == ThreadKind::Escalation {
        Some(Rule::RatingOfEscalation)
    } else {
        (!(1..=5).contains(&rating)).then_some(Rule::NotARating { found: rating })
    }
}
