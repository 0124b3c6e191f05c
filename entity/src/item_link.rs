//! The configuration items that a service, or only one of its outcomes, depends on.

use sea_orm::entity::prelude::*;

use crate::id::{ItemId, ServiceId};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_link")]
pub struct Model {
    /// The service or the outcome that depends on the item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entity_id: Uuid,
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: ItemId,
    /// The service: the same one, or the one that contains the outcome.
    pub service_id: ServiceId,
    /// Its place among the items of the service or the outcome, from 0.
    pub position: i32,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
