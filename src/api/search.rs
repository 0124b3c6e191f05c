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
    search::{Wanted, snippet},
    store::{BEST_FIRST, Error, Hit, ReadSearch, ReadThreads, SearchWanted, Session, ThreadRow, page::Window},
};

/// Something that was found.
#[derive(Clone)]
pub struct SearchHit {
    hit: Hit,
    node: Node,
    wanted: Wanted,
}

connection!(SearchConnection, SearchEdge, SearchHit);

impl SearchHit {
    /// The hit with the thing as it is published; `None` where it has just gone.
    fn new(hit: Hit, threads: &HashMap<ThreadId, ThreadRow>, wanted: &Wanted) -> Option<Self> {
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
        Some(Self { hit, node, wanted: wanted.clone() })
    }
}

/// Something that was found by its words.
#[Object]
impl SearchHit {
    /// The thing itself, of one of the types in `SearchType`.
    async fn node(&self) -> Node {
        self.node.clone()
    }

    /// The service that it is, or belongs to.
    async fn service(&self) -> Service {
        Service(self.hit.service.clone())
    }

    /// The part of its text in which the words are found, on one line of about 160 characters, each of them between `**`
    /// and `**`, with `…` where the text goes on. It is plain text: escape it before it goes into a page of HTML. An
    /// asterisk of the text itself shows as `∗`.
    async fn snippet(&self) -> String {
        snippet(&self.hit.text, &self.wanted)
    }

    /// The language of the snippet: of those in which all words are found, the one that the reader likes best. Null where
    /// it is not known.
    async fn locale(&self) -> Option<Locale> {
        (!self.hit.language.is_empty()).then(|| Locale(self.hit.language.clone()))
    }

    /// How well it fits: more for whole words than for beginnings, for names than for sentences, for short texts than for
    /// long ones. Only to be compared within one answer.
    async fn score(&self) -> f64 {
        self.hit.score as f64 / 1000.0
    }
}

/// Questions about what is said somewhere.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Finds what definitions say, in every language, as far as the viewer may see it: services by name, summary and slug,
    /// the elements of their published definitions, and threads by title and messages. Best match first; of equally good
    /// ones the newest.
    ///
    /// All words of `text` must be in one thing's text in one language, each whole or as the beginning of a longer word;
    /// case and accents do not matter. Other characters are no operators and find nothing: a text without letters and
    /// digits has no match. At most 200 characters and 32 words. With `types`, only things of these types.
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
        let wanted = SearchWanted { text: Wanted::parse(&text)?, types };
        let page = session.search().page(&wanted, Reader::of(ctx).languages(), &window).await?;
        let threads = page.rows.iter().filter(|hit| hit.kind == SearchType::Thread).map(|hit| ThreadId(hit.entity));
        let threads: Vec<ThreadId> = threads.collect();
        let threads = if threads.is_empty() { HashMap::new() } else { session.threads().by_ids(threads).await? };
        let (words, counted) = (wanted.text.clone(), wanted);
        let count = count!(session, counted => session.search().count(&counted).await);
        let page = page.filter_map(|hit| SearchHit::new(hit, &threads, &words));
        Ok(SearchConnection(Slice::new(page, |hit| hit, |hit: &SearchHit| BEST_FIRST.cursor(&hit.hit), count)))
    }
}
