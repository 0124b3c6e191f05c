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
    /// The number of the revision: 1, 2, 3 …
    pub revision: i32,
    /// Its state.
    pub state: DefinitionState,
    /// The whole document of terms, as JSON with the ids of its elements.
    #[sea_orm(column_type = "Text")]
    pub terms: String,
    /// The author's reason.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// Its author.
    #[sea_orm(column_type = "Json")]
    pub author: Actor,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was published; null if it was not.
    pub published_at: Option<DateTime>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
