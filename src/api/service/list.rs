//! Services: one by key, and lists of them.

use async_graphql::{Context, Object};
use entente_entity::id::OrganizationId;

use crate::{
    api::{
        service::{Service, ServiceConnection},
        shared::{
            connection::{Slice, count},
            error::{Nullable, nullable},
            price,
        },
    },
    definition::{document::ServiceKey, filter::ServiceFilter, order::ServiceOrder},
    store::{
        Error, Part, ReadServices, Session,
        page::{Order, Window},
    },
};

/// A page of services that match a filter: of all that the viewer may see, or of those of one organization.
pub(in crate::api) async fn list(
    session: &Session,
    of: Option<(OrganizationId, Part)>,
    filter: Option<ServiceFilter>,
    order: Option<ServiceOrder>,
    window: Window,
) -> Result<ServiceConnection, Error> {
    let order = order.unwrap_or_default();
    let list = session.services().list(of, filter.unwrap_or_default()).await?;
    let page = list.page(order, &window).await?;
    let count = count!(list => list.count().await);
    let order = Order::from(order);
    Ok(ServiceConnection(Slice::new(page, Service, move |service: &Service| order.cursor(&service.0), count)))
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
        list(ctx.data_unchecked(), None, filter, order_by, window).await
    }
}
