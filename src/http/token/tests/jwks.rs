use std::sync::{
    LazyLock, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::{HeaderName, StatusCode, header},
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::*;

static OLD: LazyLock<Signer> = LazyLock::new(|| Signer::ed("old"));
static NEW: LazyLock<Signer> = LazyLock::new(|| Signer::ed("new"));

/// An issuer that publishes its keys, and a verifier that reads them.
struct Issuer {
    answer: Arc<Mutex<Answer>>,
    fetched: Arc<AtomicUsize>,
    server: JoinHandle<()>,
    verifier: Verifier,
}

/// The answer of an issuer to a request for its keys.
#[derive(Clone, Default)]
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, &'static str)>,
    body: String,
    delay: Duration,
}

impl Answer {
    fn of(body: impl ToString) -> Self {
        Self { body: body.to_string(), ..Self::default() }
    }

    fn failing(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Issuer {
    async fn start() -> Self {
        let (answer, fetched) = (Arc::new(Mutex::new(Answer::default())), Arc::new(AtomicUsize::new(0)));
        let (answers, counts) = (Arc::clone(&answer), Arc::clone(&fetched));
        let router = Router::new().fallback(move || {
            counts.fetch_add(1, Ordering::SeqCst);
            let Answer { status, headers, body, delay } = answers.lock().unwrap().clone();
            async move {
                tokio::time::sleep(delay).await;
                (status, axum::response::AppendHeaders(headers), body)
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { answer, fetched, server, verifier: Verifier::new(KeySource::JwksUrl(url), rules()).unwrap() }
    }

    async fn publishing(signers: &[&Signer]) -> Self {
        let issuer = Self::start().await;
        issuer.publish(signers);
        issuer
    }

    fn publish(&self, signers: &[&Signer]) {
        self.answer(Answer::of(jwks(signers)));
    }

    /// Changes the answer, and sets the number of requests to 0.
    fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
        self.fetched.store(0, Ordering::SeqCst);
    }

    async fn verify(&self, signer: &Signer, after: i64) -> Result<(), Refusal> {
        let header = json!({ "alg": "EdDSA", "kid": signer.id() });
        // A new token each time, so that none is in the cache.
        let token = signer.sign(&header, &claims_with("exp", json!(seconds(after + 600))));
        self.verifier.verify(&token, at(after)).await.map(drop)
    }

    fn fetched(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }
}

fn at(after: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(after)
}

#[tokio::test]
async fn keys_are_fetched_once_in_ten_minutes() {
    let issuer = Issuer::publishing(&[&OLD]).await;
    for after in [0, 1, 299, 599] {
        assert_eq!(issuer.verify(&OLD, after).await, Ok(()));
    }
    assert_eq!(issuer.fetched(), 1);
    assert_eq!(issuer.verify(&OLD, 600).await, Ok(()));
    assert_eq!(issuer.fetched(), 2);
}

#[tokio::test]
async fn a_new_key_is_known_at_once_and_a_withdrawn_one_within_ten_minutes() {
    let issuer = Issuer::publishing(&[&OLD]).await;
    assert_eq!(issuer.verify(&OLD, 0).await, Ok(()));
    issuer.publish(&[&OLD, &NEW]);
    assert_eq!(issuer.verify(&NEW, 31).await, Ok(()));
    issuer.publish(&[&NEW]);
    assert_eq!(issuer.verify(&OLD, 60).await, Ok(()));
    assert_eq!(issuer.verify(&OLD, 631).await, Err(Refusal::Signature));
    assert_eq!(issuer.verify(&NEW, 632).await, Ok(()));
}

#[tokio::test]
async fn a_token_of_a_withdrawn_key_is_not_remembered_for_long() {
    let issuer = Issuer::publishing(&[&OLD]).await;
    let token = OLD.token();
    assert!(issuer.verifier.verify(&token, at(545)).await.is_ok());
    issuer.publish(&[&NEW]);
    assert!(issuer.verifier.verify(&token, at(1_140)).await.is_err());
    let (verifier, file) = public_verifier(&[&OLD]);
    assert!(verifier.verify(&token, at(0)).await.is_ok());
    write(file.path(), &[&NEW]);
    assert!(verifier.verify(&token, at(4)).await.is_ok());
    assert_eq!(verifier.verify(&token, at(9)).await, Err(Refusal::Signature));
}

#[tokio::test]
async fn old_keys_serve_while_the_issuer_is_down() {
    let issuer = Issuer::publishing(&[&OLD]).await;
    assert_eq!(issuer.verify(&OLD, 0).await, Ok(()));
    let without_keys = Answer::of(json!({ "keys": [] }));
    for broken in [Answer::failing(StatusCode::INTERNAL_SERVER_ERROR), Answer::of("<html>"), without_keys] {
        issuer.answer(broken);
        assert_eq!(issuer.verify(&OLD, 700).await, Ok(()));
        assert_eq!(issuer.verify(&OLD, 86_400).await, Ok(()));
    }
    issuer.publish(&[&NEW]);
    assert_eq!(issuer.verify(&NEW, 90_000).await, Ok(()));
}

#[tokio::test]
async fn an_old_set_is_requested_at_most_every_half_minute_while_the_issuer_is_down() {
    let issuer = Issuer::publishing(&[&OLD]).await;
    assert_eq!(issuer.verify(&OLD, 0).await, Ok(()));
    issuer.answer(Answer::failing(StatusCode::SERVICE_UNAVAILABLE));
    for after in 600..660 {
        assert_eq!(issuer.verify(&OLD, after).await, Ok(()));
    }
    assert_eq!(issuer.fetched(), 2);
}

#[tokio::test]
async fn before_the_first_keys_tokens_cannot_be_checked() {
    let issuer = Issuer::start().await;
    issuer.answer(Answer::failing(StatusCode::SERVICE_UNAVAILABLE));
    assert!(issuer.verifier.warm(at(0)).await.is_err());
    assert_eq!(issuer.verify(&OLD, 1).await, Err(Refusal::KeysUnavailable));
    assert_eq!(issuer.fetched(), 1);
    issuer.publish(&[&OLD]);
    assert_eq!(issuer.verify(&OLD, 5).await, Ok(()));
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_in_half_a_minute() {
    let issuer = Issuer::publishing(&[&OLD]).await;
    assert_eq!(issuer.verify(&OLD, 0).await, Ok(()));
    let strangers = futures_util::future::join_all((0..200).map(|n| {
        let (issuer, signer) = (&issuer, Signer::secret(b"no key of the issuer's"));
        async move {
            let token = signer.sign(&json!({ "alg": "EdDSA", "kid": format!("made-up-{n}") }), &claims());
            issuer.verifier.verify(&token, at(30 + n / 10)).await
        }
    }));
    // A few of them wait for the answer. The others get the error that the keys cannot be read at the moment.
    let refused = [Err(Refusal::Signature), Err(Refusal::KeysUnavailable)];
    assert!(strangers.await.into_iter().all(|result| refused.contains(&result)));
    assert_eq!(issuer.fetched(), 2);
    assert_eq!(issuer.verify(&OLD, 60).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_issuer_hangs_known_keys_serve_and_few_wait_for_unknown_ones() {
    let issuer = Arc::new(Issuer::publishing(&[&OLD]).await);
    assert_eq!(issuer.verify(&OLD, 0).await, Ok(()));
    let hangs = Answer { delay: Duration::from_secs(60), ..Answer::of(jwks(&[&OLD])) };
    issuer.answer(hangs);
    let made_up = Signer::secret(b"no key of the issuer's");
    let strangers: Vec<_> = (0..200)
        .map(|n| {
            let token = made_up.sign(&json!({ "alg": "EdDSA", "kid": format!("made-up-{n}") }), &claims());
            let issuer = Arc::clone(&issuer);
            tokio::spawn(async move { issuer.verifier.verify(&token, at(700)).await.map(drop) })
        })
        .collect();
    let start = std::time::Instant::now();
    while strangers.iter().filter(|stranger| stranger.is_finished()).count() < 200 - 64 {
        assert!(start.elapsed() < Duration::from_secs(2), "more wait than 64");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The set is old, and is requested again and again.
    for after in [700, 730, 760] {
        let start = std::time::Instant::now();
        assert_eq!(issuer.verify(&OLD, after).await, Ok(()));
        assert!(start.elapsed() < Duration::from_secs(1));
    }
    let waiting = strangers.iter().filter(|stranger| !stranger.is_finished()).count();
    assert!((1..=64).contains(&waiting), "{waiting} wait");
    for stranger in strangers {
        if stranger.is_finished() {
            assert_eq!(stranger.await.unwrap(), Err(Refusal::KeysUnavailable));
        } else {
            stranger.abort();
        }
    }
}

#[tokio::test]
async fn only_one_fetches_at_a_time() {
    let issuer = Issuer::start().await;
    let slow = Answer { delay: Duration::from_millis(50), ..Answer::of(jwks(&[&OLD])) };
    issuer.answer(slow);
    let all = futures_util::future::join_all((0..50).map(|_| issuer.verify(&OLD, 0))).await;
    assert!(all.into_iter().all(|result| result == Ok(())));
    assert_eq!(issuer.fetched(), 1);
    // While one request reads an old set again, the others use the keys that they have.
    let all = futures_util::future::join_all((0..50).map(|_| issuer.verify(&OLD, 600))).await;
    assert!(all.into_iter().all(|result| result == Ok(())));
    assert_eq!(issuer.fetched(), 2);
}

#[tokio::test]
async fn a_set_beyond_a_mebibyte_and_a_redirect_are_not_followed() {
    let issuer = Issuer::start().await;
    let padded = format!("{}{}", jwks(&[&OLD]), " ".repeat(1024 * 1024));
    issuer.answer(Answer::of(padded));
    assert!(matches!(issuer.verifier.warm(at(0)).await, Err(KeysError::TooLarge)));
    issuer.answer(Answer { headers: vec![(header::LOCATION, "/elsewhere")], ..Answer::failing(StatusCode::FOUND) });
    assert!(matches!(issuer.verifier.warm(at(1)).await, Err(KeysError::Status(302))));
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changes() {
    let (verifier, file) = public_verifier(&[&OLD]);
    let header = |signer: &Signer| json!({ "alg": "EdDSA", "kid": signer.id() });
    let fresh = |signer: &Signer, after: i64| signer.sign(&header(signer), &claims_with("jti", json!(after)));
    let verify = async |signer: &Signer, after: i64| verifier.verify(&fresh(signer, after), at(after)).await.map(drop);
    assert_eq!(verify(&OLD, 0).await, Ok(()));
    assert_eq!(verify(&NEW, 1).await, Err(Refusal::Signature));
    write(file.path(), &[&NEW]);
    assert_eq!(verify(&NEW, 2).await, Ok(()));
    assert_eq!(verify(&OLD, 3).await, Err(Refusal::Signature));
    std::fs::write(file.path(), "half a fi").unwrap();
    assert_eq!(verify(&NEW, 20).await, Ok(()));
}

#[tokio::test]
async fn a_file_that_is_missing_shows_at_start() {
    let verifier = Verifier::new(KeySource::JwksFile("/nowhere/keys.json".into()), rules()).unwrap();
    assert!(matches!(verifier.warm(now()).await, Err(KeysError::File(_))));
}

#[tokio::test]
async fn a_token_in_constant_use_is_refused_ten_seconds_after_its_key_was_removed() {
    let (verifier, file) = public_verifier(&[&OLD]);
    let token = OLD.token();
    for after in 0..30 {
        assert!(verifier.verify(&token, at(after)).await.is_ok());
    }
    write(file.path(), &[&NEW]);
    let mut after = 30;
    while verifier.verify(&token, at(after)).await.is_ok() {
        after += 1;
        assert!(after < 40, "it goes on");
    }
    // Whatever the clock is then.
    assert_eq!(verifier.verify(&token, at(after + 100)).await, Err(Refusal::Signature));
}
