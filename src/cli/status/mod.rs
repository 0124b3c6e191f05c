//! `entente status`.

mod table;

use clap::Args;
use serde_json::{Value, json};

use self::table::Table;
use super::{
    Refused,
    apply::lines,
    endpoint::{Endpoint, EndpointOptions, Purpose, reading::next},
    language::colon,
    out::{Out, OutOptions, Paint},
};
use crate::{
    definition::diff::Change,
    words::{Speech, Words},
};

const EXAMPLES: &str = "Examples:
  entente status
  entente status patient-management
  entente status --json --server https://entente.example";

const SERVICES: &str = "query StatusOfServices($after: String) {
  services(first: 50, after: $after) {
    nodes {
      slug name lifecycle revision
      alignment { state score }
      agreements { organization { slug } state }
      proposedDefinition { revision agreements { organization { slug } state } }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

const SERVICE: &str = "query StatusOfService($slug: String!) {
  service(by: {slug: $slug}) {
    slug name lifecycle revision
    alignment { state score gaps { code message element { key } organization { slug } } }
    agreements { ...decision }
    proposedDefinition {
      revision comment createdAt digest changes { action path before after } agreements { ...decision }
    }
  }
}
fragment decision on Agreement {
  organization { slug name } revision state comment decidedAt thread { number suggestion { adopted } }
}";

/// Show which services are agreed to, by whom, and what is missing
///
/// For each service that the reader may see: the published revision, the state of its alignment, the share of checks that
/// hold, how many consumers agree, and the open proposal. For one service: the decision of each consumer on the published
/// revision and on the open proposal, with the number of the thread of an objection, the changes of the proposal, and the gaps, each with what to do. A consumer sees its own decisions only.
///
/// Exit codes: 0 success; 1 there is no such service; 2 the options, the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct StatusOptions {
    /// Slug of the service. Default: all services
    #[arg(value_name = "SLUG")]
    service: Option<String>,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Runs the command.
pub(super) async fn run(options: StatusOptions, out: &mut Out) -> anyhow::Result<()> {
    let StatusOptions { service, print, endpoint } = options;
    out.set(print);
    let endpoint = endpoint.open(Purpose::Read, out.speech()).await?;
    out.detail(&endpoint.works_on(out.speech()))?;
    out.flush()?;
    let Some(slug) = service else {
        let services = endpoint.status_of_services().await?;
        return match out.is_json() {
            true => Ok(out.json(&json!({ "worksOn": endpoint.place(), "services": services }))?),
            false => tell_services(&services, out),
        };
    };
    let mut data = endpoint.execute(SERVICE, json!({ "slug": slug })).await?;
    match data["service"].take() {
        Value::Null => {
            let missing = endpoint.no_such_service(&slug).await?.say(out.speech());
            if out.is_json() {
                out.json(&json!({ "problems": [{ "message": missing }] }))?;
            }
            out.error(&missing)?;
            Err(Refused.into())
        }
        service if out.is_json() => Ok(out.json(&json!({ "worksOn": endpoint.place(), "service": service }))?),
        service => tell_service(&service, out),
    }
}

/// Prints a row for each service.
fn tell_services(services: &[Value], out: &mut Out) -> anyhow::Result<()> {
    let headings = Words::StatusHeadings.say(out.speech());
    let mut table = Table::new(headings.split('|'));
    for service in services {
        let agreements = &service["agreements"];
        let proposed = &service["proposedDefinition"];
        let proposal = match proposed["revision"].as_i64() {
            Some(revision) => format!("{revision} ({})", agreed(&proposed["agreements"])),
            None => String::new(),
        };
        let alignment = &service["alignment"];
        let [slug, state] = [&service["slug"], &alignment["state"]].map(text);
        let revision = service["revision"].to_string();
        let score = percent(&alignment["score"], out.speech());
        table.row([slug.to_owned(), revision, state.to_owned(), score, agreed(agreements), proposal]);
    }
    table.print("", out)
}

/// Prints the decisions on one service, and its gaps.
fn tell_service(service: &Value, out: &mut Out) -> anyhow::Result<()> {
    let speech = out.speech();
    let alignment = &service["alignment"];
    let state = text(&alignment["state"]);
    let paint = if state == "ALIGNED" { Paint::Green } else { Paint::Yellow };
    let words = Words::StatusOfService {
        revision: service["revision"].to_string(),
        state: out.paint(paint, state),
        score: percent(&alignment["score"], speech),
    };
    let head = out.paint(Paint::Bold, text(&service["slug"]));
    out.detail(&format!("{head}{}{}", colon(speech), words.say(speech)))?;
    decisions(&service["agreements"], out)?;
    let proposed = &service["proposedDefinition"];
    if !proposed.is_null() {
        let revision = proposed["revision"].to_string();
        let words = Words::StatusOfProposal { revision, date: day(&proposed["createdAt"]).to_owned() }.say(speech);
        let comment = text(&proposed["comment"]);
        let reason = if comment.is_empty() { String::new() } else { format!("{}{comment}", colon(speech)) };
        out.detail(&format!("{words}{reason}"))?;
        for change in list(&proposed["changes"]) {
            let change: Change = serde_json::from_value(change.clone())?;
            for line in lines(&change, out) {
                out.detail(&line)?;
            }
        }
        decisions(&proposed["agreements"], out)?;
    }
    let gaps = list(&alignment["gaps"]);
    if !gaps.is_empty() {
        out.detail(&Words::Gaps.say(speech))?;
    }
    let mut table = Table::default();
    for gap in gaps {
        let about = [text(&gap["element"]["key"]), text(&gap["organization"]["slug"])];
        let about = about.into_iter().find(|about| !about.is_empty()).unwrap_or_default();
        table.row([text(&gap["code"]).to_owned(), about.to_owned(), text(&gap["message"]).to_owned()]);
    }
    table.print("  ", out)
}

/// Prints a row for each decision.
fn decisions(agreements: &Value, out: &mut Out) -> anyhow::Result<()> {
    let mut table = Table::default();
    for agreement in list(agreements) {
        let slug = text(&agreement["organization"]["slug"]);
        let (state, day, comment) =
            (text(&agreement["state"]), day(&agreement["decidedAt"]), text(&agreement["comment"]));
        let number = agreement["thread"]["number"].as_i64();
        let thread = number.map(|number| Words::ThreadNumbered { number }.say(out.speech())).unwrap_or_default();
        table.row([slug, state, day, &thread, comment].map(str::to_owned));
    }
    table.print("  ", out)
}

/// `2/3`: how many agree, of those who decide.
fn agreed(agreements: &Value) -> String {
    let all = list(agreements);
    format!("{}/{}", all.iter().filter(|one| one["state"] == "AGREED").count(), all.len())
}

fn percent(score: &Value, speech: Speech) -> String {
    let blank = if speech == Speech::French { "\u{a0}" } else { "" };
    // Rounded down: only a service without gaps has 100 %.
    format!("{:.0}{blank}%", (score.as_f64().unwrap_or_default() * 100.0 + 1e-9).floor())
}

/// The day of an instant.
fn day(at: &Value) -> &str {
    text(at).split('T').next().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

impl Endpoint {
    /// The status of every service that the reader may see.
    async fn status_of_services(&self) -> anyhow::Result<Vec<Value>> {
        let (mut services, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut data = self.execute(SERVICES, json!({ "after": after })).await?;
            let page = &mut data["services"];
            if let Value::Array(nodes) = page["nodes"].take() {
                services.extend(nodes);
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(services),
            }
        }
    }
}
