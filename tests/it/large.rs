//! Queries that ask for much say so before they run.

use std::time::Duration;

use entente::turns::{Principal, Shares, Turns, apart::Gate};

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
