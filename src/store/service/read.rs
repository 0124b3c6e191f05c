//! Reads services by id and by key, as far as the viewer sees them. The orders of lists of services.

use std::collections::HashMap;

use entente_entity::{
    element,
    enums::ReferencedKind,
    id::{ElementId, OrganizationId, ServiceId},
    service, service_consumer,
};
use futures_util::future::try_join_all;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IdenStatic, Iterable, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use super::{ReadServices, Services, related::ServiceRow};
use crate::{
    definition::{
        document::ServiceKey,
        limits::is_key,
        order::{OrderDirection, ServiceOrder, ServiceOrderField},
    },
    store::{
        db::error::Error,
        organization::ReadOrganizations,
        read::{
            batch::{Found, Relation},
            page::{By, Order},
            session::Session,
        },
        reference::read::named,
    },
};

impl From<ServiceOrder> for Order<ServiceRow> {
    fn from(ServiceOrder { field, direction }: ServiceOrder) -> Self {
        let (list, by): (_, By<ServiceRow>) = match field {
            ServiceOrderField::Name => ("services by name", By::Text(|it| &it.row.sort_name)),
            ServiceOrderField::CreatedAt => ("services by createdAt", By::Instant(|it| it.row.created_at)),
            ServiceOrderField::UpdatedAt => ("services by updatedAt", By::Instant(|it| it.row.updated_at)),
        };
        Self { list, by, id: |it| it.row.id.0, descending: direction == OrderDirection::Desc }
    }
}

impl Services<'_> {
    /// All services, with the instant of the last change that the viewer sees as `updated_at`.
    pub(in crate::store) fn shown(self) -> Result<Select<service::Entity>, Error> {
        let (all, updated) = (service::Entity::find(), service::Column::UpdatedAt);
        let Some(changed_at) = self.viewer()?.service_changed_at() else { return Ok(all) };
        let others = service::Column::iter().filter(|column| !matches!(column, service::Column::UpdatedAt));
        Ok(all.select_only().columns(others).column_as(changed_at, updated.as_str()))
    }

    /// The services that the viewer sees.
    pub(super) fn seen(self) -> Result<Select<service::Entity>, Error> {
        Ok(self.shown()?.filter(self.viewer()?.sees_services()?))
    }

    /// The services that the viewer sees, with a condition that is fast for few rows.
    pub(super) fn seen_of_few(self) -> Result<Select<service::Entity>, Error> {
        Ok(self.shown()?.filter(self.viewer()?.sees_found_services()?))
    }

    /// The ids of the services that the viewer sees, as a subquery.
    pub(in crate::store) fn ids_seen(self) -> Result<SelectStatement, Error> {
        Ok(self.seen()?.select_only().column(service::Column::Id).into_query())
    }

    /// The sort key of a list of services.
    pub(in crate::store) fn ordered_by(self, order: ServiceOrder) -> Result<Expr, Error> {
        Ok(match order.field {
            ServiceOrderField::Name => service::Column::SortName.into_expr(),
            ServiceOrderField::CreatedAt => service::Column::CreatedAt.into_expr(),
            ServiceOrderField::UpdatedAt => self.changed_at()?,
        })
    }

    /// The service with this id.
    pub async fn by_id(self, id: ServiceId) -> Result<Option<ServiceRow>, Error> {
        Ok(self.by_ids(vec![id]).await?.remove(&id))
    }

    /// The services with these ids that the viewer sees.
    pub async fn by_ids(self, ids: Vec<ServiceId>) -> Result<HashMap<ServiceId, ServiceRow>, Error> {
        let rows = self.found(self.seen_of_few()?.filter(service::Column::Id.is_in(ids))).await?;
        Ok(rows.into_iter().map(|row| (row.row.id, row)).collect())
    }

    /// As [`Services::by_ids`], but reads at the end of the round.
    pub(in crate::store) async fn asked_for(
        self,
        ids: impl Iterator<Item = ServiceId>,
    ) -> Result<HashMap<ServiceId, ServiceRow>, Error> {
        let rows = try_join_all(ids.map(|id| self.load(Seen, id))).await?;
        Ok(rows.into_iter().flatten().map(|row| (row.row.id, row)).collect())
    }

    /// The service with this key.
    pub async fn by_key(self, by: &ServiceKey) -> Result<Option<ServiceRow>, Error> {
        self.load(Called, by.clone()).await
    }

    async fn called(self, by: &ServiceKey) -> Result<Option<ServiceRow>, Error> {
        match by {
            ServiceKey::Id(id) => match ServiceId::parse(id) {
                Some(id) => self.by_id(id).await,
                None => {
                    // The errors of the viewer are the same for an invalid and for an unknown id.
                    self.viewer()?.sees_services()?;
                    Ok(None)
                }
            },
            ServiceKey::Slug(slug) if !is_key(slug) => {
                self.viewer()?.sees_services()?;
                Ok(None)
            }
            ServiceKey::Slug(slug) => {
                Ok(self.found(self.seen_of_few()?.filter(service::Column::Slug.eq(slug))).await?.pop())
            }
            ServiceKey::Ref(key) => {
                let (viewer, seen) = (self.viewer()?, self.seen_of_few()?);
                let row = named(self.read(), viewer, seen, service::Column::Id, key, ReferencedKind::Service).await?;
                Ok(self.batch(row.into_iter().collect()).await?.pop())
            }
        }
    }

    /// The elements with these ids that are in the published terms of services that the viewer sees.
    pub async fn elements_by_ids(self, ids: Vec<ElementId>) -> Result<HashMap<ElementId, element::Model>, Error> {
        let rows = element::Entity::find()
            .filter(element::Column::Id.is_in(ids))
            .filter(element::Column::GoneIn.is_null())
            .filter(element::Column::ServiceId.in_subquery(self.ids_seen()?))
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The instant of the last change that the viewer sees.
    pub(super) fn changed_at(self) -> Result<Expr, Error> {
        Ok(self.viewer()?.service_changed_at().unwrap_or_else(|| service::Column::UpdatedAt.into_expr()))
    }

    /// The condition that this organization consumes a service, by relationships that the viewer sees.
    pub(super) fn consumed(self, by: OrganizationId) -> Result<Expr, Error> {
        Ok(consumed(self.viewer()?.sees_consumers(), Expr::val(by)))
    }

    async fn found(self, query: Select<service::Entity>) -> Result<Vec<ServiceRow>, Error> {
        self.batch(self.organizations().all_with_party(query, service::Column::ProviderId).await?).await
    }
}

/// A condition on `service`: an organization consumes it, by relationships that match `sees`.
pub(in crate::store) fn consumed(sees: Condition, by: Expr) -> Expr {
    let relationships = service_consumer::Entity::find()
        .select_only()
        .column(service_consumer::Column::ServiceId)
        .filter(service_consumer::Column::OrganizationId.into_expr().eq(by))
        .filter(sees);
    service::Column::Id.in_subquery(relationships.into_query())
}

/// Services by keys in the query. Their number does not depend on the length of lists, so several statements are
/// acceptable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Called;

impl Relation for Called {
    type Key = ServiceKey;
    type Value = ServiceRow;

    async fn read(&self, session: &Session, keys: Vec<ServiceKey>) -> Found<Self> {
        let mut found = HashMap::new();
        for key in keys {
            if let Some(row) = session.services().called(&key).await? {
                found.insert(key, row);
            }
        }
        Ok(found)
    }
}

/// Services that the viewer sees, by their ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Seen;

impl Relation for Seen {
    type Key = ServiceId;
    type Value = ServiceRow;

    async fn read(&self, session: &Session, ids: Vec<ServiceId>) -> Found<Self> {
        session.services().by_ids(ids).await
    }
}
