//! Writes configuration items, with a fixed number of statements for each part of the input; for unchanged items only
//! `seen_at` is written.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    configuration_item, external_reference,
    id::{ItemId, OrganizationId},
    item_dependency,
};
use serde::{Deserialize, Serialize};

use self::current::{Current, Matched};
use crate::{
    definition::{
        at::At,
        document::{ConfigurationItemInput, ExternalKey, OrganizationKey},
        limits::{MAX_ITEMS, MAX_PROBLEMS},
    },
    item::{self, Item},
    policy::{Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal, refuse},
        item::{
            WriteItems,
            names::{self, Found, is_item},
        },
        organization::{ReadOrganizations, WriteOrganizations},
        read::session::Session,
        reference::{WriteReferences, by_key::ByKey},
        write::{
            mutation::{Known, Write},
            writer::Writer,
        },
    },
};

mod current;
mod resolve;
mod write;

pub(in crate::store) use current::lock;

/// Configuration items to write.
#[derive(Clone, Debug, Serialize)]
pub struct ItemsApply {
    /// Their organization; `None`: the viewer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationKey>,
    /// The items, in any order.
    pub items: Vec<ConfigurationItemInput>,
    /// Whether to roll back and only return the result.
    pub dry_run: bool,
}

/// The result of writing configuration items.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ItemsApplied {
    /// The items that exist afterwards, in the order of the input.
    pub ids: Vec<ItemId>,
    /// Number of created items.
    pub created: i32,
    /// Number of changed items.
    pub updated: i32,
    /// Number of unchanged items, including items to remove that did not exist.
    pub unchanged: i32,
    /// Number of removed items.
    pub removed: i32,
    /// Number of their dependencies that are unresolved.
    pub unresolved: i32,
}

/// What is done with an item of the input.
enum Planned {
    /// It is to be removed, but does not exist.
    Absent,
    /// It does not change.
    Unchanged(Box<configuration_item::Model>),
    /// It is removed.
    Removed(Box<configuration_item::Model>),
    /// It is created or updated.
    Written(Box<Written>),
}

/// An item to create or update.
struct Written {
    row: configuration_item::Model,
    before: Option<Item>,
    after: Item,
    reference: Reference,
    /// The new dependencies, which replace the present ones; `None` if they do not change.
    dependencies: Option<Vec<item_dependency::Model>>,
}

/// The key by which an item is matched.
enum Reference {
    /// It is new.
    New(external_reference::Model),
    /// It exists; whether its URL changes.
    Current(external_reference::Model, bool),
}

impl Write for ItemsApply {
    type Done = ItemsApplied;

    fn name(&self) -> &'static str {
        "configurationItemsApply"
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    async fn look_up(&self, session: &Session) -> Result<Known, Error> {
        Ok(session.organizations().all_called(self.organization.iter()).await?.into())
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::CmdbWrite)?;
        let list = At::top("items");
        let found = self.items.len();
        if found > MAX_ITEMS {
            return Err(list.problem(Rule::TooMany { max: MAX_ITEMS, found }).into());
        }
        let mut problems = self.problems_within(&list);
        problems.truncate(MAX_PROBLEMS);
        refuse(problems)
    }

    async fn run(&self, writer: &mut Writer) -> Result<ItemsApplied, Refusal> {
        let list = At::top("items");
        let organization = self.organization(writer).await?;
        let current = Current::read(writer, organization, &self.items).await?;
        let planned = self.plan(writer, organization, &current, &list).await?;
        let mut applied = applied(&planned);
        let unsettled = Unsettled::of(&planned, &current);
        writer.items().write(organization, planned, unsettled).await?;
        applied.unresolved = writer.items().unresolved(&applied.ids).await?;
        Ok(applied)
    }
}

impl ItemsApply {
    /// The problems of the items that need no database.
    fn problems_within(&self, list: &At) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut seen: HashMap<_, Vec<_>> = HashMap::with_capacity(self.items.len());
        for (index, input) in self.items.iter().enumerate() {
            let at = list.index(index);
            problems.extend(item::problems(input, &at));
            let reference = &input.r#ref;
            let types = seen.entry((&reference.system, &reference.key)).or_default();
            // A key without a type matches any type.
            let twice = types.iter().any(|r#type: &&Option<String>| {
                **r#type == reference.r#type || r#type.is_none() || reference.r#type.is_none()
            });
            types.push(&reference.r#type);
            if twice {
                problems.push(at.field("ref").problem(Rule::NamedTwice { name: reference.key.clone() }));
            }
        }
        problems
    }

    /// The organization of the items.
    async fn organization(&self, writer: &Writer) -> Result<OrganizationId, Refusal> {
        let at = At::top("organization");
        let own = writer.viewer.organization;
        let Some(key) = &self.organization else {
            return own.ok_or_else(|| at.problem(Rule::Required).into());
        };
        match writer.organizations().named([key].into_iter()).await?.get(key) {
            Err(rule) => Err(at.problem(rule).into()),
            Ok(id) if !writer.viewer.acts_for(id) => Err(at.problem(Rule::NotYourItems).into()),
            Ok(id) => Ok(id),
        }
    }

    /// What is done with each item; or all problems.
    async fn plan(
        &self,
        writer: &Writer,
        organization: OrganizationId,
        current: &Current,
        list: &At<'_>,
    ) -> Result<Vec<Planned>, Refusal> {
        let mut problems = Vec::new();
        let mut matched = HashSet::with_capacity(self.items.len());
        let mut planned = Vec::with_capacity(self.items.len());
        let mut taken = Vec::new();
        for (index, input) in self.items.iter().enumerate() {
            let at = list.index(index);
            let removed = input.remove.value() == Some(&true);
            let place = at.field("ref");
            let matching = match current.matching(&input.r#ref) {
                Matched::Item(reference, row) => Some((reference, row)),
                Matched::Nothing => None,
                Matched::Several => {
                    problems.push(place.problem(Rule::Ambiguous { what: Thing::ConfigurationItem }));
                    continue;
                }
                Matched::Other(row) => {
                    taken.push(row.clone());
                    problems.push(place.problem(Rule::ReferenceTaken { by: None }));
                    continue;
                }
            };
            if matching.is_some_and(|(_, row)| !matched.insert(row.id)) {
                problems.push(place.problem(Rule::NamedTwice { name: input.r#ref.key.clone() }));
                continue;
            }
            if removed {
                planned.push(matching.map_or(Planned::Absent, |(_, row)| Planned::Removed(Box::new(row.clone()))));
                continue;
            }
            let before = matching.map(|(reference, row)| current.item(reference, row));
            match item::merged(before.as_ref(), input, &at) {
                Err(some) => problems.extend(some),
                Ok(after) => planned.push(self.one(writer, organization, &input.r#ref, matching, before, after)),
            }
        }
        if problems.is_empty() {
            problems = self.resolve(writer, organization, &mut planned, current, list).await?;
        }
        writer.references().say_by_whom(&mut problems, &taken).await?;
        if problems.is_empty() { Ok(planned) } else { Err(problems.into()) }
    }

    /// Resolves the new dependencies to items of this input and to stored items. Returns the problems.
    async fn resolve(
        &self,
        writer: &Writer,
        organization: OrganizationId,
        planned: &mut [Planned],
        current: &Current,
        list: &At<'_>,
    ) -> Result<Vec<Problem>, Error> {
        let keys: HashSet<&str> = planned.iter().flat_map(Planned::dependencies).map(|row| &*row.key).collect();
        let keys = keys.into_iter().filter(|key| !current.has_looked_for(key));
        let others = names::references(writer, organization, keys.collect()).await?;
        let removed: HashSet<ItemId> = planned.iter().filter_map(Planned::removed).collect();
        let stays = |row: &&external_reference::Model| is_item(row) && !removed.contains(&ItemId(row.entity_id));
        let stand = current.references().chain(&others).filter(stays);
        let names: ByKey<_> = stand.chain(planned.iter().filter_map(Planned::new_reference)).collect();
        let found = planned.iter().flat_map(Planned::dependencies).map(|row| names::find(&names, row));
        let mut found = found.collect::<Vec<Found>>().into_iter();
        let mut problems = Vec::new();
        for (index, (one, input)) in planned.iter_mut().zip(&self.items).enumerate() {
            let Planned::Written(one) = one else { continue };
            let at = list.index(index);
            let at = at.field("dependsOn");
            for row in one.dependencies.iter_mut().flatten() {
                let place = || {
                    let given = input.depends_on.value().into_iter().flatten();
                    let is_it = |key: &ExternalKey| {
                        key.system == row.system
                            && key.key == row.key
                            && key.r#type.as_deref().unwrap_or_default() == row.class
                    };
                    given.into_iter().position(is_it).unwrap_or_default()
                };
                match found.next() {
                    Some(Found::Item(id)) => row.dependency_id = Some(id),
                    Some(Found::Itself) => problems.push(at.index(place()).problem(Rule::DependsOnItself)),
                    Some(Found::Nothing) | None => {}
                }
            }
        }
        Ok(problems)
    }
}

/// The result, without the number of unresolved dependencies.
fn applied(planned: &[Planned]) -> ItemsApplied {
    let mut applied = ItemsApplied::default();
    for one in planned {
        let (count, row) = match one {
            Planned::Absent => (&mut applied.unchanged, None),
            Planned::Unchanged(row) => (&mut applied.unchanged, Some(&**row)),
            Planned::Removed(_) => (&mut applied.removed, None),
            Planned::Written(one) if one.before.is_some() => (&mut applied.updated, Some(&one.row)),
            Planned::Written(one) => (&mut applied.created, Some(&one.row)),
        };
        *count += 1;
        applied.ids.extend(row.map(|row| row.id));
    }
    applied
}

impl Planned {
    /// The new dependencies; empty if they do not change.
    fn dependencies(&self) -> &[item_dependency::Model] {
        match self {
            Self::Written(one) => one.dependencies.as_deref().unwrap_or_default(),
            _ => &[],
        }
    }

    fn new_reference(&self) -> Option<&external_reference::Model> {
        match self {
            Self::Written(one) => match &one.reference {
                Reference::New(row) => Some(row),
                Reference::Current(..) => None,
            },
            _ => None,
        }
    }

    fn removed(&self) -> Option<ItemId> {
        match self {
            Self::Removed(row) => Some(row.id),
            _ => None,
        }
    }
}

/// What must be resolved again after the items are written, so that the result does not depend on the order of writes.
#[derive(Default)]
struct Unsettled {
    /// The keys of unresolved dependencies of unchanged items.
    keys: Vec<String>,
    /// Items that were the only ones with a key, and now share it.
    contested: Vec<ItemId>,
}

impl Unsettled {
    fn of(planned: &[Planned], current: &Current) -> Self {
        let mut unsettled = Self::default();
        for one in planned {
            match one {
                Planned::Unchanged(row) => {
                    let waiting = current.dependencies(row.id).iter().filter(|row| row.dependency_id.is_none());
                    unsettled.keys.extend(waiting.map(|row| row.key.clone()));
                }
                Planned::Written(one) => {
                    if let Reference::New(row) | Reference::Current(row, true) = &one.reference {
                        unsettled.contested.extend(current.others_called(row));
                    }
                }
                Planned::Absent | Planned::Removed(_) => {}
            }
        }
        unsettled
    }
}
