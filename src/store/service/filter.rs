//! Filtered lists of services: of all that the viewer sees, or of those of one organization.

use entente_entity::{id::OrganizationId, service};
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter, Select, sea_query::ExprTrait};

use super::{
    ReadServices, Services,
    of_organizations::{CountsOfOrganizations, PagesOfOrganizations, Part},
    related::ServiceRow,
};
use crate::{
    definition::{filter::ServiceFilter, order::ServiceOrder},
    search::SearchWords,
    store::{
        db::error::Error,
        index::dialect::says,
        organization::ReadOrganizations,
        read::{
            page::{Page, Window},
            session::Session,
        },
    },
};

/// A list of services.
#[derive(Clone)]
pub struct ServiceList {
    session: Session,
    /// The organization, and its role; `None`: all services that the viewer sees.
    of: Option<(OrganizationId, Part)>,
    /// `None` if the filter names something that the viewer does not see: then the list is empty.
    filter: Option<Resolved>,
}

/// A filter with the words of its text, and with the ids of its keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct Resolved {
    filter: ServiceFilter,
    text: Option<SearchWords>,
    provider: Option<OrganizationId>,
    consumer: Option<OrganizationId>,
}

impl Services<'_> {
    /// The list of services that the viewer sees and that match a filter; of one organization if `of` is given.
    /// BAD_REQUEST for a text that cannot be searched, and for a key with several organizations.
    pub async fn list(self, of: Option<(OrganizationId, Part)>, filter: ServiceFilter) -> Result<ServiceList, Error> {
        Ok(ServiceList { session: Session::clone(&self), of, filter: self.resolved(filter).await? })
    }

    async fn resolved(self, filter: ServiceFilter) -> Result<Option<Resolved>, Error> {
        let text = filter.text.as_deref().map(SearchWords::parse).transpose()?;
        let [mut provider, mut consumer] = [None; 2];
        for (key, id) in [(&filter.provider, &mut provider), (&filter.consumer, &mut consumer)] {
            let Some(key) = key else { continue };
            match self.organizations().by_key(key).await? {
                Some(row) => *id = Some(row.id),
                None => return Ok(None),
            }
        }
        Ok(Some(Resolved { filter, text, provider, consumer }))
    }

    /// The services that the viewer sees and that match a filter.
    pub(in crate::store) fn matching(self, resolved: &Resolved) -> Result<Select<service::Entity>, Error> {
        let Resolved { filter, text, provider, consumer } = resolved;
        let ServiceFilter { lifecycle, provider: _, consumer: _, alignment, awaiting_decision, text: _, updated_since } =
            filter;
        let mut matches = Condition::all();
        if let Some(lifecycle) = lifecycle {
            matches = matches.add(service::Column::Lifecycle.is_in(lifecycle.iter().copied()));
        }
        if let Some(states) = alignment {
            matches = matches.add(self.viewer()?.alignment_is_in(states));
        }
        if let Some(provider) = provider {
            matches = matches.add(service::Column::ProviderId.eq(*provider));
        }
        if let Some(consumer) = consumer {
            matches = matches.add(self.consumed(*consumer)?);
        }
        if let Some(awaiting) = awaiting_decision {
            let asked = self.viewer()?.is_asked_to_decide();
            matches = matches.add(if *awaiting { asked } else { asked.not() });
        }
        for word in text.iter().flat_map(SearchWords::words) {
            matches = matches.add(says(self.read().backend(), word));
        }
        if let Some(since) = updated_since {
            // `updated_at` is not before any change that the viewer sees, and it has an index.
            matches = matches.add(service::Column::UpdatedAt.gte(*since)).add(self.changed_at()?.gte(*since));
        }
        Ok(self.seen()?.filter(matches))
    }
}

impl ServiceList {
    /// A page of the list.
    pub async fn page(&self, order: ServiceOrder, window: &Window) -> Result<Page<ServiceRow>, Error> {
        let Some(filter) = &self.filter else { return Ok(window.page(Vec::new())) };
        let services = self.session.services();
        if let Some((organization, part)) = self.of {
            let pages = PagesOfOrganizations { part, filter: filter.clone(), order, window: window.clone() };
            let page = services.load(pages, organization).await?;
            return Ok(page.unwrap_or_else(|| window.page(Vec::new())));
        }
        let (column, id) = (services.ordered_by(order)?, service::Column::Id.into_expr());
        let query = window.cut(services.matching(filter)?, &order.into(), column, id)?;
        let page = window.page(self.session.organizations().all_with_party(query, service::Column::ProviderId).await?);
        Ok(Page { rows: services.batch(page.rows).await?, has_next: page.has_next, has_previous: page.has_previous })
    }

    /// The number of services in the list.
    pub async fn count(&self) -> Result<u64, Error> {
        let Some(filter) = &self.filter else { return Ok(0) };
        let services = self.session.services();
        match self.of {
            Some((organization, part)) => {
                let counts = CountsOfOrganizations { part, filter: filter.clone() };
                Ok(services.load(counts, organization).await?.unwrap_or_default())
            }
            None => Ok(services.matching(filter)?.count(self.session.read()).await?),
        }
    }
}
