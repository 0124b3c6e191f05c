//! `entente agree` and `entente object`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    apply::{
        refuse,
        send::{Outcome, UserError},
    },
    document::{self, told_of_service},
    endpoint::{Endpoint, EndpointOptions, Purpose},
    language::colon,
    out::{Out, OutOptions, Paint},
};
use crate::{
    definition::document::DefinitionInput,
    words::{Speech, Words},
};

const AGREE_EXAMPLES: &str = "Examples:
  entente agree patient-management --server https://entente.example
  entente agree patient-management --revision 2 --comment 'As discussed on Monday'
  entente agree patient-management --withdraw
  entente agree patient-management --as emergency --database-url sqlite://entente.db";

const OBJECT_EXAMPLES: &str = "Examples:
  entente object patient-management --comment 'Three days are too short'
  entente object patient-management --comment 'Five days would do' --suggestion change.yaml";

const OPEN: &str = "query OpenProposal($slug: String!) {
  service(by: {slug: $slug}) { revision proposedDefinition { revision } }
}";

const DECIDE: &str = "mutation Decide($input: AgreementDecideInput!) {
  agreementDecide(input: $input) {
    agreement { revision state comment decidedAt organization { slug } definition { state } thread { number } }
    userErrors { code message path }
  }
}";

/// Agree to the terms of a service, for the consumer of the token
///
/// Decides on the open proposal if there is one, otherwise on the published revision; the output names it. The same
/// decision again changes nothing. An agreement resolves the thread of an earlier objection to the same revision, and, if the revision is published, to older ones. When all
/// consumers have agreed to a proposal, it is published, unless it was made with --no-publish-when-agreed.
///
/// With a server, the token is of the consumer and has the scopes `agreements:write` and `read`. With a database, --as
/// names the consumer.
///
/// Exit codes: 0 the decision is recorded; 1 refused; 2 the options, the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = AGREE_EXAMPLES)]
pub(super) struct AgreeOptions {
    /// Slug of the service
    #[arg(value_name = "SLUG")]
    service: String,

    /// Withdraw the last decision, an agreement or an objection
    #[arg(long)]
    withdraw: bool,

    /// Reason for the decision
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,

    #[command(flatten)]
    on: DecisionOptions,
}

/// Object to the terms of a service, for the consumer of the token
///
/// Decides on the open proposal if there is one, otherwise on the published revision; the output names it. The comment
/// opens a feedback thread with the provider, or continues the thread of the earlier objection. A suggestion is a document
/// of the service that contains only the change of terms that the consumer wants.
///
/// With a server, the token is of the consumer and has the scopes `agreements:write` and `read`. With a database, --as
/// names the consumer.
///
/// Exit codes: 0 the decision is recorded; 1 refused; 2 the file, the options, the database or the server could not be
/// used.
#[derive(Args, Debug)]
#[command(after_help = OBJECT_EXAMPLES)]
pub(super) struct ObjectOptions {
    /// Slug of the service
    #[arg(value_name = "SLUG")]
    service: String,

    /// Reason for the objection
    #[arg(long, value_name = "TEXT")]
    comment: String,

    /// Document with the change that the consumer wants, "-" for the standard input
    #[arg(long, value_name = "FILE|-")]
    suggestion: Option<PathBuf>,

    #[command(flatten)]
    on: DecisionOptions,
}

/// The revision to decide on, and who decides.
#[derive(Args, Debug)]
struct DecisionOptions {
    /// Revision to decide on. Default: the open proposal if there is one, otherwise the published revision
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i32>,

    /// Slug of the consumer that decides, with a database
    #[arg(long = "as", value_name = "SLUG")]
    consumer: Option<String>,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// A decision to send.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision<'a> {
    /// AGREE, OBJECT or WITHDRAW.
    pub decision: &'static str,
    /// The reason.
    pub comment: Option<&'a str>,
    /// The change that is asked for.
    pub suggestion: Option<&'a DefinitionInput>,
}

/// A decision that was recorded.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decided {
    revision: i32,
    state: String,
    comment: Option<String>,
    decided_at: Option<String>,
    organization: Value,
    definition: Value,
    thread: Option<Value>,
}

/// Runs `entente agree`.
pub(super) async fn agree(options: AgreeOptions, out: &mut Out) -> anyhow::Result<()> {
    let AgreeOptions { service, withdraw, comment, on } = options;
    let decision = if withdraw { "WITHDRAW" } else { "AGREE" };
    let (endpoint, revision) = on.open(out).await?;
    let decision = Decision { decision, comment: comment.as_deref(), suggestion: None };
    match endpoint.decide_on(&service, revision, decision).await? {
        Ok(decided) => tell(&service, &decided, &endpoint, out),
        Err(problems) => refuse(&told_of_service(&service, &problems, colon(out.speech())), out),
    }
}

/// Runs `entente object`.
pub(super) async fn object(options: ObjectOptions, out: &mut Out) -> anyhow::Result<()> {
    let ObjectOptions { service, comment, suggestion, on } = options;
    out.set(on.print);
    let suggestion = match suggestion {
        Some(file) => Some(document::read_one(&file, false, out)?),
        None => None,
    };
    let (endpoint, revision) = on.open(out).await?;
    let wanted = suggestion.as_ref().map(|source| &*source.definition);
    let decision = Decision { decision: "OBJECT", comment: Some(&comment), suggestion: wanted };
    let problems = match endpoint.decide_on(&service, revision, decision).await? {
        Ok(decided) => return tell(&service, &decided, &endpoint, out),
        Err(problems) => problems,
    };
    let is_of_suggestion = |problem: &UserError| {
        problem.path.as_deref().and_then(|path| path.first()).is_some_and(|first| first == "suggestion")
    };
    let (in_document, others): (Vec<_>, Vec<_>) = problems.into_iter().partition(is_of_suggestion);
    let mut told = told_of_service(&service, &others, colon(out.speech()));
    if let Some(source) = &suggestion {
        told.extend(document::told(source, "suggestion", in_document));
    }
    refuse(&told, out)
}

impl DecisionOptions {
    /// Opens the target for the consumer.
    async fn open(self, out: &mut Out) -> anyhow::Result<(Endpoint, Option<i32>)> {
        let Self { revision, consumer, print, endpoint } = self;
        out.set(print);
        let speech = out.speech();
        if endpoint.is_database() != consumer.is_some() {
            let words = if endpoint.is_database() { Words::WhoDecides } else { Words::AsNeedsDatabase };
            bail!(words.say(speech));
        }
        let mut opened = endpoint.open(Purpose::Read, speech).await?;
        if let Some(consumer) = &consumer {
            if !opened.organizations().await?.iter().any(|one| one.slug == *consumer) {
                bail!(Words::NoSuchOrganization { slug: consumer.clone() }.say(speech));
            }
            opened = opened.on_behalf_of(consumer);
        }
        out.detail(&opened.works_on(speech))?;
        out.flush()?;
        Ok((opened, revision))
    }
}

/// Prints the decision.
fn tell(
    slug: &str,
    (decided, was_proposed): &(Decided, bool),
    endpoint: &Endpoint,
    out: &mut Out,
) -> anyhow::Result<()> {
    let speech = out.speech();
    let Decided { revision, state, comment, decided_at, organization, definition, thread } = decided;
    let organization = organization["slug"].as_str().unwrap_or_default().to_owned();
    let is_published = definition["state"] == "PUBLISHED";
    let by_itself = *was_proposed && is_published;
    if out.is_json() {
        return Ok(out.json(&json!({
            "worksOn": endpoint.place(), "slug": slug, "organization": organization, "revision": revision,
            "state": state, "comment": comment, "decidedAt": decided_at, "thread": thread.as_ref().map(|it| &it["number"]),
            "published": is_published, "problems": [],
        }))?);
    }
    let on = revision_named(*revision, is_published && !by_itself, speech);
    let words = match &**state {
        "AGREED" => Words::AgreesTo { organization, on },
        "OBJECTED" => Words::ObjectsTo { organization, on },
        _ => Words::WithdrewDecision { organization, on },
    };
    let head = out.paint(Paint::Bold, slug);
    out.detail(&format!("{head}{}{}", colon(speech), words.say(speech)))?;
    let number = thread.as_ref().and_then(|thread| thread["number"].as_i64()).filter(|_| state == "OBJECTED");
    if let Some(number) = number {
        out.detail(&Words::ObjectionInThread { number }.say(speech))?;
    }
    if by_itself {
        out.detail(&Words::AllAgree { revision: *revision }.say(speech))?;
    }
    Ok(())
}

/// A revision, with its state.
pub(super) fn revision_named(revision: i32, is_published: bool, speech: Speech) -> String {
    let words = if is_published { Words::ThePublished { revision } } else { Words::TheProposal { revision } };
    words.say(speech)
}

impl Endpoint {
    /// The published revision of a service, and its open proposal; `None` if the service does not exist.
    pub(super) async fn open_proposal(&self, slug: &str) -> anyhow::Result<Option<(i32, Option<i32>)>> {
        let data = self.execute(OPEN, json!({ "slug": slug })).await?;
        let number = |value: &Value| value["revision"].as_i64().and_then(|number| i32::try_from(number).ok());
        let service = &data["service"];
        Ok(number(service).map(|published| (published, number(&service["proposedDefinition"]))))
    }

    /// Decides on this revision of a service, or on the one that is open for a decision. Returns whether it was a proposal
    /// before.
    pub(super) async fn decide_on(
        &self,
        slug: &str,
        revision: Option<i32>,
        decision: Decision<'_>,
    ) -> anyhow::Result<Outcome<(Decided, bool)>> {
        let Some((published, proposed)) = self.open_proposal(slug).await? else {
            bail!(self.no_such_service(slug).await?.say(self.speech()));
        };
        let revision = revision.or(proposed).unwrap_or(published);
        let Decision { decision, comment, suggestion } = decision;
        let mut input = json!({ "service": { "slug": slug }, "revision": revision, "decision": decision });
        if let Some(comment) = comment {
            input["comment"] = json!(comment);
        }
        if let Some(suggestion) = suggestion {
            input["suggestion"] = json!(suggestion);
        }
        let mut payload = match self.mutate(DECIDE, input).await? {
            Ok(mut data) => data["agreementDecide"].take(),
            Err(refused) => return Ok(Err(refused)),
        };
        let problems: Vec<UserError> = serde_json::from_value(payload["userErrors"].take())?;
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        Ok(Ok((serde_json::from_value(payload["agreement"].take())?, Some(revision) == proposed)))
    }
}
