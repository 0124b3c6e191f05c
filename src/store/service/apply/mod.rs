//! Applies a document to the definition of a service.

mod current;
mod keys;
mod nearest;
mod parties;
mod rows;

use std::collections::HashMap;

use entente_entity::{
    element,
    enums::{ApplyMode, ElementKind},
    id::{ElementId, ServiceId},
    service, service_consumer,
    text::Str,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

use self::{
    current::Current,
    parties::{Parties, organizations, references_wanted},
    rows::{Writing, gone},
};
use crate::{
    definition::{
        at::At,
        diff::{self, Change, State},
        document::{ConfigurationItemKey, DefinitionInput},
        limits::{MAX_TEXT, is_key, text_rule},
        links::{Consumer, ItemLinks, LinkedItem, Links},
        plan::{self, Plan},
        rename::{self, renames as renames_of},
        stored::{CurrentDefinition, Lookups},
    },
    policy::{Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal, refuse},
        item::WriteItems,
        organization::ReadOrganizations,
        read::session::Session,
        reference::WriteReferences,
        service::WriteServices,
        write::{
            mutation::{Known, Write},
            rows::Row,
            writer::Writer,
        },
    },
};

/// A document to apply to a service's definition.
#[derive(Clone, Debug, Serialize)]
pub struct DefinitionApply {
    /// The document.
    pub definition: DefinitionInput,
    /// How it changes the present definition.
    pub mode: ApplyMode,
    /// The expected revision of the service; 0: it must not exist; `None`: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision: Option<i32>,
    /// The author's comment, stored with the revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether to roll back and only return the result.
    pub dry_run: bool,
}

/// The result of applying a document.
#[derive(Debug, Serialize, Deserialize)]
pub struct DefinitionApplied {
    /// The service; `None` if a dry run would create it.
    pub service: Option<ServiceId>,
    /// The changes.
    pub changes: Vec<Change>,
}

impl Write for DefinitionApply {
    type Done = DefinitionApplied;

    fn name(&self) -> &'static str {
        "definitionApply"
    }

    fn row(&self) -> Option<Row> {
        let slug = &self.definition.slug;
        is_key(slug).then(|| Row::Service(slug.clone()))
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::DefinitionsWrite)?;
        if self.names_items().is_some() && viewer.sees_items().is_err() {
            // A viewer that may not see items must not learn which exist.
            viewer.require(Scope::CmdbWrite).map_err(|problem| self.at_items(problem))?;
        }
        let problems = plan::too_much(&self.definition);
        refuse(problems)
    }

    async fn look_up(&self, session: &Session) -> Result<Known, Error> {
        session.organizations().all_called(organizations(&self.definition)).await
    }

    fn told(&self, mut done: DefinitionApplied, viewer: &Viewer) -> DefinitionApplied {
        if viewer.sees_items().is_err() {
            done.changes = done.changes.into_iter().filter_map(Change::without_items).collect();
        }
        done
    }

    async fn run(&self, writer: &mut Writer) -> Result<DefinitionApplied, Refusal> {
        let mut current = self.current(writer).await?;
        self.expect(current.as_ref())?;
        let comment = self.comment.as_deref().and_then(|comment| text_rule(comment, MAX_TEXT));
        comment.map_or(Ok(()), |rule| Err(Problem::at(["comment"], rule)))?;
        if let Some(current) = &current {
            // A writer that waited for another one, or whose clock is behind, is still later.
            writer.now = writer.now.max(current.row.updated_at);
        }
        let parties = Parties::look_up(writer, &self.definition, current.as_ref()).await?;
        let items = self.items(writer, current.as_ref(), &parties).await?;
        let (mut identities, mut renames) = (HashMap::new(), Vec::new());
        if let Some(current) = &mut current {
            identities = known_elements(writer, current.row.id).await?;
            renames = renames_of(&current.definition.terms, &self.definition);
            writer.services().rename_elements(current, &renames, &mut identities).await?;
        }
        let plan = match self.plan(writer, current.as_ref(), &parties, &items, &identities) {
            Err(problems) if current.is_none() => {
                return Err(writer.services().of_no_service(&self.definition, problems).await?.into());
            }
            plan => plan?,
        };
        let writer_may = writer.viewer.may_define(plan.terms.provider);
        writer_may.map_err(|problem| Problem::at(["definition", "provider"], problem.rule))?;
        let before = current.as_ref().map(|it| State { terms: it.terms(), links: Some(&it.links) });
        let after = State { terms: &plan.terms, links: Some(&plan.links) };
        let mut difference = diff::diff(before, after, |id| parties.slug(id));
        rename::add_to(&mut difference, &renames, &plan.terms);
        let service = current.as_ref().map_or_else(ServiceId::new, |it| it.row.id);
        let wanted = references_wanted(service, &self.definition, &plan.terms);
        let owner = writer.viewer.links_for(plan.terms.provider);
        let gone: Vec<_> = gone(&identities, &plan).into_iter().map(|id| id.0).collect();
        let mut known = writer.references().known([owner], &wanted).await?;
        // The former provider: the parties that saw the references of the removed elements must see their deletion.
        let provider = current.as_ref().map_or(plan.terms.provider, |it| it.row.provider_id);
        let let_go = writer.references().let_go_of(&gone, provider, &mut known).await?;
        let references = writer.references().plan(owner, wanted, &mut known).await?;
        difference.changes.extend(references.changes.iter().cloned());
        let changes = std::mem::take(&mut difference.changes);
        if self.changes_items(current.as_ref().and_then(|it| it.links.items.as_ref()), plan.links.items.as_ref()) {
            writer.viewer.require(Scope::CmdbWrite).map_err(|problem| self.at_items(problem))?;
        }
        let anything = !changes.is_empty();
        let done = DefinitionApplied {
            service: current.as_ref().map(|it| it.row.id).or((!self.dry_run).then_some(service)),
            changes,
        };
        if anything {
            let unchanged_terms = current.is_some() && !difference.terms;
            let revision = match &current {
                Some(current) if unchanged_terms => current.row.revision,
                Some(current) => current.row.newest_revision + 1,
                None => 1,
            };
            let references_of = (!references.changes.is_empty()).then_some(owner);
            let (comment, current) = (self.comment.clone(), current.as_ref());
            let writing =
                Writing { writer, service, current, plan: &plan, difference, revision, references_of, comment };
            writing.run(&self.definition.slug, &identities, unchanged_terms).await?;
            writer.references().write(let_go).await?;
            writer.references().write(references).await?;
        }
        Ok(done)
    }
}

impl DefinitionApply {
    /// The service with the document's slug, locked until the transaction ends.
    async fn current(&self, writer: &Writer) -> Result<Option<Current>, Refusal> {
        let slug = &self.definition.slug;
        if !is_key(slug) {
            return Ok(None);
        }
        let row = service::Entity::find()
            .filter(service::Column::Slug.eq(slug))
            .lock(LockType::NoKeyUpdate)
            .one(&writer.transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let seen =
            service::Entity::find_by_id(row.id).filter(writer.viewer.sees_services()?).one(&writer.transaction).await?;
        if seen.is_none() {
            return Err(Problem::at(["definition", "slug"], Rule::SlugTaken { slug: slug.clone() }).into());
        }
        writer.viewer.may_define(row.provider_id)?;
        let definition = writer.store.definition(&writer.transaction, row.definition_id).await?;
        let consumers = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.eq(row.id))
            .order_by_asc(service_consumer::Column::Since)
            .order_by_asc(service_consumer::Column::Id)
            .all(&writer.transaction)
            .await?;
        let links = Links {
            lifecycle: row.lifecycle,
            contacts: row.contacts.0.clone(),
            consumers: consumers
                .iter()
                .map(|row| Consumer {
                    organization: row.organization_id,
                    offering: row.offering.as_deref().map(Str::from),
                    contacts: row.contacts.0.clone(),
                })
                .collect(),
            items: Some(writer.items().links_of(row.id, &definition.terms).await?),
        };
        Ok(Some(Current { row, definition, consumers, links, renamed: None }))
    }

    /// The path of the first list of configuration items in the document, including null and an empty list; `None` if
    /// there is none.
    fn names_items(&self) -> Option<Vec<String>> {
        let at = At::top("definition");
        if !self.definition.configuration_items.is_undefined() {
            return Some(at.field("configurationItems").path());
        }
        let mut outcomes = self.definition.outcomes.value().into_iter().flatten();
        let index = outcomes.position(|outcome| !outcome.configuration_items.is_undefined())?;
        Some(at.field("outcomes").index(index).field("configurationItems").path())
    }

    /// Whether the document changes a list of configuration items.
    fn changes_items(&self, before: Option<&ItemLinks>, after: Option<&ItemLinks>) -> bool {
        let of_service = |links: Option<&ItemLinks>| links.map(|links| links.service.clone()).unwrap_or_default();
        let of = |links: Option<&ItemLinks>, key: &str| links.and_then(|links| links.outcomes.get(key).cloned());
        let mut outcomes = self.definition.outcomes.value().into_iter().flatten();
        let differs = !self.definition.configuration_items.is_undefined() && of_service(before) != of_service(after);
        differs
            || outcomes.any(|outcome| {
                !outcome.configuration_items.is_undefined() && of(before, &outcome.key) != of(after, &outcome.key)
            })
    }

    fn at_items(&self, problem: Problem) -> Problem {
        Problem { path: self.names_items().unwrap_or_default(), ..problem }
    }

    /// The provider's configuration items in the document.
    async fn items(
        &self,
        writer: &Writer,
        current: Option<&Current>,
        parties: &Parties,
    ) -> Result<HashMap<ConfigurationItemKey, Result<LinkedItem, Rule>>, Refusal> {
        if self.names_items().is_none() {
            return Ok(HashMap::new());
        }
        let named = self.definition.provider.is_value() || current.is_none();
        let provider = if named { parties.provider.clone().ok() } else { current.map(|it| it.row.provider_id) };
        let Some(provider) = provider.filter(|provider| writer.viewer.acts_for(*provider)) else {
            return Ok(HashMap::new());
        };
        let mut keys: Vec<ConfigurationItemKey> = Vec::new();
        keys.extend(self.definition.configuration_items.value().into_iter().flatten().cloned());
        for outcome in self.definition.outcomes.value().into_iter().flatten() {
            keys.extend(outcome.configuration_items.value().into_iter().flatten().cloned());
        }
        Ok(writer.items().named(provider, keys).await?)
    }

    fn expect(&self, current: Option<&Current>) -> Result<(), Problem> {
        let revision = current.map_or(0, |it| it.row.revision);
        match self.expected_revision {
            Some(given) if given < 0 => Err(Problem::at(["expectedRevision"], Rule::NegativeRevision { given })),
            Some(expected) if expected != revision => {
                Err(Problem::at(["expectedRevision"], Rule::OtherRevision { expected, current: revision }))
            }
            _ => Ok(()),
        }
    }

    fn plan(
        &self,
        writer: &Writer,
        current: Option<&Current>,
        parties: &Parties,
        items: &HashMap<ConfigurationItemKey, Result<LinkedItem, Rule>>,
        identities: &HashMap<(ElementKind, String), element::Model>,
    ) -> Result<Plan, Vec<Problem>> {
        let current = current.map(|it| CurrentDefinition { terms: it.terms(), links: &it.links });
        let lookups = Lookups {
            default_locale: writer.store.default_locale(),
            provider: &parties.provider,
            consumers: &parties.consumers,
            items: &|key| items.get(key).cloned().unwrap_or(Err(Rule::not_found(Thing::ConfigurationItem))),
            slug_of: &|id| parties.slug(id),
        };
        let mut ids = |kind: ElementKind, key: &str| {
            identities.get(&(kind, key.to_owned())).map_or_else(ElementId::new, |row| row.id)
        };
        plan::plan(current, &self.definition, self.mode, &lookups, &mut ids)
    }
}

/// The present and former elements of a service.
async fn known_elements(
    writer: &Writer,
    service: ServiceId,
) -> Result<HashMap<(ElementKind, String), element::Model>, Error> {
    let rows = element::Entity::find().filter(element::Column::ServiceId.eq(service)).all(&writer.transaction).await?;
    Ok(rows.into_iter().map(|row| ((row.kind, row.key.clone()), row)).collect())
}
