//! Threads: feedback and escalations.

pub mod event;
pub mod list;
pub mod message;
pub mod mutation;
pub mod perception;
pub mod suggestion;

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject, Union};
use entente_entity::{
    enums::{Severity, ThreadKind, ThreadStatus},
    scalar::DateTime,
};

use crate::{
    api::{
        organization::Organization,
        reference::{self, ExternalReference, Referenced},
        service::{
            Service,
            benefit::Benefit,
            contact::{Actor, Contact},
            cost::Cost,
            element::{self, DefinitionElement, Source},
            escalation_policy::EscalationLevel,
            expectation::Expectation,
            indicator::Indicator,
            journey_stage::JourneyStage,
            offering::ServiceOffering,
            outcome::Outcome,
            risk::Risk,
        },
        shared::{
            connection::{Slice, connection, count},
            error::{Nullable, nullable},
            list::List,
            price,
        },
        thread::{
            event::{ThreadEvent, ThreadEventConnection},
            message::{Message, MessageConnection},
            suggestion::Suggestion,
        },
    },
    store::{Error, MESSAGES, Subject, TIMELINE, ThreadRow, page::Window},
};

/// A thread.
#[derive(Clone)]
pub struct Thread(pub(in crate::api) ThreadRow);

connection!(ThreadConnection, ThreadEdge, Thread);

impl Thread {
    fn level_reached(&self) -> Result<Option<EscalationLevel>, Error> {
        let Some(level) = self.0.row.level else { return Ok(None) };
        let levels = self.0.state()?.policy.map(|policy| policy.levels).unwrap_or_default();
        Ok(levels.into_iter().find(|it| it.level == level).map(EscalationLevel::from))
    }
}

/// The subject of a thread: a service, or one element of its definition.
#[derive(Union)]
pub enum ThreadSubject {
    /// The service as a whole.
    Service(Service),
    /// A stage of the customer's journey.
    JourneyStage(JourneyStage),
    /// An outcome.
    Outcome(Outcome),
    /// A cost.
    Cost(Cost),
    /// A risk.
    Risk(Risk),
    /// A benefit.
    Benefit(Benefit),
    /// An expectation.
    Expectation(Expectation),
    /// A service offering.
    ServiceOffering(ServiceOffering),
    /// An indicator.
    Indicator(Indicator),
}

impl From<DefinitionElement> for ThreadSubject {
    fn from(element: DefinitionElement) -> Self {
        match element {
            DefinitionElement::JourneyStage(node) => node.into(),
            DefinitionElement::Outcome(node) => node.into(),
            DefinitionElement::Cost(node) => node.into(),
            DefinitionElement::Risk(node) => node.into(),
            DefinitionElement::Benefit(node) => node.into(),
            DefinitionElement::Expectation(node) => node.into(),
            DefinitionElement::ServiceOffering(node) => node.into(),
            DefinitionElement::Indicator(node) => node.into(),
        }
    }
}

/// The deadlines of a thread, and whether they were missed. Feedback has no deadlines. Time counts day and night; time
/// in the status RESOLVED or CLOSED does not count.
#[derive(SimpleObject)]
pub struct Deadlines {
    /// The deadline for the acknowledgement. Null if the escalation policy has none, and for feedback.
    acknowledge_by: Option<DateTime>,
    /// The deadline for the resolution. Null if the escalation policy has none, and for feedback.
    resolve_by: Option<DateTime>,
    /// Whether the deadline for the acknowledgement was missed. Once true, it stays true.
    acknowledge_breached: bool,
    /// Whether the deadline for the resolution was missed. Once true, it stays true.
    resolve_breached: bool,
    /// When the thread will be raised to the next level. Null if there is no further level, while the thread is
    /// RESOLVED or CLOSED, and for feedback.
    next_raise_at: Option<DateTime>,
}

/// A thread between one consumer and the provider: feedback on a service or on one element of its definition
/// (FEEDBACK), or a problem that must be solved within a deadline (ESCALATION).
#[Object]
impl Thread {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The number of the thread, easy to read aloud. Numbers increase, can have gaps, and are never reused.
    async fn number(&self) -> i32 {
        self.0.row.number
    }

    /// Whether the thread is feedback or an escalation.
    async fn kind(&self) -> ThreadKind {
        self.0.row.kind
    }

    /// The subject line.
    async fn title(&self) -> &str {
        &self.0.row.title
    }

    /// The status.
    async fn status(&self) -> ThreadStatus {
        self.0.row.status
    }

    /// How serious the problem is for the consumer.
    async fn severity(&self) -> Severity {
        self.0.row.severity
    }

    /// The service that the thread is about. A viewer that may read the thread may read the service here, also with the
    /// scope `threads:write` alone.
    async fn service(&self) -> Result<Service, Error> {
        Ok(Service(self.0.service().await?))
    }

    /// The subject of the thread: the service, or one element of its definition. An element that was deleted is shown
    /// in its last state.
    async fn subject(&self) -> Result<ThreadSubject, Error> {
        let service = Service(self.0.service().await?);
        let (source, id) = match self.0.subject().await? {
            Subject::Service => return Ok(service.into()),
            Subject::Element(id) => (service.source(), id),
            Subject::Gone(id, definition) => (Arc::new(Source { service, definition, frozen: true }), id),
        };
        let element = element::find(&source, |_, other, _| other == id);
        element.map(ThreadSubject::from).ok_or_else(|| Error::Corrupt(format!("no terms have the element {}", id.0)))
    }

    /// The consumer that the thread belongs to.
    async fn consumer(&self) -> Result<Organization, Error> {
        self.0.consumer().await.map(Organization)
    }

    /// The perceived value, from 1 (worst) to 5 (best), that was given with feedback. Null if none was given. It also
    /// counts as perception after the feedback became an escalation.
    async fn rating(&self) -> Option<i32> {
        self.0.row.rating
    }

    /// The person or program that opened the thread.
    async fn opened_by(&self) -> Actor {
        Actor(self.0.row.opened_by.clone())
    }

    /// The person or team that handles the thread. Null if there is none.
    async fn assignee(&self) -> Option<Contact> {
        self.0.row.assignee.clone().map(Contact::from)
    }

    /// The highest level to which the thread was raised. Null if it was not raised.
    async fn level(&self) -> Nullable<EscalationLevel> {
        nullable(self.level_reached())
    }

    /// The deadlines. They follow the escalation policy from the moment when the thread became an escalation: the
    /// policy of the consumer's offering, otherwise of the service, otherwise the server's default policy.
    async fn deadlines(&self) -> Result<Deadlines, Error> {
        let row = &self.0.row;
        Ok(Deadlines {
            acknowledge_by: row.acknowledge_by,
            resolve_by: row.resolve_by,
            acknowledge_breached: row.acknowledge_breached,
            resolve_breached: row.resolve_breached,
            next_raise_at: self.0.state()?.next_raise_at(),
        })
    }

    /// The messages that the viewer may see, oldest first.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn messages(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<MessageConnection, Error> {
        let thread = self.0.clone();
        let page = thread.messages(&Window::new(first, after, last, before)?).await?;
        let count = count!(thread => thread.message_count().await);
        Ok(MessageConnection(Slice::new(page, Message, |message: &Message| MESSAGES.cursor(&message.0), count)))
    }

    /// The events of the thread that the viewer may see, in order: opened, acknowledged, raised, reassigned, breached,
    /// resolved, reopened and so on. The events, together with the stored escalation policy, are the complete history
    /// of the thread.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn timeline(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ThreadEventConnection, Error> {
        let thread = self.0.clone();
        let page = thread.timeline(&Window::new(first, after, last, before)?).await?;
        let count = count!(thread => thread.event_count().await);
        Ok(ThreadEventConnection(Slice::new(page, ThreadEvent, |event: &ThreadEvent| TIMELINE.cursor(&event.0), count)))
    }

    /// The keys of the thread in other systems (tickets) that the viewer may see.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        Ok(reference::all(&self.0.references().await?, &Referenced::Thread(self.clone())))
    }

    /// The change of the terms that the thread asks for. Null if it asks for none in this form.
    #[graphql(complexity = "child_complexity + price::DOCUMENT")]
    async fn suggestion(&self) -> Nullable<Suggestion> {
        nullable(Suggestion::of(&self.0).await)
    }

    /// When the thread was opened.
    async fn opened_at(&self) -> DateTime {
        self.0.row.opened_at
    }

    /// When the provider acknowledged the thread. Null if it has not. A step that was skipped gets the time of the next
    /// step.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.0.row.acknowledged_at
    }

    /// When the thread was resolved. Null if it was not, or was reopened since.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.row.resolved_at
    }

    /// When the thread was closed. Null if it was not, or was reopened since.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.row.closed_at
    }

    /// When the thread, its timeline or one of its messages last changed. Internal messages count only for the
    /// provider.
    async fn updated_at(&self) -> DateTime {
        self.0.changed_at()
    }
}
