//! `entente apply`.

pub(super) mod files;
mod forecast;
mod items;
mod organizations;
mod problem;
mod prune;
mod report;
mod run;
mod same;
pub(super) mod send;
mod validate;

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;

pub(super) use self::{
    files::{Files, ServiceSource, read},
    organizations::{parents_first, portions},
    problem::{Told, sort},
    report::lines,
    same::{Content, Same},
    validate::{check_names, notes_of, problems_of},
};
use self::{items::Applier, prune::Pruned, run::Run, send::How};
use super::{
    Refused,
    endpoint::{EndpointOptions, Purpose},
    out::{Out, OutOptions},
};
use crate::{
    config::LocaleOptions,
    words::{Noun, Words},
};

const EXAMPLES: &str = "Examples:
  entente apply examples/hospital
  entente apply --dry-run --server https://entente.example services/*.yaml
  entente apply --replace --prune --dry-run definitions
  generate-definitions | entente apply -";

/// Apply documents: organizations, configuration items, and definitions of services
///
/// Documents are YAML or JSON, one or several in a file, in any order: organizations are sent first, then configuration
/// items in batches of 1,000. All files are read before anything is sent; if a file cannot be read, nothing is sent.
/// Each definition is then applied completely or not at all: if one is refused, the others are still applied; if
/// organizations are refused, the documents that need them are not sent. Content without changes is not written, so
/// applying again is safe.
///
/// With a database, the command can write everything, and migrations run first. With a server, the token determines
/// what can be written.
///
/// Exit codes: 0 everything was applied; 1 something was refused; 2 the files, the options, the database or the server
/// could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ApplyOptions {
    /// Files, folders that contain .yaml, .yml and .json files, "-" for the standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    sources: Vec<PathBuf>,

    /// Only show what would change
    #[arg(long)]
    dry_run: bool,

    /// Slug of the organization of configuration items whose document names none. Default: the token's organization;
    /// with a database, or with a token that may write everything, the organization that provides all services of this
    /// run
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,

    /// Make the terms exactly equal to the documents: delete what they leave out. Organizations are always merged
    #[arg(long)]
    replace: bool,

    /// Retire services that are not in the folder, of the organizations that provide a service in the folder. Requires
    /// --replace and one folder. Use --dry-run first
    #[arg(long)]
    prune: bool,

    /// Also retire more than a tenth of the services
    #[arg(long)]
    yes: bool,

    /// Reason for the change, stored with each new revision
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,

    /// Refuse unless the service has this revision; 0: unless it does not exist. For the document of one service
    #[arg(long, value_name = "NUMBER")]
    expected_revision: Option<i32>,

    /// Create the database if it does not exist
    #[arg(long)]
    create: bool,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Runs the command.
pub(super) async fn run(options: ApplyOptions, out: &mut Out) -> anyhow::Result<()> {
    let ApplyOptions {
        sources,
        dry_run,
        organization,
        replace,
        prune,
        yes,
        comment,
        expected_revision,
        create,
        print,
        endpoint,
    } = options;
    out.set(print);
    let speech = out.speech();
    if prune && !replace {
        bail!(Words::PruneNeedsReplace.say(speech));
    }
    if prune && !matches!(&sources[..], [folder] if folder.is_dir()) {
        bail!(Words::PruneNeedsFolder.say(speech));
    }
    let Files { mut documents, mut problems, failures } = read(&sources, speech);
    if problems.is_empty() && failures.is_empty() && expected_revision.is_some() && documents.services.len() != 1 {
        bail!(Words::ExpectedRevisionOfOne.say(speech));
    }
    if problems.is_empty()
        && failures.is_empty()
        && endpoint.is_database()
        && let Err(problem) = documents.assign_items(organization.clone(), Applier::Database, speech)
    {
        problems.push(Told::line(problem));
    }
    if !problems.is_empty() || !failures.is_empty() {
        // Nothing is sent, but all other problems that can be found are reported too.
        problems.extend(problems_of(&documents, replace, speech));
        if endpoint.is_database() && documents.assign_items(organization, Applier::Database, speech).is_err() {
            documents.items.clear();
        }
        if failures.is_empty()
            && (endpoint.exists() || create || dry_run)
            && let Ok(endpoint) = endpoint.open(Purpose::DryRun, speech).await
        {
            check_names(endpoint, documents, replace, &mut problems, speech).await.ok();
        }
        sort(&mut problems);
        let count = problems.len() + failures.len();
        if out.is_json() {
            problems.extend(failures.iter().cloned().map(Told::line));
        }
        let refused = refuse(&problems, out);
        let problems = format!("{count} {}", Noun::Problem.say(count, speech));
        out.detail(&Words::NothingSent { problems }.say(speech))?;
        return if failures.is_empty() { refused } else { Err(anyhow!(failures.join("\n"))) };
    }
    let purpose = if dry_run { Purpose::DryRun } else { Purpose::Write { create } };
    let is_database = endpoint.is_database();
    let locale = endpoint.locale.default_locale.to_string();
    let endpoint = endpoint.open(purpose, speech).await?;
    if !is_database && locale != LocaleOptions::DEFAULT {
        let default = endpoint.default_locale().await?;
        if default != locale {
            out.error(&Words::LocaleOfServer { default }.say(speech))?;
        }
    }
    if !is_database && documents.leaves_items_open() {
        let is_admin = organization.is_none() && endpoint.may_do_everything().await?;
        let applier = if is_admin { Applier::Admin } else { Applier::Bearer };
        if let Err(problem) = documents.assign_items(organization, applier, speech) {
            return refuse(&[Told::line(problem)], out);
        }
    }
    let pruned = if prune { endpoint.pruned(&documents, yes).await? } else { Pruned::default() };
    if let Some(refusal) = pruned.refusal(speech).filter(|_| !dry_run) {
        let listed = pruned.slugs.iter().map(|slug| Told::line(format!("  {slug}")));
        let told: Vec<Told> = [Told::line(refusal)].into_iter().chain(listed).collect();
        return refuse(&told, out);
    }
    let how = How { dry_run, only_checks: false, replace, comment: comment.as_deref(), expected_revision };
    let ended = Run::new(endpoint, how, documents, out).pruning(pruned).run().await?;
    if ended.is_refused { Err(Refused.into()) } else { Ok(()) }
}

/// Prints why nothing was sent.
pub(super) fn refuse(problems: &[Told], out: &mut Out) -> anyhow::Result<()> {
    for problem in problems {
        out.problem(&problem.say())?;
    }
    if out.is_json() {
        out.json(&serde_json::json!({ "problems": problems }))?;
    }
    Err(Refused.into())
}
