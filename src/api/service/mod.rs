//! Services.

pub mod benefit;
pub mod consumer;
pub mod contact;
pub mod cost;
pub mod definition;
pub mod element;
pub mod escalation_policy;
pub mod expectation;
pub mod indicator;
pub mod journey_stage;
pub mod list;
pub mod offering;
pub mod outcome;
pub mod proposal;
pub mod risk;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::{ContactRole, DocumentFormat, Effect, Party, ServiceLifecycle},
    scalar::{DateTime, Duration, Locale},
    text::Str,
};

use crate::{
    api::{
        agreement::Agreement,
        alignment::Alignment,
        item::{self, ConfigurationItemConnection},
        organization::Organization,
        reference::{self, ExternalReference, Referenced},
        service::{
            benefit::Value,
            consumer::ServiceConsumer,
            contact::Contact,
            cost::Cost,
            definition::{Definition, DefinitionConnection},
            element::{Source, all},
            escalation_policy::EscalationPolicy,
            expectation::Expectation,
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
            reader::{read, read_option, shown},
        },
        thread::{self, ThreadConnection},
    },
    definition::terms::Escalation,
    store::{BY_REVISION, Error, ReadAgreements, ReadServices, ServiceRow, page::Window},
    thread::{filter::ThreadFilter, order::ThreadOrder},
};

/// A service.
#[derive(Clone)]
pub struct Service(pub(in crate::api) ServiceRow);

connection!(ServiceConnection, ServiceEdge, Service);

impl Service {
    /// The published terms.
    pub(in crate::api) fn source(&self) -> Arc<Source> {
        Arc::new(Source { service: self.clone(), definition: self.0.definition.clone(), frozen: false })
    }
}

/// A service: a means of co-creating value by facilitating outcomes that customers want, without the customer having to
/// manage specific costs and risks (ITIL). All fields show the published revision, unless their description says
/// otherwise.
#[Object]
impl Service {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The slug of the service: its unique name in URLs, files and scripts. It never changes.
    async fn slug(&self) -> &str {
        &self.0.row.slug
    }

    /// The display name of the service.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.0.definition.terms.name, locale)
    }

    /// What the service does for its customers, in one or two sentences. Null if not given.
    async fn summary(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Nullable<Str> {
        read_option(ctx, self.0.definition.terms.summary.as_ref(), locale)
    }

    /// The stage of the service in the service portfolio.
    async fn lifecycle(&self) -> ServiceLifecycle {
        self.0.row.lifecycle
    }

    /// The organization that provides the service.
    async fn provider(&self) -> Result<Organization, Error> {
        self.0.provider().await.map(Organization)
    }

    /// The provider's contacts, in the order in which they were given; with `role`, only those that have the role.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn contacts(&self, role: Option<ContactRole>) -> List<Contact> {
        contact::of(&self.0.row.contacts, role)
    }

    /// The stages of the customer's journey, in order.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn journey(&self) -> List<JourneyStage> {
        all!(&self.source(), journey => JourneyStage)
    }

    /// The results that the customer wants, in the order in which the customer experiences them. With `supported`: only
    /// those that the service supports (true) or hinders (false). With `stage`: only those of the stage with this key.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn outcomes(&self, supported: Option<bool>, stage: Option<String>) -> List<Outcome> {
        let source = self.source();
        let wanted = source.terms().outcomes.iter().enumerate().filter(|(_, outcome)| {
            supported.is_none_or(|supported| outcome.supported == supported)
                && stage.as_ref().is_none_or(|stage| outcome.stage.as_ref().is_some_and(|key| key.as_str() == stage))
        });
        wanted.map(|(index, _)| Outcome { source: source.clone(), index }).collect()
    }

    /// The costs that the service removes from the customer, or imposes on the customer; with `effect`, only one of the
    /// two.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn costs(&self, effect: Option<Effect>) -> List<Cost> {
        let costs = all!(&self.source(), costs => Cost);
        costs.0.into_iter().filter(|cost| effect.is_none_or(|effect| cost.terms().effect == effect)).collect()
    }

    /// The risks that the service removes from the customer, or imposes on the customer; with `effect`, only one of the
    /// two.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn risks(&self, effect: Option<Effect>) -> List<Risk> {
        let risks = all!(&self.source(), risks => Risk);
        risks.0.into_iter().filter(|risk| effect.is_none_or(|effect| risk.terms().effect == effect)).collect()
    }

    /// The value of the service for its customers: promised benefits, realized value and perceived value.
    async fn value(&self) -> Value {
        Value(self.source())
    }

    /// The expectations: what each party expects the other party to do. With `of`: only those that this party must
    /// fulfil.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn expectations(&self, of: Option<Party>) -> List<Expectation> {
        let expectations = all!(&self.source(), expectations => Expectation);
        expectations.0.into_iter().filter(|one| of.is_none_or(|of| one.terms().of == of)).collect()
    }

    /// The threads about the service or one of its elements. The provider sees all of them, a consumer only its own.
    /// Default order: newest first.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn threads(
        &self,
        filter: Option<ThreadFilter>,
        order_by: Option<ThreadOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ThreadConnection, Error> {
        let window = Window::new(first, after, last, before)?;
        thread::list::list(self.0.session(), Some(&self.0), filter, order_by, window).await
    }

    /// The escalation policy of the service: the deadlines for answers, and the levels to which an open escalation is
    /// raised. The server's default policy if the service has none of its own.
    async fn escalation_policy(&self) -> EscalationPolicy {
        let own = self.0.definition.terms.escalation.clone();
        own.unwrap_or_else(Escalation::server_default).into()
    }

    /// How often the parties look at the terms again, for example `P1Y`. After this time without a publication or a
    /// decision, the alignment has the gap REVIEW_OVERDUE. Null if the terms do not say it.
    async fn review_every(&self) -> Option<&Duration> {
        self.0.definition.terms.review_every.as_ref()
    }

    /// The offerings that consumers can choose from.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn offerings(&self) -> List<ServiceOffering> {
        all!(&self.source(), offerings => ServiceOffering)
    }

    /// The consumers of the service, oldest first. A consumer sees only itself.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn consumers(&self) -> Result<List<ServiceConsumer>, Error> {
        let rows = self.0.consumers().await?;
        Ok(rows.iter().map(|row| ServiceConsumer { service: self.clone(), row: row.clone() }).collect())
    }

    /// The configuration items that the whole service depends on, in the order of its document. Only for the provider:
    /// a consumer, and a token without the scope `cmdb:read`, gets null and a FORBIDDEN error.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn configuration_items(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Nullable<ConfigurationItemConnection> {
        nullable(item::linked(&self.0, self.0.row.id.0, Window::new(first, after, last, before)).await)
    }

    /// The number of the published revision, which all fields of this type show.
    async fn revision(&self) -> i32 {
        self.0.row.revision
    }

    /// The published definition. With `revision`: the definition at that revision. With `asOf`: the definition that was
    /// published at that instant. Both together are a BAD_REQUEST. Null if the revision does not exist, or if nothing
    /// was published yet at that instant.
    async fn definition(&self, revision: Option<i32>, as_of: Option<DateTime>) -> Nullable<Definition> {
        let session = self.0.session();
        let row = match (revision, as_of) {
            (Some(_), Some(_)) => Err(Error::BadRequest("give `revision` or `asOf`, not both".into())),
            (None, None) => self.0.published().await.map(Some),
            (Some(revision), None) => session.services().definition_at_revision(self.0.row.id, revision).await,
            (None, Some(at)) => session.services().definition_as_of(self.0.row.id, at).await,
        };
        nullable(row.map(|row| row.map(|row| Definition { service: self.clone(), row })))
    }

    /// The newest published revision that every consumer of its time agreed to. For a consumer: the newest published
    /// revision that it agreed to itself. Null if there is none.
    async fn agreed_definition(&self) -> Nullable<Definition> {
        let row = self.0.session().agreements().agreed(&self.0).await;
        nullable(row.map(|row| row.map(|row| Definition { service: self.clone(), row })))
    }

    /// The open proposal: the revision that is proposed and not yet published. Null if there is none.
    async fn proposed_definition(&self) -> Nullable<Definition> {
        let id = self.0.row.proposal_id?;
        let row = self.0.session().services().revision(id).await;
        nullable(row.map(|row| Some(Definition { service: self.clone(), row })))
    }

    /// Whether the provider and the consumers share one view of the service, for the viewer: its state, a score, and what is
    /// missing.
    async fn alignment(&self) -> Alignment {
        Alignment(self.source())
    }

    /// The decisions of the consumers on the published revision, in the order of the consumers. A consumer sees only its
    /// own.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn agreements(&self) -> Result<List<Agreement>, Error> {
        Agreement::on_published(self).await
    }

    /// All revisions, published or not, oldest first.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn revisions(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<DefinitionConnection, Error> {
        let (session, id) = (self.0.session().clone(), self.0.row.id);
        let page = session.services().revisions(id, &Window::new(first, after, last, before)?).await?;
        let count = count!(session => session.services().revision_count(id).await);
        let node = |row| Definition { service: self.clone(), row };
        Ok(DefinitionConnection(Slice::new(page, node, |node: &Definition| BY_REVISION.cursor(&node.row), count)))
    }

    /// The keys of the service in other systems that the viewer may see.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        Ok(reference::all(&self.0.references().await?, &Referenced::Service(self.clone())))
    }

    /// The definition as a document: the terms and links that the viewer may see. If it is applied with
    /// `definitionApply`, it changes nothing.
    #[graphql(complexity = "child_complexity + price::DOCUMENT")]
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        // Before the copy, which can be large.
        Ok(shown(ctx, self.0.document(format.unwrap_or(DocumentFormat::Yaml)).await?)?.to_string())
    }

    /// When the service was created.
    async fn created_at(&self) -> DateTime {
        self.0.row.created_at
    }

    /// When something that the viewer may see last changed in the service. For a consumer, changes of other consumers,
    /// of their keys and of configuration items do not count.
    async fn updated_at(&self) -> DateTime {
        self.0.row.updated_at
    }
}
