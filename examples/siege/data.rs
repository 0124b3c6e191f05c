//! The content of the database: the services of the benchmarks, of a second provider, and of the attacker.

use entente::{api::Api, store::Store};
use serde_json::{Value, json};

use crate::support::data;

/// Services of the second provider.
const SECOND: usize = 16;

/// The slug of a service of a provider.
pub fn slug(organization: &str, number: usize) -> String {
    match organization {
        "provider" => data::slug(number % 100),
        other => format!("{other}-{}", number % SECOND),
    }
}

/// Writes this number of services of the first provider, and the services of the others.
pub async fn fill(store: &Store, services: usize) {
    data::fill(store, services).await;
    let api = Api::new(store.clone());
    let organizations = ["second", "attacker"].map(|slug| json!({ "slug": slug, "name": slug }));
    let mutation = "mutation($input: OrganizationsApplyInput!) { organizationsApply(input: $input) { userErrors { path message } } }";
    written(&api, mutation, json!({ "input": { "organizations": organizations } })).await;
    let mutation =
        "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { userErrors { path message } } }";
    for organization in ["second", "attacker"] {
        for number in 0..SECOND {
            let slug = slug(organization, number);
            let outcome =
                json!({ "key": "outcome", "statement": format!("Whatever {slug} is good for."), "supported": true });
            let definition = json!({
                "slug": slug, "provider": { "slug": organization }, "name": slug, "summary": "Nothing yet.",
                "lifecycle": "LIVE", "outcomes": [outcome],
            });
            written(&api, mutation, json!({ "input": { "definition": definition } })).await;
        }
    }
}

async fn written(api: &Api, mutation: &str, variables: Value) {
    let data = data::execute(api, mutation, variables).await;
    assert!(data.as_object().unwrap().values().all(|payload| payload["userErrors"] == json!([])), "{data:#}");
}
