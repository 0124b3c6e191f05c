//! `entente verify`.

mod comparison;
mod revisions;

use std::path::PathBuf;

use async_graphql::MaybeUndefined;
use clap::Args;
use serde_json::{Value, json};

use self::{comparison::Comparison, revisions::Found};
use super::{
    Refused,
    apply::{Files, ServiceSource, Told, lines, problems_of, read, refuse, sort},
    endpoint::{Endpoint, EndpointOptions, Purpose},
    language::colon,
    out::{Out, OutOptions},
};
use crate::{
    definition::{diff::Change, digest, document::DefinitionInput},
    words::Words,
};

const EXAMPLES: &str = "Examples:
  entente verify patient-management.yaml
  entente verify --server https://entente.example definitions/*.json
  entente export --service patient-management | entente verify -";

/// Show which revision of a service a document is, or what differs
///
/// Computes the digest of the terms in each document, without the links of the service, and compares it with the digest of
/// each revision of the service. Terms that were published or proposed again are several revisions. If no revision has this digest, prints how the document differs from the published
/// revision. Nothing is written. With a server, the scope `read` is enough.
///
/// Exit codes: 0 every document is a revision that is or was published; 1 a document is not, or has errors; 2 the files,
/// the options, the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyOptions {
    /// Files, folders that contain .yaml, .yml and .json files, "-" for the standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    sources: Vec<PathBuf>,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// What a document was found to be.
struct Verified {
    /// The line for people.
    said: String,
    /// Whether it is a revision that is or was published.
    is_published: bool,
    /// The differences from the published revision, if it is no revision.
    changes: Vec<Change>,
    /// The object for programs.
    json: Value,
}

/// Runs the command.
pub(super) async fn run(options: VerifyOptions, out: &mut Out) -> anyhow::Result<()> {
    let VerifyOptions { sources, print, endpoint } = options;
    out.set(print);
    let speech = out.speech();
    let (mut services, mut problems) = (Vec::new(), Vec::new());
    // One after the other: several files may be copies of one service.
    for source in &sources {
        let Files { documents, problems: found, failures } = read(std::slice::from_ref(source), speech);
        if !failures.is_empty() {
            anyhow::bail!(failures.join("\n"));
        }
        problems.extend(found);
        problems.extend(problems_of(&documents, false, speech));
        services.extend(documents.services);
    }
    if !problems.is_empty() {
        sort(&mut problems);
        return refuse(&problems, out);
    }
    if services.is_empty() {
        anyhow::bail!(Words::NothingToVerify.say(speech));
    }
    let endpoint = endpoint.open(Purpose::Read, speech).await?;
    out.detail(&endpoint.works_on(speech))?;
    out.flush()?;
    let (mut told, mut all_published) = (Vec::new(), true);
    for source in &services {
        let verified = endpoint.verified(source).await?;
        all_published &= verified.is_published;
        match verified.is_published {
            true => out.detail(&verified.said)?,
            false => verified.said.lines().try_for_each(|line| out.problem(line))?,
        }
        for line in verified.changes.iter().flat_map(|change| lines(change, out)).collect::<Vec<_>>() {
            out.detail(&line)?;
        }
        told.push(verified.json);
    }
    if out.is_json() {
        out.json(&json!({ "worksOn": endpoint.place(), "documents": told }))?;
    }
    if all_published { Ok(()) } else { Err(Refused.into()) }
}

impl Endpoint {
    /// Finds the revision that a document is.
    async fn verified(&self, source: &ServiceSource) -> anyhow::Result<Verified> {
        let speech = self.speech();
        let (file, slug) = (source.origin.file.clone(), source.definition.slug.clone());
        let terms = digest::terms_of(&source.definition);
        let mut digest = digest::of_document(&DefinitionInput { locale: MaybeUndefined::Undefined, ..terms.clone() });
        let Some(published) = self.revision(&slug).await? else {
            let missing = self.no_such_service(&slug).await?.say(speech);
            let json = json!({ "file": file, "slug": slug, "digest": digest, "matches": null, "problems": [missing] });
            let said = format!("{file}{}{missing}", colon(speech));
            return Ok(Verified { said, is_published: false, changes: Vec::new(), json });
        };
        let mut found = self.revisions_of(&slug, &digest).await?;
        let (mut changes, mut problems) = (Vec::new(), Vec::new());
        if found.is_empty() {
            // A document that a person wrote has plain strings, and values in another form than that of the server.
            match Comparison::of(self, &terms, published).await? {
                Ok(comparison) => {
                    digest = comparison.digest.unwrap_or(digest);
                    found = self.revisions_of(&slug, &digest).await?;
                    changes = comparison.changes;
                }
                Err(errors) => problems = source.told(&errors),
            }
        }
        let json = json!({
            "file": file, "slug": slug, "digest": digest, "matches": found.first().map(Found::to_json),
            "alsoMatches": found.iter().skip(1).map(Found::to_json).collect::<Vec<_>>(),
            "published": published, "changes": if found.is_empty() { &changes[..] } else { &[] }, "problems": problems,
        });
        let is_published = found.first().is_some_and(Found::is_published);
        let said = match (found.is_empty(), problems.is_empty()) {
            (false, _) => {
                changes.clear();
                let each = found.iter().map(|found| found.say(&file, &slug, published, speech));
                each.collect::<Vec<_>>().join("\n")
            }
            (true, true) => Words::IsNoRevision { file, slug, published }.say(speech),
            (true, false) => problems.iter().map(Told::say).collect::<Vec<_>>().join("\n"),
        };
        Ok(Verified { said, is_published, changes, json })
    }
}
