//! Organizations, as far as the viewer sees them.

use std::sync::Arc;

use entente_entity::{enums::ReferencedKind, id::OrganizationId, organization};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use super::{
    Error, Session,
    page::{self, Key, Page, Window},
    references::named,
    text::has_word,
};
use crate::definition::{document::OrganizationKey, limits::is_key};

/// An organization that the viewer sees.
pub type OrganizationRow = Arc<organization::Model>;

impl Session {
    fn organizations_seen(&self) -> Result<Select<organization::Entity>, Error> {
        Ok(organization::Entity::find().filter(self.viewer()?.sees_organizations()?))
    }

    /// The organization with this id.
    pub async fn organization_by_id(&self, id: OrganizationId) -> Result<Option<OrganizationRow>, Error> {
        if let Some(row) = self.remembered(id) {
            return Ok(Some(row));
        }
        self.seen(self.organizations_seen()?.filter(organization::Column::Id.eq(id))).await
    }

    /// Organizations that the viewer has just written, in this order.
    pub async fn organizations_written(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationRow>, Error> {
        let rows = organization::Entity::find()
            .filter(organization::Column::Id.is_in(ids.iter().copied()))
            .all(self.read())
            .await?;
        self.remember(rows.into_iter().map(Arc::new));
        ids.iter().map(|id| self.remembered(*id).ok_or_else(|| Error::Corrupt(format!("{id} is not there")))).collect()
    }

    /// The organization that a key names.
    pub async fn organization_by(&self, by: &OrganizationKey) -> Result<Option<OrganizationRow>, Error> {
        match by {
            OrganizationKey::Id(id) => match OrganizationId::parse(id) {
                Some(id) => self.organization_by_id(id).await,
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
                self.seen(self.organizations_seen()?.filter(organization::Column::Slug.eq(slug))).await
            }
            OrganizationKey::Ref(key) => {
                let (viewer, seen) = (self.viewer()?, self.organizations_seen()?);
                let row = named(self.read(), viewer, seen, organization::Column::Id, key, ReferencedKind::Organization)
                    .await?;
                Ok(row.map(Arc::new))
            }
        }
    }

    /// A party of a service that the viewer sees, with which it so deals. `others` are read in the same statement.
    pub(super) async fn party(
        &self,
        id: OrganizationId,
        others: impl Iterator<Item = OrganizationId>,
    ) -> Result<OrganizationRow, Error> {
        if let Some(row) = self.remembered(id) {
            return Ok(row);
        }
        let mut ids: Vec<_> = others.chain([id]).filter(|id| self.remembered(*id).is_none()).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = organization::Entity::find().filter(organization::Column::Id.is_in(ids)).all(self.read()).await?;
        self.remember(rows.into_iter().map(Arc::new));
        self.remembered(id).ok_or_else(|| Error::Corrupt(format!("{id} is not there")))
    }

    /// A party that the terms of a service name, which the viewer sees.
    pub async fn party_of_terms(&self, id: OrganizationId) -> Result<OrganizationRow, Error> {
        self.party(id, std::iter::empty()).await
    }

    /// The organizations that the viewer sees, by slug; those whose name or slug has every word of the text.
    pub async fn organizations(&self, text: Option<&str>, window: &Window) -> Result<Page<OrganizationRow>, Error> {
        use organization::Column::{Id, Slug};
        let query = window.cut(
            self.organizations_wanted(text)?,
            Slug.into_expr().into(),
            Id.into_expr().into(),
            false,
            page::text,
        )?;
        Ok(window.page(query.all(self.read()).await?.into_iter().map(Arc::new).collect()))
    }

    /// How many organizations that the viewer sees have every word of the text.
    pub async fn organization_count(&self, text: Option<&str>) -> Result<u64, Error> {
        Ok(self.organizations_wanted(text)?.count(self.read()).await?)
    }

    fn organizations_wanted(&self, text: Option<&str>) -> Result<Select<organization::Entity>, Error> {
        let mut query = self.organizations_seen()?;
        for word in text.iter().flat_map(|text| text.split_whitespace()) {
            query = query.filter(has_word(organization::Column::SearchText, word));
        }
        Ok(query)
    }

    async fn seen(&self, query: Select<organization::Entity>) -> Result<Option<OrganizationRow>, Error> {
        let row = query.one(self.read()).await?.map(Arc::new);
        self.remember(row.clone());
        Ok(row)
    }
}

/// The cursor of a row among the organizations.
pub fn cursor(row: &OrganizationRow) -> String {
    page::cursor(Key::Text(row.slug.clone()), row.id.0)
}
