//! `node` and `nodes`: objects by their global ids.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{Context, ID, Interface, Object};
use entente_entity::{
    enums::{ElementKind, ReferencedKind},
    id::{
        AgreementId, ConsumerId, DefinitionId, ElementId, ItemId, MessageId, OrganizationId, ReferenceId, ServiceId,
        ThreadId, parse_typeid,
    },
    service_consumer,
};
use futures_util::future::try_join_all;

use crate::{
    api::{
        agreement::Agreement,
        item::ConfigurationItem,
        organization::Organization,
        reference::{ExternalReference, Referenced},
        service::{
            Service,
            benefit::Benefit,
            consumer::ServiceConsumer,
            cost::Cost,
            definition::Definition,
            element::{self, DefinitionElement, FrozenId, Source},
            expectation::Expectation,
            indicator::Indicator,
            journey_stage::JourneyStage,
            offering::ServiceOffering,
            outcome::Outcome,
            risk::Risk,
        },
        shared::{
            error::{Nullable, nullable},
            price,
        },
        thread::{Thread, message::Message},
    },
    store::{
        self, DefinitionRow, Error, MessageRow, ReadAgreements, ReadItems, ReadOrganizations, ReadReferences,
        ReadServices, ReadThreads, ReferenceRow, Session, ThreadRow,
    },
};

/// An object with a global id. The `id` is an opaque TypeID that never changes, for example `service_01jd…` or
/// `outcome_01jd…`.
#[derive(Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id. It never changes."))]
pub enum Node {
    /// A party.
    Organization(Organization),
    /// A service.
    Service(Service),
    /// A revision of terms.
    Definition(Definition),
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
    /// A service relationship.
    ServiceConsumer(ServiceConsumer),
    /// The decision of a consumer on a revision.
    Agreement(Agreement),
    /// Another system's key.
    ExternalReference(ExternalReference),
    /// A configuration item.
    ConfigurationItem(ConfigurationItem),
    /// A thread.
    Thread(Thread),
    /// A message of a thread.
    Message(Message),
}

impl From<DefinitionElement> for Node {
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

/// A parsed global id: the type of the object, and its key in the store.
enum GlobalId<'a> {
    Organization(OrganizationId),
    Service(ServiceId),
    Definition(DefinitionId),
    Consumer(ConsumerId),
    Agreement(AgreementId),
    Reference(ReferenceId),
    Item(ItemId),
    Thread(ThreadId),
    Message(MessageId),
    Published(ElementKind, ElementId),
    Frozen(ElementKind, FrozenId<'a>),
}

impl<'a> GlobalId<'a> {
    /// Parses an id. `None` if it is not an id of Entente.
    fn parse(id: &'a str) -> Option<Self> {
        if let Some((kind, frozen)) = FrozenId::parse(id) {
            return Some(Self::Frozen(kind, frozen));
        }
        if let Some(agreement) = AgreementId::parse(id) {
            return Some(Self::Agreement(agreement));
        }
        let (prefix, uuid) = parse_typeid(id)?;
        Some(match prefix.as_str() {
            OrganizationId::PREFIX => Self::Organization(OrganizationId(uuid)),
            ServiceId::PREFIX => Self::Service(ServiceId(uuid)),
            DefinitionId::PREFIX => Self::Definition(DefinitionId(uuid)),
            ConsumerId::PREFIX => Self::Consumer(ConsumerId(uuid)),
            ReferenceId::PREFIX => Self::Reference(ReferenceId(uuid)),
            ItemId::PREFIX => Self::Item(ItemId(uuid)),
            ThreadId::PREFIX => Self::Thread(ThreadId(uuid)),
            MessageId::PREFIX => Self::Message(MessageId(uuid)),
            prefix => {
                let kind = ElementKind::ALL.iter().find(|kind| kind.prefix() == prefix)?;
                Self::Published(*kind, ElementId(uuid))
            }
        })
    }
}

/// The objects of some ids that the viewer may see, and the objects that they belong to.
struct Found {
    organizations: HashMap<OrganizationId, Organization>,
    services: HashMap<ServiceId, Service>,
    definitions: HashMap<DefinitionId, DefinitionRow>,
    terms: HashMap<DefinitionId, Arc<store::Definition>>,
    consumers: HashMap<ConsumerId, Arc<service_consumer::Model>>,
    agreements: HashMap<AgreementId, Agreement>,
    references: HashMap<ReferenceId, ReferenceRow>,
    elements: HashMap<ElementId, entente_entity::element::Model>,
    items: HashMap<ItemId, ConfigurationItem>,
    threads: HashMap<ThreadId, ThreadRow>,
    messages: HashMap<MessageId, MessageRow>,
}

/// Reads rows by ids, without a statement if there are no ids.
macro_rules! read {
    ($session:ident.$nouns:ident().$read:ident($ids:expr)) => {{
        let ids: Vec<_> = $ids;
        if ids.is_empty() { HashMap::new() } else { $session.$nouns().$read(ids).await? }
    }};
}

impl Found {
    /// Reads the objects of these ids and of these references, each type once, and then the objects that they belong to.
    /// `others` are references that were read before.
    async fn read(session: &Session, ids: &[Option<GlobalId<'_>>], others: &[ReferenceRow]) -> Result<Self, Error> {
        macro_rules! ids {
            ($($pattern:pat => $id:expr),*) => {
                ids.iter().flatten().filter_map(|one| match one { $($pattern => Some($id),)* _ => None })
            };
        }
        let definitions = read!(session.services().definitions_by_ids(
            ids!(
                GlobalId::Definition(id) => *id, GlobalId::Frozen(_, id) => id.definition, GlobalId::Agreement(id) => id.0
            )
            .collect()
        ));
        let consumers = read!(session.services().consumers_by_ids(ids!(GlobalId::Consumer(id) => *id).collect()));
        let mut references = read!(session.references().by_ids(ids!(GlobalId::Reference(id) => *id).collect()));
        references.extend(others.iter().map(|row| (row.id, row.clone())));
        let referenced = |kind| {
            let of_kind = references.values().filter(move |row| row.entity_kind == kind);
            of_kind.map(|row| row.entity_id)
        };
        let elements = read!(session.services().elements_by_ids(
            ids!(GlobalId::Published(_, id) => *id).chain(referenced(ReferencedKind::Element).map(ElementId)).collect()
        ));
        let threads = read!(session.threads().by_ids(
            ids!(GlobalId::Thread(id) => *id).chain(referenced(ReferencedKind::Thread).map(ThreadId)).collect()
        ));
        let messages = read!(session.threads().messages_by_ids(
            ids!(GlobalId::Message(id) => *id).chain(referenced(ReferencedKind::Message).map(MessageId)).collect()
        ));
        let services = ids!(GlobalId::Service(id) => *id)
            .chain(definitions.values().map(|row: &DefinitionRow| row.service_id))
            .chain(consumers.values().map(|row: &Arc<service_consumer::Model>| row.service_id))
            .chain(elements.values().map(|row: &entente_entity::element::Model| row.service_id))
            .chain(referenced(ReferencedKind::Service).map(ServiceId));
        let services = read!(session.services().by_ids(services.collect()));
        let agreements = ids!(GlobalId::Agreement(id) => *id).filter_map(|id| {
            let revision: &DefinitionRow = definitions.get(&id.0)?;
            let service: &store::ServiceRow = services.get(&revision.service_id)?;
            Some(async move {
                let row = session.agreements().of(service, revision, id.1).await?;
                Ok::<_, Error>(row.map(|row| (id, Agreement { service: Service(service.clone()), row })))
            })
        });
        let agreements = try_join_all(agreements).await?.into_iter().flatten().collect();
        let organizations =
            ids!(GlobalId::Organization(id) => *id).chain(referenced(ReferencedKind::Organization).map(OrganizationId));
        let organizations = read!(session.organizations().by_ids(organizations.collect()));
        let items =
            ids!(GlobalId::Item(id) => *id).chain(referenced(ReferencedKind::ConfigurationItem).map(ItemId)).collect();
        let items: Vec<ItemId> = items;
        let items = if items.is_empty() { Vec::new() } else { session.items().by_ids(items).await? };
        let frozen = ids!(GlobalId::Frozen(_, id) => id.definition).filter(|id| definitions.contains_key(id));
        let terms = read!(session.services().terms_of(frozen.collect()));
        Ok(Self {
            organizations: organizations.into_iter().map(|(id, row)| (id, Organization(row))).collect(),
            services: services.into_iter().map(|(id, row)| (id, Service(row))).collect(),
            definitions,
            terms,
            consumers,
            agreements,
            references,
            elements,
            items: items.into_iter().map(|item| (item.row.id, ConfigurationItem(item))).collect(),
            threads,
            messages,
        })
    }

    fn node(&self, id: &GlobalId<'_>) -> Option<Node> {
        Some(match id {
            GlobalId::Organization(id) => self.organizations.get(id)?.clone().into(),
            GlobalId::Service(id) => self.services.get(id)?.clone().into(),
            GlobalId::Definition(id) => {
                let row = self.definitions.get(id)?.clone();
                Definition { service: self.services.get(&row.service_id)?.clone(), row }.into()
            }
            GlobalId::Consumer(id) => {
                let row = self.consumers.get(id)?.clone();
                ServiceConsumer { service: self.services.get(&row.service_id)?.clone(), row }.into()
            }
            GlobalId::Agreement(id) => self.agreements.get(id)?.clone().into(),
            GlobalId::Reference(id) => {
                let row = self.references.get(id)?.clone();
                ExternalReference { entity: self.referenced(&row)?, row }.into()
            }
            GlobalId::Item(id) => self.items.get(id)?.clone().into(),
            GlobalId::Thread(id) => Thread(self.threads.get(id)?.clone()).into(),
            GlobalId::Message(id) => Message(self.messages.get(id)?.clone()).into(),
            GlobalId::Published(kind, id) => self.published(*kind, *id)?.into(),
            GlobalId::Frozen(kind, id) => {
                let row = self.definitions.get(&id.definition)?;
                let service = self.services.get(&row.service_id)?.clone();
                let definition = self.terms.get(&id.definition)?.clone();
                let source = Arc::new(Source { service, definition, frozen: true });
                element::find(&source, |found, _, key| found == *kind && key == id.key)?.into()
            }
        })
    }

    fn published(&self, kind: ElementKind, id: ElementId) -> Option<DefinitionElement> {
        let service = self.services.get(&self.elements.get(&id)?.service_id)?;
        element::find(&service.source(), |found, other, _| found == kind && other == id)
    }

    fn referenced(&self, row: &ReferenceRow) -> Option<Referenced> {
        Some(match row.entity_kind {
            ReferencedKind::Organization => {
                Referenced::Organization(self.organizations.get(&OrganizationId(row.entity_id))?.clone())
            }
            ReferencedKind::Thread => Referenced::Thread(Thread(self.threads.get(&ThreadId(row.entity_id))?.clone())),
            ReferencedKind::Message => {
                Referenced::Message(Message(self.messages.get(&MessageId(row.entity_id))?.clone()))
            }
            ReferencedKind::Service => Referenced::Service(self.services.get(&ServiceId(row.entity_id))?.clone()),
            ReferencedKind::Element => {
                let id = ElementId(row.entity_id);
                match self.published(self.elements.get(&id)?.kind, id)? {
                    DefinitionElement::Outcome(node) => Referenced::Outcome(node),
                    DefinitionElement::ServiceOffering(node) => Referenced::ServiceOffering(node),
                    _ => return None,
                }
            }
            ReferencedKind::ConfigurationItem => {
                Referenced::ConfigurationItem(self.items.get(&ItemId(row.entity_id))?.clone())
            }
        })
    }
}

/// The objects with these ids, in the order of the ids. `None` for an object that does not exist or that the viewer may not see.
async fn find(session: &Session, ids: &[ID]) -> Result<Vec<Option<Node>>, Error> {
    session.viewer()?;
    let ids: Vec<_> = ids.iter().map(|id| GlobalId::parse(id)).collect();
    let found = Found::read(session, &ids, &[]).await?;
    Ok(ids.iter().map(|id| found.node(id.as_ref()?)).collect())
}

/// The objects that these references belong to, each once, and only those that the viewer may see.
pub(super) async fn by_references(session: &Session, rows: &[ReferenceRow]) -> Result<Vec<Referenced>, Error> {
    let found = Found::read(session, &[], rows).await?;
    let mut seen = HashSet::new();
    let once = rows.iter().filter(|row| seen.insert(row.entity_id));
    Ok(once.filter_map(|row| found.referenced(row)).collect())
}

/// The object with this id, which can have external keys. `None` if it does not exist, cannot have external keys, or the
/// viewer may not see it.
pub(super) async fn referenced(session: &Session, id: ID) -> Result<Option<Referenced>, Error> {
    Ok(match find(session, &[id]).await?.pop().flatten() {
        Some(Node::Organization(node)) => Some(node.into()),
        Some(Node::Service(node)) => Some(node.into()),
        Some(Node::Outcome(node)) => Some(node.into()),
        Some(Node::ServiceOffering(node)) => Some(node.into()),
        Some(Node::ConfigurationItem(node)) => Some(node.into()),
        Some(Node::Thread(node)) => Some(node.into()),
        Some(Node::Message(node)) => Some(node.into()),
        _ => None,
    })
}

/// Queries by global id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id. Null if it does not exist or the viewer may not see it.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Nullable<Node> {
        nullable(find(ctx.data_unchecked(), &[id]).await.map(|mut nodes| nodes.pop().flatten()))
    }

    /// The objects with these ids, at most 200, in the order of the ids. An entry is null if the object does not exist
    /// or the viewer may not see it.
    #[graphql(complexity = "price::each(ids.len(), child_complexity)")]
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>, Error> {
        find(ctx.data_unchecked(), &ids).await
    }
}
