//! Linking other systems' keys, as documents do it: what is linked already stays, and nothing is ever unlinked.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ReferencedKind},
    external_reference,
    id::{OrganizationId, ReferenceId, ServiceId},
    scalar::URL,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::ReferenceWrites;
use crate::{
    definition::{at::At, diff::Change, document::ExternalReferenceInput},
    policy::Changed,
    problem::{Problem, Rule},
    store::{
        db::{
            error::{Error, Refusal},
            parts::KEYS,
        },
        service::WriteServices,
    },
};

/// Something that a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Referenced {
    pub(in crate::store) kind: ReferencedKind,
    pub(in crate::store) id: Uuid,
    pub(in crate::store) service: Option<ServiceId>,
    /// Who provides the service.
    pub(in crate::store) provider: Option<OrganizationId>,
}

/// A reference that a document asks for.
pub(in crate::store) struct ReferenceWanted {
    entity: Referenced,
    reference: ExternalReferenceInput,
    /// Where it stands in the input.
    at: Vec<String>,
    /// Where it stands in the document that the change is one of.
    path: String,
}

impl ReferenceWanted {
    /// One reference by itself.
    pub(in crate::store) fn one(entity: Referenced, reference: &ExternalReferenceInput, at: &At) -> Self {
        Self { entity, reference: reference.clone(), at: at.path(), path: String::new() }
    }

    fn name(&self, owner: OrganizationId) -> Name {
        let ExternalReferenceInput { system, r#type, key, url: _ } = &self.reference;
        (owner, system.clone(), r#type.clone().unwrap_or_default(), key.clone())
    }

    /// The references of a document's list, which stands in the input below `at` and in the document below `within`.
    pub(in crate::store) fn of(
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
pub(in crate::store) struct ReferencesPlanned {
    pub(in crate::store) changes: Vec<Change>,
    rows: Vec<PlannedRow>,
    /// Services, of which the organization is no party any more, that lose a key.
    freed: HashSet<ServiceId>,
}

/// A row, and what is to be done with it and logged of it.
struct PlannedRow {
    row: external_reference::Model,
    /// Who provides the service that it is about.
    provider: Option<OrganizationId>,
    action: ChangeAction,
    fields: Vec<FieldChange>,
}

fn deleted(row: external_reference::Model, provider: Option<OrganizationId>) -> PlannedRow {
    let fields = shown(&row).into_iter().map(|(name, value)| FieldChange::removed(name, value));
    PlannedRow { fields: fields.collect(), row, provider, action: ChangeAction::Deleted }
}

/// What is wrong with references, and what has those that are taken.
#[derive(Default)]
pub(in crate::store) struct ReferencesWrong {
    problems: Vec<Problem>,
    taken: Vec<external_reference::Model>,
}

/// How an organization calls something: system, class and key.
type Name = (OrganizationId, String, String, String);

/// The references that the wanted ones may meet: those that stand, and those that were planned since.
pub(in crate::store) struct ReferencesKnown(HashMap<Name, Known>);

struct Known {
    row: external_reference::Model,
    /// Whether this write has named it already.
    named: bool,
    /// Whether no member of its organization sees what it names: whatever is called so next takes the name over.
    free: bool,
}

impl ReferencesKnown {
    /// Whether an organization calls the thing so already.
    pub(in crate::store) fn has(&self, owner: OrganizationId, wanted: &ReferenceWanted) -> bool {
        self.0.get(&wanted.name(owner)).is_some_and(|known| {
            let url = wanted.reference.url.as_ref().map(|URL(url)| url);
            known.row.entity_id == wanted.entity.id && (url.is_none() || known.row.url.as_ref() == url)
        })
    }
}

impl ReferenceWrites<'_> {
    /// Checks references that are to belong to one organization. A name that one write gives twice is refused.
    pub(in crate::store) async fn plan(
        self,
        owner: OrganizationId,
        wanted: Vec<ReferenceWanted>,
        known: &mut ReferencesKnown,
    ) -> Result<ReferencesPlanned, Refusal> {
        let mut wrong = ReferencesWrong::default();
        let planned = self.look_at(owner, wanted, known, &mut wrong);
        self.refuse(wrong).await?;
        Ok(planned)
    }

    /// Refuses what was found wrong with references.
    pub(in crate::store) async fn refuse(self, wrong: ReferencesWrong) -> Result<(), Refusal> {
        let ReferencesWrong { mut problems, taken } = wrong;
        if problems.is_empty() {
            return Ok(());
        }
        self.say_by_whom(&mut problems, &taken).await?;
        Err(problems.into())
    }

    /// As [`ReferenceWrites::plan`], where what is wrong with several lists is refused together.
    pub(in crate::store) fn look_at(
        self,
        owner: OrganizationId,
        wanted: Vec<ReferenceWanted>,
        known: &mut ReferencesKnown,
        wrong: &mut ReferencesWrong,
    ) -> ReferencesPlanned {
        let mut planned = ReferencesPlanned::default();
        let ReferencesWrong { problems, taken } = wrong;
        for wanted in wanted {
            let name = wanted.name(owner);
            let ReferenceWanted { entity, reference, at, path } = wanted;
            let url = reference.url.map(|URL(url)| url);
            if known.0.get(&name).is_some_and(|known| known.free && known.row.entity_id != entity.id)
                && let Some(Known { row, .. }) = known.0.remove(&name)
            {
                planned.freed.extend(row.service_id);
                // Its organization is no longer a party of that service, so it is not the provider.
                planned.rows.push(deleted(row, None));
            }
            let current = known.0.get_mut(&name);
            let named = current.as_ref().is_some_and(|known| known.named);
            let current = current.map(|known| {
                known.named = true;
                &mut known.row
            });
            match current {
                Some(row) if row.entity_id != entity.id => {
                    taken.push(row.clone());
                    problems.push(Problem { path: at, rule: Rule::ReferenceTaken { by: None } });
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
                    planned.rows.push(PlannedRow {
                        row: row.clone(),
                        provider: entity.provider,
                        action: ChangeAction::Updated,
                        fields: FieldChange::between("url", before, after).into_iter().collect(),
                    });
                }
                None => {
                    let row = self.new_reference(entity, &name, url);
                    let after = shown(&row);
                    let fields = after.iter().map(|(name, value)| FieldChange::set(name, value.clone()));
                    planned.rows.push(PlannedRow {
                        row: row.clone(),
                        provider: entity.provider,
                        action: ChangeAction::Created,
                        fields: fields.collect(),
                    });
                    planned.changes.push(Change {
                        action: ChangeAction::Created,
                        path,
                        before: None,
                        after: Some(after.into()),
                    });
                    known.0.insert(name, Known { row, named: true, free: false });
                }
            }
        }
        planned
    }

    /// Elements that go let go of their keys, for whatever comes in the same write too. `provider`: who provides their service.
    pub(in crate::store) async fn let_go_of(
        self,
        gone: &[Uuid],
        provider: OrganizationId,
        known: &mut ReferencesKnown,
    ) -> Result<ReferencesPlanned, Error> {
        if gone.is_empty() {
            return Ok(ReferencesPlanned::default());
        }
        known.0.retain(|_, known| !gone.contains(&known.row.entity_id));
        let of_gone = external_reference::Column::EntityId.is_in(gone.iter().copied());
        let rows = external_reference::Entity::find().filter(of_gone).all(&self.transaction).await?.into_iter();
        let rows = rows.map(|row| deleted(row, Some(provider))).collect();
        Ok(ReferencesPlanned { rows, ..ReferencesPlanned::default() })
    }

    /// Writes the references that were checked.
    pub(in crate::store) async fn write(self, planned: ReferencesPlanned) -> Result<(), Error> {
        let staged = self.stage(planned);
        self.write_staged(staged).await
    }

    /// Logs what was planned, to be written together with what is planned of others.
    pub(in crate::store) fn stage(self, planned: ReferencesPlanned) -> Vec<(ChangeAction, external_reference::Model)> {
        self.services().touch_for_provider_at_end(planned.freed);
        let mut staged = Vec::with_capacity(planned.rows.len());
        for PlannedRow { row, provider, action, fields } in planned.rows {
            self.log(Changed::reference(provider, &row), action, fields);
            staged.push((action, row));
        }
        staged
    }

    /// Writes references that were staged: what goes first, for what comes may have its key.
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

    /// The references of these organizations that have a wanted key.
    pub(in crate::store) async fn known(
        self,
        owners: impl IntoIterator<Item = OrganizationId>,
        wanted: impl IntoIterator<Item = &ReferenceWanted>,
    ) -> Result<ReferencesKnown, Error> {
        let owners: HashSet<OrganizationId> = owners.into_iter().collect();
        let wanted: Vec<&ReferenceWanted> = wanted.into_iter().collect();
        let keys: HashSet<&str> = wanted.iter().map(|it| it.reference.key.as_str()).collect();
        let mut known = HashMap::new();
        let keys: Vec<&str> = keys.into_iter().collect();
        for some in keys.chunks(KEYS) {
            let rows = external_reference::Entity::find()
                .filter(external_reference::Column::OrganizationId.is_in(owners.iter().copied()))
                .filter(external_reference::Column::Slot.eq(""))
                .filter(external_reference::Column::Key.is_in(some.iter().copied()))
                .all(&self.transaction)
                .await?;
            known.extend(rows.into_iter().map(|row| {
                let name = (row.organization_id, row.system.clone(), row.class.clone(), row.key.clone());
                (name, Known { row, named: false, free: false })
            }));
        }
        let entities: HashSet<Uuid> = wanted.iter().map(|it| it.entity.id).collect();
        let names: HashSet<(&str, &str, &str)> = wanted
            .iter()
            .map(|it| &it.reference)
            .map(|it| (it.system.as_str(), it.r#type.as_deref().unwrap_or_default(), it.key.as_str()))
            .collect();
        let others = known.values().map(|known: &Known| &known.row).filter(|row| {
            names.contains(&(row.system.as_str(), row.class.as_str(), row.key.as_str()))
                && !entities.contains(&row.entity_id)
        });
        let others = others.cloned().collect();
        for row in self.out_of_sight(others).await? {
            if let Some(known) = known.get_mut(&(row.organization_id, row.system, row.class, row.key)) {
                known.free = true;
            }
        }
        Ok(ReferencesKnown(known))
    }

    fn new_reference(
        self,
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
}

/// The reference as documents have it.
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
