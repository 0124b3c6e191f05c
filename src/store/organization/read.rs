//! Reads organizations, as far as the viewer sees them.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entente_entity::{enums::ReferencedKind, id::OrganizationId, organization};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, JoinType, PaginatorTrait,
    QueryFilter, QuerySelect, QueryTrait, Select,
};

use super::{Organizations, ReadOrganizations};
use crate::{
    definition::{document::OrganizationKey, limits::is_key},
    store::{
        db::error::Error,
        read::{
            batch::{Found, Relation},
            page::{By, Order, Page, Window},
            session::Session,
            words::has_words,
        },
        reference::read::named,
    },
};

/// An organization that the viewer sees.
pub type OrganizationRow = Arc<organization::Model>;

/// The order of organizations, by slug.
pub const BY_SLUG: Order<OrganizationRow> =
    Order { list: "organizations", by: By::Text(|row| &row.slug), id: |row| row.id.0, descending: false };

/// Organizations that were read together with the rows that refer to them. The viewer sees them as providers or
/// consumers, and they are not read again.
#[derive(Default)]
struct Partners(Mutex<HashMap<OrganizationId, OrganizationRow>>);

impl Partners {
    fn rows(&self) -> MutexGuard<'_, HashMap<OrganizationId, OrganizationRow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Organizations<'_> {
    fn seen(self) -> Result<Select<organization::Entity>, Error> {
        Ok(organization::Entity::find().filter(self.viewer()?.sees_organizations()?))
    }

    /// The organization with this id.
    pub async fn by_id(self, id: OrganizationId) -> Result<Option<OrganizationRow>, Error> {
        self.load(Seen, id).await
    }

    /// The organizations with these ids that the viewer sees.
    pub async fn by_ids(self, ids: Vec<OrganizationId>) -> Result<HashMap<OrganizationId, OrganizationRow>, Error> {
        Ok(by_id(self.seen()?.filter(organization::Column::Id.is_in(ids)).all(self.read()).await?))
    }

    /// Organizations that the viewer has just written, in the order of the ids.
    pub async fn written(self, ids: &[OrganizationId]) -> Result<Vec<OrganizationRow>, Error> {
        let rows = self.parties(ids.to_vec()).await?;
        let row = |id| rows.get(id).cloned().ok_or_else(|| Error::Corrupt(format!("{id} is not there")));
        ids.iter().map(row).collect()
    }

    /// The organization with this key.
    pub async fn by_key(self, by: &OrganizationKey) -> Result<Option<OrganizationRow>, Error> {
        self.load(Called, by.clone()).await
    }

    async fn called(self, by: &OrganizationKey) -> Result<Option<OrganizationRow>, Error> {
        match by {
            OrganizationKey::Id(id) => match OrganizationId::parse(id) {
                Some(id) => Ok(self.by_ids(vec![id]).await?.remove(&id)),
                None => {
                    self.viewer()?.sees_organizations()?;
                    Ok(None)
                }
            },
            OrganizationKey::Slug(slug) if !is_key(slug) => {
                self.viewer()?.sees_organizations()?;
                Ok(None)
            }
            OrganizationKey::Slug(slug) => {
                let row = self.seen()?.filter(organization::Column::Slug.eq(slug)).one(self.read()).await?;
                Ok(row.map(Arc::new))
            }
            OrganizationKey::Ref(key) => {
                let (viewer, seen) = (self.viewer()?, self.seen()?);
                let row = named(self.read(), viewer, seen, organization::Column::Id, key, ReferencedKind::Organization)
                    .await?;
                Ok(row.map(Arc::new))
            }
        }
    }

    /// A party of an object that the viewer sees.
    pub async fn party(self, id: OrganizationId) -> Result<OrganizationRow, Error> {
        self.load(Party, id).await?.ok_or_else(|| Error::Corrupt(format!("{id} is not there")))
    }

    /// A party that was read together with the row that refers to it; otherwise it is read now.
    pub(in crate::store) async fn partner(self, id: OrganizationId) -> Result<OrganizationRow, Error> {
        let known = self.kept().of::<Partners>().rows().get(&id).cloned();
        match known {
            Some(row) => Ok(row),
            None => self.party(id).await,
        }
    }

    /// Rows, read together with the party in the column `party`, which is kept for [`Organizations::partner`].
    pub(in crate::store) async fn all_with_party<E: EntityTrait>(
        self,
        rows: Select<E>,
        party: E::Column,
    ) -> Result<Vec<E::Model>, Error> {
        // A left join, because SQLite keeps its order.
        let join = E::belongs_to(organization::Entity).from(party).to(organization::Column::Id).into();
        let with_party = |rows: Select<E>, column: organization::Column| {
            rows.column_as(column, format!("party_{}", column.as_str()))
        };
        let query = organization::Column::iter().fold(rows.join(JoinType::LeftJoin, join), with_party).into_query();
        let (mut rows, mut parties) = (Vec::new(), HashMap::new());
        for row in self.read().query_all(&query).await? {
            rows.push(E::Model::from_query_result(&row, "")?);
            if let Entry::Vacant(new) = parties.entry(row.try_get("party_", "id")?) {
                new.insert(Arc::new(organization::Model::from_query_result(&row, "party_")?));
            }
        }
        self.kept().of::<Partners>().rows().extend(parties);
        Ok(rows)
    }

    async fn parties(self, ids: Vec<OrganizationId>) -> Result<HashMap<OrganizationId, OrganizationRow>, Error> {
        let of_them = organization::Entity::find().filter(organization::Column::Id.is_in(ids));
        Ok(by_id(of_them.all(self.read()).await?))
    }

    /// A page of the organizations that the viewer sees, by slug; with a text, only those whose name or slug has every
    /// word of it.
    pub async fn page(self, text: Option<&str>, window: &Window) -> Result<Page<OrganizationRow>, Error> {
        use organization::Column::{Id, Slug};
        let query = window.cut(self.wanted(text)?, &BY_SLUG, Slug.into_expr(), Id.into_expr())?;
        Ok(window.page(query.all(self.read()).await?.into_iter().map(Arc::new).collect()))
    }

    /// The number of organizations in this list.
    pub async fn count(self, text: Option<&str>) -> Result<u64, Error> {
        Ok(self.wanted(text)?.count(self.read()).await?)
    }

    fn wanted(self, text: Option<&str>) -> Result<Select<organization::Entity>, Error> {
        let seen = self.seen()?;
        Ok(match text {
            Some(text) => seen.filter(has_words(organization::Column::SearchText, text)),
            None => seen,
        })
    }
}

/// Organizations that the viewer sees, by their ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Seen;

impl Relation for Seen {
    type Key = OrganizationId;
    type Value = OrganizationRow;

    async fn read(&self, session: &Session, ids: Vec<OrganizationId>) -> Found<Self> {
        session.organizations().by_ids(ids).await
    }
}

/// The parties of objects that the viewer sees, by their ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Party;

impl Relation for Party {
    type Key = OrganizationId;
    type Value = OrganizationRow;

    async fn read(&self, session: &Session, ids: Vec<OrganizationId>) -> Found<Self> {
        session.organizations().parties(ids).await
    }
}

/// Organizations by keys in the query. Their number does not depend on the length of lists, so several statements are
/// acceptable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Called;

impl Relation for Called {
    type Key = OrganizationKey;
    type Value = OrganizationRow;

    async fn read(&self, session: &Session, keys: Vec<OrganizationKey>) -> Found<Self> {
        let mut found = HashMap::new();
        for key in keys {
            if let Some(row) = session.organizations().called(&key).await? {
                found.insert(key, row);
            }
        }
        Ok(found)
    }
}

fn by_id(rows: Vec<organization::Model>) -> HashMap<OrganizationId, OrganizationRow> {
    rows.into_iter().map(|row| (row.id, Arc::new(row))).collect()
}
