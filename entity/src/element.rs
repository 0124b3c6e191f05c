//! The identity of an element of a definition: its content is in the document of terms.

use sea_orm::entity::prelude::*;

use crate::{
    enums::ElementKind,
    id::{ElementId, ServiceId},
};

/// A row of the table. One for each service, kind and key: an element that is created again with its key gets its old
/// identity.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "element")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ElementId,
    /// The service of the element.
    pub service_id: ServiceId,
    /// Its kind.
    pub kind: ElementKind,
    /// Its key.
    pub key: String,
    /// The first published revision that contains it.
    pub came_in: i32,
    /// The published revision that deleted it; null while it exists.
    pub gone_in: Option<i32>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
