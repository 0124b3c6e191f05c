//! The services that each of several organizations provides or consumes.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    id::{OrganizationId, ServiceId},
    service,
};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter};

use super::{ReadServices, Services, filter::Resolved, read::consumed, related::ServiceRow};
use crate::{
    definition::order::ServiceOrder,
    store::{
        db::{error::Error, parts::in_parts},
        organization::ReadOrganizations,
        read::{
            batch::{Found, Relation},
            first_per_group::Groups,
            page::{Page, Window},
            session::Session,
        },
    },
};

/// The role of an organization for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// It provides them.
    Provider,
    /// It consumes them, as far as the viewer sees that.
    Consumer,
}

impl Services<'_> {
    fn groups_of(self, part: Part, filter: &Resolved) -> Result<Groups<service::Entity>, Error> {
        let (rows, id) = (self.matching(filter)?, service::Column::Id);
        let sees = self.viewer()?.sees_consumers();
        Ok(match part {
            Part::Provider => Groups::by(rows, service::Column::ProviderId, id),
            Part::Consumer => Groups { rows, belongs: Box::new(move |by| consumed(sees.clone(), by)), id },
        })
    }
}

/// A service in a list.
#[derive(FromQueryResult)]
struct Listed {
    id: ServiceId,
}

/// A page of the services of each organization that match a filter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PagesOfOrganizations {
    pub(super) part: Part,
    pub(super) filter: Resolved,
    pub(super) order: ServiceOrder,
    pub(super) window: Window,
}

impl Relation for PagesOfOrganizations {
    type Key = OrganizationId;
    type Value = Page<ServiceRow>;

    async fn read(&self, session: &Session, organizations: Vec<OrganizationId>) -> Found<Self> {
        let Self { part, filter, order, window } = self;
        let by = (&(*order).into(), session.services().ordered_by(*order)?);
        let groups = session.services().groups_of(*part, filter)?;
        // Only the ids; the rows are read below, as the viewer sees them.
        let id = vec![service::Column::Id];
        let pages = groups.pages_of::<Listed, _, ServiceRow>(id, organizations, by, window, session).await?;
        let ids: HashSet<ServiceId> = pages.values().flat_map(|page| &page.rows).map(|row| row.id).collect();
        let mut rows = Vec::new();
        for some in in_parts(ids) {
            let some = session.services().shown()?.filter(service::Column::Id.is_in(some));
            rows.extend(session.organizations().all_with_party(some, service::Column::ProviderId).await?);
        }
        // One batch of all services, so that their related data is read together. A service may be in several lists.
        let services = session.services().batch(rows).await?;
        let services: HashMap<ServiceId, ServiceRow> = services.into_iter().map(|row| (row.row.id, row)).collect();
        let page = |page: Page<Listed>| page.filter_map(|row| services.get(&row.id).cloned());
        Ok(pages.into_iter().map(|(id, rows)| (id, page(rows))).collect())
    }
}

/// The number of services of each organization that match a filter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct CountsOfOrganizations {
    pub(super) part: Part,
    pub(super) filter: Resolved,
}

impl Relation for CountsOfOrganizations {
    type Key = OrganizationId;
    type Value = u64;

    async fn read(&self, session: &Session, organizations: Vec<OrganizationId>) -> Found<Self> {
        session.services().groups_of(self.part, &self.filter)?.counts(organizations, session).await
    }
}
