//! The places among the requests in flight: which requests take one, and when.

use super::*;

async fn half_a_post(server: &Server, more: &str) -> TcpStream {
    let mut stream = server.connect().await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n{more}\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_half_sent_request_takes_no_place() {
    let server = Server::with(|settings| settings.max_requests = 1).await;
    let bearer = format!("authorization: Bearer {}\r\n", token(TimeDelta::minutes(5)));
    let mut half = Vec::new();
    for n in 0..20 {
        half.push(half_a_post(&server, if n % 2 == 0 { "" } else { &bearer }).await);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    for _ in 0..5 {
        assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_write_that_goes_on_without_its_client_keeps_its_place() {
    let server = Server::with(|settings| settings.max_requests = 1).await;
    let gone = tokio::spawn(server.ask_as_writer("mutation { outlive }").send());
    server.waiting(1).await;
    gone.abort();
    let _ = gone.await;
    for _ in 0..20 {
        assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 503);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    server.inside.open.notify_waiters();
    for _ in 0..100 {
        if server.ask("{ ok }").send().await.unwrap().status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the place stayed taken");
}

#[tokio::test]
async fn a_mutation_is_refused_before_its_variables_are_read() {
    let server = Server::start().await;
    let with = |variables: &str| {
        let body = format!(r#"{{"query":"mutation($n: Boolean!) {{ touch @skip(if: $n) }}","variables":{variables}}}"#);
        server.post().body(body)
    };
    // Neither a JSON object, nor within the guard's limits: the variables are not read.
    let nested = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for variables in ["7", nested.as_str(), r#"{"n":"x"}"#] {
        let response = with(variables).send().await.unwrap();
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer resource_metadata=\"http://"), "{challenge}");
        refused(response, 401, "UNAUTHENTICATED").await;
        let writer = token_with(TimeDelta::minutes(5), vec![Scope::ThreadsWrite]);
        let response = with(variables).bearer_auth(writer).send().await.unwrap();
        assert_eq!(response.status(), 400);
    }
    // With a token that may only read, the API returns the missing scope, but only for small variables.
    let long = format!(r#"{{"n":true,"x":"{}"}}"#, "x".repeat(1_400_000));
    let reader = || token_with(TimeDelta::minutes(5), vec![Scope::Read, Scope::CmdbRead]);
    refused(with(&long).bearer_auth(reader()).send().await.unwrap(), 403, "FORBIDDEN").await;
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 0);
    let writer = token_with(TimeDelta::minutes(5), vec![Scope::ThreadsWrite]);
    let response = with(&long).bearer_auth(writer).send().await.unwrap();
    assert_ne!(response.status(), 403);
}
