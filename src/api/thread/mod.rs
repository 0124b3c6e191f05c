//! Threads: feedback and escalations.

pub mod event;
pub mod list;
pub mod message;
pub mod mutation;
pub mod perception;

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

/// What a thread is about: a service, or one element of its definition.
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

/// By when a thread is answered, and whether it was. Feedback has no deadlines. The clock runs day and night; time spent
/// RESOLVED or CLOSED is left out.
#[derive(SimpleObject)]
pub struct Deadlines {
    /// By when it is, or was, to be acknowledged; null where the policy sets no time.
    acknowledge_by: Option<DateTime>,
    /// By when it is to be resolved; null where the policy sets no time.
    resolve_by: Option<DateTime>,
    /// Whether it was not acknowledged in time. Once recorded, it stays.
    acknowledge_breached: bool,
    /// Whether it was not resolved in time. Once recorded, it stays.
    resolve_breached: bool,
    /// When it is raised to the next level; null where there is none, and while it is RESOLVED or CLOSED.
    next_raise_at: Option<DateTime>,
}

/// Feedback on a service or on one element of its definition, or a problem with it that is to be solved in time, as one
/// consumer raises it.
#[Object]
impl Thread {
    /// Global, and stable.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// A number that people can say aloud: rising, with gaps, never used twice.
    async fn number(&self) -> i32 {
        self.0.row.number
    }

    /// Feedback or escalation.
    async fn kind(&self) -> ThreadKind {
        self.0.row.kind
    }

    /// What it is about, in a line.
    async fn title(&self) -> &str {
        &self.0.row.title
    }

    /// How far it has come.
    async fn status(&self) -> ThreadStatus {
        self.0.row.status
    }

    /// How grave it is to who raised it.
    async fn severity(&self) -> Severity {
        self.0.row.severity
    }

    /// The service that it is about. Whoever may read the thread may read it here, with `threads:write` alone too.
    async fn service(&self) -> Result<Service, Error> {
        Ok(Service(self.0.service().await?))
    }

    /// What it is about: the service, or one element of its definition; one that was removed as it last was.
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

    /// Who raises it, or for whom it is raised.
    async fn consumer(&self) -> Result<Organization, Error> {
        self.0.consumer().await.map(Organization)
    }

    /// Perceived value, 1 to 5, as it was given with feedback; null where none was. It stays, and counts as perception,
    /// where the feedback has become an escalation.
    async fn rating(&self) -> Option<i32> {
        self.0.row.rating
    }

    /// Who opened it.
    async fn opened_by(&self) -> Actor {
        Actor(self.0.row.opened_by.clone())
    }

    /// Who is to see to it; null where nobody in particular.
    async fn assignee(&self) -> Option<Contact> {
        self.0.row.assignee.clone().map(Contact::from)
    }

    /// The highest level that it was raised to; null where it was not raised yet.
    async fn level(&self) -> Nullable<EscalationLevel> {
        nullable(self.level_reached())
    }

    /// By when it is answered, by the escalation policy as it stood when the thread became an escalation: that of the
    /// consumer's offering, else the service's, else the server's default.
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

    /// What was written, oldest first, as far as the viewer may see it.
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

    /// What happened, in order, as far as the viewer may see it: opened, acknowledged, raised, reassigned, breached,
    /// resolved, reopened … With the escalation policy, which is kept as it stood when the thread became an escalation, it
    /// replays to the thread.
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

    /// Other systems' keys for it, as far as the viewer may see them: tickets.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        Ok(reference::all(&self.0.references().await?, &Referenced::Thread(self.clone())))
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        self.0.row.opened_at
    }

    /// When the provider first answered; null where it has not. A step that was skipped has the instant of the next.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.0.row.acknowledged_at
    }

    /// When it was resolved; null where it was not, or was reopened since.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.row.resolved_at
    }

    /// When it was closed; null where it was not, or was reopened since.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.row.closed_at
    }

    /// When it, its timeline or one of its messages last changed. Internal messages move it for the provider's side alone.
    async fn updated_at(&self) -> DateTime {
        self.0.changed_at()
    }
}
