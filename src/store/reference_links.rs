//! Linking other systems' keys, as documents do it: what is linked already stays, and nothing is ever unlinked.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    change::FieldChange,
    configuration_item,
    enums::{ChangeAction, ChangeEntityType, ReferencedKind},
    external_reference,
    id::{ItemId, OrganizationId, ReferenceId, ServiceId},
    organization,
    problem::{Problem, Rule},
    scalar::URL,
    service,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::{
    Error, Refusal, Writer,
    writer::{Logged, some_at_a_time},
};
use crate::definition::{at::At, diff::Change, document::ExternalReferenceInput};

/// Something that a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Referenced {
    pub(super) kind: ReferencedKind,
    pub(super) id: Uuid,
    pub(super) service: Option<ServiceId>,
}

/// A reference that a document asks for.
pub(super) struct ReferenceWanted {
    entity: Referenced,
    reference: ExternalReferenceInput,
    /// Where it stands in the input.
    at: Vec<String>,
    /// Where it stands in the document that the change is one of.
    path: String,
}

impl ReferenceWanted {
    /// One reference by itself.
    pub(super) fn one(entity: Referenced, reference: &ExternalReferenceInput, at: &At) -> Self {
        Self { entity, reference: reference.clone(), at: at.path(), path: String::new() }
    }

    /// The references of a document's list, which stands in the input below `at` and in the document below `within`.
    pub(super) fn of(
        entity: Referenced,
        list: &MaybeUndefined<Vec<ExternalReferenceInput>>,
        at: &At,
        within: &str,
    ) -> Vec<Self> {
        let place = at.field("externalReferences");
        let list = list.value().into_iter().flatten().enumerate();
        list.map(|(index, reference)| Self {
            entity,
            reference: reference.clone(),
            at: place.index(index).path(),
            path: format!("{within}externalReferences/{}/{}", reference.system, reference.key),
        })
        .collect()
    }
}

/// What is to be written, and what the caller is told of it.
#[derive(Default)]
pub(super) struct ReferencesPlanned {
    pub(super) changes: Vec<Change>,
    rows: Vec<(ChangeAction, external_reference::Model, Vec<FieldChange>)>,
}

/// How an organization calls something: system, class and key.
type Name = (OrganizationId, String, String, String);

/// The references that the wanted ones may meet: those that stand, and those that were planned since.
pub(super) struct ReferencesKnown(HashMap<Name, Known>);

struct Known {
    row: external_reference::Model,
    /// Whether this write has named it already.
    named: bool,
}

impl ReferencesKnown {
    /// Whether an organization calls the thing so already.
    pub(super) fn has(&self, owner: OrganizationId, wanted: &ReferenceWanted) -> bool {
        let ExternalReferenceInput { system, r#type, key, url } = &wanted.reference;
        let name = (owner, system.clone(), r#type.clone().unwrap_or_default(), key.clone());
        self.0.get(&name).is_some_and(|known| {
            let url = url.as_ref().map(|URL(url)| url);
            known.row.entity_id == wanted.entity.id && (url.is_none() || known.row.url.as_ref() == url)
        })
    }
}

impl Writer {
    /// Checks references that are to belong to one organization. A name that one write gives twice is refused.
    pub(super) async fn plan_references(
        &self,
        owner: OrganizationId,
        wanted: Vec<ReferenceWanted>,
        known: &mut ReferencesKnown,
    ) -> Result<ReferencesPlanned, Refusal> {
        let (mut planned, mut problems) = (ReferencesPlanned::default(), Vec::new());
        for ReferenceWanted { entity, reference, at, path } in wanted {
            let ExternalReferenceInput { system, r#type, key, url } = reference;
            let name = (owner, system, r#type.unwrap_or_default(), key);
            let url = url.map(|URL(url)| url);
            let stands = known.0.get_mut(&name);
            let named = stands.as_ref().is_some_and(|known| known.named);
            let stands = stands.map(|known| {
                known.named = true;
                &mut known.row
            });
            match stands {
                Some(row) if row.entity_id != entity.id => {
                    problems.push(Problem { path: at, rule: Rule::ReferenceTaken { by: self.name_of(row).await? } });
                }
                Some(_) if named => problems.push(Problem { path: at, rule: Rule::NamedTwice { name: name.3 } }),
                Some(row) if url.is_none() || row.url == url => {}
                Some(row) => {
                    let (before, after) = (row.url.as_ref().map(|url| json!(url)), url.as_ref().map(|url| json!(url)));
                    row.url = url;
                    planned.changes.push(Change {
                        action: ChangeAction::Updated,
                        path: format!("{path}/url"),
                        before: before.clone(),
                        after: after.clone(),
                    });
                    let field = FieldChange { name: "url".into(), before, after };
                    planned.rows.push((ChangeAction::Updated, row.clone(), vec![field]));
                }
                None => {
                    let row = self.new_reference(entity, &name, url);
                    let after = shown(&row);
                    let fields = after.iter().map(|(name, value)| FieldChange {
                        name: name.clone(),
                        before: None,
                        after: Some(value.clone()),
                    });
                    planned.rows.push((ChangeAction::Created, row.clone(), fields.collect()));
                    planned.changes.push(Change {
                        action: ChangeAction::Created,
                        path,
                        before: None,
                        after: Some(after.into()),
                    });
                    known.0.insert(name, Known { row, named: true });
                }
            }
        }
        if problems.is_empty() { Ok(planned) } else { Err(problems.into()) }
    }

    /// Things that go let go of their keys, for whatever comes in the same write too.
    pub(super) async fn let_go_of_references(
        &self,
        gone: &[Uuid],
        known: &mut ReferencesKnown,
    ) -> Result<ReferencesPlanned, Error> {
        if gone.is_empty() {
            return Ok(ReferencesPlanned::default());
        }
        known.0.retain(|_, known| !gone.contains(&known.row.entity_id));
        let of_gone = external_reference::Column::EntityId.is_in(gone.iter().copied());
        let rows = external_reference::Entity::find().filter(of_gone).all(&self.transaction).await?.into_iter();
        let rows = rows.map(|row| {
            let fields = shown(&row).into_iter();
            let fields = fields.map(|(name, value)| FieldChange { name, before: Some(value), after: None });
            (ChangeAction::Deleted, row, fields.collect())
        });
        Ok(ReferencesPlanned { changes: Vec::new(), rows: rows.collect() })
    }

    /// Writes the references that were checked.
    pub(super) async fn write_references(&mut self, planned: ReferencesPlanned) -> Result<(), Error> {
        let mut new = Vec::new();
        for (action, row, fields) in planned.rows {
            self.log(Logged {
                action,
                entity_type: ChangeEntityType::ExternalReference,
                entity_id: row.id.0,
                service_id: row.service_id,
                organization_id: Some(row.organization_id),
                fields,
            });
            match action {
                ChangeAction::Created => new.push(row.into_active_model()),
                ChangeAction::Deleted => {
                    external_reference::Entity::delete_by_id(row.id).exec(&self.transaction).await?;
                }
                ChangeAction::Updated => {
                    let url =
                        external_reference::ActiveModel { id: Set(row.id), url: Set(row.url), ..Default::default() };
                    external_reference::Entity::update(url).exec(&self.transaction).await?;
                }
            }
        }
        self.insert(new).await
    }

    /// The references of these organizations that have a wanted key.
    pub(super) async fn references_known(
        &self,
        owners: impl IntoIterator<Item = OrganizationId>,
        wanted: impl IntoIterator<Item = &ReferenceWanted>,
    ) -> Result<ReferencesKnown, Error> {
        let owners: HashSet<OrganizationId> = owners.into_iter().collect();
        let keys: HashSet<&str> = wanted.into_iter().map(|it| it.reference.key.as_str()).collect();
        let mut known = HashMap::new();
        for keys in some_at_a_time(keys) {
            let rows = external_reference::Entity::find()
                .filter(external_reference::Column::OrganizationId.is_in(owners.iter().copied()))
                .filter(external_reference::Column::Slot.eq(""))
                .filter(external_reference::Column::Key.is_in(keys))
                .all(&self.transaction)
                .await?;
            known.extend(rows.into_iter().map(|row| {
                let name = (row.organization_id, row.system.clone(), row.class.clone(), row.key.clone());
                (name, Known { row, named: false })
            }));
        }
        Ok(ReferencesKnown(known))
    }

    fn new_reference(
        &self,
        entity: Referenced,
        (owner, system, class, key): &Name,
        url: Option<String>,
    ) -> external_reference::Model {
        external_reference::Model {
            id: ReferenceId::new(),
            organization_id: *owner,
            system: system.clone(),
            class: class.clone(),
            key: key.clone(),
            url,
            entity_kind: entity.kind,
            entity_id: entity.id,
            service_id: entity.service,
            slot: String::new(),
            created_at: self.now,
        }
    }

    /// What a reference names, if the viewer may see it.
    pub(super) async fn name_of(&self, row: &external_reference::Model) -> Result<Option<String>, Error> {
        if let Some(id) = row.service_id {
            let seen =
                service::Entity::find_by_id(id).filter(self.viewer.sees_services()?).one(&self.transaction).await?;
            return Ok(seen.map(|service| match row.entity_kind {
                ReferencedKind::Service => format!("service {}", service.slug),
                _ => format!("an element of service {}", service.slug),
            }));
        }
        if row.entity_kind == ReferencedKind::ConfigurationItem {
            let Ok(sees) = self.viewer.sees_items() else { return Ok(None) };
            let seen = configuration_item::Entity::find_by_id(ItemId(row.entity_id)).filter(sees);
            let seen = seen.one(&self.transaction).await?;
            return Ok(seen.map(|item| format!("configuration item {}", item.name)));
        }
        let seen = organization::Entity::find_by_id(OrganizationId(row.entity_id));
        let seen = seen.filter(self.viewer.sees_organizations()?).one(&self.transaction).await?;
        Ok(seen.map(|organization| format!("organization {}", organization.slug)))
    }
}

/// The reference as documents have it.
pub(super) fn shown(row: &external_reference::Model) -> serde_json::Map<String, serde_json::Value> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let fields = [
        ("system", Some(row.system.clone())),
        ("type", given(&row.class)),
        ("key", Some(row.key.clone())),
        ("url", row.url.clone()),
    ];
    fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value.into()))).collect()
}
