//! Services, as far as the viewer sees them: one, or a page of a filtered and ordered list.

use std::collections::HashMap;

use entente_entity::{
    element,
    enums::{ReferencedKind, ServiceLifecycle},
    id::{ElementId, OrganizationId, ServiceId},
    scalar::DateTime,
    service, service_consumer,
};
use futures_util::future::try_join_all;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IdenStatic, Iterable, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use super::{ReadServices, Services, related::ServiceRow};
use crate::{
    definition::{
        document::ServiceKey,
        limits::is_key,
        order::{OrderDirection, ServiceOrder, ServiceOrderField},
    },
    search::Wanted,
    store::{
        db::error::Error,
        index::dialect::says,
        organization::ReadOrganizations,
        read::{
            batch::{Found, Relation},
            page::{By, Order, Page, Window},
            session::Session,
        },
        reference::read::named,
    },
};

/// Which services are wanted. All of it must hold; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ServicesWanted {
    /// In one of these stages of the portfolio.
    pub lifecycle: Option<Vec<ServiceLifecycle>>,
    /// Provided by this organization.
    pub provider: Option<OrganizationId>,
    /// Consumed by this organization, as far as the viewer sees it.
    pub consumer: Option<OrganizationId>,
    /// Whether they wait for the viewer's organization to decide on their published terms.
    pub awaiting_decision: Option<bool>,
    /// Every word of this, or one that it begins, is in their definitions, in some language.
    pub text: Option<Wanted>,
    /// Something that the viewer sees of them changed at this instant or later.
    pub updated_since: Option<DateTime>,
}

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
    /// Services as the viewer is shown them: they changed when something changed that it sees.
    pub(in crate::store) fn shown(self) -> Result<Select<service::Entity>, Error> {
        let (all, updated) = (service::Entity::find(), service::Column::UpdatedAt);
        let Some(changed_at) = self.viewer()?.service_changed_at() else { return Ok(all) };
        let others = service::Column::iter().filter(|column| !matches!(column, service::Column::UpdatedAt));
        Ok(all.select_only().columns(others).column_as(changed_at, updated.as_str()))
    }

    /// The services that the viewer sees.
    fn seen(self) -> Result<Select<service::Entity>, Error> {
        Ok(self.shown()?.filter(self.viewer()?.sees_services()?))
    }

    /// The services that the viewer sees, to find a row or two of them.
    fn seen_of_few(self) -> Result<Select<service::Entity>, Error> {
        Ok(self.shown()?.filter(self.viewer()?.sees_found_services()?))
    }

    /// The ids of the services that the viewer sees, for a condition on what belongs to them.
    pub(in crate::store) fn ids_seen(self) -> Result<SelectStatement, Error> {
        Ok(self.seen()?.select_only().column(service::Column::Id).into_query())
    }

    /// What a list of services is ordered by.
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

    /// As [`Services::by_ids`], together with those for which others ask.
    pub(in crate::store) async fn asked_for(
        self,
        ids: impl Iterator<Item = ServiceId>,
    ) -> Result<HashMap<ServiceId, ServiceRow>, Error> {
        let rows = try_join_all(ids.map(|id| self.load(Seen, id))).await?;
        Ok(rows.into_iter().flatten().map(|row| (row.row.id, row)).collect())
    }

    /// The service that a key names.
    pub async fn by_key(self, by: &ServiceKey) -> Result<Option<ServiceRow>, Error> {
        self.load(Called, by.clone()).await
    }

    async fn called(self, by: &ServiceKey) -> Result<Option<ServiceRow>, Error> {
        match by {
            ServiceKey::Id(id) => match ServiceId::parse(id) {
                Some(id) => self.by_id(id).await,
                None => {
                    // A stranger learns no more from a malformed id than from one that names nothing.
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

    /// A page of the services that are wanted.
    pub async fn page(
        self,
        wanted: &ServicesWanted,
        order: ServiceOrder,
        window: &Window,
    ) -> Result<Page<ServiceRow>, Error> {
        let (column, id) = (self.ordered_by(order)?, service::Column::Id.into_expr());
        let query = window.cut(self.wanted(wanted)?, &order.into(), column, id)?;
        let page = window.page(self.organizations().all_with_party(query, service::Column::ProviderId).await?);
        Ok(Page { rows: self.batch(page.rows).await?, has_next: page.has_next, has_previous: page.has_previous })
    }

    /// How many services are wanted.
    pub async fn count(self, wanted: &ServicesWanted) -> Result<u64, Error> {
        Ok(self.wanted(wanted)?.count(self.read()).await?)
    }

    pub(in crate::store) fn wanted(self, wanted: &ServicesWanted) -> Result<Select<service::Entity>, Error> {
        let ServicesWanted { lifecycle, provider, consumer, awaiting_decision, text, updated_since } = wanted;
        let mut filter = Condition::all();
        if let Some(lifecycle) = lifecycle {
            filter = filter.add(service::Column::Lifecycle.is_in(lifecycle.iter().copied()));
        }
        if let Some(provider) = provider {
            filter = filter.add(service::Column::ProviderId.eq(*provider));
        }
        if let Some(consumer) = consumer {
            filter = filter.add(self.consumed(*consumer)?);
        }
        if let Some(awaiting) = awaiting_decision {
            // Nobody has decided yet: whoever consumes a service is asked.
            let asked = match self.viewer()?.organization {
                Some(own) => self.consumed(own)?,
                None => Expr::val(1).eq(0),
            };
            filter = filter.add(if *awaiting { asked } else { asked.not() });
        }
        for word in text.iter().flat_map(Wanted::words) {
            filter = filter.add(says(self.read().backend(), word));
        }
        if let Some(since) = updated_since {
            // Nothing that the viewer sees changed later than anything did: that has an index.
            filter = filter.add(service::Column::UpdatedAt.gte(*since)).add(self.changed_at()?.gte(*since));
        }
        Ok(self.seen()?.filter(filter))
    }

    fn changed_at(self) -> Result<Expr, Error> {
        Ok(self.viewer()?.service_changed_at().unwrap_or_else(|| service::Column::UpdatedAt.into_expr()))
    }

    fn consumed(self, by: OrganizationId) -> Result<Expr, Error> {
        Ok(consumed(self.viewer()?.sees_consumers(), Expr::val(by)))
    }

    async fn found(self, query: Select<service::Entity>) -> Result<Vec<ServiceRow>, Error> {
        self.batch(self.organizations().all_with_party(query, service::Column::ProviderId).await?).await
    }
}

/// On `service`: whether an organization consumes it, by relationships that the viewer sees.
pub(in crate::store) fn consumed(sees: Condition, by: Expr) -> Expr {
    let relationships = service_consumer::Entity::find()
        .select_only()
        .column(service_consumer::Column::ServiceId)
        .filter(service_consumer::Column::OrganizationId.into_expr().eq(by))
        .filter(sees);
    service::Column::Id.in_subquery(relationships.into_query())
}

/// Services by their keys, which stand in the request: there are not more of them in a longer list.
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
