//! Links keys of other systems. A key that is already linked to the object stays.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ReferencedKind},
    external_reference,
    id::{OrganizationId, ReferenceId, ServiceId},
    scalar::URL,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use serde_json::json;
use uuid::Uuid;

use super::{
    ReferenceWrites,
    planned::{PlannedRow, ReferencesPlanned, shown},
    read::is_called,
};
use crate::{
    definition::{at::At, diff::Change, document::ExternalReferenceInput},
    problem::{Problem, Rule},
    store::db::{
        error::{Error, Refusal},
        parts::KEYS,
    },
};

/// The object of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Referenced {
    pub(in crate::store) kind: ReferencedKind,
    pub(in crate::store) id: Uuid,
    pub(in crate::store) service: Option<ServiceId>,
    /// The provider of the service; `None` if there is no service.
    pub(in crate::store) provider: Option<OrganizationId>,
}

impl Referenced {
    /// Empty if a key can only have one object; the id of the object if a key can have several (threads, messages).
    fn slot(self) -> String {
        match self.kind {
            ReferencedKind::Thread | ReferencedKind::Message => self.id.to_string(),
            _ => String::new(),
        }
    }
}

/// A reference to link.
pub(in crate::store) struct ReferenceWanted {
    entity: Referenced,
    reference: ExternalReferenceInput,
    /// Its place in the input.
    at: Vec<String>,
    /// Its path in the changes of the document; empty if there is no document.
    path: String,
}

impl ReferenceWanted {
    /// A reference that is not in a document.
    pub(in crate::store) fn one(entity: Referenced, reference: &ExternalReferenceInput, at: &At) -> Self {
        Self { entity, reference: reference.clone(), at: at.path(), path: String::new() }
    }

    /// References that are not in a document. Equal keys are merged, with the last URL.
    pub(in crate::store) fn each_once(
        entity: Referenced,
        references: &[ExternalReferenceInput],
        list: &At,
    ) -> Vec<Self> {
        let mut each: Vec<Self> = Vec::new();
        for (index, reference) in references.iter().enumerate() {
            let ExternalReferenceInput { system, r#type, key, url } = reference;
            let is_it =
                |Self { reference: it, .. }: &&mut Self| (&it.system, &it.r#type, &it.key) == (system, r#type, key);
            match each.iter_mut().find(is_it) {
                Some(it) if url.is_some() => it.reference.url.clone_from(url),
                Some(_) => {}
                None => each.push(Self::one(entity, reference, &list.index(index))),
            }
        }
        each
    }

    fn name(&self, owner: OrganizationId) -> Name {
        let ExternalReferenceInput { system, r#type, key, url: _ } = &self.reference;
        (owner, system.clone(), r#type.clone().unwrap_or_default(), key.clone())
    }

    /// The references of a list. `at` is the place of the list's owner in the input, `within` its path in the document.
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

/// The problems of references, and the rows of the keys that are taken.
#[derive(Default)]
pub(in crate::store) struct ReferencesWrong {
    problems: Vec<Problem>,
    taken: Vec<external_reference::Model>,
}

/// What is unique: organization, system, class and key.
type Name = (OrganizationId, String, String, String);

/// The references with the wanted keys: the existing ones, and those that were planned since.
pub(in crate::store) struct ReferencesKnown(HashMap<Name, Known>);

struct Known {
    row: external_reference::Model,
    /// Whether the input of this write has contained it already.
    named: bool,
    /// Whether no member of its organization sees its object: the next object that gets this key takes it over.
    free: bool,
}

impl Known {
    fn entry(row: external_reference::Model) -> (Name, Self) {
        let name = (row.organization_id, row.system.clone(), row.class.clone(), row.key.clone());
        (name, Self { row, named: false, free: false })
    }
}

impl ReferencesKnown {
    /// Whether the organization has already linked the key to this object, with this URL if one is given.
    pub(in crate::store) fn has(&self, owner: OrganizationId, wanted: &ReferenceWanted) -> bool {
        self.0.get(&wanted.name(owner)).is_some_and(|known| {
            let url = wanted.reference.url.as_ref().map(|URL(url)| url);
            known.row.entity_id == wanted.entity.id && (url.is_none() || known.row.url.as_ref() == url)
        })
    }
}

impl ReferenceWrites<'_> {
    /// Checks references of one organization. A key that one write contains twice is refused.
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

    /// Refuses the write if there are problems.
    pub(in crate::store) async fn refuse(self, wrong: ReferencesWrong) -> Result<(), Refusal> {
        let ReferencesWrong { mut problems, taken } = wrong;
        if problems.is_empty() {
            return Ok(());
        }
        self.say_by_whom(&mut problems, &taken).await?;
        Err(problems.into())
    }

    /// As [`ReferenceWrites::plan`], but adds the problems to `wrong`, so that several lists are refused together.
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
            let url = reference.url.as_ref().map(|URL(url)| url.clone());
            if known.0.get(&name).is_some_and(|known| known.free && known.row.entity_id != entity.id)
                && let Some(Known { row, .. }) = known.0.remove(&name)
            {
                planned.freed.extend(row.service_id);
                // Its organization is no longer a party of that service, so it is not the provider.
                planned.rows.push(PlannedRow::deleted(row, None));
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
                    let row = self.new_row(owner, entity, &reference, url);
                    planned.rows.push(PlannedRow::created(row.clone(), entity.provider));
                    planned.changes.push(Change {
                        action: ChangeAction::Created,
                        path,
                        before: None,
                        after: Some(shown(&row).into()),
                    });
                    known.0.insert(name, Known { row, named: true, free: false });
                }
            }
        }
        planned
    }

    /// Deletes the references of deleted elements, so that new elements of the same write can use the keys. `provider`
    /// is the provider of their service.
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
        let rows = external_reference::Entity::find().filter(of_gone).all(&self.transaction).await?;
        Ok(ReferencesPlanned::unlinked(rows, Some(provider)))
    }

    /// The references of these organizations with the wanted keys.
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
            known.extend(rows.into_iter().map(Known::entry));
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

    /// As [`ReferenceWrites::known`], but all references of one organization to one object.
    pub(in crate::store) async fn known_of(
        self,
        owner: OrganizationId,
        entity: Referenced,
    ) -> Result<ReferencesKnown, Error> {
        let rows = of_thing(owner, entity).all(&self.transaction).await?;
        Ok(ReferencesKnown(rows.into_iter().map(Known::entry).collect()))
    }

    /// The references of an organization to one object that have a key; of any type if the key has none.
    pub(in crate::store) async fn linked(
        self,
        owner: OrganizationId,
        entity: Referenced,
        ExternalReferenceInput { system, r#type, key, url: _ }: &ExternalReferenceInput,
    ) -> Result<Vec<external_reference::Model>, Error> {
        let linked = of_thing(owner, entity).filter(is_called(system, r#type.as_deref(), key));
        Ok(linked.all(&self.transaction).await?)
    }

    /// The row of a new reference.
    pub(in crate::store) fn new_row(
        self,
        owner: OrganizationId,
        entity: Referenced,
        ExternalReferenceInput { system, r#type, key, url: _ }: &ExternalReferenceInput,
        url: Option<String>,
    ) -> external_reference::Model {
        external_reference::Model {
            id: ReferenceId::new(),
            organization_id: owner,
            system: system.clone(),
            class: r#type.clone().unwrap_or_default(),
            key: key.clone(),
            url,
            entity_kind: entity.kind,
            entity_id: entity.id,
            service_id: entity.service,
            slot: entity.slot(),
            created_at: self.now,
        }
    }
}

/// The query for the references of an organization to one object.
pub(in crate::store) fn of_thing(owner: OrganizationId, entity: Referenced) -> Select<external_reference::Entity> {
    external_reference::Entity::find()
        .filter(external_reference::Column::OrganizationId.eq(owner))
        .filter(external_reference::Column::EntityKind.eq(entity.kind))
        .filter(external_reference::Column::EntityId.eq(entity.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_that_is_given_twice_is_one_with_the_last_address() {
        let entity = Referenced { kind: ReferencedKind::Thread, id: Uuid::now_v7(), service: None, provider: None };
        let given = |r#type: Option<&str>, url: Option<&str>| ExternalReferenceInput {
            system: "zammad".into(),
            r#type: r#type.map(str::to_owned),
            key: "HELP-42".into(),
            url: url.map(|url| URL(url.into())),
        };
        let all = [given(None, Some("https://a.example")), given(None, None), given(Some("ticket"), None)];
        let each = ReferenceWanted::each_once(entity, &all, &At::top("externalReferences"));
        let each: Vec<_> = each.into_iter().map(|one| one.reference).collect();
        assert_eq!(each, [all[0].clone(), all[2].clone()]);
        let moved = [all[0].clone(), given(None, Some("https://b.example"))];
        let each = ReferenceWanted::each_once(entity, &moved, &At::top("externalReferences"));
        assert_eq!(each.len(), 1);
        assert_eq!(each[0].reference.url, moved[1].url);
    }
}
