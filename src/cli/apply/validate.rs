//! The problems of documents, without applying them.

use entente_entity::text::Lang;

use super::{
    files::Documents,
    problem::{Told, told_of_organizations},
    run::Run,
    send::{How, UserError},
};
use crate::{
    cli::{endpoint::Endpoint, out::Out},
    definition::{document::Document, languages::leaves_open, validate},
    item, organization,
    problem::Problem,
    words::{Speech, Words},
};

/// The problems of a single document, with their paths in the document.
pub(super) fn problems_in(document: &Document) -> Vec<Problem> {
    let Some(locale) = Lang::parse(Speech::English.tag()) else { return Vec::new() };
    match document {
        Document::Organizations(organizations) => organization::validate(organizations, &locale),
        Document::ConfigurationItems(items) => item::validate(&items.items),
        Document::ServiceDefinition(definition) => {
            let mut problems = validate::definition(definition, false, &locale);
            // In a file, the definition is the document itself.
            problems
                .iter_mut()
                .filter(|problem| !problem.path.is_empty())
                .for_each(|problem| drop(problem.path.remove(0)));
            problems
        }
    }
}

/// The problems that can be found without a server.
pub(in crate::cli) fn problems_of(documents: &Documents, replace: bool, speech: Speech) -> Vec<Told> {
    let Some(locale) = Lang::parse(speech.tag()) else { return Vec::new() };
    let errors = |problems: Vec<Problem>| -> Vec<UserError> {
        let error = |Problem { path, rule }: Problem| UserError {
            code: rule.code().name().to_owned(),
            message: rule.say(speech),
            path: Some(path),
        };
        problems.into_iter().map(error).collect()
    };
    let mut told = Vec::new();
    let organizations: Vec<_> = documents.organizations.iter().map(|source| source.organization.clone()).collect();
    let found = errors(organization::validate(&organizations, &locale));
    told.extend(told_of_organizations(&documents.organizations, &found));
    for source in &documents.items {
        told.extend(source.told(&errors(item::validate(&source.items))));
    }
    for source in &documents.services {
        told.extend(source.told(&errors(validate::definition(&source.definition, replace, &locale))));
    }
    told
}

/// Notes about valid documents: the language of plain strings is not set.
pub(in crate::cli) fn notes_of(documents: &Documents, speech: Speech) -> Vec<Told> {
    let open = documents.services.iter().filter(|source| leaves_open(&source.definition));
    open.map(|source| source.origin.noted(&["slug".to_owned()], &[], Words::PlainStringsOpen.say(speech))).collect()
}

/// Adds the problems that a server reports for the documents; returns notes.
pub(in crate::cli) async fn check_names(
    endpoint: Endpoint,
    mut documents: Documents,
    replace: bool,
    problems: &mut Vec<Told>,
    speech: Speech,
) -> anyhow::Result<Vec<Told>> {
    let lack_names = documents.lack_names;
    documents.services.append(&mut documents.meant);
    let mut nowhere = Out::nowhere(speech);
    let how = How { dry_run: true, only_checks: true, replace, ..How::default() };
    let ended = Run::new(endpoint, how, documents, &mut nowhere).run().await?;
    let more = ended.problems.into_iter().filter(|one| {
        // The server reports problems again that were found here, and does not find objects that an unreadable document
        // would create.
        let is_found_again = problems.iter().any(|other| other.is_as(one) || (one.is_not_found() && other.is_at(one)));
        let may_be_created = lack_names && one.is_not_found();
        !is_found_again && !may_be_created
    });
    let more: Vec<Told> = more.collect();
    problems.extend(more);
    Ok(ended.notes)
}

impl Documents {
    /// The number of documents.
    pub fn count(&self) -> usize {
        let mut organizations: Vec<_> = self.organizations.iter().map(|source| &*source.origin as *const _).collect();
        organizations.dedup();
        organizations.len() + self.services.len() + self.items.len()
    }
}
