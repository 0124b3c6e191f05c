//! A measurement: the value of an indicator at an instant.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    id::{ElementId, MeasurementId},
    scalar::DateTime,
};

/// A row of the table. There is one for each indicator, instant and source.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "measurement")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MeasurementId,
    /// The indicator.
    pub element_id: ElementId,
    /// The instant for which the value holds.
    pub at: DateTime,
    /// The value, in the unit of the indicator. It is finite.
    pub value: f64,
    /// The source of the value; empty for none, so that it can be part of a unique key.
    pub source: String,
    /// Who recorded the value.
    #[sea_orm(column_type = "Json")]
    pub recorded_by: Actor,
    /// When the value was recorded.
    pub recorded_at: DateTime,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
