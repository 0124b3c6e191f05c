//! Pages of a list, according to the Relay connections specification.

use std::{pin::Pin, sync::Arc};

use async_graphql::SimpleObject;

use crate::store::{Error, page::Page};

/// The position of a page in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether the list has entries after this page. With `last`: whether `before` was given.
    has_next_page: bool,
    /// Whether the list has entries before this page. With `first`: whether `after` was given.
    has_previous_page: bool,
    /// The cursor of the first entry of the page. Null if the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last entry of the page. Null if the page is empty.
    end_cursor: Option<String>,
}

/// Counts the entries of a list. It runs only if `totalCount` is selected.
pub type Count = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>> + Send + Sync>;

/// A page, with the functions that compute the cursors of its entries and count the list.
pub struct Slice<N> {
    pub(in crate::api) nodes: Vec<N>,
    cursor: Box<dyn Fn(&N) -> String + Send + Sync>,
    has_next: bool,
    has_previous: bool,
    count: Count,
}

impl<N> Slice<N> {
    /// Makes a page of nodes from a page of rows.
    pub fn new<R>(
        page: Page<R>,
        node: impl Fn(R) -> N,
        cursor: impl Fn(&N) -> String + Send + Sync + 'static,
        count: Count,
    ) -> Self {
        let nodes = page.rows.into_iter().map(node).collect();
        Self { nodes, cursor: Box::new(cursor), has_next: page.has_next, has_previous: page.has_previous, count }
    }

    /// The cursor of a node of this page.
    pub(in crate::api) fn cursor(&self, node: &N) -> String {
        (self.cursor)(node)
    }

    pub(in crate::api) fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.nodes.first().map(|node| self.cursor(node)),
            end_cursor: self.nodes.last().map(|node| self.cursor(node)),
        }
    }

    pub(in crate::api) async fn total_count(&self) -> Result<i32, Error> {
        Ok(i32::try_from((self.count)().await?).unwrap_or(i32::MAX))
    }
}

/// Makes a [`Count`] of an async expression. It captures clones of the named variables.
macro_rules! count {
    ($($kept:ident),* => $counted:expr) => {{
        std::sync::Arc::new(move || {
            $(let $kept = $kept.clone();)*
            let counted: std::pin::Pin<Box<dyn Future<Output = Result<u64, $crate::store::Error>> + Send>> = Box::pin(async move { $counted });
            counted
        })
    }};
}

/// Defines the connection and the edge of one type of node.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident) => {
        #[doc = concat!("A page of a list of ", stringify!($node), ".")]
        pub struct $connection(pub(in crate::api) $crate::api::shared::connection::Slice<$node>);

        #[doc = concat!("A page of a list. Default: 50 entries; `first` or `last` asks for another number, at most 200 (otherwise BAD_REQUEST).")]
        #[async_graphql::Object]
        impl $connection {
            /// The entries of the page, with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                self.0.nodes.iter().map(|node| $edge { cursor: self.0.cursor(node), node: node.clone() }).collect()
            }

            /// The entries of the page.
            async fn nodes(&self) -> $crate::api::shared::list::Nodes<'_, $node> {
                $crate::api::shared::list::Nodes(&self.0.nodes)
            }

            /// The position of the page in the list.
            async fn page_info(&self) -> $crate::api::shared::connection::PageInfo {
                self.0.page_info()
            }

            /// The number of entries in the whole list that the viewer may see. It is counted only if this field is selected.
            async fn total_count(&self) -> Result<i32, $crate::store::Error> {
                self.0.total_count().await
            }
        }

        /// An entry of a list, with its cursor.
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// The position of the entry in the list. Pass it as `after` or `before`.
            cursor: String,
            /// The entry.
            node: $node,
        }
    };
}

pub(in crate::api) use {connection, count};
