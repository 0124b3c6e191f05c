//! The change log. A row is written in the transaction that makes the change. The feed, the webhooks and the audit read
//! it.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    actor::Actor,
    enums::{ChangeAction, ChangeEntityType},
    id::{OrganizationId, ServiceId},
    scalar::DateTime,
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Ascending, but rows may become visible in another order: it is not a position in the feed.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The position in the feed. It is assigned after the commit; null until then.
    #[sea_orm(unique)]
    pub position: Option<i64>,
    /// When the change was made.
    pub at: DateTime,
    /// The actor.
    #[sea_orm(column_type = "Json")]
    pub actor: Actor,
    /// The action.
    pub action: ChangeAction,
    /// The kind of the object.
    pub entity_type: ChangeEntityType,
    /// The id of the object.
    pub entity_id: Uuid,
    /// The service that the object is or belongs to.
    pub service_id: Option<ServiceId>,
    /// The only party that sees the change, in addition to the provider; null if all who see the service see it.
    pub organization_id: Option<OrganizationId>,
    /// Whether only the provider may see it.
    pub internal: bool,
    /// What changed.
    #[sea_orm(column_type = "Json")]
    pub fields: Fields,
}

/// The fields that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Fields(pub Vec<FieldChange>);

/// A changed field, with its texts in every language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The name of the field in the API.
    pub name: String,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// The value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
