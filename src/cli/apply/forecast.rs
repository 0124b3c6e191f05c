//! Dry runs of documents that name organizations or items which the same run would create first.
//!
//! They are applied to a database in memory, with the organizations as after the run. The same API gives the same
//! answers there, except for what only the real database knows: the rights of the viewer, and the external keys of
//! others.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;

use super::{
    organizations::{parent, parents_first, portions},
    send::{How, OrganizationsDone, Outcome, ServiceDone, UserError},
};
use crate::{
    cli::{
        database::Opened,
        endpoint::{Endpoint, reading::Format},
    },
    definition::{
        document::{
            ConfigurationItemInput, ConfigurationItemKey, DefinitionInput, Document, ExternalKey,
            ExternalReferenceInput, OrganizationInput, OrganizationKey,
        },
        limits::MAX_ITEMS,
        nearest::nearest,
        read::read_documents,
    },
    problem::{Meant, Rule, Thing},
    words::{Speech, Words},
};

const REALLY: How<'static> =
    How { dry_run: false, only_checks: false, replace: false, comment: None, expected_revision: None };

/// A database in memory with the organizations as after the run.
pub(super) struct Forecast {
    endpoint: Endpoint,
    /// The result of the run for organizations.
    pub organizations: OrganizationsDone,
}

impl Forecast {
    /// A forecast for a run that sends these portions of organizations; `None` if they are refused there too.
    pub async fn new(real: &Endpoint, sent: &[Vec<&OrganizationInput>]) -> anyhow::Result<Option<Self>> {
        let locale = entente_entity::scalar::Locale(real.default_locale().await?);
        let endpoint = Endpoint::local(Opened::in_memory(&locale).await?.store, real.speech());
        for portion in portions(parents_first(real.organizations().await?, |one| one), |one| one) {
            let portion: Vec<_> = portion.iter().collect();
            if endpoint.apply_organizations(&portion, REALLY).await?.is_err() {
                return Ok(None);
            }
        }
        let mut organizations = OrganizationsDone::default();
        for portion in sent {
            let Ok(done) = endpoint.apply_organizations(portion, REALLY).await? else { return Ok(None) };
            organizations.created += done.created;
            organizations.updated += done.updated;
            organizations.unchanged += done.unchanged;
        }
        Ok(Some(Self { endpoint, organizations }))
    }

    /// Whether applying organizations would do nothing.
    pub async fn are_unchanged(&self, organizations: &[&OrganizationInput]) -> anyhow::Result<bool> {
        let outcome = self.endpoint.apply_organizations(organizations, How { dry_run: true, ..REALLY }).await?;
        Ok(outcome.is_ok_and(|done| done.created == 0 && done.updated == 0))
    }

    /// The result of applying a definition; `None` if it cannot be known.
    pub async fn definition(
        &self,
        real: &Endpoint,
        definition: &DefinitionInput,
        made: &Made,
        how: How<'_>,
    ) -> anyhow::Result<Option<Outcome<ServiceDone>>> {
        // In the forecast the service has no revision yet.
        let how = How { expected_revision: None, ..how };
        let mut provider = definition.provider.value().cloned();
        let known = real.revisions(&definition.slug).await?;
        if let Some(document) = real.service_document(&definition.slug, Format::Json).await? {
            for document in read_documents(&document)? {
                let Document::ServiceDefinition(standing) = document else { continue };
                provider = provider.or_else(|| standing.provider.value().cloned());
                self.stand_in(standing.provider.value(), &standing, made).await?;
                if self.endpoint.apply_definition(&standing, REALLY).await?.is_err() {
                    return Ok(None);
                }
            }
        }
        self.stand_in(provider.as_ref(), definition, made).await?;
        let outcome = self.endpoint.apply_definition(definition, how).await?;
        Ok(Some(outcome.map(|mut done| {
            let (published, newest) = known.unwrap_or_default();
            let is_new = done.after > done.before.unwrap_or_default();
            done.before = known.map(|_| published);
            done.after = if is_new { newest + 1 } else { published };
            done
        })))
    }
}

impl Forecast {
    /// Creates items with the keys of the linked ones: it was checked before that they will exist.
    async fn stand_in(
        &self,
        provider: Option<&OrganizationKey>,
        definition: &DefinitionInput,
        made: &Made,
    ) -> anyhow::Result<()> {
        let typed =
            |key: &ExternalKey| ExternalKey { r#type: key.r#type.clone().or_else(|| made.type_of(key)), ..key.clone() };
        let keys: Vec<ExternalKey> = item_keys(definition).map(typed).collect();
        let is_named_with_type = |key: &ExternalKey| {
            let is_same = |other: &ExternalKey| (&other.system, &other.key) == (&key.system, &key.key);
            keys.iter().any(|other| other.r#type.is_some() && is_same(other))
        };
        let mut seen = HashSet::new();
        let items: Vec<ConfigurationItemInput> = keys
            .iter()
            // A key without a type is left out if another key names the same item with its type.
            .filter(|key| key.r#type.is_some() || !is_named_with_type(key))
            .filter(|key| seen.insert((&key.system, &key.r#type, &key.key)))
            .map(|key| ConfigurationItemInput {
                r#ref: ExternalReferenceInput {
                    system: key.system.clone(),
                    r#type: key.r#type.clone(),
                    key: key.key.clone(),
                    url: None,
                },
                name: MaybeUndefined::Value(key.key.clone()),
                class: MaybeUndefined::Value("forecast".into()),
                environment: MaybeUndefined::Undefined,
                status: MaybeUndefined::Undefined,
                depends_on: MaybeUndefined::Undefined,
                dependencies_needed: MaybeUndefined::Undefined,
                remove: MaybeUndefined::Undefined,
            })
            .collect();
        for portion in items.chunks(MAX_ITEMS) {
            // If items are refused here, the definition reports them as missing.
            self.endpoint.apply_items(provider, portion, REALLY).await?.ok();
        }
        Ok(())
    }
}

/// The keys by which a definition names configuration items.
fn item_keys(definition: &DefinitionInput) -> impl Iterator<Item = &ExternalKey> {
    let of_outcomes = definition.outcomes.value().into_iter().flatten();
    let of_outcomes = of_outcomes.filter_map(|outcome| outcome.configuration_items.value());
    let all = of_outcomes.chain(definition.configuration_items.value()).flatten();
    all.filter_map(|key| match key {
        ConfigurationItemKey::Ref(key) => Some(key),
        ConfigurationItemKey::Id(_) => None,
    })
}

/// The kinds of objects that a definition refers to and that the run would create first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lacks {
    Organizations,
    Items,
    Both,
}

impl Lacks {
    /// The kinds of objects of these problems, which are only about such objects.
    pub fn of(problems: &[UserError]) -> Self {
        let is_of_item = |error: &UserError| {
            error.path.as_deref().unwrap_or_default().iter().any(|step| step == "configurationItems")
        };
        match (problems.iter().any(is_of_item), problems.iter().all(is_of_item)) {
            (_, true) => Self::Items,
            (true, false) => Self::Both,
            (false, false) => Self::Organizations,
        }
    }

    /// Why these services were compared without the database.
    pub fn note(self, slugs: String) -> Words {
        match self {
            Self::Organizations => Words::ComparedForOrganizations { slugs },
            Self::Items => Words::ComparedForItems { slugs },
            Self::Both => Words::ComparedForBoth { slugs },
        }
    }
}

/// The organizations and the configuration items that a run creates before the documents that refer to them.
#[derive(Debug, Default)]
pub(super) struct Made {
    organizations: HashSet<String>,
    /// The types of items, by system and key.
    items: HashMap<(String, String), Vec<Option<String>>>,
    /// The language of messages.
    speech: Speech,
}

impl Made {
    /// These organizations and items.
    pub fn of<'o>(
        organizations: impl Iterator<Item = &'o OrganizationInput>,
        items: impl Iterator<Item = &'o ConfigurationItemInput>,
        speech: Speech,
    ) -> Self {
        let organizations = organizations.map(|organization| organization.slug.clone()).collect();
        let mut made = Self { organizations, items: HashMap::new(), speech };
        for item in items.filter(|item| item.remove.value() != Some(&true)).map(|item| &item.r#ref) {
            made.items.entry((item.system.clone(), item.key.clone())).or_default().push(item.r#type.clone());
        }
        made
    }

    /// The types of the items that the run creates and that a key may match.
    fn types(&self, key: &ExternalKey) -> impl Iterator<Item = &Option<String>> {
        let types = self.items.get(&(key.system.clone(), key.key.clone())).into_iter().flatten();
        types.filter(|made| key.r#type.is_none() || **made == key.r#type)
    }

    /// The type of the item that the run creates and that a key matches; `None` if it has none.
    fn type_of(&self, key: &ExternalKey) -> Option<String> {
        self.types(key).next().cloned().flatten()
    }

    /// The problems of items, except for an organization that would exist.
    pub fn others_of_items(&self, problems: Vec<UserError>, organization: Option<&OrganizationKey>) -> Vec<UserError> {
        self.others(problems, |path| match (path, organization) {
            ([field], Some(OrganizationKey::Slug(slug))) if field == "organization" => Some(slug),
            _ => None,
        })
    }

    /// The problems of organizations, except for parents that would exist.
    pub fn others_of_organizations(&self, problems: Vec<UserError>, inputs: &[&OrganizationInput]) -> Vec<UserError> {
        self.others(problems, |path| match path {
            [_, index, field] if field == "parent" => {
                inputs.get(index.parse::<usize>().ok()?).and_then(|it| parent(it))
            }
            _ => None,
        })
    }

    /// The problems of a definition, except for organizations and items that would exist.
    pub fn others_of_definition(&self, mut problems: Vec<UserError>, definition: &DefinitionInput) -> Vec<UserError> {
        let item = |path: &[String]| {
            let (keys, index) = match path {
                [_, list, index] if list == "configurationItems" => (definition.configuration_items.value()?, index),
                [_, list, outcome, below, index] if list == "outcomes" && below == "configurationItems" => {
                    let outcome = definition.outcomes.value()?.get(outcome.parse::<usize>().ok()?)?;
                    (outcome.configuration_items.value()?, index)
                }
                _ => return None,
            };
            match keys.get(index.parse::<usize>().ok()?)? {
                ConfigurationItemKey::Ref(key) => Some(key),
                ConfigurationItemKey::Id(_) => None,
            }
        };
        problems.retain(|error| {
            let item = item(error.path.as_deref().unwrap_or_default());
            error.code != "NOT_FOUND" || item.is_none_or(|item| self.types(item).next().is_none())
        });
        let named = |path: &[String]| match path {
            [_, field] if field == "provider" => definition.provider.value(),
            [_, list, index, field] if list == "consumers" && field == "organization" => {
                let consumers = definition.consumers.value()?;
                consumers.get(index.parse::<usize>().ok()?).map(|consumer| &consumer.organization)
            }
            _ => None,
        };
        self.others(problems, |path| match named(path)? {
            OrganizationKey::Slug(slug) => Some(slug),
            _ => None,
        })
    }

    /// The organization of the run that was probably meant by a slug.
    fn organization_near(&self, slug: &str) -> Option<String> {
        nearest(slug, self.organizations.iter().map(String::as_str))
    }

    /// The problems without those of names that the run would create. The others suggest an organization of the run if
    /// one is similar. `named` gives the slug at a path of the input.
    fn others<'s>(&self, mut problems: Vec<UserError>, named: impl Fn(&[String]) -> Option<&'s str>) -> Vec<UserError> {
        problems.retain(|error| {
            let slug = named(error.path.as_deref().unwrap_or_default());
            error.code != "NOT_FOUND" || slug.is_none_or(|slug| !self.organizations.contains(slug))
        });
        for error in problems.iter_mut().filter(|error| error.code == "NOT_FOUND") {
            let Some(slug) = named(error.path.as_deref().unwrap_or_default()) else { continue };
            if let Some(near) = self.organization_near(slug) {
                let meant = Meant { nearest: Some(near), known: Vec::new() };
                let rule = Rule::NotFound { what: Thing::Organization, given: Some(slug.to_owned()), meant };
                error.message = rule.say(self.speech);
            }
        }
        problems
    }
}
