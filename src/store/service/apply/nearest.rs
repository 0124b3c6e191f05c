//! The service that was probably meant, where a document names none that is there.

use async_graphql::MaybeUndefined;
use entente_entity::service;
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    definition::{at::At, document::DefinitionInput, limits::is_key, nearest::nearest},
    policy::Viewer,
    problem::{Problem, Rule},
    store::{db::error::Error, service::ServiceWrites},
};

/// A near slug is looked for among so many.
const COMPARED: u64 = 10_000;

/// Why a new service needs its provider named.
pub(super) fn no_provider(viewer: &Viewer, document: &DefinitionInput) -> Rule {
    Rule::NoProvider { slug: document.slug.clone(), organization: viewer.claims.organization.clone() }
}

impl ServiceWrites<'_> {
    /// What is wrong with a document of which no service stands: where it gives no name, it was hardly meant to make one.
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
        // One that is there, and that only others see, is named by nobody here.
        let nearest = nearest(&slug, slugs.iter().map(String::as_str));
        problem.rule = Rule::NoSuchService { slug, nearest };
        Ok(problems)
    }
}
