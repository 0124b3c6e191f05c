use rstest::rstest;

use super::*;

#[tokio::test]
async fn a_token_identifies_the_sender() {
    let server = Server::start().await;
    for scheme in ["Bearer", "bearer"] {
        let bearer = format!("{scheme} {}", token(TimeDelta::minutes(5)));
        let response = server.ask("{ viewer }").header("authorization", bearer).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), r#"{"data":{"viewer":"u-17"}}"#);
    }
}

#[tokio::test]
async fn fields_that_need_no_token_are_answered_with_those_that_do() {
    let server = Server::start().await;
    let response = server.ask("{ __typename viewer }").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["data"]["__typename"], "Query");
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[rstest]
#[case("Bearer abc", "of an accepted kind")]
#[case("Bearer ", "Authorization")]
#[case("Bearer", "Authorization")]
#[case("Basic YWxpeDpodW50ZXIy", "Authorization")]
#[case("caf\u{e9}", "Authorization")]
#[tokio::test]
async fn an_invalid_token_is_refused_also_where_none_is_needed(#[case] authorization: &str, #[case] told: &str) {
    let server = Server::start().await;
    for request in [server.ask("{ __typename }"), server.get("{ __typename }")] {
        let response = request.header("authorization", authorization).send().await.unwrap();
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        let metadata = server.url("/.well-known/oauth-protected-resource/graphql");
        assert_eq!(challenge, format!("Bearer error=\"invalid_token\", resource_metadata=\"{metadata}\""));
        let message = refused(response, 401, "UNAUTHENTICATED").await;
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test]
async fn an_integrator_learns_what_is_wrong_with_a_token() {
    let server = Server::start().await;
    let ask = async |token: String| {
        let response = server.ask("{ ok }").header("authorization", format!("Bearer {token}")).send().await.unwrap();
        refused(response, 401, "UNAUTHENTICATED").await
    };
    assert_eq!(ask(token(TimeDelta::minutes(-5))).await, "The token has expired.");
    let (good, other) = (token(TimeDelta::minutes(5)), token(TimeDelta::minutes(6)));
    let mixed = format!("{}.{}", good.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
    assert!(ask(mixed).await.contains("signature"));
    assert!(ask("x".repeat(9000)).await.contains("8 KiB"));
}

#[tokio::test]
async fn two_tokens_are_refused() {
    let server = Server::start().await;
    let bearer = format!("Bearer {}", token(TimeDelta::minutes(5)));
    let request = server.ask("{ ok }").header("authorization", &bearer).header("authorization", &bearer);
    refused(request.send().await.unwrap(), 401, "UNAUTHENTICATED").await;
}

#[tokio::test]
async fn a_token_in_the_address_is_no_token() {
    let server = Server::start().await;
    let url = format!("/graphql?query=%7Bviewer%7D&access_token={}", token(TimeDelta::minutes(5)));
    let body: Value = server.client.get(server.url(&url)).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
