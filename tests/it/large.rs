//! The price of a query is known before it runs.

use std::{sync::Arc, time::Duration};

use entente::{
    policy::Scope,
    turns::{
        NoTurn, Principal, Shares, Turns,
        apart::{self, Gate},
    },
};
use futures_util::{
    future::{join, join_all},
    poll,
};

use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_query_that_asks_for_much_waits_to_be_let_through_and_others_do_not() {
    let app = App::hospital().await;
    let large =
        "{ services(first: 200) { nodes { slug outcomes { key statement indicators { key name unit target } } } } }";
    let searches = "{ search(text: \"record\") { nodes { score } } }";
    let small = "{ services(first: 50) { nodes { slug outcomes { key statement indicators { key name } } } } }";
    let turns = Turns::new(1, Shares { part: 1.0, queue: 1 });
    for (query, is_large) in [(large, true), (searches, true), (small, false)] {
        let mut asker = app.provider();
        let (gate, asked) = Gate::new();
        asker.caller.gate = Some(gate);
        let mut answer = Box::pin(asker.get(query));
        let through = tokio::select! {
            biased;
            _ = &mut answer => None,
            through = asked => through.ok(),
        };
        assert_eq!(through.is_some(), is_large, "{query}");
        if let Some(through) = through {
            assert!(tokio::time::timeout(Duration::from_millis(50), &mut answer).await.is_err());
            through.send(turns.take(Principal::default()).await.unwrap()).unwrap();
            answer.await;
        }
    }
}

/// A client that has as many waiting requests as allowed, with its request.
async fn crowded<F>(work: impl FnOnce(Gate) -> F) -> Result<F::Output, NoTurn>
where
    F: Future<Output: Send> + Send + 'static,
{
    let turns = Turns::new(1, Shares { part: 1.0, queue: 1 });
    let _taken = turns.take(Principal::default()).await.unwrap();
    let mut waits = Box::pin(turns.take(Principal::default()));
    assert!(poll!(&mut waits).is_pending());
    apart::run(&turns, Principal::default, |_| Ok::<_, NoTurn>(()), work).await
}

#[tokio::test]
async fn whoever_has_as_much_waiting_as_may_is_refused_what_is_not_quite_little_before_it_is_read() {
    let app = Arc::new(App::hospital().await);
    let little = "{ services(first: 5) { nodes { slug outcomes { key } } } }";
    let middle = "{ services(first: 30) { nodes { slug outcomes { key statement } } } }";
    for (query, is_refused) in [(little, false), (middle, true)] {
        app.provider().get(query).await;
        let before = app.store.statements();
        let asked = app.clone();
        let work = |gate| async move {
            let mut asker = asked.provider();
            asker.caller.gate = Some(gate);
            asker.get(query).await
        };
        let answered = crowded(work).await;
        assert_eq!(answered.err(), is_refused.then_some(NoTurn::Full), "{query}");
        assert_eq!(app.store.statements() == before, is_refused, "{query}");
    }
}

#[tokio::test]
async fn what_is_much_to_read_is_read_when_it_is_its_turn() {
    let app = App::hospital().await;
    let provider = app.someone("dsi", &[Scope::Read, Scope::ThreadsWrite]);
    let open =
        "mutation($input: ThreadOpenInput!) { threadOpen(input: $input) { thread { id } userErrors { message } } }";
    let input = json!({ "service": { "slug": "patient-management" }, "kind": "FEEDBACK", "title": "Long", "body": "A", "severity": "LOW", "consumer": { "slug": "emergency" } });
    let opened = provider.data(open, json!({ "input": input })).await;
    let id = opened["threadOpen"]["thread"]["id"].clone();
    assert!(id.is_string(), "{opened}");
    let post = "mutation($input: MessagePostInput!) { messagePost(input: $input) { userErrors { message } } }";
    for _ in 0..60 {
        let input = json!({ "thread": { "id": id }, "body": "Long ".repeat(1_990) });
        let posted = provider.data(post, json!({ "input": input })).await;
        assert_eq!(posted["messagePost"]["userErrors"], json!([]));
    }
    let query = format!("{{ thread(by: {{ id: {id} }}) {{ messages(last: 70) {{ nodes {{ body }} }} }} }}");
    let turns = Turns::new(1, Shares { part: 1.0, queue: 1 });
    let mut asker = app.provider();
    let (gate, asked) = Gate::new();
    asker.caller.gate = Some(gate);
    let mut answer = Box::pin(asker.get(&query));
    let through = tokio::select! {
        biased;
        answer = &mut answer => panic!("{answer}"),
        through = asked => through.unwrap(),
    };
    through.send(turns.take(Principal::default()).await.unwrap()).unwrap();
    assert_eq!(answer.await["thread"]["messages"]["nodes"].as_array().unwrap().len(), 61);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_work_holds_no_connection_while_it_does_something_else() {
    let app = App::hospital().await;
    let query = "{ services(first: 5) { nodes { slug } } }";
    // What is kept in memory is there from the first on.
    app.provider().get(query).await;
    let turns = Turns::new(8, Shares { part: 1.0, queue: 1 });
    let mut held = Vec::new();
    while held.len() < 8 {
        let mut asker = app.provider();
        let (gate, asked) = Gate::new();
        let turn = turns.take(Principal::default()).await.unwrap();
        join(gate.pass(), async { asked.await.unwrap().send(turn).unwrap() }).await;
        asker.caller.gate = Some(gate);
        let mut work = Box::pin(async move { asker.get(query).await });
        // From now on it does something else, unless its rows were there at once.
        if poll!(&mut work).is_pending() {
            held.push(work);
        }
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let other = tokio::time::timeout(Duration::from_secs(1), app.provider().get(query)).await;
    assert!(other.is_ok());
    join_all(held).await;
}

#[tokio::test]
async fn a_change_does_not_wait_for_a_turn_once_it_was_made() {
    let app = App::hospital().await;
    let mut asker = app.provider();
    // Nobody lets anyone through.
    let (gate, _asked) = Gate::new();
    asker.caller.gate = Some(gate);
    let outcomes: Vec<_> =
        (0..900).map(|n| json!({ "key": format!("k{n}"), "statement": "A", "supported": true })).collect();
    let definition = json!({ "slug": "large", "name": "Large", "outcomes": outcomes });
    // So many fields that they are not written in place.
    let again: String = (0..29).map(|n| format!("p{n}: path ")).collect();
    let query = format!(
        "mutation($input: DefinitionApplyInput!) {{ definitionApply(input: $input) {{ applied changes {{ path action before after {again} }} }} }}"
    );
    let asked = asker.data(&query, json!({ "input": { "definition": definition } }));
    let data = tokio::time::timeout(Duration::from_secs(20), asked).await.unwrap();
    assert_eq!(data["definitionApply"]["applied"], true);
    assert!(data["definitionApply"]["changes"].as_array().unwrap().len() > 900);
}
