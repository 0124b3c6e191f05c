//! Finding entries by their words, best first, as far as the viewer may find them.
//!
//! What counts is the same on every database: how many words are found whole rather than as beginnings, times the weight
//! of the entry, which was written with it. A thing counts as its best entry does.

use std::collections::HashMap;

use entente_entity::{enums::SearchType, id::ServiceId, index_entry, text::Lang};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    search::SearchWords,
    store::{
        db::error::Error,
        index::dialect::{ENTRIES, has_words},
        read::{
            page::{By, Order, Page, Window},
            session::Session,
        },
        service::{ReadServices, related::ServiceRow},
    },
};

way! {
    /// Searches, as far as the viewer sees them.
    Search, ReadSearch, search, Session;
}

/// How what was found is listed: best first.
pub const BEST_FIRST: Order<Hit> =
    Order { list: "search", by: By::Long(|hit| hit.score), id: |hit| hit.entity, descending: true };

/// Something that was found.
#[derive(Clone)]
pub struct Hit {
    /// The service that it is, or belongs to.
    pub service: ServiceRow,
    /// What kind of thing it is.
    pub kind: SearchType,
    /// The thing.
    pub entity: Uuid,
    /// How well it fits, in thousandths.
    pub score: i64,
    /// The language in which it was found, of several the one that the reader likes best; empty where it is not known.
    pub language: String,
    /// What it says in that language.
    pub text: String,
}

/// A thing with its best entry's score.
#[derive(FromQueryResult)]
struct Found {
    entity_id: Uuid,
    service_id: ServiceId,
    kind: SearchType,
    score: i64,
}

/// An entry in which all words are.
#[derive(FromQueryResult)]
struct Said {
    entity_id: Uuid,
    language: String,
    text: String,
    score: i64,
}

impl Search<'_> {
    /// A page of the things of these types (`None`: of all types) of which one entry has all of the words; without words, of
    /// none. Best first; of things that are equally good, the newest first. `languages` are the reader's.
    pub async fn page(
        self,
        words: &SearchWords,
        types: Option<&[SearchType]>,
        languages: &[Lang],
        window: &Window,
    ) -> Result<Page<Hit>, Error> {
        use index_entry::Column::{EntityId, Kind, ServiceId};
        let Some(found) = self.found(words, types)? else { return Ok(window.page(Vec::new())) };
        let best = || SimpleExpr::from(Func::max(score(words)));
        let query = found
            .clone()
            .select_only()
            .columns([EntityId, ServiceId, Kind])
            .column_as(best(), "score")
            .group_by(EntityId)
            .group_by(ServiceId)
            .group_by(Kind);
        let query = window.cut_groups(query, &BEST_FIRST, best(), EntityId.into_expr())?;
        let page = window.page(query.into_model::<Found>().all(self.read()).await?);
        if page.rows.is_empty() {
            return Ok(page.filter_map(|_| None));
        }
        let mut said = self.said(found, words, languages, &page.rows).await?;
        // Who reads threads only sees the services that they are about, as in the threads themselves.
        let services = self.services().dealt_with(page.rows.iter().map(|found| found.service_id).collect()).await?;
        Ok(page.filter_map(|Found { entity_id: entity, service_id, kind, score }| {
            // What went between two statements is not there.
            let (service, Said { language, text, .. }) = (services.get(&service_id)?.clone(), said.remove(&entity)?);
            Some(Hit { service, kind, entity, score, language, text })
        }))
    }

    /// How many things are found, as [`Search::page`] finds them.
    pub async fn count(self, words: &SearchWords, types: Option<&[SearchType]>) -> Result<u64, Error> {
        let Some(found) = self.found(words, types)? else { return Ok(0) };
        let count = index_entry::Column::EntityId.into_expr().count_distinct();
        let count: Option<i64> = found.select_only().expr_as(count, "count").into_tuple().one(self.read()).await?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// The entries that the viewer may find; `None` where nothing is looked for.
    fn found(
        self,
        words: &SearchWords,
        types: Option<&[SearchType]>,
    ) -> Result<Option<Select<index_entry::Entity>>, Error> {
        let seen = self.viewer()?.sees_index_entries()?;
        if words.is_empty() {
            return Ok(None);
        }
        let mut filter = Condition::all().add(has_words(self.read().backend(), &ENTRIES, words.words())).add(seen);
        if let Some(types) = types {
            filter = filter.add(index_entry::Column::Kind.is_in(types.iter().copied()));
        }
        Ok(Some(index_entry::Entity::find().filter(filter)))
    }

    /// The entry to show of each thing: in the reader's language where that has the words, else the best one.
    async fn said(
        self,
        found: Select<index_entry::Entity>,
        words: &SearchWords,
        languages: &[Lang],
        page: &[Found],
    ) -> Result<HashMap<Uuid, Said>, Error> {
        use index_entry::Column::{EntityId, Language, Text};
        let entries = found
            .filter(EntityId.is_in(page.iter().map(|found| found.entity_id)))
            .select_only()
            .columns([EntityId, Language, Text])
            .column_as(score(words), "score")
            .into_model::<Said>()
            .all(self.read())
            .await?;
        let liked = |said: &Said| {
            let tag = said.language.as_str();
            let at = languages.iter().flat_map(Lang::fallbacks).position(|liked| liked == tag);
            (at.unwrap_or(usize::MAX), std::cmp::Reverse(said.score))
        };
        let mut best: HashMap<Uuid, Said> = HashMap::new();
        for said in entries {
            let is_better = best.get(&said.entity_id).is_none_or(|other| {
                (liked(&said), &said.language, &said.text) < (liked(other), &other.language, &other.text)
            });
            if is_better {
                best.insert(said.entity_id, said);
            }
        }
        Ok(best)
    }
}

/// How well an entry in which all words are fits: one for each word, and another where it is found whole.
fn score(words: &SearchWords) -> Expr {
    let count = i64::try_from(words.words().len()).unwrap_or(i64::MAX);
    let whole = words.words().iter().fold(Expr::val(count), |sum, word| {
        // Words are letters and digits only, so nothing in them stands for something else.
        let is_whole = Expr::cust("(' ' || \"passage\".\"words\" || ' ')").like(format!("% {word} %"));
        sum.add(Expr::case(is_whole, 1).finally(0))
    });
    index_entry::Column::Weight.into_expr().mul(whole)
}
