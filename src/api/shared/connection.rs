//! Pages of a list, as the Relay connections specification has them.

use std::{pin::Pin, sync::Arc};

use async_graphql::SimpleObject;

use crate::store::{Error, page::Page};

/// Where a page stands in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are more behind this page. Paging backward: whether `before` was given.
    has_next_page: bool,
    /// Whether there are more before this page. Paging forward: whether `after` was given.
    has_previous_page: bool,
    /// The cursor of the page's first entry; null where the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the page's last entry; null where the page is empty.
    end_cursor: Option<String>,
}

/// Counts a list when asked.
pub type Count = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>> + Send + Sync>;

/// A page whose entries know their cursors.
pub struct Slice<N> {
    pub(in crate::api) edges: Vec<(String, N)>,
    has_next: bool,
    has_previous: bool,
    count: Count,
}

impl<N> Slice<N> {
    /// A page of the store's, each row with its cursor and as its node.
    pub fn new<R>(page: Page<R>, cursor: impl Fn(&R) -> String, node: impl Fn(R) -> N, count: Count) -> Self {
        let edges = page.rows.into_iter().map(|row| (cursor(&row), node(row))).collect();
        Self { edges, has_next: page.has_next, has_previous: page.has_previous, count }
    }

    pub(in crate::api) fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.edges.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: self.edges.last().map(|(cursor, _)| cursor.clone()),
        }
    }

    pub(in crate::api) async fn total_count(&self) -> Result<i32, Error> {
        Ok(i32::try_from((self.count)().await?).unwrap_or(i32::MAX))
    }
}

/// Makes a [`Count`] of an async expression over clones of what it names.
macro_rules! count {
    ($($kept:ident),* => $counted:expr) => {{
        std::sync::Arc::new(move || {
            $(let $kept = $kept.clone();)*
            let counted: std::pin::Pin<Box<dyn Future<Output = Result<u64, $crate::store::Error>> + Send>> = Box::pin(async move { $counted });
            counted
        })
    }};
}

/// The connection and the edge of one type of node.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident) => {
        #[doc = concat!("A page of a list of ", stringify!($node), ".")]
        pub struct $connection(pub(in crate::api) $crate::api::shared::connection::Slice<$node>);

        #[doc = concat!("A page of a list: 50 entries unless `first` or `last` says otherwise, 200 at most.")]
        #[async_graphql::Object]
        impl $connection {
            /// The entries with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                self.0.edges.iter().map(|(cursor, node)| $edge { cursor: cursor.clone(), node: node.clone() }).collect()
            }

            /// The entries.
            async fn nodes(&self) -> Vec<$node> {
                self.0.edges.iter().map(|(_, node)| node.clone()).collect()
            }

            /// Where the page stands in the list.
            async fn page_info(&self) -> $crate::api::shared::connection::PageInfo {
                self.0.page_info()
            }

            /// How many entries the whole list has that the viewer may see; counted only when asked for.
            async fn total_count(&self) -> Result<i32, $crate::store::Error> {
                self.0.total_count().await
            }
        }

        /// An entry of a list, with its place in it.
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// The place: pass it as `after` or `before`.
            cursor: String,
            /// The entry.
            node: $node,
        }
    };
}

pub(in crate::api) use {connection, count};
