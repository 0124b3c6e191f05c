//! The rows of a write of configuration items, and its log.

use entente_entity::{
    change::FieldChange,
    configuration_item,
    enums::{ChangeAction, ReferencedKind},
    external_reference,
    id::{ItemId, OrganizationId},
    item_dependency, item_words,
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};

use super::{ItemsApply, Planned, Reference, Unsettled, Written};
use crate::{
    definition::document::{ExternalKey, ExternalReferenceInput},
    fold::fold,
    item::Item,
    policy::Changed,
    store::{
        db::{error::Error, parts::KEYS},
        item::{ItemWrites, words::row as words_of},
        reference::{WriteReferences, link::Referenced},
        write::writer::Writer,
    },
};

impl ItemsApply {
    /// The rows of an item that is created or updated.
    pub(super) fn one(
        &self,
        writer: &Writer,
        organization: OrganizationId,
        given: &ExternalReferenceInput,
        current: Option<(&external_reference::Model, &configuration_item::Model)>,
        before: Option<Item>,
        after: Item,
    ) -> Planned {
        let class = given.r#type.as_deref().unwrap_or_default();
        let is_typed = current.is_some_and(|(row, _)| row.class.is_empty() && !class.is_empty());
        if let Some((_, row)) = current
            && before.as_ref() == Some(&after)
            && !is_typed
        {
            return Planned::Unchanged(Box::new(row.clone()));
        }
        let id = current.map_or_else(ItemId::new, |(_, row)| row.id);
        let moved = before.as_ref().is_none_or(|before| before.depends_on != after.depends_on);
        let dependency = |(position, key): (usize, &ExternalKey)| item_dependency::Model {
            item_id: id,
            position: position as i32,
            organization_id: organization,
            system: key.system.clone(),
            class: key.r#type.clone().unwrap_or_default(),
            key: key.key.clone(),
            dependency_id: None,
        };
        let dependencies = moved.then(|| after.depends_on.iter().enumerate().map(dependency).collect());
        let reference = match current {
            Some((row, _)) if row.url == after.url && !is_typed => Reference::Current(row.clone(), false),
            Some((row, _)) => {
                let class = if is_typed { class.to_owned() } else { row.class.clone() };
                Reference::Current(external_reference::Model { url: after.url.clone(), class, ..row.clone() }, true)
            }
            None => {
                let item =
                    Referenced { kind: ReferencedKind::ConfigurationItem, id: id.0, service: None, provider: None };
                Reference::New(writer.references().new_row(organization, item, given, after.url.clone()))
            }
        };
        let row = configuration_item::Model {
            id,
            organization_id: organization,
            name: after.name.clone(),
            class: after.class.clone(),
            environment: after.environment.clone(),
            status: after.status.clone(),
            dependencies_needed: after.dependencies_needed,
            dependencies: after.depends_on.len() as i32,
            sort_name: fold(&after.name),
            seen_at: writer.now,
            created_at: current.map_or(writer.now, |(_, row)| row.created_at),
            updated_at: writer.now,
        };
        Planned::Written(Box::new(Written { row, before, after, reference, dependencies }))
    }
}

impl Written {
    /// Whether its place in the graph of dependencies changes.
    fn changes_graph(&self) -> bool {
        let needed = self.before.as_ref().map(|before| before.dependencies_needed);
        self.dependencies.is_some() || needed != Some(self.after.dependencies_needed)
    }

    /// The words by which it is found; `None` if they do not change.
    fn words(&self) -> Option<item_words::ActiveModel> {
        let Self { row, before, reference: Reference::New(reference) | Reference::Current(reference, _), .. } = self;
        let is_current = before.as_ref().is_some_and(|before| (&before.name, &before.class) == (&row.name, &row.class));
        (!is_current).then(|| words_of(row, &reference.key))
    }
}

impl ItemWrites<'_> {
    /// Writes the planned items: first deletes, then creates and updates, then resolves dependencies.
    pub(super) async fn write(
        self,
        organization: OrganizationId,
        planned: Vec<Planned>,
        unsettled: Unsettled,
    ) -> Result<(), Error> {
        let (mut rows, mut new, mut relinked) = (Vec::new(), Vec::new(), Vec::new());
        let (mut moved, mut dependencies) = (Vec::new(), Vec::new());
        let (mut seen, mut removed, mut words) = (Vec::new(), Vec::new(), Vec::new());
        let (mut graph_changes, mut names_change) = (false, false);
        for one in planned {
            match one {
                Planned::Absent => {}
                Planned::Unchanged(row) => seen.push(row.id),
                Planned::Removed(row) => removed.push(*row),
                Planned::Written(one) => {
                    self.log_item(&one);
                    graph_changes |= one.changes_graph();
                    names_change |= one.before.as_ref().is_none_or(|before| before.name != one.row.name);
                    words.extend(one.words());
                    if let Some(some) = one.dependencies {
                        if one.before.is_some() {
                            moved.push(one.row.id);
                        }
                        dependencies.extend(some.into_iter().map(IntoActiveModel::into_active_model));
                    }
                    match one.reference {
                        Reference::New(row) => new.push(row),
                        Reference::Current(row, true) => relinked.push(row.into_active_model()),
                        Reference::Current(_, false) => {}
                    }
                    rows.push(one.row.into_active_model());
                }
            }
        }
        if graph_changes || !removed.is_empty() {
            self.changes_graph_of(organization);
        }
        if names_change || !removed.is_empty() {
            self.changes_names_of(organization).await?;
        }
        let gone = self.remove(removed).await?;
        self.upsert(rows, configuration_item::Column::Id, ITEM).await?;
        self.upsert(words, item_words::Column::ItemId, &[item_words::Column::Words]).await?;
        let typed = [external_reference::Column::Url, external_reference::Column::Class];
        let mut keys: Vec<String> = new.iter().map(|row| row.key.clone()).chain(gone).chain(unsettled.keys).collect();
        keys.extend(relinked.iter().map(|row| row.key.clone().unwrap()));
        self.upsert(relinked, external_reference::Column::Id, &typed).await?;
        self.insert(new.into_iter().map(IntoActiveModel::into_active_model).collect::<Vec<_>>()).await?;
        for some in moved.chunks(KEYS) {
            item_dependency::Entity::delete_many()
                .filter(item_dependency::Column::ItemId.is_in(some.iter().copied()))
                .exec(&self.transaction)
                .await?;
        }
        self.insert(dependencies).await?;
        self.contest_dependencies(organization, &unsettled.contested, &keys).await?;
        keys.sort_unstable();
        keys.dedup();
        self.resolve_dependencies(organization, &keys).await?;
        for some in seen.chunks(KEYS) {
            configuration_item::Entity::update_many()
                .col_expr(configuration_item::Column::SeenAt, Expr::val(self.now))
                .filter(configuration_item::Column::Id.is_in(some.iter().copied()))
                .exec(&self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Deletes items and their links; dependencies on them become unresolved. Returns the keys that they had.
    async fn remove(self, rows: Vec<configuration_item::Model>) -> Result<Vec<String>, Error> {
        let mut keys = Vec::new();
        if rows.is_empty() {
            return Ok(keys);
        }
        let ids: Vec<ItemId> = rows.iter().map(|row| row.id).collect();
        self.unlink(&ids).await?;
        for some in ids.chunks(KEYS) {
            let ids = || some.iter().copied();
            item_dependency::Entity::delete_many()
                .filter(item_dependency::Column::ItemId.is_in(ids()))
                .exec(&self.transaction)
                .await?;
            item_dependency::Entity::update_many()
                .col_expr(item_dependency::Column::DependencyId, Expr::val(None::<uuid::Uuid>))
                .filter(item_dependency::Column::DependencyId.is_in(ids()))
                .exec(&self.transaction)
                .await?;
            let of_them = || {
                use external_reference::Column;
                let kind = Column::EntityKind.eq(ReferencedKind::ConfigurationItem);
                kind.and(Column::EntityId.is_in(ids().map(|id| id.0)))
            };
            let gone = external_reference::Entity::find().filter(of_them()).all(&self.transaction).await?;
            keys.extend(gone.into_iter().map(|row| row.key));
            external_reference::Entity::delete_many().filter(of_them()).exec(&self.transaction).await?;
            item_words::Entity::delete_many()
                .filter(item_words::Column::ItemId.is_in(ids()))
                .exec(&self.transaction)
                .await?;
            configuration_item::Entity::delete_many()
                .filter(configuration_item::Column::Id.is_in(ids()))
                .exec(&self.transaction)
                .await?;
        }
        for row in rows {
            let fields = [FieldChange::removed("name", &*row.name), FieldChange::removed("class", &*row.class)];
            self.log(Changed::item(&row), ChangeAction::Deleted, fields);
        }
        Ok(keys)
    }

    fn log_item(self, written: &Written) {
        let Written { row, before, after, reference, dependencies: _ } = written;
        let (Reference::New(reference) | Reference::Current(reference, _)) = reference;
        let old = before.as_ref().map(|before| said(before, reference));
        let new = said(after, reference);
        let fields = new.into_iter().enumerate().filter_map(|(index, (name, after))| {
            let before = old.as_ref().and_then(|old| old[index].1.clone());
            FieldChange::between(name, before, after)
        });
        let action = if before.is_some() { ChangeAction::Updated } else { ChangeAction::Created };
        self.log(Changed::item(row), action, fields);
    }
}

/// The fields of an item, with their names in the API and in documents.
fn said(item: &Item, reference: &external_reference::Model) -> [(&'static str, Option<Value>); 7] {
    let Item { name, class, environment, status, dependencies_needed, depends_on, url } = item;
    let reference = ExternalReferenceInput {
        system: reference.system.clone(),
        r#type: Some(reference.class.clone()).filter(|class| !class.is_empty()),
        key: reference.key.clone(),
        url: url.clone().map(entente_entity::scalar::URL),
    };
    [
        ("ref", Some(json!(reference))),
        ("name", Some(json!(name))),
        ("class", Some(json!(class))),
        ("environment", environment.as_ref().map(|it| json!(it))),
        ("status", status.as_ref().map(|it| json!(it))),
        ("dependsOn", Some(json!(depends_on)).filter(|_| !depends_on.is_empty())),
        ("dependenciesNeeded", dependencies_needed.map(|it| json!(it))),
    ]
}

/// The columns that are updated of an existing item.
const ITEM: &[configuration_item::Column] = {
    use configuration_item::Column::*;
    &[Name, Class, Environment, Status, DependenciesNeeded, Dependencies, SortName, SeenAt, UpdatedAt]
};
