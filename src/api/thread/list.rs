//! Lists of threads: which ones, in which order.

use async_graphql::{Context, Enum, InputObject, Object};
use entente_entity::{
    enums::{Severity, ThreadKind, ThreadStatus},
    scalar::DateTime,
};

use crate::{
    api::{
        service::list::OrderDirection,
        shared::{
            connection::{Count, Slice, count},
            error::{Nullable, nullable},
            price,
        },
        thread::{Thread, ThreadConnection},
    },
    definition::document::{ExternalKey, OrganizationKey, ServiceKey},
    search::Wanted,
    store::{
        Error, ReadOrganizations, ReadServices, ReadThreads, ServiceRow, Session, ThreadOrder as StoreOrder,
        ThreadOrderField as StoreOrderField, ThreadRow, ThreadsWanted,
        page::{Order, Page, Window},
    },
    thread::input::ThreadKey,
};

/// Which threads are wanted: all of it must hold, and what is left out does not matter.
#[derive(Default, InputObject)]
pub struct ThreadFilter {
    /// Feedback or escalations.
    kind: Option<ThreadKind>,
    /// In one of these statuses.
    status: Option<Vec<ThreadStatus>>,
    /// Of one of these severities.
    severity: Option<Vec<Severity>>,
    /// About this service or one of its elements.
    service: Option<ServiceKey>,
    /// Of this consumer.
    consumer: Option<OrganizationKey>,
    /// Those that were raised to a level; false: the others.
    raised: Option<bool>,
    /// Those that missed a deadline; false: the others.
    breached: Option<bool>,
    /// Those that changed at this instant or later. To follow changes, pass the
    /// `settledAt` of the request before, not the greatest `updatedAt` that was seen.
    updated_since: Option<DateTime>,
    /// Every word is in the title or in a message that the viewer may see, whole or as the beginning of a longer one; case
    /// and accents do not matter.
    text: Option<String>,
    /// What another system calls so: one ticket may have several threads.
    r#ref: Option<ExternalKey>,
}

impl ThreadFilter {
    /// What the filter asks of the store; `None` where it names something that the viewer may not see, so that nothing
    /// fits it.
    async fn wanted(self, session: &Session) -> Result<Option<ThreadsWanted>, Error> {
        let Self { kind, status, severity, service, consumer, raised, breached, updated_since, text, r#ref } = self;
        let mut wanted = ThreadsWanted {
            kind,
            status,
            severity,
            raised,
            breached,
            updated_since,
            text: text.as_deref().map(Wanted::parse).transpose()?,
            reference: r#ref,
            ..ThreadsWanted::default()
        };
        if let Some(key) = service {
            match session.services().by_key(&key).await? {
                Some(service) => wanted.service = Some(service.row.id),
                None => return Ok(None),
            }
        }
        if let Some(key) = consumer {
            match session.organizations().by_key(&key).await? {
                Some(consumer) => wanted.consumer = Some(consumer.id),
                None => return Ok(None),
            }
        }
        Ok(Some(wanted))
    }
}

/// In which order threads are listed; those that are alike by their ids.
#[derive(InputObject)]
pub struct ThreadOrder {
    /// By what.
    field: ThreadOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

/// What threads can be listed by.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ThreadOrderField {
    /// By when they were opened.
    OpenedAt,
    /// By `updatedAt`.
    UpdatedAt,
    /// By how grave they are.
    Severity,
    /// By when they are to be resolved; those without a deadline last, either way.
    ResolveBy,
}

impl ThreadOrder {
    /// The newest first where no order is asked for.
    fn of(order: Option<Self>) -> StoreOrder {
        let Some(Self { field, direction }) = order else {
            return StoreOrder { field: StoreOrderField::OpenedAt, descending: true };
        };
        let field = match field {
            ThreadOrderField::OpenedAt => StoreOrderField::OpenedAt,
            ThreadOrderField::UpdatedAt => StoreOrderField::UpdatedAt,
            ThreadOrderField::Severity => StoreOrderField::Severity,
            ThreadOrderField::ResolveBy => StoreOrderField::ResolveBy,
        };
        StoreOrder { field, descending: direction == OrderDirection::Desc }
    }
}

/// A page of threads.
async fn list(
    session: &Session,
    filter: Option<ThreadFilter>,
    order: Option<ThreadOrder>,
    window: Window,
) -> Result<ThreadConnection, Error> {
    let order = ThreadOrder::of(order);
    session.viewer()?.sees_threads()?;
    let wanted = filter.unwrap_or_default().wanted(session).await?;
    let page = match &wanted {
        None => window.page(Vec::new()),
        Some(wanted) => session.threads().page(wanted, order, &window).await?,
    };
    let session = session.clone();
    let count = count!(session, wanted => match &wanted {
        None => Ok(0),
        Some(wanted) => session.threads().count(wanted).await,
    });
    Ok(connection(page, order, count))
}

/// A page of the threads of a service.
pub(in crate::api) async fn of_service(
    service: &ServiceRow,
    filter: Option<ThreadFilter>,
    order: Option<ThreadOrder>,
    window: Window,
) -> Result<ThreadConnection, Error> {
    let (session, order) = (service.session(), ThreadOrder::of(order));
    session.viewer()?.sees_threads()?;
    let wanted = filter.unwrap_or_default().wanted(session).await?;
    let page = match &wanted {
        None => window.page(Vec::new()),
        Some(wanted) => service.threads(wanted.clone(), order, &window).await?,
    };
    let service = service.clone();
    let count = count!(service, wanted => match &wanted {
        None => Ok(0),
        Some(wanted) => service.thread_count(wanted).await,
    });
    Ok(connection(page, order, count))
}

fn connection(page: Page<ThreadRow>, order: StoreOrder, count: Count) -> ThreadConnection {
    let order = Order::from(order);
    ThreadConnection(Slice::new(page, Thread, move |thread: &Thread| order.cursor(&thread.0), count))
}

/// Questions about threads.
#[derive(Default)]
pub struct ThreadQuery;

#[Object]
impl ThreadQuery {
    /// The thread with this id, number or external key; null where there is none that the viewer may see. A key that
    /// names several threads is BAD_REQUEST: `threads(filter: {ref})` lists them.
    async fn thread(&self, ctx: &Context<'_>, by: ThreadKey) -> Nullable<Thread> {
        let thread = ctx.data_unchecked::<Session>().threads().by_key(&by).await;
        nullable(thread.map(|row| row.map(Thread)))
    }

    /// The threads that the viewer may see: those of the services that its organization provides, and its own. The
    /// newest first where no order is asked for.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn threads(
        &self,
        ctx: &Context<'_>,
        filter: Option<ThreadFilter>,
        order_by: Option<ThreadOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ThreadConnection, Error> {
        let window = Window::new(first, after, last, before)?;
        list(ctx.data_unchecked(), filter, order_by, window).await
    }
}
