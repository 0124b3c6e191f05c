//! Services: one by key, and lists of them.

use async_graphql::{Context, Enum, InputObject, Object};
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
    definition::document::{OrganizationKey, ServiceKey},
    search::Wanted,
    store::{
        Error, Part, ReadOrganizations, ReadServices, ServiceOrder as StoreOrder, ServiceOrderField as StoreOrderField,
        ServiceRow, ServicesWanted, Session,
        page::{Order, Page, Window},
    },
};

/// Which services are wanted: all of it must hold, and what is left out does not matter.
#[derive(Default, InputObject)]
pub struct ServiceFilter {
    /// In one of these stages of the portfolio.
    lifecycle: Option<Vec<ServiceLifecycle>>,
    /// Provided by this organization.
    provider: Option<OrganizationKey>,
    /// Consumed by this organization, as far as the viewer may see it.
    consumer: Option<OrganizationKey>,
    /// Those that wait for the viewer's organization to agree or object; false: the others.
    awaiting_decision: Option<bool>,
    /// Every word is somewhere in the service's slug or in the texts that `search` looks into, in some language, whole or
    /// as the beginning of a longer one; case and accents do not matter.
    text: Option<String>,
    /// Those of which something changed at this instant or later that the viewer sees. To follow changes, pass the
    /// `settledAt` of the request before, not the greatest `updatedAt` that was seen.
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

/// In which order services are listed; those that are alike by their ids.
#[derive(InputObject)]
pub struct ServiceOrder {
    /// By what.
    field: ServiceOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

impl ServiceOrder {
    /// By name where no order is asked for.
    fn of(order: Option<Self>) -> StoreOrder {
        let Some(Self { field, direction }) = order else {
            return StoreOrder { field: StoreOrderField::Name, descending: false };
        };
        let field = match field {
            ServiceOrderField::Name => StoreOrderField::Name,
            ServiceOrderField::CreatedAt => StoreOrderField::CreatedAt,
            ServiceOrderField::UpdatedAt => StoreOrderField::UpdatedAt,
        };
        StoreOrder { field, descending: direction == OrderDirection::Desc }
    }
}

/// What services can be listed by.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ServiceOrderField {
    /// By name in the server's default language, without case and accents.
    Name,
    /// By when they came.
    CreatedAt,
    /// By `updatedAt`.
    UpdatedAt,
}

/// Which way a list is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// The smallest first.
    Asc,
    /// The greatest first.
    Desc,
}

/// A page of services.
async fn list(
    session: &Session,
    filter: Option<ServiceFilter>,
    order: Option<ServiceOrder>,
    window: Window,
) -> Result<ServiceConnection, Error> {
    let order = ServiceOrder::of(order);
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
    let order = ServiceOrder::of(None);
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

fn connection(page: Page<ServiceRow>, order: StoreOrder, count: Count) -> ServiceConnection {
    let order = Order::from(order);
    ServiceConnection(Slice::new(page, Service, move |service: &Service| order.cursor(&service.0), count))
}

/// Questions about services.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// The service with this id, slug or external key; null where there is none that the viewer may see.
    async fn service(&self, ctx: &Context<'_>, by: ServiceKey) -> Nullable<Service> {
        nullable(ctx.data_unchecked::<Session>().services().by_key(&by).await.map(|row| row.map(Service)))
    }

    /// The services that the viewer may see: those that its organization provides, and those that it consumes. By name
    /// where no order is asked for.
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
