//! The digest of terms, and `reviewEvery` in documents.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::kit::{decided, dsi, of_patients, propose, proposed, service, target, ward};
use crate::{
    app::{App, SERVICE, file, problems},
    kit::{laundry, reference},
};

/// The digest of the hospital's first revision: copies were printed with it, so it never changes.
const HOSPITAL: &str = "1972ad3a17e67bf16150c81b8284b132307007d6eb1c3c6fc38425e28fd73454";

/// The canonical JSON (RFC 8785) of a document whose numbers are those of JavaScript's.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (name, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&json!(name).to_string());
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(entries) => {
            out.push('[');
            for (index, entry) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(entry, out);
            }
            out.push(']');
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            out.push_str(&if number.fract() == 0.0 { format!("{number:.0}") } else { number.to_string() });
        }
        other => out.push_str(&other.to_string()),
    }
}

async fn digest(app: &App, definition: &str) -> Value {
    let fields = format!("{definition} {{ digest document(format: JSON) }}");
    let mut definition = service(&dsi(app), &fields).await;
    let definition = definition.as_object_mut().unwrap().values_mut().next().unwrap();
    let document: Value = serde_json::from_str(definition["document"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    canonical(&document, &mut text);
    assert_eq!(definition["digest"], hex::encode(Sha256::digest(text)));
    definition["digest"].take()
}

#[tokio::test]
async fn the_digest_of_the_hospital_never_changes() {
    let app = App::hospital().await;
    assert_eq!(digest(&app, "definition").await, HOSPITAL);
}

#[tokio::test]
async fn the_digest_is_that_of_the_terms_alone() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let first = digest(&app, "definition").await;
    it.applied(of_patients(json!({ "lifecycle": "RETIRED", "externalReferences": [reference("more")], "contacts": [], "configurationItems": [] }))).await;
    assert_eq!(digest(&app, "definition").await, first);
    it.applied(target(99.95)).await;
    assert_ne!(digest(&app, "definition").await, first);
    assert_eq!(digest(&app, "first: definition(revision: 1)").await, first);
    it.applied(target(99.9)).await;
    assert_eq!(digest(&app, "definition").await, first, "the same terms again");
    proposed(&it, target(99.97), json!({})).await;
    let proposal = digest(&app, "proposedDefinition").await;
    assert_ne!(proposal, first);
    // It is kept with the decision, and is the same after the publication.
    let before = app.rows().await.count("change");
    super::kit::all_agree(&app, 4).await;
    let log = app.logged(before).await;
    let kept = log.iter().flat_map(|change| &change.fields.0).filter(|field| field.name == "digest");
    let kept: Vec<Value> = kept.map(|field| json!(field.after)).collect();
    assert_eq!(kept, [proposal.clone(), proposal.clone(), proposal.clone()]);
    assert_eq!(digest(&app, "definition").await, proposal);
}

#[tokio::test]
async fn texts_of_all_kinds_have_the_digest_of_their_document() {
    let app = App::hospital().await;
    let it = dsi(&app);
    it.applied(of_patients(json!({ "summary": { "en": "A \"quote\", a \\ and\nlines: é 😀 \u{2028}" }, "reviewEvery": "P1Y",
        "outcomes": [{ "key": "one-record", "indicators": [{ "key": "record-availability", "target": 0.000_001, "baseline": 1e20 }] }] })))
        .await;
    digest(&app, "definition").await;
    it.applied(laundry()).await;
    // Another service with the same terms has another digest: it has another name.
    let mut other = laundry();
    other["slug"] = json!("other");
    it.applied(other).await;
    let of = async |slug: &str| super::kit::of(&it, slug, "definition { digest }").await["definition"]["digest"].take();
    assert_ne!(of("laundry").await, of("other").await);
}

#[tokio::test]
async fn how_often_terms_are_reviewed_is_a_term() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let every = async || service(&it, "reviewEvery revision definition { reviewEvery }").await;
    assert_eq!(every().await, json!({ "reviewEvery": null, "revision": 1, "definition": { "reviewEvery": null } }));
    let applied = it.applied(of_patients(json!({ "reviewEvery": "P1Y" }))).await;
    assert_eq!(
        applied["changes"],
        json!([{ "action": "CREATED", "path": "reviewEvery", "before": null, "after": "P1Y" }])
    );
    assert_eq!(every().await, json!({ "reviewEvery": "P1Y", "revision": 2, "definition": { "reviewEvery": "P1Y" } }));
    // Left out, it stays; the document has it, and applies without a change.
    it.applied(of_patients(json!({ "summary": { "en": "Other" } }))).await;
    let document = service(&it, "document(format: JSON)").await["document"].take();
    let mut document: Value = serde_json::from_str(document.as_str().unwrap()).unwrap();
    assert_eq!(document["reviewEvery"], "P1Y");
    document.as_object_mut().unwrap().remove("kind");
    assert_eq!(it.applied(document.clone()).await["applied"], false);
    assert_eq!(it.apply(document, json!({ "mode": "REPLACE" })).await["applied"], false);
    for (wrong, meant) in [("1 year", Some("P1Y")), ("yearly", None), ("P0D", None)] {
        let refused = it.apply(of_patients(json!({ "reviewEvery": wrong })), json!({})).await;
        assert_eq!(problems(&refused), [("INVALID".to_owned(), "definition/reviewEvery".to_owned())], "{wrong}");
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(meant.is_none_or(|meant| message.contains(meant)), "{message}");
    }
    // Null clears it, and a replacement without it too.
    let applied = it.applied(of_patients(json!({ "reviewEvery": null }))).await;
    assert_eq!(applied["changes"][0]["action"], "DELETED");
    assert_eq!(every().await["reviewEvery"], Value::Null);
    it.applied(of_patients(json!({ "reviewEvery": "P6M" }))).await;
    let mut whole = file(SERVICE);
    whole.as_object_mut().unwrap().remove("kind");
    let payload = propose(&it, whole, json!({ "mode": "REPLACE" })).await;
    let paths: Vec<&Value> = payload["changes"].as_array().unwrap().iter().map(|one| &one["path"]).collect();
    assert!(paths.contains(&&json!("reviewEvery")), "{paths:?}");
    let logged = app.logged(0).await;
    let told = logged.iter().flat_map(|change| &change.fields.0).filter(|field| field.name == "reviewEvery");
    assert_eq!(told.count(), 3);
    assert_eq!(decided(&ward(&app, "emergency"), 5, "AGREE", json!({})).await["state"], "AGREED");
}
