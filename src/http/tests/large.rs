//! Large requests run on separate threads, a few at a time.

use std::time::Instant;

use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};

use super::*;
use crate::turns::Principal;

async fn one_at_a_time() -> Server {
    Server::with(|settings| settings.max_large_requests = 1).await
}

/// Lets all waiting requests be answered, until the work is done.
async fn opened<F: Future>(server: &Server, work: F) -> F::Output {
    let mut work = std::pin::pin!(work);
    loop {
        server.inside.open.notify_waiters();
        if let Ok(done) = tokio::time::timeout(Duration::from_millis(5), &mut work).await {
            return done;
        }
    }
}

#[tokio::test]
async fn large_requests_wait_for_their_turn_and_small_ones_do_not() {
    let server = one_at_a_time().await;
    let first = tokio::spawn(server.ask("{ large }").send());
    server.waiting(1).await;
    let second = tokio::spawn(server.ask("{ large }").send());
    let body = format!(r#"{{"query":"{{ ok }}","variables":{{"x":"{}"}}}}"#, "x".repeat(130 * 1024));
    let bearer = token(TimeDelta::minutes(5));
    let long = tokio::spawn(server.post().bearer_auth(bearer).body(body).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.inside.waiting.load(Ordering::SeqCst), 1);
    assert!(!second.is_finished() && !long.is_finished());
    assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 200);
    for answer in opened(&server, join_all([first, second, long])).await {
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_request_beyond_the_full_queue_of_its_principal_is_refused() {
    let server = one_at_a_time().await;
    let mut asked: FuturesUnordered<_> = (0..18).map(|_| server.ask("{ large }").send()).collect();
    let start = Instant::now();
    // One runs, 16 wait.
    let answer = asked.next().await.unwrap().unwrap();
    // The answer itself is delayed by the second that the client should wait.
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(answer.headers()["retry-after"], "1");
    let message = super::refused(answer, 429, "RATE_LIMITED").await;
    assert_eq!(message, "too many requests of yours are waiting already: send this one again in a second");
    let others = opened(&server, asked.collect::<Vec<_>>()).await;
    assert!(others.into_iter().all(|answer| answer.unwrap().status() == 200));
}

#[tokio::test]
async fn a_waiting_request_of_a_disconnected_client_is_not_executed() {
    let server = one_at_a_time().await;
    let first = tokio::spawn(server.ask("{ large }").send());
    server.waiting(1).await;
    let gone = tokio::spawn(server.ask("{ large }").send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    gone.abort();
    let _ = gone.await;
    let last = tokio::spawn(server.ask("{ large }").send());
    for answer in opened(&server, join_all([first, last])).await {
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }
    assert_eq!(server.inside.waiting.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn unread_answers_have_limited_memory_and_an_executed_mutation_is_not_reported_as_refused() {
    let server = Server::with(|settings| {
        settings.write_timeout = Duration::from_secs(60);
        settings.answer_timeout = Duration::from_secs(60);
        settings.request_timeout = Duration::from_secs(60);
    })
    .await;
    let mut unread = Vec::new();
    for _ in 0..4 {
        let answer = server.ask_as_writer("{ text(length: 15000000) }").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        unread.push(answer);
    }
    let ask = || server.ask_as_writer("{ text(length: 15000000) }").send();
    super::refused(ask().await.unwrap(), 429, "RATE_LIMITED").await;
    let changed = server.ask_as_writer("mutation { shout(length: 15000000) }").send().await.unwrap();
    let message = super::refused(changed, 503, "UNAVAILABLE").await;
    assert!(message.contains("the mutation may have been executed"), "{message}");
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 1);
    // A small request always has memory. A large one is refused before it begins.
    assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 200);
    let large = server.ask_as_writer("{ large }").send().await.unwrap();
    super::refused(large, 429, "RATE_LIMITED").await;
    assert_eq!(server.inside.waiting.load(Ordering::SeqCst), 0);
    for answer in unread {
        assert!(answer.bytes().await.unwrap().len() > 15_000_000 - 8);
    }
    let answer = ask().await.unwrap();
    assert_eq!(answer.status(), 200);
    let length = answer.content_length();
    assert_eq!(length, Some(answer.bytes().await.unwrap().len() as u64));
}

#[tokio::test]
async fn unread_answers_of_others_do_not_delay_small_requests() {
    let server = Server::start().await;
    let take = |name| server.app.memory().reserve(Principal::organization(name), 60 << 20).unwrap();
    let is_crowded = async || {
        let answer = server.ask_as_writer("{ crowded }").send().await.unwrap();
        answer.json::<Value>().await.unwrap()["data"]["crowded"].as_bool().unwrap()
    };
    let large = async || server.ask_as_writer("{ large }").send().await.unwrap();
    let others = ["radiology", "pharmacy", "laboratory"].map(take);
    assert!(!is_crowded().await);
    super::refused(large().await, 503, "UNAVAILABLE").await;
    drop(others);
    let own = take("it");
    assert!(is_crowded().await);
    super::refused(large().await, 429, "RATE_LIMITED").await;
    drop(own);
    assert!(!is_crowded().await);
}
