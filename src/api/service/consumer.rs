//! Service relationships: who consumes a service, and how.

use std::sync::Arc;

use async_graphql::{ID, Object};
use entente_entity::{enums::ContactRole, scalar::DateTime, service_consumer};

use crate::{
    api::{
        agreement::Agreement,
        organization::Organization,
        service::{
            Service,
            contact::{self, Contact},
            offering::ServiceOffering,
        },
        shared::{
            error::{Nullable, nullable},
            list::List,
            price,
        },
    },
    store::{Error, ReadAgreements, ReadServices},
};

/// A service relationship: one organization that consumes the service.
#[derive(Clone)]
pub struct ServiceConsumer {
    pub(in crate::api) service: Service,
    pub(in crate::api) row: Arc<service_consumer::Model>,
}

impl ServiceConsumer {
    async fn decision(&self, revision: Option<i32>) -> Result<Option<Agreement>, Error> {
        let (service, session) = (&self.service.0, self.service.0.session());
        let revision = match revision {
            None => Some(service.published().await?),
            Some(revision) => session.services().definition_at_revision(service.row.id, revision).await?,
        };
        let Some(revision) = revision else { return Ok(None) };
        let row = session.agreements().of_consumer(&revision, self.row.clone()).await?;
        Ok(row.map(|row| Agreement { service: self.service.clone(), row }))
    }
}

/// A service relationship: one organization that consumes the service.
#[Object]
impl ServiceConsumer {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The service.
    async fn service(&self) -> Service {
        self.service.clone()
    }

    /// The organization that consumes the service.
    async fn organization(&self) -> Result<Organization, Error> {
        self.service.0.consumer_organization(&self.row).await.map(Organization)
    }

    /// The offering that the consumer has chosen. Null if it has chosen none.
    async fn offering(&self) -> Option<ServiceOffering> {
        let key = self.row.offering.as_deref()?;
        let source = self.service.source();
        let index = source.terms().offerings.iter().position(|offering| offering.key.as_str() == key)?;
        Some(ServiceOffering { source, index })
    }

    /// The consumer's contacts, in the order in which they were given; with `role`, only those that have the role.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn contacts(&self, role: Option<ContactRole>) -> List<Contact> {
        contact::of(&self.row.contacts, role)
    }

    /// When the relationship began.
    async fn since(&self) -> DateTime {
        self.row.since
    }

    /// When the consumer confirmed the relationship: with its first decision or write of its own on the service. Within
    /// one tree of organizations the relationship is confirmed immediately, also if an organization joins the tree
    /// later. Null until then: the consumer sees the service, but cannot find anything by the provider's external keys.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.row.confirmed_at
    }

    /// The decision of the consumer on the revision with this number; default: on the published revision. Null if the
    /// revision does not exist, or if it is neither published nor proposed and the consumer did not decide on it.
    async fn agreement(&self, revision: Option<i32>) -> Nullable<Agreement> {
        nullable(self.decision(revision).await)
    }
}
