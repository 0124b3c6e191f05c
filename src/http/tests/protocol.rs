use rstest::rstest;

use super::*;

#[tokio::test]
async fn a_query_is_answered_by_post_and_by_get() {
    let server = Server::start().await;
    for request in [server.ask("{ ok }"), server.get("{ ok }")] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/graphql-response+json; charset=utf-8");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        assert!(!response.headers().contains_key("access-control-allow-origin"));
        assert_eq!(response.text().await.unwrap(), r#"{"data":{"ok":true}}"#);
    }
}

#[tokio::test]
async fn escapes_of_json_encoders_are_read_in_documents_too() {
    let server = Server::start().await;
    let query = r#"{ echo(text: "\uD83D\uDE00 \u{1F600} \u{22}") }"#;
    for request in [server.ask(query), server.get(query)] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer, json!({ "data": { "echo": "😀 😀 \"" } }));
    }
    let response = server.ask(r#"{ echo(text: "\uD83D") }"#).send().await.unwrap();
    refused(response, 400, "BAD_REQUEST").await;
    // The location of an error after an escape is right.
    let answer: Value =
        server.ask("{ echo(text: \"\\uD83D\\uDE00\") nothing }").send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["locations"], json!([{ "line": 1, "column": 30 }]), "{answer:#}");
}

#[rstest]
#[case("text/plain")]
#[case("application/x-www-form-urlencoded")]
#[case("multipart/form-data; boundary=x")]
#[case("application/graphql")]
#[case("application/json; charset=iso-8859-1")]
#[tokio::test]
async fn only_json_is_taken_by_post(#[case] media: &str) {
    let server = Server::start().await;
    let request = server.client.post(server.url("/graphql")).header("content-type", media);
    let response = request.body(r#"{"query":"mutation { touch }"}"#).send().await.unwrap();
    refused(response, 415, "BAD_REQUEST").await;
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_form_without_a_type_is_refused() {
    let server = Server::start().await;
    let response = server.client.post(server.url("/graphql")).body(r#"{"query":"{ ok }"}"#).send().await.unwrap();
    refused(response, 415, "BAD_REQUEST").await;
}

#[tokio::test]
async fn an_accept_header_that_fits_nothing_is_refused() {
    let server = Server::start().await;
    for request in [server.ask("{ ok }"), server.get("{ ok }")] {
        let mut request = request.build().unwrap();
        request.headers_mut().insert("accept", "text/html".parse().unwrap());
        let response = server.client.execute(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        refused(response, 406, "BAD_REQUEST").await;
    }
}

#[rstest]
#[case("mutation { touch }", None)]
#[case("mutation Touch { touch }", None)]
#[case("mutation Touch { touch }", Some("Touch"))]
#[case("query Look { ok } mutation Touch { touch }", Some("Touch"))]
#[tokio::test]
async fn a_mutation_by_get_is_refused_whatever_its_name(#[case] query: &str, #[case] name: Option<&str>) {
    let server = Server::start().await;
    let mut url = reqwest::Url::parse(&server.url("/graphql")).unwrap();
    url.query_pairs_mut().append_pair("query", query);
    if let Some(name) = name {
        url.query_pairs_mut().append_pair("operationName", name);
    }
    let response = server.client.get(url).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "POST");
    refused(response, 405, "BAD_REQUEST").await;
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_query_of_a_document_with_a_mutation_can_be_sent_by_get() {
    let server = Server::start().await;
    let query = "query=query+Look+{+ok+}+mutation+Touch+{+touch+}&operationName=Look&variables=";
    let response = server.client.get(server.url(&format!("/graphql?{query}"))).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), r#"{"data":{"ok":true}}"#);
}

#[rstest]
#[case(reqwest::Method::PUT)]
#[case(reqwest::Method::DELETE)]
#[case(reqwest::Method::PATCH)]
#[case(reqwest::Method::OPTIONS)]
#[tokio::test]
async fn other_methods_are_refused(#[case] method: reqwest::Method) {
    let server = Server::start().await;
    let response = server.client.request(method, server.url("/graphql")).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, HEAD, POST");
    refused(response, 405, "BAD_REQUEST").await;
}

#[rstest]
#[case(r#"[{"query":"mutation { touch }"}]"#)]
#[case(r#"  [{"query":"mutation { touch }"},{"query":"mutation { touch }"}]"#)]
#[case("[]")]
#[tokio::test]
async fn batches_are_refused(#[case] body: &'static str) {
    let server = Server::start().await;
    let message = refused(server.post().body(body).send().await.unwrap(), 400, "BAD_REQUEST").await;
    assert!(message.contains("one request for each"), "{message}");
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 0);
}

#[rstest]
#[case("")]
#[case("{")]
#[case("null")]
#[case("\"{ ok }\"")]
#[case("{}")]
#[case(r#"{"query":null}"#)]
#[case(r#"{"query":1}"#)]
#[case(r#"{"query":"{ ok }","query":"{ ok }"}"#)]
#[case(r#"{"query":"{ ok }","operationName":1}"#)]
#[case(r#"{"query":"{ ok }","variables":[]}"#)]
#[case(r#"{"query":"{ ok }","variables":"{}"}"#)]
#[case(r#"{"query":"{ ok }","extensions":[]}"#)]
#[case(r#"{"query":"{ ok }"} and more"#)]
#[tokio::test]
async fn a_body_that_is_no_request_is_refused(#[case] body: &'static str) {
    let server = Server::start().await;
    refused(server.post().body(body).send().await.unwrap(), 400, "BAD_REQUEST").await;
    let json = server.client.post(server.url("/graphql")).header("content-type", "application/json").body(body);
    refused(json.send().await.unwrap(), 400, "BAD_REQUEST").await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let server = Server::start().await;
    refused(server.post().body(b"{\"query\":\"\xff\"}".to_vec()).send().await.unwrap(), 400, "BAD_REQUEST").await;
}

#[rstest]
#[case("")]
#[case("query=%7Bok%7D&query=%7Bok%7D")]
#[case("query=%7Bok%7D&variables=%5B%5D")]
#[case("query=%7Bok%7D&variables=%7B")]
#[case("query=%7Bok%7D&extensions=1")]
#[tokio::test]
async fn an_address_that_is_no_request_is_refused(#[case] address: &str) {
    let server = Server::start().await;
    let response = server.client.get(server.url(&format!("/graphql?{address}"))).send().await.unwrap();
    refused(response, 400, "BAD_REQUEST").await;
}

#[tokio::test]
async fn variables_come_by_both_ways() {
    let server = Server::start().await;
    let query = "query Q($n: Int!) { number(of: $n) }";
    let posted = server.post().body(json!({ "query": query, "variables": { "n": 7 } }).to_string());
    let mut url = reqwest::Url::parse(&server.url("/graphql")).unwrap();
    url.query_pairs_mut().append_pair("query", query).append_pair("variables", r#"{"n":7}"#);
    for request in [posted, server.client.get(url)] {
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), r#"{"data":{"number":7}}"#);
    }
}

#[rstest]
#[case("query A { ok } query B { ok }", None)]
#[case("query A { ok } query B { ok }", Some("C"))]
#[case("query A { ok }", Some("B"))]
#[case("{ ok }", Some("A"))]
#[case("fragment F on Query { ok }", None)]
#[case("subscription { ok }", None)]
#[tokio::test]
async fn an_operation_that_cannot_be_chosen_is_refused(#[case] query: &str, #[case] name: Option<&str>) {
    let server = Server::start().await;
    let body = json!({ "query": query, "operationName": name }).to_string();
    refused(server.post().body(body).send().await.unwrap(), 400, "BAD_REQUEST").await;
}

#[tokio::test]
async fn the_idempotency_key_and_the_languages_reach_the_api() {
    let server = Server::start().await;
    let caller = || server.inside.last_caller.lock().unwrap().clone().unwrap();
    let request = |query: &str| {
        server.ask_as_writer(query).header("idempotency-key", "k-1").header("accept-language", "fr, en;q=0.5")
    };
    assert_eq!(request("mutation { touch }").send().await.unwrap().status(), 200);
    assert_eq!(caller().idempotency_key.as_deref(), Some("k-1"));
    assert_eq!(caller().accept_language.as_deref(), Some("fr, en;q=0.5"));
    assert_eq!(request("{ ok }").send().await.unwrap().status(), 200);
    assert_eq!(caller().idempotency_key, None);
}

#[rstest]
#[case(&[""])]
#[case(&["two words"])]
#[case(&["caf\u{e9}"])]
#[case(&["k-1", "k-2"])]
#[case(&[&*"k".repeat(256)])]
#[tokio::test]
async fn an_idempotency_key_is_one_short_word(#[case] keys: &[&str]) {
    let server = Server::start().await;
    let request = keys
        .iter()
        .fold(server.ask_as_writer("mutation { touch }"), |request, key| request.header("idempotency-key", *key));
    refused(request.send().await.unwrap(), 400, "BAD_REQUEST").await;
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn pages_of_named_origins_may_call() {
    let server = Server::with(|settings| settings.cors_origins = vec!["https://portal.example".parse().unwrap()]).await;
    let from = |origin: &'static str| {
        let request = server.client.request(reqwest::Method::OPTIONS, server.url("/graphql")).header("origin", origin);
        request.header("access-control-request-method", "POST").send()
    };
    let allowed = from("https://portal.example").await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-origin"], "https://portal.example");
    assert!(!from("https://elsewhere.example").await.unwrap().headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn browsers_may_send_what_common_clients_send() {
    let server = Server::with(|settings| settings.cors_origins = vec!["https://portal.example".parse().unwrap()]).await;
    for asked in [
        "authorization, content-type, accept",
        "apollo-require-preflight, apollographql-client-name, apollographql-client-version, x-apollo-operation-name",
        "idempotency-key, if-none-match, accept-language, cache-control, x-request-id",
        "traceparent, tracestate",
    ] {
        let request = server.client.request(reqwest::Method::OPTIONS, server.url("/graphql"));
        let request =
            request.header("origin", "https://portal.example").header("access-control-request-method", "POST");
        let answer = request.header("access-control-request-headers", asked).send().await.unwrap();
        let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
        for header in asked.split(", ") {
            assert!(allowed.split(',').any(|one| one.trim() == header), "{header} is not among {allowed}");
        }
    }
}
