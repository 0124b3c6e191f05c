use axum::{body::Body, extract::State};

use super::*;
use crate::http::health::readyz;

#[tokio::test]
async fn a_server_is_ready_when_its_database_is() {
    let server = Server::start().await;
    let get = async |path: &str| server.client.get(server.url(path)).send().await.unwrap();
    assert_eq!(get("/readyz").await.status(), 200);
    server.inside.broken.store(true, Ordering::SeqCst);
    // What the database said is taken for half a second.
    assert_eq!(get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_server_that_is_not_ready_lives_and_keeps_the_reason_to_itself() {
    let server = Server::start().await;
    server.inside.broken.store(true, Ordering::SeqCst);
    let get = async |path: &str| server.client.get(server.url(path)).send().await.unwrap();
    assert_eq!(get("/healthz").await.status(), 200);
    let response = get("/readyz").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.text().await.unwrap(), "not ready\n");
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready() {
    let server = Server::start().await;
    server.app.begin_draining();
    let response = readyz(State(server.app.clone())).await;
    assert_eq!(response.status(), 503);
    let body = axum::body::to_bytes(Body::new(response.into_body()), 100).await.unwrap();
    assert_eq!(body, "draining\n");
}
<<<<<<< HEAD

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_request_has_a_line_without_what_is_secret() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(lines.clone());
    let subscriber = subscriber.with_max_level(tracing::Level::TRACE).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::start().await;
    let token = token(TimeDelta::minutes(5));
    let ask = async |body: Value, authorization: String, id: &str| {
        let request = server.post().header("authorization", authorization).header("x-request-id", id);
        request.body(body.to_string()).send().await.unwrap();
    };
    let query = "query Named($n: Int!) { confidential: number(of: $n) }";
    ask(json!({ "query": query, "variables": { "n": 31_337 } }), format!("Bearer {token}"), "r-1").await;
    ask(json!({ "query": query, "variables": { "n": "31337" } }), format!("Bearer {token}x"), "r-2").await;
    ask(json!({ "query": "{ panics confidential: ok }" }), format!("Bearer {token}"), "r-3").await;
    let url = server.url(&format!("/graphql?query=%7Bconfidential%3Aok%7D&access_token={token}"));
    server.client.get(url).header("x-request-id", "r-4").send().await.unwrap();

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let requests: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["message"] == "request")
        .collect();
    let told: Vec<_> = requests
        .iter()
        .map(|line| {
            (line["request_id"].as_str().unwrap(), line["status"].as_u64().unwrap(), line["path"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [("r-1", 200, "/graphql"), ("r-2", 401, "/graphql"), ("r-3", 500, "/graphql"), ("r-4", 200, "/graphql")]
    );
    assert_eq!((&requests[0]["operation"], &requests[0]["method"]), (&json!("Named"), &json!("POST")));
    assert!(requests[0]["ms"].as_f64().unwrap() >= 0.0);
    for secret in [token.as_str(), token.rsplit('.').next().unwrap(), "confidential", "31337", SECRET] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
=======
>>>>>>> http
