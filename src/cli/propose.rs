//! `entente propose`.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::{
    apply::{
        lines, refuse,
        send::{Outcome, UserError},
    },
    document,
    endpoint::{Endpoint, EndpointOptions, Purpose},
    language::colon,
    out::{Out, OutOptions, Paint},
};
use crate::{
    definition::{diff::Change, document::DefinitionInput},
    words::Words,
};

const EXAMPLES: &str = "Examples:
  entente propose --dry-run change.yaml
  entente propose --comment 'Higher availability' --server https://entente.example change.yaml
  entente propose --resolves 12 --no-publish-when-agreed change.yaml";

const PROPOSE: &str = "mutation Propose($input: DefinitionProposeInput!) {
  definitionPropose(input: $input) {
    definition {
      revision state service { revision }
      agreements { organization { slug } state }
    }
    changes { action path before after }
    userErrors { code message path }
  }
}";

/// Propose new terms of a service to its consumers
///
/// Creates a proposal: a new revision of the terms beside the published one, which stays as it is. Every consumer can then
/// agree or object. When all have agreed, the proposal is published. A service has one open proposal at most; a new one
/// withdraws it. The file contains the document of one service, as for `apply`; a proposal changes terms, and no links.
///
/// With a server, the token is of the provider and has the scopes `definitions:write` and `read`.
///
/// Exit codes: 0 proposed; 1 refused; 2 the file, the options, the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ProposeOptions {
    /// The document, in YAML or JSON; "-" for the standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,

    /// Only show what would change
    #[arg(long)]
    dry_run: bool,

    /// Make the terms exactly equal to the document: delete what it leaves out
    #[arg(long)]
    replace: bool,

    /// Reason for the proposal, for its consumers
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,

    /// Refuse unless this revision is published
    #[arg(long, value_name = "NUMBER")]
    expected_revision: Option<i32>,

    /// Number of a thread that the proposal answers: it is resolved when the proposal is published; can be repeated
    #[arg(long, value_name = "NUMBER")]
    resolves: Vec<i32>,

    /// Do not publish the proposal when every consumer has agreed: `entente publish` does it
    #[arg(long)]
    no_publish_when_agreed: bool,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// A proposal to send.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proposal<'a> {
    /// The document.
    pub definition: &'a DefinitionInput,
    /// Whether it is a dry run.
    pub dry_run: bool,
    /// Whether the terms become exactly the document.
    pub replace: bool,
    /// The reason.
    pub comment: Option<&'a str>,
    /// The revision that must be published; `None`: any.
    pub expected_revision: Option<i32>,
    /// The numbers of the threads that it answers.
    pub resolves: &'a [i32],
    /// Whether it is published when every consumer has agreed.
    pub publish_when_agreed: bool,
}

/// The result of a proposal.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proposed {
    /// The revision; `None` in a dry run.
    definition: Option<Revision>,
    changes: Vec<Change>,
    user_errors: Vec<UserError>,
}

#[derive(Debug, Deserialize)]
struct Revision {
    revision: i32,
    state: String,
    service: Published,
    agreements: Vec<Agreement>,
}

#[derive(Debug, Deserialize)]
struct Published {
    revision: i32,
}

#[derive(Debug, Deserialize)]
struct Agreement {
    organization: Organization,
    state: String,
}

#[derive(Debug, Deserialize)]
struct Organization {
    slug: String,
}

/// Runs the command.
pub(super) async fn run(options: ProposeOptions, out: &mut Out) -> anyhow::Result<()> {
    let ProposeOptions {
        file,
        dry_run,
        replace,
        comment,
        expected_revision,
        resolves,
        no_publish_when_agreed,
        print,
        endpoint,
    } = options;
    out.set(print);
    let source = document::read_one(&file, replace, out)?;
    let endpoint = endpoint.open(Purpose::Read, out.speech()).await?;
    out.detail(&endpoint.works_on(out.speech()))?;
    out.flush()?;
    let proposal = Proposal {
        definition: &source.definition,
        dry_run,
        replace,
        comment: comment.as_deref(),
        expected_revision,
        resolves: &resolves,
        publish_when_agreed: !no_publish_when_agreed,
    };
    match endpoint.propose(proposal).await? {
        Ok(proposed) => tell(&source.definition.slug, &proposed, &endpoint, out).await,
        Err(problems) => refuse(&document::told(&source, "definition", problems), out),
    }
}

/// Prints the proposal.
async fn tell(slug: &str, proposed: &Proposed, endpoint: &Endpoint, out: &mut Out) -> anyhow::Result<()> {
    let speech = out.speech();
    let Proposed { definition, changes, .. } = proposed;
    let published = match definition {
        Some(Revision { service: Published { revision }, .. }) => *revision,
        None => endpoint.revision(slug).await?.unwrap_or_default(),
    };
    let pending = definition.iter().flat_map(|revision| &revision.agreements).filter(|one| one.state != "AGREED");
    let awaits: Vec<&str> = pending.map(|agreement| &*agreement.organization.slug).collect();
    if out.is_json() {
        return Ok(out.json(&json!({
            "worksOn": endpoint.place(), "dryRun": definition.is_none(), "slug": slug, "published": published,
            "revision": definition.as_ref().map(|revision| revision.revision),
            "state": definition.as_ref().map(|revision| &revision.state),
            "changes": changes, "awaits": awaits, "problems": [],
        }))?);
    }
    let said = match definition {
        Some(Revision { revision, state, .. }) if state == "PUBLISHED" => Words::IsPublished { revision: *revision },
        Some(Revision { revision, .. }) => Words::IsProposed { revision: *revision, published },
        None => Words::WouldBeProposed { published },
    };
    let head = out.paint(Paint::Bold, slug);
    out.detail(&format!("{head}{}{}", colon(speech), said.say(speech)))?;
    for line in changes.iter().flat_map(|change| lines(change, out)).collect::<Vec<_>>() {
        out.detail(&line)?;
    }
    let last = match (definition, awaits.is_empty()) {
        (None, _) => Words::DryRun,
        (Some(_), true) => return Ok(()),
        (Some(_), false) => Words::AwaitsDecision { names: awaits.join(", ") },
    };
    Ok(out.detail(&last.say(speech))?)
}

impl Endpoint {
    /// Proposes new terms.
    pub(super) async fn propose(&self, proposal: Proposal<'_>) -> anyhow::Result<Outcome<Proposed>> {
        let Proposal { definition, dry_run, replace, comment, expected_revision, resolves, publish_when_agreed } =
            proposal;
        let mode = if replace { "REPLACE" } else { "MERGE" };
        let resolves: Vec<_> = resolves.iter().map(|number| json!({ "number": number })).collect();
        let input = json!({
            "definition": definition, "mode": mode, "dryRun": dry_run, "comment": comment,
            "expectedRevision": expected_revision, "resolves": resolves, "publishWhenAgreed": publish_when_agreed,
        });
        let proposed: Proposed = match self.mutate(PROPOSE, input).await? {
            Ok(mut data) => serde_json::from_value(data["definitionPropose"].take())?,
            Err(refused) => return Ok(Err(refused)),
        };
        Ok(if proposed.user_errors.is_empty() { Ok(proposed) } else { Err(proposed.user_errors) })
    }
}
