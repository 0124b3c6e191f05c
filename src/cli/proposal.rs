//! `entente publish` and `entente withdraw`: the end of a proposal.

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::{
    apply::{lines, refuse, send::UserError},
    document::told_of_service,
    endpoint::{EndpointOptions, Purpose},
    language::colon,
    out::{Out, OutOptions, Paint},
};
use crate::{definition::diff::Change, words::Words};

const PUBLISH_EXAMPLES: &str = "Examples:
  entente publish patient-management
  entente publish patient-management --revision 2 --comment 'Agreed on Monday'";

const WITHDRAW_EXAMPLES: &str = "Examples:
  entente withdraw patient-management --comment 'The wards need more time'";

const PUBLISH: &str = "mutation Publish($input: DefinitionActionInput!) {
  definitionPublish(input: $input) { changes { action path before after } userErrors { code message path } }
}";

const WITHDRAW: &str = "mutation Withdraw($input: DefinitionActionInput!) {
  definitionWithdraw(input: $input) { changes { action path before after } userErrors { code message path } }
}";

/// Publish the open proposal of a service
///
/// The proposal becomes the published revision, whether or not all consumers have agreed; threads that it answers are
/// resolved. With a server, the token is of the provider and has the scopes `definitions:write` and `read`.
///
/// Exit codes: 0 published; 1 refused, or no open proposal; 2 the options, the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = PUBLISH_EXAMPLES)]
pub(super) struct PublishOptions {
    #[command(flatten)]
    action: ActionOptions,
}

/// Withdraw the open proposal of a service
///
/// The published revision stays as it is. With a server, the token is of the provider and has the scopes
/// `definitions:write` and `read`. To withdraw a decision of a consumer: `entente agree --withdraw`.
///
/// Exit codes: 0 withdrawn; 1 refused, or no open proposal; 2 the options, the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = WITHDRAW_EXAMPLES)]
pub(super) struct WithdrawOptions {
    #[command(flatten)]
    action: ActionOptions,
}

/// The proposal.
#[derive(Args, Debug)]
struct ActionOptions {
    /// Slug of the service
    #[arg(value_name = "SLUG")]
    service: String,

    /// Revision of the proposal; it is refused if this is not the open proposal. Default: the open proposal
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i32>,

    /// Reason, for the log of changes
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Runs `entente publish`.
pub(super) async fn publish(options: PublishOptions, out: &mut Out) -> anyhow::Result<()> {
    options.action.run(("definitionPublish", PUBLISH), |revision| Words::IsPublished { revision }, out).await
}

/// Runs `entente withdraw`.
pub(super) async fn withdraw(options: WithdrawOptions, out: &mut Out) -> anyhow::Result<()> {
    options.action.run(("definitionWithdraw", WITHDRAW), |revision| Words::ProposalWithdrawn { revision }, out).await
}

impl ActionOptions {
    /// Ends the proposal with a mutation, and prints the result.
    async fn run(
        self,
        (name, mutation): (&str, &str),
        done: impl FnOnce(i32) -> Words,
        out: &mut Out,
    ) -> anyhow::Result<()> {
        let Self { service: slug, revision, comment, print, endpoint } = self;
        out.set(print);
        let speech = out.speech();
        let endpoint = endpoint.open(Purpose::Read, speech).await?;
        out.detail(&endpoint.works_on(speech))?;
        out.flush()?;
        let Some((_, proposed)) = endpoint.open_proposal(&slug).await? else {
            bail!(endpoint.no_such_service(&slug).await?.say(speech));
        };
        let Some(revision) = revision.or(proposed) else {
            let message = Words::NoOpenProposal.say(speech);
            let none = UserError { code: "INVALID_STATE".to_owned(), message, path: None };
            return refuse(&told_of_service(&slug, &[none], colon(speech)), out);
        };
        let input = json!({ "service": { "slug": slug }, "revision": revision, "comment": comment });
        let mut payload = match endpoint.mutate(mutation, input).await? {
            Ok(mut data) => data[name].take(),
            Err(problems) => return refuse(&told_of_service(&slug, &problems, colon(speech)), out),
        };
        let problems: Vec<UserError> = serde_json::from_value(payload["userErrors"].take())?;
        if !problems.is_empty() {
            return refuse(&told_of_service(&slug, &problems, colon(speech)), out);
        }
        let changes: Vec<Change> = serde_json::from_value(payload["changes"].take())?;
        if out.is_json() {
            return Ok(out.json(&json!({
                "worksOn": endpoint.place(), "slug": slug, "revision": revision, "changes": changes, "problems": [],
            }))?);
        }
        let head = out.paint(Paint::Bold, &slug);
        out.detail(&format!("{head}{}{}", colon(speech), done(revision).say(speech)))?;
        for line in changes.iter().flat_map(|change| lines(change, out)).collect::<Vec<_>>() {
            out.detail(&line)?;
        }
        Ok(())
    }
}
