//! Proposes new terms.

use entente_entity::{
    change::FieldChange,
    definition::{self, ThreadIds},
    enums::{ChangeAction, DefinitionState},
    id::{DefinitionId, ServiceId, ThreadId},
    service,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::Serialize;

use super::{DefinitionWritten, of_terms};
use crate::{
    definition::{at::At, diff::Change, digest, document::ServiceKey},
    policy::{Changed, Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal},
        read::session::Session,
        service::{
            WriteServices,
            apply::{DefinitionApply, parties::references_wanted, planned::Planned},
        },
        thread::WriteThreads,
        write::{
            mutation::{Known, Write},
            rows::Row,
            writer::Writer,
        },
    },
    thread::input::ThreadKey,
};

/// Most threads that one proposal answers.
const MAX_RESOLVES: usize = 100;

/// New terms to propose.
#[derive(Clone, Debug, Serialize)]
pub struct DefinitionPropose {
    /// The document, how it changes the published terms, and the expected revision.
    pub document: DefinitionApply,
    /// Whether the proposal is published when all consumers have agreed.
    pub publish_when_agreed: bool,
    /// The threads that it answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolves: Vec<ThreadKey>,
}

impl Write for DefinitionPropose {
    type Done = DefinitionWritten;

    fn name(&self) -> &'static str {
        "definitionPropose"
    }

    fn row(&self) -> Option<Row> {
        self.document.row()
    }

    fn is_dry_run(&self) -> bool {
        self.document.dry_run
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        self.document.check(viewer)?;
        if !self.resolves.is_empty() {
            viewer.require(Scope::ThreadsWrite).map_err(|problem| Problem::at(["resolves"], problem.rule))?;
        }
        let found = self.resolves.len();
        if found > MAX_RESOLVES {
            return Err(Problem::at(["resolves"], Rule::TooMany { max: MAX_RESOLVES, found }).into());
        }
        Ok(())
    }

    async fn look_up(&self, session: &Session) -> Result<Known, Error> {
        self.document.look_up(session).await
    }

    async fn run(&self, writer: &mut Writer) -> Result<DefinitionWritten, Refusal> {
        let slug = ServiceKey::Slug(self.document.definition.slug.clone());
        let named = writer.services().named([&slug]).await?;
        let row = named.get(&slug).map_err(|rule| Problem::at(["definition", "slug"], rule))?;
        writer.viewer.may_define(row.provider_id)?;
        let mut planned = self.document.planned(writer).await?;
        let Some(current) = planned.current.take() else {
            return Err(Problem::at(["definition", "slug"], Rule::not_found(Thing::Service)).into());
        };
        let wanted = references_wanted(current.row.id, &self.document.definition, &planned.plan.terms);
        let references = planned.references(writer, wanted).await?;
        // With another provider, no configuration item stays.
        let moves = planned.plan.terms.provider != current.row.provider_id;
        let mut links = planned.difference.changes.iter().filter_map(|change| match items_of_new(change) {
            Some(path) => Some(path),
            None if change.is_of_terms() || (moves && change.clone().without_items().is_none()) => None,
            None => Some(change.path.clone()),
        });
        let link = links.next().or_else(|| Some(references.planned.changes.first()?.path.clone()));
        if let Some(path) = link {
            return Err(self.at_link(&path).into());
        }
        if !planned.difference.terms {
            return Err(Problem::at(["definition"], Rule::NoNewTerms).into());
        }
        self.document.expect_proposal(&current, writer)?;
        let resolves = self.resolved(writer, current.row.id).await?;
        let changes = of_terms(std::mem::take(&mut planned.difference.changes));
        if let Some(revision) = self.proposed_already(writer, &current.row, &planned, &resolves).await? {
            let revision = Some(revision).filter(|_| !self.is_dry_run());
            return Ok(DefinitionWritten { service: current.row.id, revision, changes });
        }
        let revision = self.write(writer, &current.row, &planned, resolves).await?;
        let revision = Some(revision).filter(|_| !self.is_dry_run());
        Ok(DefinitionWritten { service: current.row.id, revision, changes })
    }
}

impl DefinitionPropose {
    /// The revision of the open proposal, if it is the same: then the decisions on it stay, and nothing is written.
    async fn proposed_already(
        &self,
        writer: &Writer,
        service: &service::Model,
        planned: &Planned,
        resolves: &[ThreadId],
    ) -> Result<Option<i32>, Error> {
        let Some(id) = service.proposal_id else { return Ok(None) };
        let row = definition::Entity::find_by_id(id).one(&writer.transaction).await?;
        let Some(row) = row.filter(|row| row.base == Some(service.revision)) else { return Ok(None) };
        let open = writer.store.definition(&writer.transaction, id).await?;
        let is_same = row.resolves.0 == resolves
            && row.publish_when_agreed == self.publish_when_agreed
            && (self.document.comment.is_none() || self.document.comment == row.comment)
            && open.terms.provider == planned.plan.terms.provider
            && digest::of("", &open.terms, "") == digest::of("", &planned.plan.terms, "");
        Ok(is_same.then_some(row.revision))
    }

    /// The problem of a link that differs.
    fn at_link(&self, link: &str) -> Problem {
        let at = At::top("definition");
        let mut parts = link.split('/');
        let path = match (parts.next(), parts.next()) {
            (Some(list @ ("outcomes" | "offerings")), Some(key)) => {
                let field = parts.next().unwrap_or_default();
                match self.place(list, key) {
                    Some(index) => at.field(list).index(index).field(field).path(),
                    None => at.field(list).path(),
                }
            }
            (Some(field), _) => at.field(field).path(),
            (None, _) => at.path(),
        };
        Problem { path, rule: Rule::LinksInTerms }
    }

    /// The index of an element in the document.
    fn place(&self, list: &str, key: &str) -> Option<usize> {
        let definition = &self.document.definition;
        match list {
            "outcomes" => definition.outcomes.value()?.iter().position(|outcome| outcome.key == key),
            _ => definition.offerings.value()?.iter().position(|offering| offering.key == key),
        }
    }

    /// The ids of the threads that the proposal answers. They must be about the service.
    async fn resolved(&self, writer: &Writer, service: ServiceId) -> Result<Vec<ThreadId>, Refusal> {
        let mut ids = Vec::new();
        for (index, key) in self.resolves.iter().enumerate() {
            let path = || At::top("resolves").index(index).path();
            let thread = writer.threads().change(key, "resolves").await.map_err(|refusal| match refusal {
                Refusal::Problems(problems) => {
                    let problems = problems.into_iter().map(|problem| Problem { path: path(), ..problem });
                    Refusal::from(problems.collect::<Vec<_>>())
                }
                other => other,
            })?;
            if thread.state.row.service_id != service {
                return Err(Problem { path: path(), rule: Rule::ThreadOfOtherService }.into());
            }
            if !ids.contains(&thread.state.row.id) {
                ids.push(thread.state.row.id);
            }
        }
        Ok(ids)
    }

    /// Writes the proposal; returns its revision. The open one is withdrawn.
    async fn write(
        &self,
        writer: &Writer,
        current: &service::Model,
        planned: &Planned,
        resolves: Vec<ThreadId>,
    ) -> Result<i32, Refusal> {
        let (id, revision) = (DefinitionId::new(), current.newest_revision + 1);
        if let Some(open) = current.proposal_id {
            writer.services().withdraw(current.id, open).await?;
        }
        let row = definition::ActiveModel {
            id: Set(id),
            service_id: Set(current.id),
            revision: Set(revision),
            state: Set(DefinitionState::Proposed),
            terms: Set(serde_json::to_string(&planned.plan.terms).map_err(Error::from)?),
            comment: Set(self.document.comment.clone()),
            author: Set(writer.viewer.actor()),
            created_at: Set(writer.now),
            published_at: Set(None),
            base: Set(Some(current.revision)),
            publish_when_agreed: Set(self.publish_when_agreed),
            resolves: Set(ThreadIds(resolves)),
            agreed_at: Set(None),
        };
        writer.insert(vec![row]).await?;
        service::Entity::update_many()
            .col_expr(service::Column::ProposalId, Expr::val(id))
            .col_expr(service::Column::NewestRevision, Expr::val(revision))
            .filter(service::Column::Id.eq(current.id))
            .exec(&writer.transaction)
            .await
            .map_err(Error::from)?;
        writer.services().touch_for_all(current.id).await?;
        let fields =
            [FieldChange::set("revision", revision), FieldChange::set("state", DefinitionState::Proposed.name())];
        writer.log(Changed::definition(current.id, id), ChangeAction::Created, fields);
        if current.proposal_id.is_some() {
            writer.services().update_standing(current.id, None).await?;
        }
        Ok(revision)
    }
}

/// The path of the configuration items of a new outcome, if it has any.
fn items_of_new(change: &Change) -> Option<String> {
    let items = change.after.as_ref().filter(|_| change.before.is_none())?.get("configurationItems")?;
    let is_empty = items.as_array().is_none_or(Vec::is_empty);
    (!is_empty).then(|| format!("{}/configurationItems", change.path))
}
