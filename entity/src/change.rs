//! The log of changes, written in the transaction that makes the change. The feed, the webhooks and the audit read it.

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
    /// Rising, but visible out of order: never a place in the feed.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The place in the feed, stamped after the commit; null until then.
    #[sea_orm(unique)]
    pub position: Option<i64>,
    /// When it was made.
    pub at: DateTime,
    /// Who made it.
    #[sea_orm(column_type = "Json")]
    pub actor: Actor,
    /// What happened.
    pub action: ChangeAction,
    /// To what kind of thing.
    pub entity_type: ChangeEntityType,
    /// To which thing.
    pub entity_id: Uuid,
    /// The service that the thing is or belongs to.
    pub service_id: Option<ServiceId>,
    /// The one party that the thing is about, besides the provider; null where it is about all who see the service.
    pub organization_id: Option<OrganizationId>,
    /// Whether only the provider's side may see it.
    pub internal: bool,
    /// What changed.
    #[sea_orm(column_type = "Json")]
    pub fields: Fields,
}

/// The fields that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Fields(pub Vec<FieldChange>);

/// A field that changed, with texts in every language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name in the API.
    pub name: String,
    /// The value before; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// The value now; `None` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

impl FieldChange {
    /// A field that had no value before.
    pub fn set(name: impl Into<String>, after: impl Into<serde_json::Value>) -> Self {
        Self { name: name.into(), before: None, after: Some(after.into()) }
    }

    /// A field that has no value now.
    pub fn removed(name: impl Into<String>, before: impl Into<serde_json::Value>) -> Self {
        Self { name: name.into(), before: Some(before.into()), after: None }
    }

    /// A field with its value before and now; `None` if they are equal.
    pub fn between(
        name: impl Into<String>,
        before: Option<serde_json::Value>,
        after: Option<serde_json::Value>,
    ) -> Option<Self> {
        (before != after).then(|| Self { name: name.into(), before, after })
    }

    /// The field without its values, which are deleted for good.
    #[must_use]
    pub fn without_values(self) -> Self {
        Self { before: None, after: None, ..self }
    }
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
