//! The words by which a configuration item is found. They are separate from the search index of definitions, so that
//! only a viewer who may see the item can find them.

use sea_orm::entity::prelude::*;

use crate::id::ItemId;

/// A row of the table, written and removed in the transaction that writes or removes the item.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_words")]
pub struct Model {
    /// Only joins the row with its words in the database's own index.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The item.
    #[sea_orm(unique)]
    pub item_id: ItemId,
    /// The words of its name, its class and the key from its source, folded, with a space between each.
    #[sea_orm(column_type = "Text")]
    pub words: String,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
