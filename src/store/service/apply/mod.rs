//! Applies a document to the definition of a service.

pub(super) mod current;
pub(super) mod keys;
mod nearest;
pub(super) mod parties;
pub(super) mod planned;
pub(super) mod rows;

use std::collections::HashMap;

use entente_entity::{
    element,
    enums::{ApplyMode, ElementKind},
    id::{ElementId, ServiceId},
    service,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

use self::{
    current::{Current, Identities},
    keys::Renames,
    parties::{Parties, organizations, references_wanted},
    planned::Planned,
    rows::TermsRow,
};
use crate::{
    definition::{
        at::At,
        diff::Change,
        document::{ConfigurationItemKey, DefinitionInput},
        limits::{MAX_TEXT, is_key, text_rule},
        links::{ItemLinks, LinkedItem},
        plan::{self, Plan},
        rename::renames as renames_of,
        stored::{CurrentDefinition, Lookups},
    },
    policy::{Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal, refuse},
        item::WriteItems,
        organization::ReadOrganizations,
        read::session::Session,
        service::{ReadServices, WriteServices},
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
        let organizations = session.organizations().all_called(organizations(&self.definition)).await?;
        let proposal = match self.expected_revision {
            Some(revision) if revision > 0 => session.services().proposal_of(&self.definition.slug).await?,
            _ => None,
        };
        Ok(Known { organizations, proposal })
    }

    fn told(&self, mut done: DefinitionApplied, viewer: &Viewer) -> DefinitionApplied {
        if viewer.sees_items().is_err() {
            done.changes = done.changes.into_iter().filter_map(Change::without_items).collect();
        }
        done
    }

    async fn run(&self, writer: &mut Writer) -> Result<DefinitionApplied, Refusal> {
        let mut planned = self.planned(writer).await?;
        let service = planned.current.as_ref().map_or_else(ServiceId::new, |it| it.row.id);
        let wanted = references_wanted(service, &self.definition, &planned.plan.terms);
        let references = planned.references(writer, wanted).await?;
        planned.difference.changes.extend(references.planned.changes.iter().cloned());
        let before = planned.current.as_ref().and_then(|it| it.links.items.as_ref());
        if self.changes_items(before, planned.plan.links.items.as_ref()) {
            writer.viewer.require(Scope::CmdbWrite).map_err(|problem| self.at_items(problem))?;
        }
        let changes = std::mem::take(&mut planned.difference.changes);
        let done = DefinitionApplied {
            service: planned.current.as_ref().map(|it| it.row.id).or((!self.dry_run).then_some(service)),
            changes,
        };
        if !done.changes.is_empty() {
            let terms = match &planned.current {
                Some(_) if !planned.difference.terms => TermsRow::Unchanged,
                Some(current) => {
                    self.expect_proposal(current, writer)?;
                    TermsRow::New
                }
                None => TermsRow::New,
            };
            let agreed = planned.write(writer, service, terms, references, self.comment.clone()).await?;
            if agreed {
                writer.publish_by_itself(service).await?;
            }
        }
        Ok(done)
    }
}

impl DefinitionApply {
    /// The document, planned onto the current definition of its service, which is locked.
    pub(super) async fn planned(&self, writer: &mut Writer) -> Result<Planned, Refusal> {
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
        let (mut identities, mut renames) = (Identities::new(), Renames::default());
        if let Some(current) = &mut current {
            identities = writer.services().known_elements(current.row.id).await?;
            renames = current.rename(renames_of(&current.definition.terms, &self.definition), &mut identities);
        }
        let plan = match self.plan(writer, current.as_ref(), &parties, &items, &identities) {
            Err(problems) if current.is_none() => {
                return Err(writer.services().of_no_service(&self.definition, problems).await?.into());
            }
            plan => plan?,
        };
        let writer_may = writer.viewer.may_define(plan.terms.provider);
        writer_may.map_err(|problem| Problem::at(["definition", "provider"], problem.rule))?;
        Ok(Planned::new(self.definition.slug.clone(), current, plan, identities, renames, |id| parties.slug(id)))
    }

    /// Refuses new terms that would withdraw a proposal which the caller, who expects a revision, could not know: it did not exist
    /// when the request came.
    pub(super) fn expect_proposal(&self, current: &Current, writer: &Writer) -> Result<(), Problem> {
        let known = writer.known.proposal;
        match current.row.proposal_id {
            Some(proposal) if self.expected_revision.is_some() && known != Some(proposal) => Err(Problem::at(
                ["expectedRevision"],
                Rule::ProposedMeanwhile { revision: current.row.newest_revision },
            )),
            _ => Ok(()),
        }
    }

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
        Ok(Some(writer.services().current(row).await?))
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
