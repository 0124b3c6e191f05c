//! A definition that is planned, and how it is written: for a document that is applied, and for a proposal that is published.

use entente_entity::id::{OrganizationId, ServiceId};

use super::{
    current::{Current, Identities},
    keys::Renames,
    rows::{TermsRow, Writing, gone},
};
use crate::{
    definition::{
        diff::{self, Difference, State},
        plan::Plan,
        rename,
    },
    store::{
        db::error::Refusal,
        reference::{WriteReferences, link::ReferenceWanted, planned::ReferencesPlanned},
        service::WriteServices,
        write::writer::Writer,
    },
};

/// A service before and after a write.
pub(in crate::store) struct Planned {
    slug: String,
    /// `None` for a new service.
    pub(in crate::store) current: Option<Current>,
    pub(in crate::store) plan: Plan,
    identities: Identities,
    renames: Renames,
    pub(in crate::store) difference: Difference,
}

/// The external references of a plan.
pub(in crate::store) struct PlannedReferences {
    /// Those of the removed elements.
    let_go: ReferencesPlanned,
    pub(in crate::store) planned: ReferencesPlanned,
    /// The organization that links.
    owner: OrganizationId,
}

impl Planned {
    pub(in crate::store) fn new(
        slug: String,
        current: Option<Current>,
        plan: Plan,
        identities: Identities,
        renames: Renames,
        slug_of: impl Fn(OrganizationId) -> String,
    ) -> Self {
        let before = current.as_ref().map(|it| State { terms: it.terms(), links: Some(&it.links) });
        let after = State { terms: &plan.terms, links: Some(&plan.links) };
        let mut difference = diff::diff(before, after, slug_of);
        rename::add_to(&mut difference, &renames.all, &plan.terms);
        Self { slug, current, plan, identities, renames, difference }
    }

    /// The wanted references, and those of the removed elements.
    pub(in crate::store) async fn references(
        &self,
        writer: &Writer,
        wanted: Vec<ReferenceWanted>,
    ) -> Result<PlannedReferences, Refusal> {
        let owner = writer.viewer.links_for(self.plan.terms.provider);
        let gone: Vec<_> = gone(&self.identities, &self.plan).into_iter().map(|id| id.0).collect();
        let mut known = writer.references().known([owner], &wanted).await?;
        // The former provider: the parties that saw the references of the removed elements must see their deletion.
        let provider = self.current.as_ref().map_or(self.plan.terms.provider, |it| it.row.provider_id);
        let let_go = writer.references().let_go_of(&gone, provider, &mut known).await?;
        let planned = writer.references().plan(owner, wanted, &mut known).await?;
        Ok(PlannedReferences { let_go, planned, owner })
    }

    /// Writes it, with this row of terms. True if it makes all consumers agree to the open proposal, which is to be published then.
    pub(in crate::store) async fn write(
        self,
        writer: &Writer,
        service: ServiceId,
        terms: TermsRow,
        references: PlannedReferences,
        comment: Option<String>,
    ) -> Result<bool, Refusal> {
        let Self { slug, current, plan, identities, renames, difference } = self;
        let PlannedReferences { let_go, planned: references, owner } = references;
        writer.services().write_renames(service, &renames).await?;
        let revision = match (&current, terms) {
            (Some(current), TermsRow::Unchanged) => current.row.revision,
            (_, TermsRow::Proposal(_, revision)) => revision,
            (Some(current), TermsRow::New) => current.row.newest_revision + 1,
            (None, _) => 1,
        };
        let references_of = (!references.changes.is_empty()).then_some(owner);
        let current = current.as_ref();
        let writing =
            Writing { writer, service, current, plan: &plan, difference, terms, revision, references_of, comment };
        let agreed = writing.run(&slug, &identities).await?;
        writer.references().write(let_go).await?;
        writer.references().write(references).await?;
        Ok(agreed)
    }
}
