//! Search: what definitions say, in every language, and what is written in threads.

use std::collections::HashMap;

use async_graphql::{Context, Object};
use entente_entity::{
    enums::SearchType,
    id::{ElementId, ThreadId},
    scalar::Locale,
};

use crate::{
    api::{
        node::Node,
        service::{Service, element},
        shared::{
            connection::{Slice, connection, count},
            price,
            reader::Reader,
        },
        thread::Thread,
    },
    search::{SearchWords, snippet},
    store::{BEST_FIRST, Error, Hit, ReadSearch, ReadThreads, Session, ThreadRow, page::Window},
};

/// Something that was found.
#[derive(Clone)]
pub struct SearchHit {
    hit: Hit,
    node: Node,
    words: SearchWords,
}

connection!(SearchConnection, SearchEdge, SearchHit);

impl SearchHit {
    /// The hit with the thing as it is published; `None` where it has just gone.
    fn new(hit: Hit, threads: &HashMap<ThreadId, ThreadRow>, words: &SearchWords) -> Option<Self> {
        let service = Service(hit.service.clone());
        let node = match hit.kind {
            SearchType::Service => Node::Service(service),
            SearchType::Thread => Thread(threads.get(&ThreadId(hit.entity))?.clone()).into(),
            SearchType::Outcome
            | SearchType::Cost
            | SearchType::Risk
            | SearchType::Benefit
            | SearchType::Expectation => {
                element::find(&service.source(), |_, id, _| id == ElementId(hit.entity))?.into()
            }
        };
        Some(Self { hit, node, words: words.clone() })
    }
}

/// A search result.
#[Object]
impl SearchHit {
    /// The object that was found, of one of the types in `SearchType`.
    async fn node(&self) -> Node {
        self.node.clone()
    }

    /// The service that was found, or to which the object belongs.
    async fn service(&self) -> Service {
        Service(self.hit.service.clone())
    }

    /// An excerpt of the text that contains the words, on one line of about 160 characters. Each word is between `**`
    /// and `**`; `…` marks an omission. It is plain text: escape it before you insert it into HTML. An asterisk of the
    /// text is shown as `∗`.
    async fn snippet(&self) -> String {
        snippet(&self.hit.text, &self.words)
    }

    /// The language of the snippet: of the languages that contain all words, the one that the viewer prefers most. Null
    /// if it is not known.
    async fn locale(&self) -> Option<Locale> {
        (!self.hit.language.is_empty()).then(|| Locale(self.hit.language.clone()))
    }

    /// The relevance. It is higher for whole words than for beginnings of words, for names than for sentences, and for
    /// short texts than for long ones. Only compare scores within one answer.
    async fn score(&self) -> f64 {
        self.hit.score as f64 / 1000.0
    }
}

/// Full-text search.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Searches the texts that the viewer may see, in all languages: services (name, summary, slug), elements of
    /// published definitions, and threads (title, messages). Best match first; of equal matches, newest first.
    ///
    /// One object must contain all words of `text` in one language. A word matches as a whole or as the beginning of a
    /// longer word; case and accents are ignored. There are no operators: other characters are ignored, and a text
    /// without letters and digits finds nothing. At most 200 characters and 32 words. With `types`, only objects of
    /// these types are returned.
    #[graphql(complexity = "price::page(first, None, child_complexity) + price::SEARCH")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        text: String,
        types: Option<Vec<SearchType>>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<SearchConnection, Error> {
        let session = ctx.data_unchecked::<Session>().clone();
        session.viewer()?;
        let window = Window::new(first, after, None, None)?;
        let words = SearchWords::parse(&text)?;
        let page = session.search().page(&words, types.as_deref(), Reader::of(ctx).languages(), &window).await?;
        let threads = page.rows.iter().filter(|hit| hit.kind == SearchType::Thread).map(|hit| ThreadId(hit.entity));
        let threads: Vec<ThreadId> = threads.collect();
        let threads = if threads.is_empty() { HashMap::new() } else { session.threads().by_ids(threads).await? };
        let page = page.filter_map(|hit| SearchHit::new(hit, &threads, &words));
        let count = count!(session, words, types => session.search().count(&words, types.as_deref()).await);
        Ok(SearchConnection(Slice::new(page, |hit| hit, |hit: &SearchHit| BEST_FIRST.cursor(&hit.hit), count)))
    }
}
