//! Writing organizations.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ChangeEntityType, ReferencedKind},
    id::OrganizationId,
    organization,
    problem::{Problem, Rule, Thing},
    text::Text,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Error, Refusal, Write, Writer,
    reference_links::{ReferenceWanted, Referenced, ReferencesPlanned},
    references::named,
    writer::{Logged, some_at_a_time},
};
use crate::{
    definition::{
        at::At,
        document::{OrganizationInput, OrganizationKey},
        limits::is_key,
        organization::name,
    },
    fold::fold,
    policy::Scope,
};

/// So many organizations may be written at once.
const MAX: usize = 1_000;

/// Organizations to write.
#[derive(Clone, Debug, Serialize)]
pub struct OrganizationsApply {
    /// In any order.
    pub organizations: Vec<OrganizationInput>,
    /// Whether to change nothing, and only tell.
    pub dry_run: bool,
}

/// What was done to organizations.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrganizationsApplied {
    /// Which they are, in the order of the input.
    pub ids: Vec<OrganizationId>,
    /// How many came.
    pub created: i32,
    /// How many say something else now.
    pub updated: i32,
    /// How many stood so already.
    pub unchanged: i32,
}

/// One organization, as it shall stand.
struct Planned {
    id: OrganizationId,
    before: Option<organization::Model>,
    slug: String,
    name: Text,
    parent: Option<OrganizationId>,
    references: ReferencesPlanned,
}

impl Write for OrganizationsApply {
    type Done = OrganizationsApplied;

    const NAME: &'static str = "organizationsApply";

    fn request(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self)?)
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    async fn run(&self, writer: &mut Writer) -> Result<OrganizationsApplied, Refusal> {
        writer.viewer.require(Scope::OrganizationsWrite)?;
        let found = self.organizations.len();
        if found > MAX {
            return Err(Problem::at(["organizations"], Rule::TooMany { max: MAX, found }).into());
        }
        let planned = self.plan(writer).await?;
        let mut applied = OrganizationsApplied {
            ids: planned.iter().map(|one| one.id).collect(),
            created: 0,
            updated: 0,
            unchanged: 0,
        };
        for one in parents_first(planned) {
            *match writer.write_organization(one).await? {
                Some(ChangeAction::Created) => &mut applied.created,
                Some(_) => &mut applied.updated,
                None => &mut applied.unchanged,
            } += 1;
        }
        Ok(applied)
    }
}

impl OrganizationsApply {
    /// What shall stand, or all that is wrong.
    async fn plan(&self, writer: &Writer) -> Result<Vec<Planned>, Refusal> {
        let list = At::top("organizations");
        let slugs = self.organizations.iter().map(|one| one.slug.as_str()).filter(|slug| is_key(slug));
        let standing: HashMap<String, organization::Model> = organization::Entity::find()
            .filter(organization::Column::Slug.is_in(slugs))
            .lock_exclusive()
            .all(&writer.transaction)
            .await?
            .into_iter()
            .map(|row| (row.slug.clone(), row))
            .collect();
        let parents = self.organizations.iter().filter_map(|one| one.parent.value());
        let known = writer.organizations_named(parents).await?;
        let mut ids: HashMap<&str, OrganizationId> = HashMap::new();
        let (mut planned, mut problems) = (Vec::new(), Vec::new());
        for (index, input) in self.organizations.iter().enumerate() {
            let at = list.index(index);
            let before = standing.get(&input.slug);
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
                    match here.map(Ok).or_else(|| known.get(key).cloned()) {
                        Some(Ok(id)) => one.parent = Some(id),
                        Some(Err(rule)) => problems.push(place.problem(rule)),
                        None => problems.push(place.problem(Rule::NotFound { what: Thing::Organization })),
                    }
                }
            }
        }
        if problems.is_empty() {
            let tree = Tree::above(writer, &planned).await?;
            // In this order, so that who may not see an organization does not learn where it stands.
            problems.extend(tree.of_others(writer, &planned).await?);
            if problems.is_empty() {
                problems.extend(tree.cycles(&planned));
            }
            if problems.is_empty() {
                problems.extend(tree.misplaced(writer, &planned));
            }
        }
        if problems.is_empty() {
            problems.extend(self.plan_references(writer, &mut planned).await?);
        }
        if problems.is_empty() { Ok(planned) } else { Err(problems.into()) }
    }

    /// Plans the references of each organization; what is wrong with them.
    async fn plan_references(&self, writer: &Writer, planned: &mut [Planned]) -> Result<Vec<Problem>, Refusal> {
        let list = At::top("organizations");
        let wanted = |(index, (input, one)): (usize, (&OrganizationInput, &Planned))| {
            let entity = Referenced { kind: ReferencedKind::Organization, id: one.id.0, service: None };
            ReferenceWanted::of(entity, &input.external_references, &list.index(index), "")
        };
        let wanted: Vec<_> = self.organizations.iter().zip(&*planned).enumerate().map(wanted).collect();
        let owner = |one: &Planned| writer.viewer.links_for(one.id);
        let mut known = writer.references_known(planned.iter().map(owner), wanted.iter().flatten()).await?;
        let mut problems = Vec::new();
        for (one, wanted) in planned.iter_mut().zip(wanted) {
            match writer.plan_references(owner(one), wanted, &mut known).await {
                Ok(references) => one.references = references,
                Err(Refusal::Problems(some)) => problems.extend(some),
                Err(other) => return Err(other),
            }
        }
        Ok(problems)
    }
}

/// Who stands below whom, before the write and after it.
struct Tree {
    before: HashMap<OrganizationId, Option<OrganizationId>>,
    after: HashMap<OrganizationId, Option<OrganizationId>>,
}

impl Tree {
    /// The organizations that are written, and all above them; locked, so that no two writers close a circle together.
    async fn above(writer: &Writer, planned: &[Planned]) -> Result<Self, Error> {
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
                .lock_exclusive()
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

    fn cycles(&self, planned: &[Planned]) -> Vec<Problem> {
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
    async fn of_others(&self, writer: &Writer, planned: &[Planned]) -> Result<Vec<Problem>, Error> {
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
    fn misplaced(&self, writer: &Writer, planned: &[Planned]) -> Vec<Problem> {
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

/// Those first that others stand below, so that each finds its parent.
fn parents_first(planned: Vec<Planned>) -> Vec<Planned> {
    let mut waiting: HashSet<OrganizationId> = planned.iter().map(|one| one.id).collect();
    let (mut sorted, mut rest) = (Vec::with_capacity(planned.len()), planned);
    while !rest.is_empty() {
        let (ready, blocked): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|one| one.parent.is_none_or(|parent| !waiting.contains(&parent)));
        for one in &ready {
            waiting.remove(&one.id);
        }
        // There are no circles, so some are always ready.
        sorted.extend(ready);
        rest = blocked;
    }
    sorted
}

impl Writer {
    /// The organizations that the viewer sees under these keys.
    pub(super) async fn organizations_named<'a>(
        &self,
        keys: impl Iterator<Item = &'a OrganizationKey>,
    ) -> Result<HashMap<OrganizationKey, Result<OrganizationId, Rule>>, Error> {
        let seen = || Ok::<_, Error>(organization::Entity::find().filter(self.viewer.sees_organizations()?));
        let mut found = HashMap::new();
        let (mut slugs, mut ids) = (Vec::new(), Vec::new());
        for key in keys {
            match key {
                OrganizationKey::Slug(slug) => slugs.extend(is_key(slug).then(|| slug.clone())),
                OrganizationKey::Id(id) => ids.extend(OrganizationId::parse(id)),
                OrganizationKey::Ref(reference) => {
                    let kind = ReferencedKind::Organization;
                    let (id, seen) = (organization::Column::Id, seen()?);
                    let named = named(&self.transaction, &self.viewer, seen, id, reference, kind).await;
                    let result = match named {
                        Ok(Some(row)) => Ok(row.id),
                        Ok(None) => Err(Rule::NotFound { what: Thing::Organization }),
                        Err(Error::BadRequest(_)) => Err(Rule::Ambiguous { what: Thing::Organization }),
                        Err(error) => return Err(error),
                    };
                    found.insert(key.clone(), result);
                }
            }
        }
        let by_slug = some_at_a_time(slugs).map(|some| organization::Column::Slug.is_in(some));
        let by_id = some_at_a_time(ids).map(|some| organization::Column::Id.is_in(some));
        for named in by_slug.chain(by_id) {
            for row in seen()?.filter(named).all(&self.transaction).await? {
                found.insert(OrganizationKey::Id(row.id.to_string().into()), Ok(row.id));
                found.insert(OrganizationKey::Slug(row.slug), Ok(row.id));
            }
        }
        Ok(found)
    }

    /// Writes one organization; says what happened to it, if anything.
    async fn write_organization(&mut self, planned: Planned) -> Result<Option<ChangeAction>, Error> {
        let Planned { id, before, slug, name, parent, references } = planned;
        let mut fields = Vec::new();
        let mut field = |name: &str, before: Option<serde_json::Value>, after: Option<serde_json::Value>| {
            if before != after {
                fields.push(FieldChange { name: name.into(), before, after });
            }
        };
        let parent_id = |id: OrganizationId| json!(id.to_string());
        field("slug", before.as_ref().map(|row| json!(row.slug)), Some(json!(slug)));
        field("name", before.as_ref().map(|row| json!(row.name)), Some(json!(name)));
        field("parent", before.as_ref().and_then(|row| row.parent_id).map(parent_id), parent.map(parent_id));
        let action = match &before {
            None => Some(ChangeAction::Created),
            Some(_) if !fields.is_empty() => Some(ChangeAction::Updated),
            Some(_) => None,
        };
        if let Some(action) = action {
            let row = organization::ActiveModel {
                id: Set(id),
                search_text: Set(search_text(&slug, &name)),
                slug: if before.is_some() { NotSet } else { Set(slug) },
                name: Set(name),
                parent_id: Set(parent),
                created_at: if before.is_some() { NotSet } else { Set(self.now) },
                updated_at: Set(self.now),
            };
            match action {
                ChangeAction::Created => self.insert(vec![row]).await?,
                _ => drop(organization::Entity::update(row).exec(&self.transaction).await?),
            }
            let entity_type = ChangeEntityType::Organization;
            self.log(Logged { action, entity_type, entity_id: id.0, service_id: None, organization_id: None, fields });
        }
        let linked = !references.changes.is_empty();
        self.write_references(references).await?;
        Ok(action.or(linked.then_some(ChangeAction::Updated)))
    }
}

fn search_text(slug: &str, name: &Text) -> String {
    let names = name.0.values().map(|name| fold(name.as_str()));
    std::iter::once(slug.to_owned()).chain(names).collect::<Vec<_>>().join("\n")
}
