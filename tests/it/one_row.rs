//! Many who write to one service: they wait for one another, and nobody else for them.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use entente::policy::Scope;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};

use crate::app::{App, Asker};

/// An organization with two services.
async fn two_services() -> App {
    let app = App::new().await;
    let admin = app.admin();
    let payload = admin.organizations(json!([{ "slug": "provider", "name": "Provider" }]), false).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    for slug in ["busy", "own"] {
        admin.applied(json!({ "slug": slug, "name": slug, "provider": { "slug": "provider" } })).await;
    }
    app
}

/// Someone for whom writes count alone, and who may write everything.
fn tenant<'a>(app: &'a App, subject: &str) -> Asker<'a> {
    let mut asker = app.loner(&[Scope::Admin]);
    subject.clone_into(&mut asker.caller.claims.as_mut().unwrap().subject);
    asker
}

/// Changes a text of a service; the whole answer.
async fn change(asker: &Asker<'_>, slug: &str, text: &str) -> Value {
    let mutation =
        "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { userErrors { message } } }";
    asker.ask(mutation, json!({ "input": { "definition": { "slug": slug, "summary": text } } })).await
}

fn is_done(answer: &Value) -> bool {
    answer["data"]["definitionApply"]["userErrors"] == json!([])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_write_of_another_tenant_waits_for_few_of_240_to_one_service() {
    let app = two_services().await;
    let (many, one) = (tenant(&app, "many"), tenant(&app, "one"));
    let (done, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let flood = join_all((0..240).map(|client| {
        let (many, done, is_over) = (&many, &done, &is_over);
        async move {
            for turn in 0.. {
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
                let answer = change(many, "busy", &format!("{client} {turn}")).await;
                if is_done(&answer) {
                    done.fetch_add(1, Ordering::SeqCst);
                } else {
                    assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{answer:#}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }));
    let honest = async {
        while done.load(Ordering::SeqCst) < 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut meanwhile = 0;
        for turn in 0..10 {
            let before = done.load(Ordering::SeqCst);
            let answer = change(&one, "own", &turn.to_string()).await;
            // Not the time between two writes: it depends on the load of the machine.
            meanwhile += done.load(Ordering::SeqCst) - before;
            assert!(is_done(&answer), "{answer:#}");
        }
        is_over.store(true, Ordering::SeqCst);
        meanwhile
    };
    let (meanwhile, _) = join(honest, flood).await;
    assert!(meanwhile <= 30, "{meanwhile} writes of another came before 10");
}

/// On PostgreSQL the row is held by someone whom this process does not know, as another replica is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wait_for_one_row_take_one_connection() {
    let app = two_services().await;
    let mut holder = None;
    if app.url.starts_with("postgres") {
        let mut connection = PgConnection::connect(&app.url).await.unwrap();
        connection.execute("BEGIN; SELECT 1 FROM service WHERE slug = 'busy' FOR UPDATE").await.unwrap();
        holder = Some(connection);
    }
    // More than there are connections that write.
    let tenants: Vec<_> = (0..6).map(|n| tenant(&app, &format!("tenant {n}"))).collect();
    let waiting = join_all(tenants.iter().enumerate().map(|(n, it)| async move {
        let answer = change(it, "busy", &n.to_string()).await;
        assert!(is_done(&answer), "{answer:#}");
    }));
    let other = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let other = tenant(&app, "another");
        let own = tokio::time::timeout(Duration::from_secs(1), change(&other, "own", "another text"));
        assert!(is_done(&own.await.expect("it waits for a connection")));
        if let Some(mut holder) = holder {
            holder.execute("ROLLBACK").await.unwrap();
        }
    };
    join(waiting, other).await;
    let answer = app.admin().get(r#"{ service(by: { slug: "busy" }) { revision } }"#).await;
    assert_eq!(answer["service"]["revision"], 7);
}
