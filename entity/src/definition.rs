//! A revision of a service's terms. Its content never changes; only its state does.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    enums::DefinitionState,
    id::{DefinitionId, ServiceId},
    scalar::DateTime,
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "definition")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DefinitionId,
    /// The service.
    pub service_id: ServiceId,
    /// From 1, rising by one.
    pub revision: i32,
    /// What became of it.
    pub state: DefinitionState,
    /// The whole document of terms, as JSON with the ids of its elements.
    #[sea_orm(column_type = "Text")]
    pub terms: String,
    /// Why, in the author's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// Who wrote it.
    #[sea_orm(column_type = "Json")]
    pub author: Actor,
    /// When it was frozen.
    pub created_at: DateTime,
    /// When it was published; null if never.
    pub published_at: Option<DateTime>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
