use rstest::rstest;

use super::*;

async fn body(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

#[rstest]
#[case("{ pair { b a } ok x: number(of: 1) }", r#"{"data":{"pair":{"b":2,"a":1},"ok":true,"x":1}}"#)]
#[case("{ ok pair { a } o: ok pair { b } }", r#"{"data":{"ok":true,"pair":{"a":1,"b":2},"o":true}}"#)]
#[case(
    "{ ...F z: ok } fragment F on Query { y: number(of: 2) pair { ...P a } } fragment P on Pair { b }",
    r#"{"data":{"y":2,"pair":{"b":2,"a":1},"z":true}}"#
)]
#[case("{ ... { b: ok } a: ok ... on Query { c: ok b: ok } }", r#"{"data":{"b":true,"a":true,"c":true}}"#)]
#[tokio::test]
async fn fields_are_in_the_order_of_the_selection(#[case] query: &str, #[case] answer: &str) {
    let server = Server::start().await;
    assert_eq!(server.ask(query).send().await.unwrap().text().await.unwrap(), answer);
}

#[rstest]
#[case("{", "BAD_REQUEST")]
#[case("{ nothing }", "BAD_REQUEST")]
#[case("{ number }", "BAD_REQUEST")]
#[case("{ pair }", "BAD_REQUEST")]
#[case("query Q($n: Int!) { number(of: $n) }", "BAD_REQUEST")]
#[tokio::test]
async fn a_document_that_is_refused_has_a_code_and_no_data(#[case] query: &str, #[case] code: &str) {
    let server = Server::start().await;
    refused(server.ask(query).send().await.unwrap(), 400, code).await;
    let json = server.ask(query).build().unwrap();
    let request = server.client.post(json.url().clone()).header("content-type", "application/json");
    let body = json.body().unwrap().as_bytes().unwrap().to_vec();
    refused(request.body(body).send().await.unwrap(), 200, code).await;
}

#[tokio::test]
async fn a_field_that_fails_leaves_the_rest_and_tells_nothing_of_the_inside() {
    let server = Server::start().await;
    for field in ["fails", "internal"] {
        let request = server.ask(&format!("{{ ok {field} }}")).header("x-request-id", "trace-7");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["data"], json!({ "ok": true, field: null }));
        assert_eq!(body["errors"][0]["path"], json!([field]));
        assert_eq!(body["errors"][0]["extensions"], json!({ "code": "INTERNAL", "requestId": "trace-7" }));
        assert!(body["errors"][0]["locations"].is_array());
        assert!(!body.to_string().contains("hunter2") && !body.to_string().contains("10.0.0.7"), "{body}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_the_clients_fault() {
    let server = Server::start().await;
    let answer = body(server.ask("{ text(length: -1) }")).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer}");
}

#[tokio::test]
async fn without_the_database_a_request_is_refused_with_the_time_to_repeat_it() {
    let server = Server::start().await;
    let response = server.ask("{ unavailable }").send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    let message = refused(response, 503, "UNAVAILABLE").await;
    // With the message of the API, which contains no internal details.
    assert_eq!(message, "the database can only be read at the moment");
    // The data that was read is kept.
    let answer = body(server.ask("{ ok unavailable }")).await;
    assert_eq!(answer["data"], json!({ "ok": true, "unavailable": null }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    // And a successful write is not reported as a failure.
    let answer = body(server.ask_as_writer("mutation { touch }")).await;
    assert_eq!(answer["data"], json!({ "touch": 1 }));
}

#[tokio::test]
async fn too_many_requests_are_refused_with_the_time_to_repeat_them() {
    let server = Server::start().await;
    let response = server.ask("{ limited }").send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(refused(response, 429, "RATE_LIMITED").await, "Too many of yours.");
    let response = server.ask("{ ok limited }").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (200, "1"));
}

#[tokio::test]
async fn an_answer_that_the_client_already_has_is_not_sent_again() {
    let server = Server::start().await;
    let first = server.get("{ ok }").send().await.unwrap();
    assert_eq!(first.headers()["cache-control"], "private, no-cache");
    let vary =
        first.headers().get_all("vary").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ");
    for name in ["Authorization", "Accept", "Accept-Language"] {
        assert!(vary.to_lowercase().split(", ").any(|value| value == name.to_lowercase()), "{vary}");
    }
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "a strong tag: {tag}");
    let again = async |held: &str| server.get("{ ok }").header("if-none-match", held).send().await.unwrap();
    for held in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let response = again(&held).await;
        assert_eq!(response.status(), 304);
        assert_eq!(response.headers()["etag"], tag);
        assert_eq!(response.headers()["cache-control"], "private, no-cache");
        assert!(response.headers().contains_key("vary") && !response.headers().contains_key("content-type"));
        assert_eq!(response.bytes().await.unwrap().len(), 0);
    }
    assert_eq!(again("\"other\"").await.status(), 200);
    let other = server.get("{ x: ok }").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(other.status(), 200);
    let json =
        server.client.get(first.url().clone()).header("accept", "application/json").header("if-none-match", &tag);
    assert_eq!(json.send().await.unwrap().status(), 200, "another media type is another representation");
}

#[tokio::test]
async fn a_compressed_answer_has_a_tag_of_its_own() {
    let server = Server::start().await;
    let ask = async |held: Option<&str>| {
        let request = server.get("{ text(length: 20000) }").header("accept-encoding", "gzip");
        let request = held.into_iter().fold(request, |request, held| request.header("if-none-match", held));
        request.send().await.unwrap()
    };
    let first = ask(None).await;
    assert_eq!(first.headers()["content-encoding"], "gzip");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.ends_with("-gzip\""), "{tag}");
    assert!(first.bytes().await.unwrap().len() < 2000);
    let again = ask(Some(&tag)).await;
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, &*tag));
    let small = server.get("{ ok }").header("accept-encoding", "gzip").send().await.unwrap();
    assert!(!small.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn failures_and_mutations_are_not_cached() {
    let server = Server::start().await;
    for request in
        [server.get("{ nothing }"), server.ask("{ ok }"), server.ask_as_writer("mutation { touch }"), server.get("{")]
    {
        let response = request.header("if-none-match", "*").send().await.unwrap();
        assert_ne!(response.status(), 304);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(!response.headers().contains_key("etag"));
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let server = Server::start().await;
    let url = server.get("{ ok }").build().unwrap().url().clone();
    let response = server.client.head(url).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().contains_key("etag")), (200, true));
    assert_eq!(response.bytes().await.unwrap().len(), 0);
}
