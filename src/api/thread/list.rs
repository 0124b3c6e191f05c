//! Lists of threads: which ones, in which order.

use async_graphql::{Context, InputObject, Object};
use entente_entity::{
    enums::{Severity, ThreadKind, ThreadStatus},
    scalar::DateTime,
};

use crate::{
    api::{
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
        Error, ReadOrganizations, ReadServices, ReadThreads, ServiceRow, Session, ThreadRow, ThreadsWanted,
        page::{Order, Page, Window},
    },
    thread::{input::ThreadKey, order::ThreadOrder},
};

/// A filter for threads. A thread must match all fields that are given.
#[derive(Default, InputObject)]
pub struct ThreadFilter {
    /// Only feedback, or only escalations.
    kind: Option<ThreadKind>,
    /// Only threads with one of these statuses.
    status: Option<Vec<ThreadStatus>>,
    /// Only threads with one of these severities.
    severity: Option<Vec<Severity>>,
    /// Only threads about this service or one of its elements.
    service: Option<ServiceKey>,
    /// Only threads of this consumer.
    consumer: Option<OrganizationKey>,
    /// True: only threads that were raised to a level. False: only the others.
    raised: Option<bool>,
    /// True: only threads that missed a deadline. False: only the others.
    breached: Option<bool>,
    /// Only objects that changed at this instant or later. To read changes incrementally, pass the `settledAt` of the
    /// previous request, not the greatest `updatedAt` that you received.
    updated_since: Option<DateTime>,
    /// Only threads that contain every word in the title or in a message that the viewer may see. A word matches as a
    /// whole or as the beginning of a longer word; case and accents are ignored. At most 200 characters and 32 words.
    text: Option<String>,
    /// Only threads that have this external key. One ticket can have several threads.
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

/// A page of threads.
async fn list(
    session: &Session,
    filter: Option<ThreadFilter>,
    order: Option<ThreadOrder>,
    window: Window,
) -> Result<ThreadConnection, Error> {
    let order = order.unwrap_or_default();
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
    let (session, order) = (service.session(), order.unwrap_or_default());
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

fn connection(page: Page<ThreadRow>, order: ThreadOrder, count: Count) -> ThreadConnection {
    let order = Order::from(order);
    ThreadConnection(Slice::new(page, Thread, move |thread: &Thread| order.cursor(&thread.0), count))
}

/// Queries of threads.
#[derive(Default)]
pub struct ThreadQuery;

#[Object]
impl ThreadQuery {
    /// The thread with this id, number or external key. Null if it does not exist or the viewer may not see it. If
    /// several open threads have the external key, the error is BAD_REQUEST; `threads(filter: {ref})` lists them.
    async fn thread(&self, ctx: &Context<'_>, by: ThreadKey) -> Nullable<Thread> {
        let thread = ctx.data_unchecked::<Session>().threads().by_key(&by).await;
        nullable(thread.map(|row| row.map(Thread)))
    }

    /// The threads that the viewer may see: those about services that its organization provides, and those of its
    /// organization as a consumer. Default order: newest first.
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
