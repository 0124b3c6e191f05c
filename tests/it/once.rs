//! Data that is selected in many places of one request is computed once, and an exceeded limit is reported once.

use std::sync::Arc;

use entente::{
    definition::document::ServiceKey,
    store::{Error, ReadServices, Session},
};
use entente_entity::enums::DocumentFormat;
use futures_util::future::{join_all, try_join_all};
use serde_json::{Value, json};

use crate::app::App;

async fn wide(app: &App) -> Session {
    let outcomes: Vec<Value> =
        (0..30).map(|n| json!({ "key": format!("o{n}"), "statement": format!("Outcome {n}") })).collect();
    app.provider().applied(json!({ "slug": "wide", "name": "Wide", "outcomes": outcomes })).await;
    let viewer = app.store.viewer(app.provider().caller.claims.unwrap()).await.unwrap();
    Session::open(&app.store, Some(viewer), None, None, None)
}

#[tokio::test]
async fn documents_and_differences_are_made_once_for_all_places_of_a_request() {
    let app = App::hospital().await;
    let session = wide(&app).await;
    let service = session.services().by_key(&ServiceKey::Slug("wide".into())).await.unwrap().unwrap();
    let row = service.published().await.unwrap();
    let all_same = |made: Vec<Arc<str>>| made.iter().all(|one| Arc::ptr_eq(one, &made[0]));
    let asked = (0..5).map(|_| service.document(DocumentFormat::Yaml));
    assert!(all_same(session.in_rounds(try_join_all(asked)).await.unwrap()));
    let asked = (0..5).map(|_| service.definition_document(row.id, DocumentFormat::Json));
    assert!(all_same(session.in_rounds(try_join_all(asked)).await.unwrap()));
    let asked = (0..5).map(|_| session.services().changes(&row, None));
    let made = session.in_rounds(try_join_all(asked)).await.unwrap();
    assert!(made.iter().all(|one| Arc::ptr_eq(one, &made[0])));
    // What fails, fails for all of them at once.
    let before = app.store.statements();
    let asked = (0..5).map(|_| session.services().changes(&row, Some(7)));
    let failed = session.in_rounds(join_all(asked)).await;
    assert!(failed.iter().all(|one| matches!(one, Err(Error::BadRequest(_)))), "{failed:?}");
    assert_eq!(app.store.statements() - before, 1);
}

#[tokio::test]
async fn too_many_entries_are_told_once_however_many_places_are_beyond_the_limit() {
    let app = App::hospital().await;
    wide(&app).await;
    let id = app.provider().get("{ service(by: {slug: \"wide\"}) { id } }").await["service"]["id"].take();
    let query =
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Service { outcomes { service { outcomes { key } } } } } }";
    let answer = app.provider().ask(query, json!({ "ids": vec![id; 200] })).await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["extensions"]["code"]), (1, &json!("LIMIT_EXCEEDED")));
}
