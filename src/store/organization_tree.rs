//! The tree of organizations, and who may write where in it.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    id::OrganizationId,
    organization,
    problem::{Problem, Rule},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};

use super::{Error, Writer, organizations_apply::Planned};

/// Who stands below whom, before the write and after it.
pub(super) struct Tree {
    before: HashMap<OrganizationId, Option<OrganizationId>>,
    after: HashMap<OrganizationId, Option<OrganizationId>>,
}

impl Tree {
    /// The organizations that are written, and all above them; locked, so that no two writers close a circle together.
    pub(super) async fn above(writer: &Writer, planned: &[Planned]) -> Result<Self, Error> {
        let mut before: HashMap<_, _> =
            planned.iter().filter_map(|one| one.before.as_ref()).map(|row| (row.id, row.parent_id)).collect();
        let new: HashSet<_> = planned.iter().filter(|one| one.before.is_none()).map(|one| one.id).collect();
        let mut wanted: Vec<OrganizationId> =
            planned.iter().filter_map(|one| one.parent).chain(before.values().flatten().copied()).collect();
        loop {
            wanted.retain(|id| !before.contains_key(id) && !new.contains(id));
            wanted.sort_unstable();
            wanted.dedup();
            if wanted.is_empty() {
                break;
            }
            let rows: Vec<(OrganizationId, Option<OrganizationId>)> = organization::Entity::find()
                .select_only()
                .columns([organization::Column::Id, organization::Column::ParentId])
                .filter(organization::Column::Id.is_in(std::mem::take(&mut wanted)))
                .lock(LockType::NoKeyUpdate)
                .into_tuple()
                .all(&writer.transaction)
                .await?;
            wanted.extend(rows.iter().filter_map(|(_, parent)| *parent));
            before.extend(rows);
        }
        let mut after = before.clone();
        after.extend(planned.iter().map(|one| (one.id, one.parent)));
        Ok(Self { before, after })
    }

    pub(super) fn cycles(&self, planned: &[Planned]) -> Vec<Problem> {
        let is_cyclic = |one: &&(usize, &Planned)| {
            let mut seen = HashSet::from([one.1.id]);
            let mut at = one.1.parent;
            while let Some(id) = at {
                if !seen.insert(id) {
                    return true;
                }
                at = self.after.get(&id).copied().flatten();
            }
            false
        };
        let planned: Vec<_> = planned.iter().enumerate().collect();
        let cyclic = planned.iter().filter(is_cyclic);
        cyclic
            .map(|(index, _)| Problem::at(["organizations", &index.to_string(), "parent"], Rule::CyclicParents))
            .collect()
    }

    /// Those that stand and are neither the viewer's own organization nor below it.
    pub(super) async fn of_others(&self, writer: &Writer, planned: &[Planned]) -> Result<Vec<Problem>, Error> {
        let viewer = &writer.viewer;
        let mut problems = Vec::new();
        for (index, one) in planned.iter().enumerate().filter(|(_, one)| one.before.is_some()) {
            if viewer.is_admin() || viewer.organization.is_some_and(|own| is_within(&self.before, Some(one.id), own)) {
                continue;
            }
            let seen = organization::Entity::find_by_id(one.id).filter(viewer.sees_organizations()?);
            let rule = match seen.one(&writer.transaction).await? {
                Some(_) => Rule::NotYourOrganization,
                None => Rule::SlugTaken { slug: one.slug.clone() },
            };
            problems.push(Problem::at(["organizations", &index.to_string(), "slug"], rule));
        }
        Ok(problems)
    }

    /// Those that come or move to where they are not below the viewer's organization. Its own place is not for it to
    /// choose. There must be no circles.
    pub(super) fn misplaced(&self, writer: &Writer, planned: &[Planned]) -> Vec<Problem> {
        let viewer = &writer.viewer;
        let is_right = |one: &Planned| {
            let stays = one.before.as_ref().is_some_and(|before| before.parent_id == one.parent);
            let below = |own| one.id != own && is_within(&self.after, one.parent, own);
            stays || viewer.is_admin() || viewer.organization.is_some_and(below)
        };
        let wrong = planned.iter().enumerate().filter(|(_, one)| !is_right(one));
        wrong
            .map(|(index, _)| Problem::at(["organizations", &index.to_string(), "parent"], Rule::NotYourOrganization))
            .collect()
    }
}

/// Whether one organization is another, or stands below it.
fn is_within(
    tree: &HashMap<OrganizationId, Option<OrganizationId>>,
    one: Option<OrganizationId>,
    other: OrganizationId,
) -> bool {
    let mut at = one;
    while let Some(id) = at {
        if id == other {
            return true;
        }
        at = tree.get(&id).copied().flatten();
    }
    false
}
