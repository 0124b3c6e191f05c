//! Writes organizations.

use std::collections::HashMap;

use async_graphql::MaybeUndefined;
use entente_entity::{change::FieldChange, enums::ChangeAction, external_reference, id::OrganizationId, organization};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    OrganizationWrites, ReadOrganizations, WriteOrganizations,
    plan::{Planned, parents_first},
    tree::Tree,
};
use crate::{
    definition::{
        at::At,
        document::{OrganizationInput, OrganizationKey},
        limits::is_key,
    },
    organization::name,
    policy::{Changed, Scope, Viewer},
    problem::{Problem, Rule},
    store::{
        db::error::{Error, Refusal},
        index::refold::search_text,
        read::session::Session,
        reference::{WriteReferences, link::ReferencesWrong, planned::ReferencesPlanned},
        service::WriteServices,
        write::{
            mutation::{Known, Write},
            rows::Row,
            writer::Writer,
        },
    },
};

/// Maximum number of organizations in one call.
const MAX: usize = 1_000;

/// Organizations to write.
#[derive(Clone, Debug, Serialize)]
pub struct OrganizationsApply {
    /// The organizations, in any order.
    pub organizations: Vec<OrganizationInput>,
    /// Whether to roll back and only return the result.
    pub dry_run: bool,
}

/// The result of writing organizations.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrganizationsApplied {
    /// The organizations, in the order of the input.
    pub ids: Vec<OrganizationId>,
    /// Number of created organizations.
    pub created: i32,
    /// Number of changed organizations.
    pub updated: i32,
    /// Number of unchanged organizations.
    pub unchanged: i32,
}

/// The rows to write.
#[derive(Default)]
struct OrganizationRows {
    new: Vec<organization::ActiveModel>,
    changed: Vec<organization::ActiveModel>,
    references: Vec<(ChangeAction, external_reference::Model)>,
}

impl Write for OrganizationsApply {
    type Done = OrganizationsApplied;

    fn name(&self) -> &'static str {
        "organizationsApply"
    }

    fn row(&self) -> Option<Row> {
        Some(Row::Organizations)
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    async fn look_up(&self, session: &Session) -> Result<Known, Error> {
        Ok(session
            .organizations()
            .all_called(self.organizations.iter().filter_map(|one| one.parent.value()))
            .await?
            .into())
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::OrganizationsWrite)?;
        let found = self.organizations.len();
        if found > MAX {
            return Err(Problem::at(["organizations"], Rule::TooMany { max: MAX, found }).into());
        }
        Ok(())
    }

    async fn run(&self, writer: &mut Writer) -> Result<OrganizationsApplied, Refusal> {
        let planned = self.plan(writer).await?;
        let mut applied = OrganizationsApplied {
            ids: planned.iter().map(|one| one.id).collect(),
            created: 0,
            updated: 0,
            unchanged: 0,
        };
        let moved = planned.iter().any(|one| one.before.as_ref().is_some_and(|row| row.parent_id != one.parent));
        let mut rows = OrganizationRows::default();
        for one in parents_first(planned) {
            *match writer.organizations().stage(one, &mut rows) {
                Some(ChangeAction::Created) => &mut applied.created,
                Some(_) => &mut applied.updated,
                None => &mut applied.unchanged,
            } += 1;
        }
        writer.organizations().write(rows).await?;
        if moved {
            writer.services().confirm_within_trees().await?;
        }
        Ok(applied)
    }
}

impl OrganizationsApply {
    /// The organizations after the write; or all problems.
    async fn plan(&self, writer: &Writer) -> Result<Vec<Planned>, Refusal> {
        let list = At::top("organizations");
        let slugs = self.organizations.iter().map(|one| one.slug.as_str()).filter(|slug| is_key(slug));
        let current: HashMap<String, organization::Model> = organization::Entity::find()
            .filter(organization::Column::Slug.is_in(slugs))
            .lock(LockType::NoKeyUpdate)
            .all(&writer.transaction)
            .await?
            .into_iter()
            .map(|row| (row.slug.clone(), row))
            .collect();
        let parents = self.organizations.iter().filter_map(|one| one.parent.value());
        let known = writer.organizations().named(parents).await?;
        let mut ids: HashMap<&str, OrganizationId> = HashMap::new();
        let (mut planned, mut problems) = (Vec::new(), Vec::new());
        for (index, input) in self.organizations.iter().enumerate() {
            let at = list.index(index);
            let before = current.get(&input.slug);
            let id = before.map_or_else(OrganizationId::new, |row| row.id);
            if ids.insert(&input.slug, id).is_some() {
                problems.push(at.field("slug").problem(Rule::NamedTwice { name: input.slug.clone() }));
            }
            let text = name(before.map(|row| &row.name), input, writer.store.default_locale(), &at);
            match text {
                Ok(name) => planned.push(Planned {
                    id,
                    before: before.cloned(),
                    slug: input.slug.clone(),
                    name,
                    parent: before.and_then(|row| row.parent_id),
                    references: ReferencesPlanned::default(),
                }),
                Err(some) => problems.extend(some),
            }
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        for (index, (input, one)) in self.organizations.iter().zip(&mut planned).enumerate() {
            let at = list.index(index);
            let place = at.field("parent");
            match &input.parent {
                MaybeUndefined::Undefined => {}
                MaybeUndefined::Null => one.parent = None,
                MaybeUndefined::Value(key) => {
                    let here = match key {
                        OrganizationKey::Slug(slug) => ids.get(slug.as_str()).copied(),
                        _ => None,
                    };
                    match here.map_or_else(|| known.get(key), Ok) {
                        Ok(id) => one.parent = Some(id),
                        Err(rule) => problems.push(place.problem(rule)),
                    }
                }
            }
        }
        if problems.is_empty() {
            let tree = Tree::above(writer, &planned).await?;
            // Before the cycles, so that a viewer that may not see an organization does not learn its place in the
            // tree.
            problems.extend(tree.of_others(writer, &planned, &self.organizations).await?);
            if problems.is_empty() {
                problems.extend(tree.cycles(&planned));
            }
            if problems.is_empty() {
                problems.extend(tree.misplaced(writer, &planned));
            }
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        self.plan_references(writer, &mut planned).await?;
        Ok(planned)
    }

    /// Plans the references of each organization.
    async fn plan_references(&self, writer: &Writer, planned: &mut [Planned]) -> Result<(), Refusal> {
        let wanted = planned.iter().zip(&self.organizations).enumerate();
        let wanted: Vec<_> = wanted.map(|(index, (one, input))| one.references_wanted(input, index)).collect();
        let owner = |one: &Planned| writer.viewer.links_for(one.id);
        let mut known = writer.references().known(planned.iter().map(owner), wanted.iter().flatten()).await?;
        let mut wrong = ReferencesWrong::default();
        for (one, wanted) in planned.iter_mut().zip(wanted) {
            one.references = writer.references().look_at(owner(one), wanted, &mut known, &mut wrong);
        }
        writer.references().refuse(wrong).await
    }
}

impl OrganizationWrites<'_> {
    /// Logs the change of one organization, and adds its rows to `rows`. `None` if nothing changes.
    fn stage(self, planned: Planned, rows: &mut OrganizationRows) -> Option<ChangeAction> {
        let Planned { id, before, slug, name, parent, references } = planned;
        let parent_id = |id: OrganizationId| json!(id.to_string());
        let fields: Vec<FieldChange> = [
            FieldChange::between("slug", before.as_ref().map(|row| json!(row.slug)), Some(json!(slug))),
            FieldChange::between("name", before.as_ref().map(|row| json!(row.name)), Some(json!(name))),
            FieldChange::between(
                "parent",
                before.as_ref().and_then(|row| row.parent_id).map(parent_id),
                parent.map(parent_id),
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        let action = match &before {
            None => Some(ChangeAction::Created),
            Some(_) if !fields.is_empty() => Some(ChangeAction::Updated),
            Some(_) => None,
        };
        if let Some(action) = action {
            let row = organization::Model {
                id,
                search_text: search_text(&slug, &name),
                slug,
                name,
                parent_id: parent,
                items_version: None,
                created_at: before.as_ref().map_or(self.now, |row| row.created_at),
                updated_at: self.now,
            };
            if before.is_some() { &mut rows.changed } else { &mut rows.new }.push(row.into_active_model());
            self.log(Changed::organization(id), action, fields);
        }
        let linked = !references.changes.is_empty();
        rows.references.extend(self.references().stage(references));
        action.or(linked.then_some(ChangeAction::Updated))
    }

    /// Writes the rows, in which parents are before their children.
    async fn write(self, rows: OrganizationRows) -> Result<(), Error> {
        let OrganizationRows { new, changed, references } = rows;
        self.insert(new).await?;
        use organization::Column::{Name, ParentId, SearchText, UpdatedAt};
        let columns = [Name, ParentId, SearchText, UpdatedAt];
        self.upsert(changed, organization::Column::Id, &columns).await?;
        self.references().write_staged(references).await
    }
}
