//! The change log. A row is written in the transaction that makes the change. Until now only migrations, tests and the
//! redaction of messages read it; the feed, the webhooks and the audit will read it, but are not built yet.

use sea_orm::{DeriveActiveEnum, EnumIter, FromJsonQueryResult, entity::prelude::*, prelude::StringLen};
use serde::{Deserialize, Serialize};

use crate::{
    actor::Actor,
    enums::{ChangeAction, ChangeEntityType},
    id::{OrganizationId, ServiceId, ThreadId},
    scalar::DateTime,
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Ascending, but rows may become visible in another order: it is not a position in the feed.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The position in the feed. Always null now: the feed, which will assign it after the commit, does not exist yet.
    #[sea_orm(unique)]
    pub position: Option<i64>,
    /// The instant of the transaction that made the change.
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
    /// The service that the thing is or belongs to. Null for organizations, configuration items and their keys.
    pub service_id: Option<ServiceId>,
    /// The thread that the thing is or belongs to. Null if there is none.
    pub thread_id: Option<ThreadId>,
    /// The organization that the thing is or belongs to: the consumer of a relationship or of a thread, the owner of a configuration item,
    /// the organization that linked a key (in a thread: its consumer). Null for what belongs to a service as a whole.
    pub organization_id: Option<OrganizationId>,
    /// The organization that a key names, if another organization linked the key. Otherwise null.
    pub partner_id: Option<OrganizationId>,
    /// Who may see it. Null if that is not known: a version of the program that had no audiences wrote it. Then only `admin` may.
    pub audience: Option<Audience>,
    /// What changed.
    #[sea_orm(column_type = "Json")]
    pub fields: Fields,
}

/// Who may see a change. Each value is a rule on `service_id`, `organization_id`, `partner_id` and `action`, never on the type of the
/// object. `admin` sees every change. Others see a change if its rule is true for their organization when they read:
///
/// | audience | who sees it | scope |
/// |---|---|---|
/// | `SERVICE` | the provider of `service_id`, and each of its consumers | provider: `read` or `definitions:write`; consumer: `read` |
/// | `CONSUMER` | the provider of `service_id`; `organization_id` while it consumes the service, and a DELETED also later | the same |
/// | `THREAD` | the provider of `service_id`; `organization_id` while it consumes the service | `read` or `threads:write` |
/// | `INTERNAL` | the provider of `service_id` | `read` or `threads:write` |
/// | `ITEMS` | `organization_id`; where it is null, the provider of `service_id` | `cmdb:read` or `cmdb:write` |
/// | `ORGANIZATION` | those who may see the organization `organization_id` | as for the organization |
/// | `PARTNERS` | `organization_id`; `partner_id` while one of the two consumes a service of the other | as for the organization |
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
pub enum Audience {
    /// All parties of a service.
    #[sea_orm(string_value = "SERVICE")]
    Service,
    /// The provider of a service and one of its consumers.
    #[sea_orm(string_value = "CONSUMER")]
    Consumer,
    /// Both parties of a thread.
    #[sea_orm(string_value = "THREAD")]
    Thread,
    /// Only the provider's side of a thread.
    #[sea_orm(string_value = "INTERNAL")]
    Internal,
    /// Those who may read the configuration items of their organization.
    #[sea_orm(string_value = "ITEMS")]
    Items,
    /// Those who see an organization.
    #[sea_orm(string_value = "ORGANIZATION")]
    Organization,
    /// The organization that linked a key to an organization, and the organization that the key names.
    #[sea_orm(string_value = "PARTNERS")]
    Partners,
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

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
