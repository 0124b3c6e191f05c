use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::http::tests::{SECRET, Server, token};

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

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn options(log_format: LogFormat, log: &str) -> LogOptions {
    LogOptions { log_format, log: log.to_owned() }
}

#[tokio::test]
async fn each_request_has_a_line_without_what_is_secret() {
    let lines = Lines::default();
    let _guard =
        tracing::subscriber::set_default(subscriber(&options(LogFormat::Json, "trace"), lines.clone(), false).unwrap());
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

    let text = lines.text();
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

#[tokio::test]
async fn the_log_can_be_text_and_has_a_level() {
    let lines = Lines::default();
    let _guard =
        tracing::subscriber::set_default(subscriber(&options(LogFormat::Text, "info"), lines.clone(), false).unwrap());
    let server = Server::start().await;
    server.client.get(server.url("/healthz")).send().await.unwrap();
    server.client.get(server.url("/nothing%0Ahere")).header("x-request-id", "r-5").send().await.unwrap();
    let text = lines.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains("INFO") && text.contains("/nothing%0Ahere") && text.contains("r-5") && text.contains("404"),
        "{text}"
    );
}

#[test]
fn an_invalid_filter_is_refused() {
    assert!(matches!(
        subscriber(&options(LogFormat::Text, "entente=loudly"), std::io::sink, false),
        Err(LogError::Filter(_))
    ));
}
