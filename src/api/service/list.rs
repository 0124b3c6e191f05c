//! Services: one by key, and lists of them.

use async_graphql::{Context, InputObject, Object};
use entente_entity::{enums::ServiceLifecycle, id::OrganizationId, scalar::DateTime};

use crate::{
    api::{
        service::{Service, ServiceConnection},
        shared::{
            connection::{Count, Slice, count},
            error::{Nullable, nullable},
            price,
        },
    },
    definition::{
        document::{OrganizationKey, ServiceKey},
        order::ServiceOrder,
    },
    search::Wanted,
    store::{
        Error, Part, ReadOrganizations, ReadServices, ServiceRow, ServicesWanted, Session,
        page::{Order, Page, Window},
    },
};

/// A filter for services. A service must match all fields that are given.
#[derive(Default, InputObject)]
pub struct ServiceFilter {
    /// Only services in one of these stages of the service portfolio.
    lifecycle: Option<Vec<ServiceLifecycle>>,
    /// Only services that this organization provides.
    provider: Option<OrganizationKey>,
    /// Only services that this organization consumes, if the viewer may see that.
    consumer: Option<OrganizationKey>,
    /// True: only services on which the viewer's organization has not yet decided (agree or object). False: only the
    /// others.
    awaiting_decision: Option<bool>,
    /// Only services that contain every word, in one of their languages: in the slug, or in the texts that `search`
    /// searches. A word matches as a whole or as the beginning of a longer word; case and accents are ignored. At most
    /// 200 characters and 32 words.
    text: Option<String>,
    /// Only services in which something that the viewer may see changed at this instant or later. To read changes
    /// incrementally, pass the `settledAt` of the previous request, not the greatest `updatedAt` that you received.
    updated_since: Option<DateTime>,
}

impl ServiceFilter {
    /// What the filter asks of the store; `None` where it names an organization that the viewer may not see, so that
    /// nothing fits it.
    async fn wanted(self, session: &Session) -> Result<Option<ServicesWanted>, Error> {
        let Self { lifecycle, provider, consumer, awaiting_decision, text, updated_since } = self;
        let text = text.map(|text| Wanted::parse(&text)).transpose()?;
        let mut wanted =
            ServicesWanted { lifecycle, awaiting_decision, text, updated_since, ..ServicesWanted::default() };
        for (key, slot) in [(provider, &mut wanted.provider), (consumer, &mut wanted.consumer)] {
            let Some(key) = key else { continue };
            match session.organizations().by_key(&key).await? {
                Some(row) => *slot = Some(row.id),
                None => return Ok(None),
            }
        }
        Ok(Some(wanted))
    }
}

/// A page of services.
async fn list(
    session: &Session,
    filter: Option<ServiceFilter>,
    order: Option<ServiceOrder>,
    window: Window,
) -> Result<ServiceConnection, Error> {
    let order = order.unwrap_or_default();
    let wanted = filter.unwrap_or_default().wanted(session).await?;
    let page = match &wanted {
        None => window.page(Vec::new()),
        Some(wanted) => session.services().page(wanted, order, &window).await?,
    };
    let session = session.clone();
    let count = count!(session, wanted => match &wanted {
        None => Ok(0),
        Some(wanted) => session.services().count(wanted).await,
    });
    Ok(connection(page, order, count))
}

/// A page of the services that an organization provides, or consumes.
pub(in crate::api) async fn of_organization(
    session: &Session,
    (organization, part): (OrganizationId, Part),
    filter: Option<ServiceFilter>,
    window: Window,
) -> Result<ServiceConnection, Error> {
    let order = ServiceOrder::default();
    let wanted = filter.unwrap_or_default().wanted(session).await?;
    let page = match &wanted {
        None => window.page(Vec::new()),
        Some(wanted) => session.services().of(organization, part, wanted.clone(), order, &window).await?,
    };
    let session = session.clone();
    let count = count!(session, wanted => match &wanted {
        None => Ok(0),
        Some(wanted) => session.services().count_of(organization, part, wanted.clone()).await,
    });
    Ok(connection(page, order, count))
}

fn connection(page: Page<ServiceRow>, order: ServiceOrder, count: Count) -> ServiceConnection {
    let order = Order::from(order);
    ServiceConnection(Slice::new(page, Service, move |service: &Service| order.cursor(&service.0), count))
}

/// Queries of services.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// The service with this id, slug or external key. Null if it does not exist or the viewer may not see it. An
    /// external key that several services have is BAD_REQUEST.
    async fn service(&self, ctx: &Context<'_>, by: ServiceKey) -> Nullable<Service> {
        nullable(ctx.data_unchecked::<Session>().services().by_key(&by).await.map(|row| row.map(Service)))
    }

    /// The services that the viewer's organization provides or consumes. Default order: by name.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn services(
        &self,
        ctx: &Context<'_>,
        filter: Option<ServiceFilter>,
        order_by: Option<ServiceOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ServiceConnection, Error> {
        let window = Window::new(first, after, last, before)?;
        list(ctx.data_unchecked(), filter, order_by, window).await
    }
}
