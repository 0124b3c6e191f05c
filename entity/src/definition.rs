//! A revision of a service's terms. Its content never changes; only its state does.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    actor::Actor,
    enums::DefinitionState,
    id::{DefinitionId, ServiceId, ThreadId},
    scalar::DateTime,
};

/// The ids of threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct ThreadIds(pub Vec<ThreadId>);

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
    /// The published revision from which it was made. Null for the first, and for those that a version without proposals wrote: these were
    /// made from the revision before.
    pub base: Option<i32>,
    /// Whether the proposal is published when all consumers have agreed to it.
    pub publish_when_agreed: bool,
    /// The threads that the proposal answers. They are resolved when it is published.
    #[sea_orm(column_type = "Json")]
    pub resolves: ThreadIds,
    /// When the last consumer of that time agreed, so that all consumers had agreed. Null until then, and when one of them no longer
    /// agrees.
    pub agreed_at: Option<DateTime>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
