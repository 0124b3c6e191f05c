//! The viewer of a request, with the organization of its claims.

use entente_entity::{id::OrganizationId, organization};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    definition::limits::is_key,
    policy::{Claims, Viewer},
    store::{Store, db::error::Error},
};

impl Store {
    /// The viewer with these claims. Its organization is `None` if the claims name none, or one that does not exist
    /// here.
    pub async fn viewer(&self, claims: Claims) -> Result<Viewer, Error> {
        let organization = match &claims.organization {
            Some(slug) => self.organization_id(slug).await?,
            None => None,
        };
        Ok(Viewer { claims, organization })
    }

    /// The organization with this slug. It is cached, because slugs never change and organizations are never deleted.
    async fn organization_id(&self, slug: &str) -> Result<Option<OrganizationId>, Error> {
        if let Some(id) = self.organization_ids.get(slug) {
            return Ok(Some(id));
        }
        if !is_key(slug) {
            return Ok(None);
        }
        let id: Option<OrganizationId> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::Column::Slug.eq(slug))
            .into_tuple()
            .one(&self.database.read)
            .await?;
        if let Some(id) = id {
            self.organization_ids.insert(slug.to_owned(), id);
        }
        Ok(id)
    }
}
