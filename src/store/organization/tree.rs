//! The tree of organizations, and the right to write in it.

use std::collections::{HashMap, HashSet};

use entente_entity::{id::OrganizationId, organization};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, JoinType, LockType, Query, SelectStatement, UnionType},
};

use super::{OrganizationWrites, WriteOrganizations, plan::Planned};
use crate::{
    definition::document::OrganizationInput,
    problem::{Problem, Rule},
    store::{
        db::{error::Error, parts::some_at_a_time, recursive::with_recursive},
        write::writer::Writer,
    },
};

/// The parents of organizations before and after the write; `None`: no parent.
pub(in crate::store) struct Tree {
    before: HashMap<OrganizationId, Option<OrganizationId>>,
    after: HashMap<OrganizationId, Option<OrganizationId>>,
}

impl Tree {
    /// The written organizations and all their ancestors, locked, so that two writers together cannot make a cycle.
    /// Organizations that were moved during the wait for a lock are read again.
    pub(in crate::store) async fn above(writer: &Writer, planned: &[Planned]) -> Result<Self, Error> {
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
                .filter(organization::Column::Id.in_subquery(and_above(std::mem::take(&mut wanted))))
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

    pub(in crate::store) fn cycles(&self, planned: &[Planned]) -> Vec<Problem> {
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

    /// The problems of existing organizations that are neither the viewer's own nor below it. An input equal to what
    /// the viewer can read is allowed, so that an export can be applied again.
    pub(in crate::store) async fn of_others(
        &self,
        writer: &Writer,
        planned: &[Planned],
        inputs: &[OrganizationInput],
    ) -> Result<Vec<Problem>, Error> {
        let viewer = &writer.viewer;
        let is_own = |one: &Planned| {
            viewer.is_admin() || viewer.organization.is_some_and(|own| is_within(&self.before, Some(one.id), own))
        };
        let others = planned.iter().enumerate().filter(|(_, one)| one.before.is_some() && !is_own(one));
        let others: Vec<(usize, &Planned)> = others.collect();
        let mut ids: HashSet<OrganizationId> = HashSet::new();
        for (_, one) in &others {
            ids.extend([Some(one.id), one.parent].into_iter().flatten());
        }
        let seen = writer.organizations().seen(ids).await?;
        // A null parent is not accepted as equal: the parent may be hidden.
        let is_read = |(index, one): &(usize, &Planned)| {
            let parent = &inputs[*index].parent;
            seen.contains(&one.id)
                && (parent.is_undefined() || one.parent.is_some_and(|parent| seen.contains(&parent)))
                && one.says_nothing_new()
        };
        let alike: Vec<_> = others.iter().filter(|one| is_read(one)).copied().collect();
        let linking = writer.organizations().linking_anew(&alike, inputs).await?;
        let mut problems = Vec::new();
        for (index, one) in &others {
            if alike.iter().any(|(alike, _)| alike == index) && !linking.contains(index) {
                continue;
            }
            let rule = match seen.contains(&one.id) {
                true => Rule::NotYourOrganization,
                false => Rule::SlugTaken { slug: one.slug.clone() },
            };
            problems.push(Problem::at(["organizations", &index.to_string(), "slug"], rule));
        }
        Ok(problems)
    }

    /// The problems of organizations that are created or moved to a place that is not below the viewer's organization.
    /// A viewer may not move its own organization. There must be no cycles.
    pub(in crate::store) fn misplaced(&self, writer: &Writer, planned: &[Planned]) -> Vec<Problem> {
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

impl OrganizationWrites<'_> {
    /// Those of these organizations that the viewer sees.
    async fn seen(self, ids: HashSet<OrganizationId>) -> Result<HashSet<OrganizationId>, Error> {
        let mut seen = HashSet::new();
        for some in some_at_a_time(ids) {
            let some: Vec<OrganizationId> = organization::Entity::find()
                .select_only()
                .column(organization::Column::Id)
                .filter(organization::Column::Id.is_in(some))
                .filter(self.viewer.sees_organizations()?)
                .into_tuple()
                .all(&self.transaction)
                .await?;
            seen.extend(some);
        }
        Ok(seen)
    }
}

/// The ids of these organizations and of all their ancestors.
fn and_above(ids: Vec<OrganizationId>) -> SelectStatement {
    use organization::Column::{Id, ParentId};
    let own =
        Query::select().columns([Id, ParentId]).from(organization::Entity).and_where(Expr::col(Id).is_in(ids)).take();
    let parents = Query::select()
        .columns([(organization::Entity, Id), (organization::Entity, ParentId)])
        .from(organization::Entity)
        .join(JoinType::InnerJoin, "above", Expr::col((organization::Entity, Id)).equals(("above", "parent_id")))
        .take();
    let all = own.to_owned().union(UnionType::Distinct, parents).take();
    with_recursive(all, "above", &["id", "parent_id"], Query::select().column("id").from("above").take())
}

/// Whether one organization is another, or is below it.
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
