//! Publishes a proposal.

use entente_entity::{
    definition,
    enums::DefinitionState,
    id::{OrganizationId, ServiceId},
    service,
    text::Str,
};
use sea_orm::EntityTrait;
use serde::Serialize;

use super::{DefinitionAction, DefinitionWritten, not_open, of_terms};
use crate::{
    definition::{
        diff::Change,
        element::identities,
        links::{ItemLinks, Links},
        plan::Plan,
        rename::Rename,
        terms::Terms,
    },
    policy::Viewer,
    problem::{Problem, Rule},
    store::{
        db::error::{Error, Refusal},
        organization::WriteOrganizations,
        service::{
            ServiceWrites, WriteServices,
            apply::{current::Current, planned::Planned, rows::TermsRow},
        },
        thread::WriteThreads,
        write::{mutation::Write, writer::Writer},
    },
};

/// A proposal to publish.
#[derive(Clone, Debug, Serialize)]
pub struct DefinitionPublish(pub DefinitionAction);

impl Write for DefinitionPublish {
    type Done = DefinitionWritten;

    fn name(&self) -> &'static str {
        "definitionPublish"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        self.0.check(viewer)
    }

    async fn run(&self, writer: &mut Writer) -> Result<DefinitionWritten, Refusal> {
        let (service, revision) = self.0.find(writer).await?;
        let mut done = DefinitionWritten { service: service.id, revision: Some(self.0.revision), changes: Vec::new() };
        match revision.state {
            DefinitionState::Published => return Ok(done),
            DefinitionState::Proposed => {}
            _ => return Err(not_open(&service, &revision).into()),
        }
        done.changes = writer
            .services()
            .publish(service, revision, self.0.comment.clone())
            .await?
            .map_err(|rule| Problem::at(["revision"], rule))?;
        Ok(done)
    }
}

impl Writer {
    /// Publishes the open proposal, to which all consumers have agreed. Entente itself is the actor: other consumers must not learn
    /// from the log whose agreement was the last. If a consumer has chosen an offering that the proposal does not contain, nothing is
    /// published.
    pub(in crate::store) async fn publish_by_itself(&mut self, id: ServiceId) -> Result<(), Refusal> {
        let service = service::Entity::find_by_id(id).one(&self.transaction).await.map_err(Error::from)?;
        let Some(service) = service else { return Ok(()) };
        let Some(proposal) = service.proposal_id else { return Ok(()) };
        let revision = definition::Entity::find_by_id(proposal).one(&self.transaction).await.map_err(Error::from)?;
        let Some(revision) = revision else { return Ok(()) };
        self.is_by_itself = true;
        let published = self.services().publish(service, revision, None).await;
        self.is_by_itself = false;
        published.map(drop)
    }
}

impl ServiceWrites<'_> {
    /// Publishes the open proposal of a service, whose row is locked. Returns the changes of the terms, or the rule that the proposal
    /// breaks.
    async fn publish(
        self,
        service: service::Model,
        revision: definition::Model,
        comment: Option<String>,
    ) -> Result<Result<Vec<Change>, Rule>, Refusal> {
        if let Some(base) = revision.base.filter(|base| *base != service.revision) {
            return Ok(Err(Rule::OtherBase { base, current: service.revision }));
        }
        let id = service.id;
        let mut current = self.current(service).await?;
        let terms = self.store.definition(&self.transaction, revision.id).await?.terms.clone();
        let mut identities = self.known_elements(id).await?;
        let renames = current.rename(renames(&current.definition.terms, &terms), &mut identities);
        let links = kept(&current, &terms);
        if let Some((key, organization)) = lost_offering(&links, &terms) {
            let slugs = self.organizations().slugs([organization]).await?;
            let by = slugs.into_values().map(|slug| format!("consumers/{slug}")).collect();
            return Ok(Err(Rule::StillUsed { key: key.to_string(), by }));
        }
        let parties = links.consumers.iter().map(|consumer| consumer.organization);
        let parties: Vec<_> = parties.chain([terms.provider, current.row.provider_id]).collect();
        let slugs = self.organizations().slugs(parties).await?;
        let slug_of = |id: OrganizationId| slugs.get(&id).cloned().unwrap_or_else(|| id.to_string());
        let (slug, plan) = (current.row.slug.clone(), Plan { terms, links });
        let mut planned = Planned::new(slug, Some(current), plan, identities, renames, slug_of);
        let changes = std::mem::take(&mut planned.difference.changes);
        let references = planned.references(self.0, Vec::new()).await?;
        let row = TermsRow::Proposal(revision.id, revision.revision);
        planned.write(self.0, id, row, references, comment).await?;
        let mut answered = self.answered_objections(&revision, None).await?;
        answered.extend(&revision.resolves.0);
        self.threads().resolve_all(&answered, revision.revision).await?;
        Ok(Ok(of_terms(changes)))
    }
}

/// The elements that have another key in the new terms.
fn renames(before: &Terms, after: &Terms) -> Vec<Rename> {
    let new = identities(after);
    let renamed = identities(before).into_iter().filter_map(|old| {
        let new = new.iter().find(|new| new.id == old.id && new.key != old.key)?;
        Some(Rename { kind: old.kind, id: old.id, from: old.key.clone(), to: new.key.clone() })
    });
    renamed.collect()
}

/// The links, without the configuration items of outcomes that the terms do not contain. With another provider, none is kept: the items
/// belong to the provider.
fn kept(current: &Current, terms: &Terms) -> Links {
    let mut links = current.links.clone();
    if current.row.provider_id != terms.provider {
        links.items = Some(ItemLinks::default());
    } else if let Some(items) = &mut links.items {
        items.outcomes.retain(|key, _| terms.outcomes.iter().any(|outcome| outcome.key == *key));
    }
    links
}

/// An offering that a consumer has chosen and the terms do not contain.
fn lost_offering(links: &Links, terms: &Terms) -> Option<(Str, OrganizationId)> {
    links.consumers.iter().find_map(|consumer| {
        let key = consumer.offering.as_ref()?;
        let is_lost = terms.offerings.iter().all(|offering| offering.key != *key);
        is_lost.then(|| (key.clone(), consumer.organization))
    })
}
