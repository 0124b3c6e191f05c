//! The rows of references to create, update or delete, and their log.

use std::collections::HashSet;

use entente_entity::{
    change::FieldChange,
    enums::ChangeAction,
    external_reference,
    id::{OrganizationId, ServiceId},
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::ReferenceWrites;
use crate::{
    definition::diff::Change,
    policy::Changed,
    store::{
        db::{error::Error, parts::KEYS},
        service::WriteServices,
    },
};

/// The rows to write, and the changes for the caller.
#[derive(Default)]
pub(in crate::store) struct ReferencesPlanned {
    pub(in crate::store) changes: Vec<Change>,
    pub(in crate::store) rows: Vec<PlannedRow>,
    /// Services that lose a key of an organization that is no longer one of their parties.
    pub(super) freed: HashSet<ServiceId>,
}

impl ReferencesPlanned {
    /// Rows to delete.
    pub(in crate::store) fn unlinked(
        rows: impl IntoIterator<Item = external_reference::Model>,
        provider: Option<OrganizationId>,
    ) -> Self {
        Self { rows: rows.into_iter().map(|row| PlannedRow::deleted(row, provider)).collect(), ..Self::default() }
    }
}

/// A row, what is done with it, and the fields for the log.
pub(in crate::store) struct PlannedRow {
    pub(in crate::store) action: ChangeAction,
    pub(in crate::store) row: external_reference::Model,
    /// The provider of the service that the object is or belongs to; `None` for keys of other objects, and for keys of
    /// threads, whose changes have another audience.
    pub(super) provider: Option<OrganizationId>,
    pub(in crate::store) fields: Vec<FieldChange>,
}

impl PlannedRow {
    pub(super) fn created(row: external_reference::Model, provider: Option<OrganizationId>) -> Self {
        let fields = shown(&row).into_iter().map(|(name, value)| FieldChange::set(name, value)).collect();
        Self { action: ChangeAction::Created, row, provider, fields }
    }

    pub(super) fn deleted(row: external_reference::Model, provider: Option<OrganizationId>) -> Self {
        let fields = shown(&row).into_iter().map(|(name, value)| FieldChange::removed(name, value)).collect();
        Self { action: ChangeAction::Deleted, row, provider, fields }
    }
}

impl ReferenceWrites<'_> {
    /// Writes the references that were checked.
    pub(in crate::store) async fn write(self, planned: ReferencesPlanned) -> Result<(), Error> {
        let staged = self.stage(planned);
        self.write_staged(staged).await
    }

    /// Logs the planned references, and returns their rows, which the caller writes together with others.
    pub(in crate::store) fn stage(self, planned: ReferencesPlanned) -> Vec<(ChangeAction, external_reference::Model)> {
        self.services().touch_for_provider_at_end(planned.freed);
        let staged = planned.rows.into_iter().map(|PlannedRow { action, row, provider, fields }| {
            self.log(Changed::reference(provider, &row), action, fields);
            (action, row)
        });
        staged.collect()
    }

    /// Writes staged references. Deletes first, because a new reference may have the key of a deleted one.
    pub(in crate::store) async fn write_staged(
        self,
        staged: Vec<(ChangeAction, external_reference::Model)>,
    ) -> Result<(), Error> {
        let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for (action, row) in staged {
            match action {
                ChangeAction::Created => new.push(row.into_active_model()),
                ChangeAction::Updated => changed.push(row.into_active_model()),
                ChangeAction::Deleted => gone.push(row.id),
            }
        }
        for some in gone.chunks(KEYS) {
            let ids = external_reference::Column::Id.is_in(some.iter().copied());
            external_reference::Entity::delete_many().filter(ids).exec(&self.transaction).await?;
        }
        self.upsert(changed, external_reference::Column::Id, &[external_reference::Column::Url]).await?;
        self.insert(new).await
    }
}

/// The reference as JSON, as in a document.
pub(in crate::store) fn shown(row: &external_reference::Model) -> serde_json::Map<String, serde_json::Value> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let fields = [
        ("system", Some(row.system.clone())),
        ("type", given(&row.class)),
        ("key", Some(row.key.clone())),
        ("url", row.url.clone()),
    ];
    fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value.into()))).collect()
}
