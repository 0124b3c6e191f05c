use sha2::{Digest, Sha256};

use super::*;

const QUERY: &str = "query Known { ok }";

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

impl Server {
    async fn persisted(&self, body: Value, token: Option<&str>) -> reqwest::Response {
        let request = self.post().body(body.to_string());
        token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth).send().await.unwrap()
    }

    async fn by_hash(&self, text: &str) -> reqwest::Response {
        let extensions = extensions(&hash(text)).to_string();
        let extensions: String = form_urlencoded::byte_serialize(extensions.as_bytes()).collect();
        let url = self.url(&format!("/graphql?extensions={extensions}"));
        self.client.get(url).header("accept", "application/graphql-response+json").send().await.unwrap()
    }
}

#[tokio::test]
async fn a_text_is_sent_once_and_then_its_hash_is_enough() {
    let server = Server::start().await;
    let token = token(TimeDelta::minutes(5));
    let unknown = server.persisted(json!({ "extensions": extensions(&hash(QUERY)) }), Some(&token)).await;
    assert_eq!(unknown.headers()["cache-control"], "no-store");
    assert_eq!(refused(unknown, 400, "PERSISTED_QUERY_NOT_FOUND").await, "PersistedQueryNotFound");
    let both = json!({ "query": QUERY, "extensions": extensions(&hash(QUERY)) });
    assert_eq!(server.persisted(both, Some(&token)).await.text().await.unwrap(), r#"{"data":{"ok":true}}"#);
    let known = json!({ "extensions": extensions(&hash(QUERY).to_uppercase()) });
    assert_eq!(server.persisted(known, Some(&token)).await.text().await.unwrap(), r#"{"data":{"ok":true}}"#);
    assert_eq!(server.by_hash(QUERY).await.text().await.unwrap(), r#"{"data":{"ok":true}}"#);
}

#[tokio::test]
async fn clients_that_accept_plain_json_get_status_200() {
    let server = Server::start().await;
    let body = json!({ "extensions": extensions(&hash(QUERY)) }).to_string();
    let request = server.client.post(server.url("/graphql")).header("content-type", "application/json");
    let answer = request.header("accept", "application/json").body(body).send().await.unwrap();
    assert_eq!(refused(answer, 200, "PERSISTED_QUERY_NOT_FOUND").await, "PersistedQueryNotFound");
}

#[tokio::test]
async fn only_a_valid_text_with_its_own_hash_and_a_token_is_kept() {
    let server = Server::start().await;
    let token = token(TimeDelta::minutes(5));
    let mine = token.as_str();
    let of = |query: &str, of: &str| json!({ "query": query, "extensions": extensions(&hash(of)) });
    let message = refused(server.persisted(of("{ ok }", QUERY), Some(mine)).await, 400, "BAD_REQUEST").await;
    assert!(message.contains("sha256Hash"), "{message}");
    refused(server.persisted(of("{ nothing( }", "{ nothing( }"), Some(mine)).await, 400, "BAD_REQUEST").await;
    refused(server.by_hash("{ nothing( }").await, 400, "PERSISTED_QUERY_NOT_FOUND").await;
    assert_eq!(server.persisted(of(QUERY, QUERY), None).await.status(), 200);
    refused(server.by_hash(QUERY).await, 400, "PERSISTED_QUERY_NOT_FOUND").await;
}

#[tokio::test]
async fn a_mutation_by_its_hash_comes_by_post_alone() {
    let server = Server::start().await;
    let token = token(TimeDelta::minutes(5));
    let touch = "mutation { touch }";
    let body = json!({ "query": touch, "extensions": extensions(&hash(touch)) });
    assert_eq!(server.persisted(body, Some(&token)).await.status(), 200);
    refused(server.by_hash(touch).await, 405, "BAD_REQUEST").await;
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_malformed_hash_is_refused_with_the_wrong_member() {
    let server = Server::start().await;
    for wrong in [
        json!({ "version": 1, "sha256Hash": "abc" }),
        json!({ "version": 1, "sha256Hash": "z".repeat(64) }),
        json!({ "version": 2, "sha256Hash": hash(QUERY) }),
        json!({ "version": 1 }),
        json!(7),
    ] {
        let body = json!({ "query": QUERY, "extensions": { "persistedQuery": wrong } });
        let message = refused(server.persisted(body, None).await, 400, "BAD_REQUEST").await;
        assert!(["persistedQuery", "extensions"].iter().any(|member| message.contains(member)), "{message}");
    }
    for nothing in [json!({}), json!({ "variables": {} })] {
        let message = refused(server.persisted(nothing, None).await, 400, "BAD_REQUEST").await;
        assert!(message.contains("\"query\""), "{message}");
    }
}

#[tokio::test]
async fn document_ids_are_refused_with_the_alternatives() {
    let server = Server::start().await;
    let posted = server.persisted(json!({ "documentId": "sha256:abc", "query": QUERY }), None).await;
    let addressed = server.client.get(server.url("/graphql?documentId=abc")).send().await.unwrap();
    for answer in [posted, addressed] {
        let message = refused(answer, 400, "BAD_REQUEST").await;
        assert!(message.contains("\"documentId\"") && message.contains("\"query\""), "{message}");
    }
}
