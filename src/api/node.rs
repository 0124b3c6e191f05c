//! Anything, by its global id.

use async_graphql::{Context, ID, Interface, Object};
use entente_entity::{
    enums::{ElementKind, ReferencedKind},
    id::{ConsumerId, DefinitionId, ElementId, ItemId, OrganizationId, ReferenceId, ServiceId, parse_typeid},
};

use crate::{
    api::{
        benefit::Benefit,
        configuration_item::ConfigurationItem,
        cost::Cost,
        definition::Definition,
        element::{self, DefinitionElement, FrozenId},
        expectation::Expectation,
        external_reference::{ExternalReference, Referenced},
        indicator::Indicator,
        journey_stage::JourneyStage,
        organization::Organization,
        outcome::Outcome,
        risk::Risk,
        service::{self, Service},
        service_consumer::ServiceConsumer,
        service_offering::ServiceOffering,
    },
    store::{Error, Session},
};

/// Global object identification. `id` is an opaque, stable TypeID: `service_01jd…`, `outcome_01jd…`.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global, and stable."))]
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
    /// Another system's key.
    ExternalReference(ExternalReference),
    /// A configuration item.
    ConfigurationItem(ConfigurationItem),
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

/// The thing with this id; `None` where there is none that the viewer may see.
async fn find(session: &Session, id: &str) -> Result<Option<Node>, Error> {
    if let Some((kind, frozen)) = FrozenId::parse(id) {
        return Ok(frozen_element(session, kind, frozen).await?.map(Node::from));
    }
    let Some((prefix, uuid)) = parse_typeid(id) else { return Ok(None) };
    match prefix.as_str() {
        OrganizationId::PREFIX => {
            Ok(session.organization_by_id(OrganizationId(uuid)).await?.map(Organization).map(Node::from))
        }
        ServiceId::PREFIX => Ok(session.service_by_id(ServiceId(uuid)).await?.map(Service).map(Node::from)),
        DefinitionId::PREFIX => Ok(definition(session, DefinitionId(uuid)).await?.map(Node::from)),
        ConsumerId::PREFIX => {
            let found = session.consumer_by_id(ConsumerId(uuid)).await?;
            Ok(found.map(|(service, row)| ServiceConsumer { service: Service(service), row }.into()))
        }
        ItemId::PREFIX => {
            Ok(session.items_by_ids(vec![ItemId(uuid)]).await?.pop().map(ConfigurationItem).map(Node::from))
        }
        ReferenceId::PREFIX => Ok(reference(session, ReferenceId(uuid)).await?.map(Node::from)),
        prefix => match ElementKind::ALL.iter().find(|kind| kind.prefix() == prefix) {
            Some(kind) => Ok(published_element(session, *kind, ElementId(uuid)).await?.map(Node::from)),
            None => Ok(None),
        },
    }
}

async fn definition(session: &Session, id: DefinitionId) -> Result<Option<Definition>, Error> {
    let Some(row) = session.definition_by_id(id).await? else { return Ok(None) };
    let service = session.service_by_id(row.service_id).await?;
    Ok(service.map(|service| Definition { service: Service(service), row }))
}

async fn published_element(
    session: &Session,
    kind: ElementKind,
    id: ElementId,
) -> Result<Option<DefinitionElement>, Error> {
    let Some((service, row)) = session.element_service(id).await? else { return Ok(None) };
    Ok(service::element_of(&Service(service), kind, row.id))
}

async fn frozen_element(
    session: &Session,
    kind: ElementKind,
    id: FrozenId<'_>,
) -> Result<Option<DefinitionElement>, Error> {
    let Some(definition) = definition(session, id.definition).await? else { return Ok(None) };
    let source = definition.source().await?;
    Ok(element::find(&source, |found, _, key| found == kind && key == id.key))
}

async fn reference(session: &Session, id: ReferenceId) -> Result<Option<ExternalReference>, Error> {
    let Some(row) = session.reference_by_id(id).await? else { return Ok(None) };
    let entity = referenced(session, row.entity_kind, row.entity_id).await?;
    Ok(entity.map(|entity| ExternalReference { row, entity }))
}

/// What kind of thing an id with this prefix names, if other systems may have keys for it.
pub(super) fn referenced_kind(prefix: &str) -> Option<ReferencedKind> {
    match prefix {
        OrganizationId::PREFIX => Some(ReferencedKind::Organization),
        ServiceId::PREFIX => Some(ReferencedKind::Service),
        ItemId::PREFIX => Some(ReferencedKind::ConfigurationItem),
        _ => ElementKind::ALL.iter().any(|kind| kind.prefix() == prefix).then_some(ReferencedKind::Element),
    }
}

/// A thing that has keys, if the viewer may see it.
pub(super) async fn referenced(
    session: &Session,
    kind: ReferencedKind,
    id: uuid::Uuid,
) -> Result<Option<Referenced>, Error> {
    Ok(match kind {
        ReferencedKind::Organization => {
            session.organization_by_id(OrganizationId(id)).await?.map(|row| Referenced::Organization(Organization(row)))
        }
        ReferencedKind::Service => {
            session.service_by_id(ServiceId(id)).await?.map(|row| Referenced::Service(Service(row)))
        }
        ReferencedKind::Element => {
            let id = ElementId(id);
            let found = session.element_service(id).await?;
            found.and_then(|(service, element)| match service::element_of(&Service(service), element.kind, id)? {
                DefinitionElement::Outcome(node) => Some(Referenced::Outcome(node)),
                DefinitionElement::ServiceOffering(node) => Some(Referenced::ServiceOffering(node)),
                _ => None,
            })
        }
        ReferencedKind::ConfigurationItem => {
            let item = session.items_by_ids(vec![ItemId(id)]).await?.pop();
            item.map(|row| Referenced::ConfigurationItem(ConfigurationItem(row)))
        }
    })
}

/// Questions about anything.
#[derive(Default)]
pub struct NodeQuery;

/// So many ids may be asked for at once.
const IDS: usize = 200;

#[Object]
impl NodeQuery {
    /// The thing with this id; null where there is none that the viewer may see.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>, Error> {
        let session = ctx.data_unchecked::<Session>();
        session.viewer()?;
        find(session, &id).await
    }

    /// The things with these ids, 200 at most, in their order; null where there is none that the viewer may see.
    #[graphql(complexity = "ids.len() * child_complexity + 1")]
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>, Error> {
        let session = ctx.data_unchecked::<Session>();
        session.viewer()?;
        if ids.len() > IDS {
            return Err(Error::BadRequest(format!("`ids` has {} entries; {IDS} at most are allowed", ids.len())));
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(find(session, id).await?);
        }
        Ok(nodes)
    }
}
