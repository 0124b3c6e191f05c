//! Full-text search in the entries that the viewer may find, best first.
//!
//! The score is the same on every database: the number of words plus the number of words that are found whole, times
//! the weight of the entry. The score of an object is the one of its best entry.

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

/// The order of the results: best first.
pub const BEST_FIRST: Order<Hit> =
    Order { list: "search", by: By::Long(|hit| hit.score), id: |hit| hit.entity, descending: true };

/// A result of the search.
#[derive(Clone)]
pub struct Hit {
    /// The service that the object is or belongs to.
    pub service: ServiceRow,
    /// The kind of the object.
    pub kind: SearchType,
    /// The id of the object.
    pub entity: Uuid,
    /// The score, in thousandths; greater is better.
    pub score: i64,
    /// The language of the text: of several, the one that the reader prefers; empty if it is unknown.
    pub language: String,
    /// The text that was found.
    pub text: String,
}

/// An object with the score of its best entry.
#[derive(FromQueryResult)]
struct Found {
    entity_id: Uuid,
    service_id: ServiceId,
    kind: SearchType,
    score: i64,
}

/// An entry that contains all words.
#[derive(FromQueryResult)]
struct Said {
    entity_id: Uuid,
    language: String,
    text: String,
    score: i64,
}

impl Search<'_> {
    /// A page of the objects of these types (`None`: all types) with an entry that contains all words; empty without
    /// words. Best first; with equal scores, newest first. `languages` are those of the reader.
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
        // A viewer that may only read threads gets their services here, as in the threads themselves.
        let services = self.services().dealt_with(page.rows.iter().map(|found| found.service_id).collect()).await?;
        Ok(page.filter_map(|Found { entity_id: entity, service_id, kind, score }| {
            // Objects that were deleted between two statements are left out.
            let (service, Said { language, text, .. }) = (services.get(&service_id)?.clone(), said.remove(&entity)?);
            Some(Hit { service, kind, entity, score, language, text })
        }))
    }

    /// The number of objects that [`Search::page`] finds.
    pub async fn count(self, words: &SearchWords, types: Option<&[SearchType]>) -> Result<u64, Error> {
        let Some(found) = self.found(words, types)? else { return Ok(0) };
        let count = index_entry::Column::EntityId.into_expr().count_distinct();
        let count: Option<i64> = found.select_only().expr_as(count, "count").into_tuple().one(self.read()).await?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// The query for the entries that contain all words and that the viewer may find; `None` without words.
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

    /// The entry to show of each object: one in a language of the reader, otherwise the best one.
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

/// The score of an entry that contains all words: its weight, times one for each word and one more for each whole word.
fn score(words: &SearchWords) -> Expr {
    let count = i64::try_from(words.words().len()).unwrap_or(i64::MAX);
    let whole = words.words().iter().fold(Expr::val(count), |sum, word| {
        // Words contain only letters and digits, so no wildcards.
        let is_whole = Expr::cust("(' ' || \"passage\".\"words\" || ' ')").like(format!("% {word} %"));
        sum.add(Expr::case(is_whole, 1).finally(0))
    });
    index_entry::Column::Weight.into_expr().mul(whole)
}
