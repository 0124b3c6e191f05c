//! The planned organizations of a write.

use std::collections::HashSet;

use entente_entity::{enums::ReferencedKind, id::OrganizationId, organization, text::Text};

use super::OrganizationWrites;
use crate::{
    definition::{at::At, document::OrganizationInput},
    store::{
        db::error::Error,
        reference::{
            WriteReferences,
            link::{ReferenceWanted, Referenced},
            planned::ReferencesPlanned,
        },
    },
};

/// One organization after the write.
pub(in crate::store) struct Planned {
    pub(in crate::store) id: OrganizationId,
    pub(in crate::store) before: Option<organization::Model>,
    pub(in crate::store) slug: String,
    pub(in crate::store) name: Text,
    pub(in crate::store) parent: Option<OrganizationId>,
    pub(in crate::store) references: ReferencesPlanned,
}

impl Planned {
    /// Whether its name and its parent do not change.
    pub(in crate::store) fn says_nothing_new(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.name == self.name && before.parent_id == self.parent)
    }

    pub(in crate::store) fn references_wanted(&self, input: &OrganizationInput, index: usize) -> Vec<ReferenceWanted> {
        let kind = ReferencedKind::Organization;
        let entity = Referenced { kind, id: self.id.0, service: None, provider: None };
        ReferenceWanted::of(entity, &input.external_references, &At::top("organizations").index(index), "")
    }
}

/// Sorts parents before their children.
pub(in crate::store) fn parents_first(planned: Vec<Planned>) -> Vec<Planned> {
    let mut waiting: HashSet<OrganizationId> = planned.iter().map(|one| one.id).collect();
    let (mut sorted, mut rest) = (Vec::with_capacity(planned.len()), planned);
    while !rest.is_empty() {
        let (ready, blocked): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|one| one.parent.is_none_or(|parent| !waiting.contains(&parent)));
        for one in &ready {
            waiting.remove(&one.id);
        }
        // There are no cycles, so some are always ready.
        sorted.extend(ready);
        rest = blocked;
    }
    sorted
}

impl OrganizationWrites<'_> {
    /// The indexes of the organizations that would get a new reference of the viewer.
    pub(in crate::store) async fn linking_anew(
        self,
        planned: &[(usize, &Planned)],
        inputs: &[OrganizationInput],
    ) -> Result<HashSet<usize>, Error> {
        let wanted = planned.iter().map(|(index, one)| (*index, one, one.references_wanted(&inputs[*index], *index)));
        let wanted: Vec<_> = wanted.filter(|(.., wanted)| !wanted.is_empty()).collect();
        if wanted.is_empty() {
            return Ok(HashSet::new());
        }
        let owners = wanted.iter().map(|(_, one, _)| self.viewer.links_for(one.id));
        let known = self.references().known(owners, wanted.iter().flat_map(|(.., wanted)| wanted)).await?;
        let is_new = |owner, wanted: &[ReferenceWanted]| wanted.iter().any(|one| !known.has(owner, one));
        let new = wanted.iter().filter(|(_, one, wanted)| is_new(self.viewer.links_for(one.id), wanted));
        Ok(new.map(|(index, ..)| *index).collect())
    }
}
