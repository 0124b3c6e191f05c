//! The agreement of the sample: decisions on the published terms, a proposal, and the decisions on it. The emergency
//! department, whose token the demo prints, has not decided on the proposal.

use anyhow::Context;
use chrono::{DateTime, Utc};
use entente_entity::{enums::ActorKind, scalar};
use serde_json::{Value, json};

use super::{SERVICE, accepted};
use crate::{
    cli::{decide::Decision, endpoint::Endpoint, propose::Proposal},
    definition::{
        document::{DefinitionInput, Document},
        read::read_documents,
    },
    policy::{Claims, Scope},
};

const PROPOSAL: &str = include_str!("../../../examples/proposals/availability.yaml");
const SUGGESTION: &str = include_str!("../../../examples/proposals/maintenance-notice.yaml");

const REASON: &str = "Night maintenance takes less time on the new cluster: more availability, at shorter notice.";
const OBJECTION: &str = "The dispensing robot must be filled by hand before each maintenance. Three days are too short for the \
                         duty roster; five are enough.";

const STANDING: &str = "query Standing($slug: String!) {
  service(by: {slug: $slug}) {
    revision agreements { organization { slug } state } proposedDefinition { revision }
  }
}";

/// Makes the decisions, unless the service was changed or decided on before.
pub(super) async fn load(endpoint: Endpoint) -> anyhow::Result<()> {
    if !is_as_applied(&endpoint).await? {
        return Ok(());
    }
    let (proposal, suggestion) = (definition(PROPOSAL)?, definition(SUGGESTION)?);
    let agree = Decision { decision: "AGREE", comment: None, suggestion: None };
    let objects = Decision { decision: "OBJECT", comment: Some(OBJECTION), suggestion: Some(&suggestion) };
    let mut endpoint = endpoint;
    for consumer in [emergency(), pharmacy()] {
        endpoint = endpoint.of_viewer(consumer);
        accepted(endpoint.decide_on(SERVICE, Some(1), agree).await?.err())?;
    }
    endpoint = endpoint.of_viewer(person("claire.fontaine", "Claire Fontaine", "dsi", Scope::DefinitionsWrite));
    let proposal = Proposal {
        definition: &proposal,
        dry_run: false,
        replace: false,
        comment: Some(REASON),
        expected_revision: None,
        resolves: &[],
        publish_when_agreed: true,
    };
    accepted(endpoint.propose(proposal).await?.err())?;
    for (consumer, decision) in [(outpatients(), agree), (pharmacy(), objects)] {
        endpoint = endpoint.of_viewer(consumer);
        accepted(endpoint.decide_on(SERVICE, None, decision).await?.err())?;
    }
    Ok(())
}

/// Whether the service is as the files of the sample make it.
async fn is_as_applied(endpoint: &Endpoint) -> anyhow::Result<bool> {
    let data = endpoint.execute(STANDING, json!({ "slug": SERVICE })).await?;
    let service = &data["service"];
    let pending = |slug: &str| json!({ "organization": { "slug": slug }, "state": "PENDING" });
    let agreements = ["emergency", "outpatients", "pharmacy"].map(pending);
    Ok(service["revision"] == 1
        && service["agreements"] == json!(agreements)
        && service["proposedDefinition"] == Value::Null)
}

fn definition(text: &str) -> anyhow::Result<DefinitionInput> {
    let document = read_documents(text).context("the sample cannot be read")?.into_iter().next();
    match document {
        Some(Document::ServiceDefinition(definition)) => Ok(*definition),
        _ => anyhow::bail!("the sample cannot be read"),
    }
}

fn emergency() -> Claims {
    person("ines.moreau", "Inès Moreau", "emergency", Scope::AgreementsWrite)
}

fn outpatients() -> Claims {
    person("helene.vasseur", "Dr Hélène Vasseur", "outpatients", Scope::AgreementsWrite)
}

fn pharmacy() -> Claims {
    person("paul.nguyen", "Paul Nguyen", "pharmacy", Scope::AgreementsWrite)
}

fn person(subject: &str, name: &str, organization: &str, scope: Scope) -> Claims {
    Claims {
        subject: subject.to_owned(),
        display_name: name.to_owned(),
        organization: Some(organization.to_owned()),
        scopes: vec![Scope::Read, scope],
        kind: ActorKind::Person,
        expires_at: scalar::DateTime(DateTime::<Utc>::MAX_UTC),
    }
}
