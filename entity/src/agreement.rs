//! The decision of one consumer on one revision of the terms. Without a row, the consumer has not decided.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    enums::AgreementState,
    id::{DefinitionId, OrganizationId, ServiceId, ThreadId},
    scalar::DateTime,
};

/// A row of the table. It holds the last decision; the earlier ones are in the change log. The rows of a consumer are deleted when
/// its service relationship ends, and those on the published and on the proposed revision when its offering changes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement")]
pub struct Model {
    /// The revision.
    #[sea_orm(primary_key, auto_increment = false)]
    pub definition_id: DefinitionId,
    /// The consumer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The service.
    pub service_id: ServiceId,
    /// The number of the revision.
    pub revision: i32,
    /// The decision; never PENDING.
    pub state: AgreementState,
    /// The reason.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// Who decided.
    #[sea_orm(column_type = "Json")]
    pub decided_by: Actor,
    /// When it was decided.
    pub decided_at: DateTime,
    /// The digest of the terms that were decided on.
    pub digest: String,
    /// The feedback thread of the last objection; null if there was none.
    pub thread_id: Option<ThreadId>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
