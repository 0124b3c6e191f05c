//! `entente validate`.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use entente_entity::scalar::Locale;

use super::{
    Refused,
    apply::{Files, Told, check_names, notes_of, problems_of, read, sort},
    endpoint::{EndpointOptions, Purpose},
    out::{Out, OutOptions},
};
use crate::{
    config::{Address, DatabaseOptions, LocaleOptions, Secret},
    words::{Came, Noun, Words},
};

const EXAMPLES: &str = "Examples:
  entente validate definitions
  entente validate services/*.yaml
  entente validate --server https://entente.example definitions";

/// Check documents, without a server or a database
///
/// Checks everything that can be checked in the files alone: fields and their types, keys, limits, and references
/// within a document. A document with a `name` is checked as a complete definition, a document without as a change.
/// With --server, the names of organizations, configuration items and other objects in the documents are also checked
/// on the server. Nothing is written.
///
/// Exit codes: 0 no error; 1 errors; 2 the files or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ValidateOptions {
    /// Files, folders that contain .yaml, .yml and .json files, "-" for the standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    sources: Vec<PathBuf>,

    /// Check documents as complete definitions, as for `apply --replace`
    #[arg(long)]
    replace: bool,

    /// Check names on the server at this address
    #[arg(long, value_name = "URL")]
    server: Option<Address>,

    /// Token for the server
    #[arg(long, env = "ENTENTE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<Secret>,

    #[command(flatten)]
    print: OutOptions,
}

/// Runs the command.
pub(super) async fn run(options: ValidateOptions, out: &mut Out) -> anyhow::Result<()> {
    let ValidateOptions { sources, replace, server, token, print } = options;
    out.set(print);
    let speech = out.speech();
    let Files { documents, mut problems, failures } = read(&sources, speech);
    let count = documents.count();
    problems.extend(problems_of(&documents, replace, speech));
    let mut notes = notes_of(&documents, speech);
    sort(&mut problems);
    if server.is_some() {
        let (database, locale) = (DatabaseOptions::default(), LocaleOptions { default_locale: Locale("en".into()) });
        let endpoint = EndpointOptions { server, token, database, locale };
        let found = match endpoint.open(Purpose::DryRun, speech).await {
            Ok(endpoint) => check_names(endpoint, documents, replace, &mut problems, speech).await,
            Err(error) => Err(error),
        };
        notes = match found {
            Ok(notes) => notes,
            // The problems that were found without the server are still reported.
            Err(error) => {
                problems.iter().try_for_each(|problem| out.problem(&problem.say()))?;
                return Err(error);
            }
        };
        sort(&mut problems);
    }
    tell(&problems, &failures, &notes, count, out)
}

fn tell(problems: &[Told], failures: &[String], notes: &[Told], count: usize, out: &mut Out) -> anyhow::Result<()> {
    let speech = out.speech();
    for problem in problems {
        out.problem(&problem.say())?;
    }
    if out.is_json() {
        let unreadable: Vec<Told> = failures.iter().cloned().map(Told::line).collect();
        let all: Vec<&Told> = problems.iter().chain(&unreadable).collect();
        out.json(&serde_json::json!({ "valid": all.is_empty(), "problems": all, "notes": notes }))?;
    }
    for note in notes {
        out.detail(&note.say())?;
    }
    let found = problems.len() + failures.len();
    if found == 0 {
        if let Some(summary) = Words::tally(Noun::Document, &[(count, Came::Valid)], speech) {
            out.detail(&summary)?;
        }
        return Ok(());
    }
    out.detail(&format!("{found} {}", Noun::Problem.say(found, speech)))?;
    if failures.is_empty() { Err(Refused.into()) } else { Err(anyhow!(failures.join("\n"))) }
}
