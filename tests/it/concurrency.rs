//! Many at once: nothing that was acknowledged is lost, and nobody is refused who need not be.

use std::{collections::BTreeSet, env, time::Duration};

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use entente::store::Access;

use crate::{
    app::{App, problems, run},
    kit::{laundry, of_laundry},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn edits_of_one_service_follow_each_other() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    let edits = (0..16).map(|n| {
        let outcomes = json!([{ "key": format!("outcome-{n}"), "statement": format!("Outcome {n}") }]);
        provider.applied(of_laundry(json!({ "outcomes": outcomes })))
    });
    join_all(edits).await;
    let query = r#"{ service(by: {slug: "laundry"}) { revision updatedAt outcomes { key } revisions { nodes { revision state publishedAt } } } }"#;
    let service = provider.get(query).await["service"].take();
    assert_eq!(service["revision"], 17);
    let keys: BTreeSet<&str> =
        service["outcomes"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 18);
    let revisions = service["revisions"]["nodes"].as_array().unwrap();
    let numbers: Vec<i64> = revisions.iter().map(|one| one["revision"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=17).collect::<Vec<_>>());
    let published = revisions.iter().filter(|one| one["state"] == "PUBLISHED").count();
    assert_eq!(published, 1);
    // A later entry was published later, whatever the order of waiting.
    let instants: Vec<&str> = revisions.iter().map(|one| one["publishedAt"].as_str().unwrap()).collect();
    assert!(instants.is_sorted(), "{instants:#?}");
    assert_eq!(service["updatedAt"], instants[16]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_makes_a_new_service() {
    let app = App::hospital().await;
    let provider = app.provider();
    let before = app.rows().await;
    let making = (0..8).map(|_| provider.applied(laundry()));
    let payloads = join_all(making).await;
    assert_eq!(payloads.iter().filter(|payload| payload["applied"] == true).count(), 1);
    assert!(payloads.iter().all(|payload| payload["service"]["revision"] == 1));
    let after = app.rows().await;
    assert_eq!(after.count("service"), before.count("service") + 1);
    assert_eq!(after.count("definition"), before.count("definition") + 1);
    // Parties, too.
    let naming = (0..8).map(|n| {
        let organizations = json!([{ "slug": "shared", "name": "Shared", "parent": { "slug": "dsi" } }, { "slug": format!("own-{n}"), "name": "Own", "parent": { "slug": "shared" } }]);
        provider.organizations(organizations, false)
    });
    let payloads = join_all(naming).await;
    assert!(payloads.iter().all(|payload| problems(payload).is_empty()), "{payloads:#?}");
    assert_eq!(payloads.iter().map(|payload| payload["created"].as_i64().unwrap()).sum::<i64>(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_those_who_expect_a_revision_wins() {
    let app = App::hospital().await;
    let provider = app.provider();
    for revision in 0..5 {
        let racing = (0..6).map(|n| {
            let document = of_laundry(json!({ "name": format!("Name {revision} {n}") }));
            provider.apply(document, json!({ "expectedRevision": revision }))
        });
        let payloads = join_all(racing).await;
        let won: Vec<&Value> = payloads.iter().filter(|payload| problems(payload).is_empty()).collect();
        assert_eq!(won.len(), 1, "{payloads:#?}");
        assert_eq!(won[0]["service"]["revision"], revision + 1);
        let lost = payloads
            .iter()
            .filter(|payload| problems(payload) == [("CONFLICT".to_owned(), "expectedRevision".to_owned())]);
        assert_eq!(lost.count(), 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_circle_is_closed_by_two() {
    let app = App::hospital().await;
    let admin = app.admin();
    for round in 0..10 {
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        admin.organizations(json!([{ "slug": a, "name": "A" }, { "slug": b, "name": "B" }]), false).await;
        let below =
            |one: &str, other: &str| admin.organizations(json!([{ "slug": one, "parent": { "slug": other } }]), false);
        let both = join_all([below(&a, &b), below(&b, &a)]).await;
        assert_eq!(both.iter().filter(|payload| problems(payload).is_empty()).count(), 1, "{both:#?}");
    }
}

/// 300 mutations, of which two in three lose their client; `ENTENTE_TEST_STORM=50000` makes as many.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_go_away_lose_nothing_of_others() {
    let mutations = env::var("ENTENTE_TEST_STORM").map_or(300, |count| count.parse().unwrap());
    let waves: u64 = mutations / 15;
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    let query =
        "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied userErrors { code } } }";
    let caller = app.provider().caller;
    let mut acknowledged = BTreeSet::new();
    for wave in 0..waves {
        let mut stays = Vec::new();
        for n in 0..15 {
            let key = format!("k{wave}-{n}");
            let input = json!({ "input": { "definition": { "slug": format!("s{}-{}", wave / 20, n % 5), "name": "S", "costs": [{ "key": key, "statement": key, "effect": "IMPOSED" }] } } });
            let (api, caller) = (app.api.clone(), caller.clone());
            let task = tokio::spawn(async move { run(&api, query, input, caller).await });
            match n % 3 {
                0 => stays.push((key, task)),
                // The client disconnects immediately, or during the request.
                1 => task.abort(),
                _ => drop(tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_micros(300 * (n * 7 + wave) % 9_000)).await;
                    task.abort();
                })),
            }
        }
        for (key, task) in stays {
            let answer = serde_json::to_value(task.await.unwrap()).unwrap();
            assert!(answer.get("errors").is_none(), "{answer:#}");
            assert_eq!(answer["data"]["definitionApply"]["userErrors"], json!([]), "{answer:#}");
            acknowledged.insert(key);
        }
    }
    // What was begun ends, also without its client.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let query = "query($after: String) { services(first: 100, after: $after) { pageInfo { hasNextPage endCursor }
        nodes { slug revision costs { key } revisions(last: 1) { nodes { revision } } } } }";
    let (mut services, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut page = app.provider().data(query, json!({ "after": after })).await["services"].take();
        services.append(page["nodes"].as_array_mut().unwrap());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
    let kept: BTreeSet<&str> = services
        .iter()
        .flat_map(|one| one["costs"].as_array().unwrap())
        .map(|cost| cost["key"].as_str().unwrap())
        .collect();
    let lost: Vec<_> = acknowledged.iter().filter(|key| !kept.contains(key.as_str())).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(acknowledged.len() as u64, waves * 5);
    for service in services {
        assert_eq!(service["revision"], service["revisions"]["nodes"][0]["revision"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_write_ends_without_its_client() {
    let app = App::hospital().await;
    let query = "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied } }";
    let variables = json!({ "input": { "definition": laundry() } });
    let (api, caller) = (app.api.clone(), app.provider().caller);
    let other = app.other_writer().await;
    let request = tokio::spawn(async move { run(&api, query, variables, caller).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled(), "the write did not wait for the other one");
    other.rollback().await.unwrap();
    for _ in 0..100 {
        if app.provider().get(r#"{ service(by: {slug: "laundry"}) { revision } }"#).await["service"]["revision"] == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the write was not carried out");
}

#[tokio::test]
async fn a_server_stays_ready_when_a_newer_one_comes_beside_it_and_no_old_one_starts_any_more() {
    let app = App::new().await;
    let own = app.connection().await;
    own.execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000001_later', 0)")
        .await
        .unwrap();
    assert_eq!(app.store.ready().await, Ok(Access::Full));
    let error = app.store.migrate().await.unwrap_err().to_string();
    assert!(error.contains("newer version") && error.contains("m99990101_000001_later"), "{error}");
    own.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
    assert!(app.store.ready().await.unwrap_err().contains("has not run"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_together_wait_for_one_another() {
    for _ in 0..4 {
        let app = App::unmigrated().await;
        let replicas = join_all((0..3).map(|_| app.replica())).await;
        let migrated = join_all(replicas.iter().map(|replica| replica.migrate())).await;
        let ran: usize = migrated.into_iter().map(|done| done.unwrap().len()).sum();
        assert_eq!(ran, app.store.migrations().await.unwrap().len());
        for replica in &replicas {
            assert_eq!(replica.ready().await, Ok(Access::Full));
        }
        // Each writes what the other reads.
        let api = entente::api::Api::new(replicas[1].clone());
        app.admin().organizations(json!([{ "slug": "a", "name": "A" }]), false).await;
        let query = r#"{ organization(by: {slug: "a"}) { name } }"#;
        let answer = serde_json::to_value(run(&api, query, json!({}), app.admin().caller).await).unwrap();
        assert_eq!(answer["data"]["organization"]["name"], "A");
    }
}
