//! The document of one service in a file, for commands that take one.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use super::{
    apply::{Files, ServiceSource, Told, files, problems_of, read, refuse, send::UserError, sort},
    out::Out,
};
use crate::words::Words;

/// Reads the document of a service. Its problems are printed.
///
/// # Errors
///
/// If the file cannot be read, if the document has problems, or if there is not exactly one document.
pub(super) fn read_one(file: &Path, replace: bool, out: &mut Out) -> anyhow::Result<ServiceSource> {
    let speech = out.speech();
    let Files { mut documents, mut problems, failures } = read(&[PathBuf::from(file)], speech);
    if !failures.is_empty() {
        bail!(failures.join("\n"));
    }
    problems.extend(problems_of(&documents, replace, speech));
    if !problems.is_empty() {
        sort(&mut problems);
        refuse(&problems, out)?;
    }
    let count = documents.count();
    let only = documents.services.pop().filter(|_| count == 1);
    only.ok_or_else(|| anyhow!(Words::OneServiceNeeded { file: files::name(file), count }.say(speech)))
}

/// The problems of a mutation that contains a document in the field `field` of its input.
pub(super) fn told(source: &ServiceSource, field: &str, problems: Vec<UserError>) -> Vec<Told> {
    let in_document = |mut problem: UserError| {
        if let Some(first) = problem.path.as_mut().and_then(|path| path.first_mut())
            && first == field
        {
            *first = "definition".to_owned();
        }
        problem
    };
    let problems: Vec<UserError> = problems.into_iter().map(in_document).collect();
    source.told(&problems)
}

/// The problems of a mutation on a service, without a document.
pub(super) fn told_of_service(slug: &str, problems: &[UserError], colon: &str) -> Vec<Told> {
    let line = |problem: &UserError| {
        Told::line(format!("{slug}{colon}{} ({})", problem.message, problem.code)).coded(&problem.code)
    };
    problems.iter().map(line).collect()
}
