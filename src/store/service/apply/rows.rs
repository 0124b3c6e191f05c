//! Writes the rows of an applied definition: the service, its new revision, its elements and consumers, and the log.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    change::FieldChange,
    contact::Contacts,
    definition::{self, ThreadIds},
    element,
    enums::{ChangeAction, DefinitionState, ElementKind},
    id::{ConsumerId, DefinitionId, ElementId, OrganizationId, ServiceId},
    service, service_consumer,
    text::Str,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};

use super::current::{Current, Identities};
use crate::{
    agreement::{self, Standing},
    definition::{
        diff::{Difference, ElementChange, PolicyChange},
        element::identities,
        links::Consumer,
        plan::Plan,
    },
    fold::fold,
    policy::Changed,
    store::{
        db::{
            error::{Error, Refusal},
            parts::KEYS,
        },
        index::WriteIndex,
        item::{WriteItems, links},
        service::{WriteServices, definitions::Definition, seen_changes::shared_at},
        write::writer::Writer,
    },
};

/// The field of a service or an outcome that contains its configuration items.
const ITEMS: &str = "configurationItems";

/// The row of the published terms after the write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum TermsRow {
    /// The current one.
    Unchanged,
    /// A new one.
    New,
    /// That of the open proposal, which is published: its id and its revision.
    Proposal(DefinitionId, i32),
}

/// The input for the rows.
pub(in crate::store) struct Writing<'a> {
    pub(in crate::store) writer: &'a Writer,
    pub(in crate::store) service: ServiceId,
    pub(in crate::store) current: Option<&'a Current>,
    pub(in crate::store) plan: &'a Plan,
    pub(in crate::store) difference: Difference,
    pub(in crate::store) terms: TermsRow,
    pub(in crate::store) revision: i32,
    /// The organization to which the written references belong; `None` if none are written.
    pub(in crate::store) references_of: Option<OrganizationId>,
    pub(in crate::store) comment: Option<String>,
}

impl Writing<'_> {
    /// Writes everything. True if decisions no longer count, so that all remaining consumers agree to the open proposal, which is to be
    /// published then.
    pub(in crate::store) async fn run(mut self, slug: &str, identities: &Identities) -> Result<bool, Refusal> {
        let unchanged_terms = self.terms == TermsRow::Unchanged;
        let definition_id = match (self.current, self.terms) {
            (Some(current), TermsRow::Unchanged) => current.row.definition_id,
            (_, TermsRow::Proposal(id, _)) => id,
            _ => DefinitionId::new(),
        };
        let is_provider = |owner| owner == self.plan.terms.provider;
        let of_service = || self.difference.service.iter().any(|field| field.name != ITEMS);
        let all_see_it = !unchanged_terms || of_service() || self.references_of.is_some_and(is_provider);
        self.write_service(slug, definition_id, all_see_it).await?;
        if !unchanged_terms {
            self.end_objections().await?;
        }
        if let Some(owner) = self.references_of.filter(|owner| !is_provider(*owner)) {
            self.writer.services().touch_for_consumer(self.service, owner).await?;
        }
        if !unchanged_terms {
            self.write_terms(definition_id).await?;
            self.write_elements(identities).await?;
            let before = self.current.map(|current| &current.definition.terms);
            self.writer.index().write_terms(self.service, slug, before, &self.plan.terms).await?;
        }
        self.log_terms(definition_id);
        let decisions_changed = self.write_consumers().await? || matches!(self.terms, TermsRow::Proposal(..));
        let before = self.current.and_then(|it| it.links.items.as_ref());
        let outcomes = links::outcomes(identities, &self.plan.terms);
        self.writer.items().write_links(self.service, before, self.plan.links.items.as_ref(), &outcomes).await?;
        match decisions_changed {
            true => Ok(self.writer.services().update_standing(self.service, None).await?),
            false => Ok(false),
        }
    }

    /// What the decisions of the consumers amount to after the write, except for those whose offering changes.
    fn standings(&self) -> Vec<Standing> {
        let rows = self.current.map(|current| current.consumers.as_slice()).unwrap_or_default();
        let now: HashMap<OrganizationId, Standing> =
            rows.iter().map(|row| (row.organization_id, Standing::from(row))).collect();
        let unchanged_terms = self.terms == TermsRow::Unchanged;
        let standing = |consumer: &Consumer| {
            let now = now.get(&consumer.organization).copied().unwrap_or_default();
            Standing { objects: now.objects && unchanged_terms, ..now }
        };
        self.plan.links.consumers.iter().map(standing).collect()
    }

    /// Objections to terms that are no longer published or proposed do not count.
    async fn end_objections(&self) -> Result<(), Error> {
        if self.current.is_some_and(|current| current.consumers.iter().any(|row| row.objects)) {
            service_consumer::Entity::update_many()
                .col_expr(service_consumer::Column::Objects, Expr::val(false))
                .filter(service_consumer::Column::ServiceId.eq(self.service))
                .filter(service_consumer::Column::Objects.eq(true))
                .exec(&self.writer.transaction)
                .await?;
        }
        Ok(())
    }

    async fn write_service(&mut self, slug: &str, definition_id: DefinitionId, all_see_it: bool) -> Result<(), Error> {
        let Plan { terms, links } = self.plan;
        let locale = self.writer.store.default_locale();
        let name = terms.name.pick([locale]).map(|name| fold(name.as_str())).unwrap_or_default();
        let unchanged_terms = self.terms == TermsRow::Unchanged;
        let is_complete = agreement::is_complete(terms);
        let mut row = service::ActiveModel {
            id: Set(self.service),
            slug: if self.current.is_some() { NotSet } else { Set(slug.to_owned()) },
            provider_id: Set(terms.provider),
            lifecycle: Set(links.lifecycle),
            definition_id: Set(definition_id),
            revision: Set(self.revision),
            newest_revision: Set(self.revision.max(self.current.map_or(0, |it| it.row.newest_revision))),
            proposal_id: if unchanged_terms { NotSet } else { Set(None) },
            is_complete: Set(is_complete),
            alignment: Set(agreement::state(is_complete, self.revision, &self.standings())),
            contacts: Set(Contacts(links.contacts.clone())),
            sort_name: Set(name),
            created_at: if self.current.is_some() { NotSet } else { Set(self.writer.now) },
            updated_at: Set(self.writer.now),
            hidden_at: Set(None),
            shared_at: Set(None),
        };
        if let Some(current) = self.current.filter(|_| !all_see_it) {
            row.hidden_at = Set(Some(self.writer.now));
            row.shared_at = Set(Some(shared_at(&current.row)));
        }
        match self.current {
            None => drop(row.insert(&self.writer.transaction).await?),
            Some(_) => drop(service::Entity::update(row).exec(&self.writer.transaction).await?),
        }
        Ok(())
    }

    async fn write_terms(&mut self, id: DefinitionId) -> Result<(), Error> {
        if let Some(current) = self.current {
            self.set_state(current.row.definition_id, DefinitionState::Superseded).await?;
            if let Some(proposal) = current.row.proposal_id.filter(|proposal| *proposal != id) {
                self.writer.services().withdraw(self.service, proposal).await?;
            }
        }
        let json = serde_json::to_string(&self.plan.terms)?;
        let published = Definition::parse(id, self.service, self.revision, &json)?;
        let superseded = self.current.map(|current| current.row.definition_id);
        self.writer.after_commit(move |store| store.keep_published(published, superseded));
        if let TermsRow::Proposal(id, _) = self.terms {
            definition::Entity::update_many()
                .col_expr(definition::Column::State, Expr::val(DefinitionState::Published.name()))
                .col_expr(definition::Column::PublishedAt, Expr::val(self.writer.now))
                // The consumers of now count; see `update_standing`.
                .col_expr(definition::Column::AgreedAt, Expr::null())
                .filter(definition::Column::Id.eq(id))
                .exec(&self.writer.transaction)
                .await?;
            return Ok(());
        }
        let row = definition::ActiveModel {
            id: Set(id),
            service_id: Set(self.service),
            revision: Set(self.revision),
            state: Set(DefinitionState::Published),
            terms: Set(json),
            comment: Set(self.comment.take()),
            author: Set(self.writer.viewer.actor()),
            created_at: Set(self.writer.now),
            published_at: Set(Some(self.writer.now)),
            base: Set(self.current.map(|current| current.row.revision)),
            publish_when_agreed: Set(false),
            resolves: Set(ThreadIds::default()),
            agreed_at: Set(None),
        };
        self.writer.insert(vec![row]).await
    }

    async fn set_state(&self, id: DefinitionId, state: DefinitionState) -> Result<(), Error> {
        definition::Entity::update_many()
            .col_expr(definition::Column::State, Expr::val(state.name()))
            .filter(definition::Column::Id.eq(id))
            .exec(&self.writer.transaction)
            .await?;
        Ok(())
    }

    /// Inserts new elements, and marks elements that were removed or added again.
    async fn write_elements(&mut self, identities: &Identities) -> Result<(), Error> {
        let (mut new, mut again) = (Vec::new(), Vec::new());
        for (kind, key, id) in identities_of(self.plan) {
            match identities.get(&(kind, key.clone())) {
                None => new.push(element::ActiveModel {
                    id: Set(id),
                    service_id: Set(self.service),
                    kind: Set(kind),
                    key: Set(key),
                    came_in: Set(self.revision),
                    gone_in: Set(None),
                }),
                Some(row) if row.gone_in.is_some() => again.push(id),
                Some(_) => {}
            }
        }
        self.writer.insert(new).await?;
        for (ids, gone_in) in [(again, None), (gone(identities, self.plan), Some(self.revision))] {
            if ids.is_empty() {
                continue;
            }
            element::Entity::update_many()
                .col_expr(element::Column::GoneIn, Expr::val(gone_in))
                .filter(element::Column::Id.is_in(ids))
                .exec(&self.writer.transaction)
                .await?;
        }
        Ok(())
    }

    /// Logs the changes of the service, its definition, its elements and its policies.
    fn log_terms(&mut self, definition_id: DefinitionId) {
        let action = if self.current.is_some() { ChangeAction::Updated } else { ChangeAction::Created };
        let own = std::mem::take(&mut self.difference.service);
        self.log(Changed::service(self.service), action, own);
        let changed = Changed::definition(self.service, definition_id);
        match self.terms {
            TermsRow::Unchanged => {}
            TermsRow::New => {
                let revision = FieldChange::set("revision", self.revision);
                self.writer.log(changed, ChangeAction::Created, [revision]);
            }
            TermsRow::Proposal(..) => {
                let state = state_change(DefinitionState::Proposed, DefinitionState::Published);
                let comment = self.comment.take().map(|comment| FieldChange::set("comment", comment));
                self.writer.log(changed, ChangeAction::Updated, state.into_iter().chain(comment));
            }
        }
        for ElementChange { kind, id, action, fields, .. } in std::mem::take(&mut self.difference.elements) {
            self.log(Changed::element(self.service, kind, id), action, fields);
        }
        for PolicyChange { offering, action, fields } in std::mem::take(&mut self.difference.policies) {
            self.writer.log(Changed::escalation_policy(self.service, offering), action, fields);
        }
    }

    /// Logs a change of the service or of an element. Its configuration items are a separate change, because no
    /// consumer may see them.
    fn log(&self, changed: Changed, action: ChangeAction, fields: Vec<FieldChange>) {
        let (items, fields): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| field.name == ITEMS);
        let log_items = || self.writer.log(changed.items(), ChangeAction::Updated, items);
        if action == ChangeAction::Deleted {
            log_items();
            self.writer.log(changed, action, fields);
        } else {
            self.writer.log(changed, action, fields);
            log_items();
        }
    }

    /// Writes the service relationships. True if decisions no longer count: a consumer has left, or chose another offering.
    async fn write_consumers(&mut self) -> Result<bool, Error> {
        let consumers_now: HashMap<OrganizationId, &service_consumer::Model> =
            self.current.into_iter().flat_map(|it| &it.consumers).map(|row| (row.organization_id, row)).collect();
        let planned: HashMap<OrganizationId, &Consumer> =
            self.plan.links.consumers.iter().map(|consumer| (consumer.organization, consumer)).collect();
        let changes = std::mem::take(&mut self.difference.consumers);
        let created = changes.iter().filter(|change| change.action == ChangeAction::Created);
        let created: Vec<OrganizationId> = created.map(|change| change.organization).collect();
        let returned = self.current.map_or_else(Vec::new, |_| created.clone());
        let relatives = match created.is_empty() {
            true => HashSet::new(),
            false => self.writer.services().relatives(self.plan.terms.provider, created).await?,
        };
        let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let (mut left, mut undecided) = (Vec::new(), HashMap::new());
        for change in changes {
            let current = consumers_now.get(&change.organization).copied();
            let id = current.map_or_else(ConsumerId::new, |row| row.id);
            if change.action == ChangeAction::Deleted {
                gone.push(id);
                left.push(change.organization);
            } else if let Some(consumer) = planned.get(&change.organization) {
                let confirmed = relatives.contains(&change.organization).then_some(self.writer.now);
                let row = service_consumer::ActiveModel {
                    id: Set(id),
                    service_id: Set(self.service),
                    organization_id: Set(change.organization),
                    offering: Set(consumer.offering.as_ref().map(Str::to_string)),
                    contacts: Set(Contacts(consumer.contacts.clone())),
                    since: Set(current.map_or(self.writer.now, |row| row.since)),
                    confirmed_at: Set(current.map_or(confirmed, |row| row.confirmed_at)),
                    updated_at: Set(Some(self.writer.now)),
                    agreed_revision: Set(current.and_then(|row| row.agreed_revision)),
                    objects: Set(current.is_some_and(|row| row.objects)),
                    decided_at: Set(current.and_then(|row| row.decided_at)),
                };
                if current.is_some_and(|row| {
                    row.decided_at.is_some() && row.offering.as_deref() != consumer.offering.as_ref().map(Str::as_str)
                }) {
                    undecided.extend(current.map(|row| (change.organization, row.since)));
                }
                if current.is_some() { &mut changed } else { &mut new }.push(row);
            }
            let changed = Changed::consumer(self.service, change.organization, id);
            self.writer.log(changed, change.action, change.fields);
        }
        for some in gone.chunks(KEYS) {
            let ids = service_consumer::Column::Id.is_in(some.iter().copied());
            service_consumer::Entity::delete_many().filter(ids).exec(&self.writer.transaction).await?;
        }
        let columns = [
            service_consumer::Column::Offering,
            service_consumer::Column::Contacts,
            service_consumer::Column::UpdatedAt,
        ];
        self.writer.upsert(changed, service_consumer::Column::Id, &columns).await?;
        self.writer.insert(new).await?;
        if self.current.is_some_and(|current| current.row.provider_id != self.plan.terms.provider) {
            self.writer.services().confirm_within_trees().await?;
        }
        // A replica of a version without agreements may have left decisions behind, when it removed a consumer that returns now.
        let strangers: Vec<OrganizationId> = left.iter().copied().chain(returned).collect();
        self.writer.services().forget_decisions(self.service, &strangers).await?;
        // New terms are undecided anyway, and the decisions on the superseded ones stay.
        let stays = self.terms == TermsRow::Unchanged && !undecided.is_empty();
        if let Some(current) = self.current.filter(|_| stays) {
            let open: Vec<_> = [current.row.definition_id].into_iter().chain(current.row.proposal_id).collect();
            self.writer.services().reset_decisions(&open, &undecided).await?;
        }
        Ok(!(left.is_empty() && undecided.is_empty()))
    }
}

/// The change of the state of a revision, for the log.
pub(in crate::store) fn state_change(before: DefinitionState, after: DefinitionState) -> Option<FieldChange> {
    FieldChange::between("state", Some(before.name().into()), Some(after.name().into()))
}

/// The elements that the plan removes.
pub(in crate::store) fn gone(identities: &Identities, plan: &Plan) -> Vec<ElementId> {
    let stay: HashSet<ElementId> = identities_of(plan).map(|(_, _, id)| id).collect();
    let there = identities.values().filter(|row| row.gone_in.is_none());
    there.map(|row| row.id).filter(|id| !stay.contains(id)).collect()
}

fn identities_of(plan: &Plan) -> impl Iterator<Item = (ElementKind, String, ElementId)> {
    identities(&plan.terms).into_iter().map(|identity| (identity.kind, identity.key.to_string(), identity.id))
}
