//! Suggests a service for a document whose service does not exist.

use async_graphql::MaybeUndefined;
use entente_entity::service;
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    definition::{at::At, document::DefinitionInput, limits::is_key, nearest::nearest},
    policy::Viewer,
    problem::{Problem, Rule},
    store::{db::error::Error, service::ServiceWrites},
};

/// Most slugs that are compared.
const COMPARED: u64 = 10_000;

/// The rule that a new service breaks if its provider is not given and cannot be derived.
pub(super) fn no_provider(viewer: &Viewer, document: &DefinitionInput) -> Rule {
    Rule::NoProvider { slug: document.slug.clone(), organization: viewer.claims.organization.clone() }
}

impl ServiceWrites<'_> {
    /// The problems of a document whose service does not exist. Without a name it was probably meant as a change:
    /// suggest a slug.
    pub(in crate::store) async fn of_no_service(
        self,
        document: &DefinitionInput,
        mut problems: Vec<Problem>,
    ) -> Result<Vec<Problem>, Error> {
        let (slug, definition) = (document.slug.clone(), At::top("definition"));
        let no_name = definition.field("name").problem(Rule::Required);
        let is_change = matches!(document.name, MaybeUndefined::Undefined) && is_key(&slug);
        let Some(problem) = problems.iter_mut().find(|problem| is_change && **problem == no_name) else {
            return Ok(problems);
        };
        let slugs = service::Entity::find()
            .filter(self.viewer.sees_services()?)
            .select_only()
            .column(service::Column::Slug)
            .order_by_asc(service::Column::Slug)
            .limit(COMPARED)
            .into_tuple::<String>()
            .all(&self.transaction)
            .await?;
        // Only slugs of services that the viewer sees are suggested.
        let nearest = nearest(&slug, slugs.iter().map(String::as_str));
        problem.rule = Rule::NoSuchService { slug, nearest };
        Ok(problems)
    }
}
