//! Lists of threads: which ones, in which order.

use async_graphql::{Context, Object};

use crate::{
    api::{
        shared::{
            connection::{Slice, count},
            error::{Nullable, nullable},
            price,
        },
        thread::{Thread, ThreadConnection},
    },
    store::{
        Error, ReadThreads, ServiceRow, Session,
        page::{Order, Window},
    },
    thread::{filter::ThreadFilter, input::ThreadKey, order::ThreadOrder},
};

/// A page of threads that match a filter: of all that the viewer may see, or of those about one service.
pub(in crate::api) async fn list(
    session: &Session,
    of: Option<&ServiceRow>,
    filter: Option<ThreadFilter>,
    order: Option<ThreadOrder>,
    window: Window,
) -> Result<ThreadConnection, Error> {
    let order = order.unwrap_or_default();
    let list = session.threads().list(of, filter.unwrap_or_default()).await?;
    let page = list.page(order, &window).await?;
    let count = count!(list => list.count().await);
    let order = Order::from(order);
    Ok(ThreadConnection(Slice::new(page, Thread, move |thread: &Thread| order.cursor(&thread.0), count)))
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
        list(ctx.data_unchecked(), None, filter, order_by, window).await
    }
}
