//! The identity of an element of a definition: what it says stands in the document of terms.

use sea_orm::entity::prelude::*;

use crate::{
    enums::ElementKind,
    id::{ElementId, ServiceId},
};

/// A row of the table. One for each service, kind and key: a key that comes again takes its old identity back.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "element")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ElementId,
    /// Whose element it is.
    pub service_id: ServiceId,
    /// Its kind.
    pub kind: ElementKind,
    /// Its key.
    pub key: String,
    /// The published revision in which it first came.
    pub came_in: i32,
    /// The published revision in which it was gone again; null while it is there.
    pub gone_in: Option<i32>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
