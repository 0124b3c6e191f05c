//! Definitions: applying documents, and reading what stands.

use serde_json::json;

use crate::app::{App, SERVICE, file, problems};

#[tokio::test]
async fn the_sample_is_applied_and_read_in_both_languages() {
    let app = App::hospital().await;
    let query = r#"{ service(by: {slug: "patient-management"}) { name outcomes { key statement french: statement(locale: "fr") } } }"#;
    let data = app.provider().get(query).await;
    let outcome = &data["service"]["outcomes"][2];
    assert_eq!(outcome["key"], "one-record");
    assert_eq!(outcome["statement"], "Doctors and nurses read the same, current record at the bedside.");
    assert_eq!(outcome["french"], "Médecins et infirmières lisent le même dossier, à jour, au lit du patient.");
}

#[tokio::test]
async fn applying_what_stands_changes_nothing() {
    let app = App::hospital().await;
    let mut document = file(SERVICE);
    document.as_object_mut().unwrap().remove("kind");
    let again = app.provider().apply(document, json!({})).await;
    assert_eq!(problems(&again), []);
    assert_eq!(again["changes"], json!([]));
    assert_eq!(again["applied"], false);
    assert_eq!(again["service"]["revision"], 1);
}
