//! Who may see a change of what: each kind of thing with its audience.

use entente_entity::{
    agreement,
    change::Audience,
    configuration_item,
    enums::{ChangeEntityType, ElementKind, ReferencedKind, Visibility},
    external_reference,
    id::{ConsumerId, DefinitionId, ElementId, OrganizationId, ServiceId, ThreadId},
    message, thread,
};
use uuid::Uuid;

/// The thing that a change is about, and who may see the change. See the columns of the same names in [`entente_entity::change::Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The kind of the thing.
    pub entity_type: ChangeEntityType,
    /// The id of the thing.
    pub entity_id: Uuid,
    /// The service that it is or belongs to.
    pub service_id: Option<ServiceId>,
    /// The thread that it is or belongs to.
    pub thread_id: Option<ThreadId>,
    /// The organization that it is or belongs to.
    pub organization_id: Option<OrganizationId>,
    /// The organization that it names.
    pub partner_id: Option<OrganizationId>,
    /// Who may see the change.
    pub audience: Audience,
}

impl Changed {
    fn new(entity_type: ChangeEntityType, entity_id: Uuid, audience: Audience) -> Self {
        Self {
            entity_type,
            entity_id,
            service_id: None,
            thread_id: None,
            organization_id: None,
            partner_id: None,
            audience,
        }
    }

    fn of_service(entity_type: ChangeEntityType, entity_id: Uuid, service: ServiceId) -> Self {
        Self { service_id: Some(service), ..Self::new(entity_type, entity_id, Audience::Service) }
    }

    /// An organization.
    pub fn organization(id: OrganizationId) -> Self {
        let changed = Self::new(ChangeEntityType::Organization, id.0, Audience::Organization);
        Self { organization_id: Some(id), ..changed }
    }

    /// A service.
    pub fn service(id: ServiceId) -> Self {
        Self::of_service(ChangeEntityType::Service, id.0, id)
    }

    /// A published revision of the terms of a service.
    pub fn definition(service: ServiceId, id: DefinitionId) -> Self {
        Self::of_service(ChangeEntityType::Definition, id.0, service)
    }

    /// An element of the published terms of a service.
    pub fn element(service: ServiceId, kind: ElementKind, id: ElementId) -> Self {
        Self::of_service(kind.entity_type(), id.0, service)
    }

    /// The escalation policy of a service, or of one of its offerings.
    pub fn escalation_policy(service: ServiceId, offering: Option<ElementId>) -> Self {
        Self::of_service(ChangeEntityType::EscalationPolicy, offering.map_or(service.0, |id| id.0), service)
    }

    /// The configuration items of a service or of an outcome. They are a change of their own, for others see the rest of it.
    #[must_use]
    pub fn items(self) -> Self {
        Self { audience: Audience::Items, ..self }
    }

    /// A service relationship. Other consumers do not see it.
    pub fn consumer(service: ServiceId, organization: OrganizationId, id: ConsumerId) -> Self {
        let changed = Self::of_service(ChangeEntityType::Consumer, id.0, service);
        Self { organization_id: Some(organization), audience: Audience::Consumer, ..changed }
    }

    /// A measurement of an indicator, by an actor of this organization. All parties of the service see what its provider recorded; no
    /// consumer sees what another consumer recorded.
    pub fn measurement(
        service: ServiceId,
        provider: OrganizationId,
        by: Option<OrganizationId>,
        indicator: ElementId,
    ) -> Self {
        let changed = Self::of_service(ChangeEntityType::Measurement, indicator.0, service);
        match by.filter(|by| *by != provider) {
            None => changed,
            Some(by) => Self { organization_id: Some(by), audience: Audience::Consumer, ..changed },
        }
    }

    /// The decision of a consumer on a revision. Other consumers do not see it.
    pub fn agreement(row: &agreement::Model) -> Self {
        let changed = Self::of_service(ChangeEntityType::Agreement, row.definition_id.0, row.service_id);
        Self { organization_id: Some(row.organization_id), audience: Audience::Consumer, ..changed }
    }

    /// A configuration item.
    pub fn item(row: &configuration_item::Model) -> Self {
        let changed = Self::new(ChangeEntityType::ConfigurationItem, row.id.0, Audience::Items);
        Self { organization_id: Some(row.organization_id), ..changed }
    }

    /// A thread.
    pub fn thread(row: &thread::Model) -> Self {
        Self {
            service_id: Some(row.service_id),
            thread_id: Some(row.id),
            organization_id: Some(row.consumer_id),
            ..Self::new(ChangeEntityType::Thread, row.id.0, Audience::Thread)
        }
    }

    /// A message of a thread.
    pub fn message(of: &thread::Model, row: &message::Model) -> Self {
        Self {
            entity_type: ChangeEntityType::Message,
            entity_id: row.id.0,
            audience: audience_of(row),
            ..Self::thread(of)
        }
    }

    /// A key of a thread, or of one of its messages. Both parties see it, whoever linked it.
    pub fn reference_of_thread(
        of: &thread::Model,
        message: Option<&message::Model>,
        row: &external_reference::Model,
    ) -> Self {
        Self {
            entity_type: ChangeEntityType::ExternalReference,
            entity_id: row.id.0,
            audience: message.map_or(Audience::Thread, audience_of),
            ..Self::thread(of)
        }
    }

    /// A key of something else than a thread. `provider`: who provides the service that the key is about; `None` if it is about none. All
    /// parties of a service see the keys of its provider; no consumer sees those of another consumer.
    pub fn reference(provider: Option<OrganizationId>, row: &external_reference::Model) -> Self {
        let owner = row.organization_id;
        let (audience, partner) = match row.entity_kind {
            ReferencedKind::Service | ReferencedKind::Element if provider == Some(owner) => (Audience::Service, None),
            ReferencedKind::Service | ReferencedKind::Element => (Audience::Consumer, None),
            ReferencedKind::ConfigurationItem => (Audience::Items, None),
            ReferencedKind::Organization => (Audience::Partners, Some(OrganizationId(row.entity_id))),
            // Without the thread, the consumer is not known.
            ReferencedKind::Thread | ReferencedKind::Message => (Audience::Internal, None),
        };
        Self {
            service_id: row.service_id,
            organization_id: Some(owner),
            partner_id: partner.filter(|named| *named != owner),
            ..Self::new(ChangeEntityType::ExternalReference, row.id.0, audience)
        }
    }
}

fn audience_of(message: &message::Model) -> Audience {
    match message.visibility {
        Visibility::Shared => Audience::Thread,
        Visibility::Internal => Audience::Internal,
    }
}
