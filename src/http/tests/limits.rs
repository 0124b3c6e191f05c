use super::*;

const MIB: usize = 1024 * 1024;

/// A header with a token that has the scope `read`.
fn bearer() -> String {
    format!("authorization: Bearer {}\r\n", token(TimeDelta::minutes(5)))
}

fn head(more: &str) -> String {
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{more}\r\n")
}

#[tokio::test]
async fn a_body_up_to_two_mebibytes_is_read() {
    let server = Server::start().await;
    let padding = "x".repeat(2 * MIB - 100);
    let body = json!({ "query": "{ ok }", "extensions": { "p": padding } }).to_string();
    assert!(body.len() <= 2 * MIB);
    let request = server.post().bearer_auth(token(TimeDelta::minutes(5))).body(body.clone());
    assert_eq!(request.send().await.unwrap().status(), 200);
    // Without a token, a body has at most 64 KiB.
    let message = refused(server.post().body(body).send().await.unwrap(), 413, "LIMIT_EXCEEDED").await;
    assert!(message.contains("65536 bytes"), "{message}");
    let padding = "x".repeat(64 * 1024 - 100);
    let body = json!({ "query": "{ ok }", "extensions": { "p": padding } }).to_string();
    assert_eq!(server.post().body(body).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_head_is_read_up_to_its_limit_and_no_further() {
    const KIB: usize = 1024;
    let server = Server::start().await;
    let get = |address: &str, padding: usize| {
        let padding = "x".repeat(padding);
        format!("GET {address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\na: {padding}\r\n\r\n")
    };
    let of_length = |length: usize| get("/healthz", length - get("/healthz", 0).len());
    for (length, status) in
        [(128 * KIB - 1, 200), (128 * KIB, 200), (128 * KIB + 1, 431), (160_000, 431), (200_000, 431)]
    {
        let answer = server.raw(of_length(length)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {answer}");
    }
    // All of it at once, and in parts that end just before and behind the limit.
    for (length, status) in [(128 * KIB, 200), (128 * KIB + 1, 431)] {
        let (mut stream, head) = (server.connect().await, of_length(length));
        for part in [&head.as_bytes()[..128 * KIB - 1], &head.as_bytes()[128 * KIB - 1..]] {
            stream.write_all(part).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {answer}");
    }
    for (length, status) in [(65_534, 200), (65_535, 414)] {
        let address = format!("/healthz?{}", "x".repeat(length - "/healthz?".len()));
        let answer = server.raw(get(&address, 0)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {answer}");
    }
}

#[tokio::test]
async fn a_length_beyond_the_limit_is_refused_before_anything_is_read() {
    let server = Server::start().await;
    let answer = server.raw(head(&format!("{}content-length: {}\r\n", bearer(), 2 * MIB + 1))).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("LIMIT_EXCEEDED") && answer.contains("2097152 bytes"), "{answer}");
    let answer = server.raw(head(&format!("content-length: {}\r\n", 64 * 1024 + 1))).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("LIMIT_EXCEEDED") && answer.contains("65536 bytes"), "{answer}");
}

#[tokio::test]
async fn chunks_beyond_the_limit_are_refused() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    stream.write_all(head(&format!("{}transfer-encoding: chunked\r\n", bearer())).as_bytes()).await.unwrap();
    let chunk = [format!("{MIB:x}\r\n").into_bytes(), vec![b' '; MIB], b"\r\n".to_vec()].concat();
    for _ in 0..3 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_length_that_promises_more_than_comes_ends_the_request() {
    let server = Server::with(|settings| settings.body_timeout = Duration::from_millis(60)).await;
    let answer = server.raw([head("content-length: 500\r\n").as_str(), r#"{"query":"{ ok }"}"#].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_length_that_promises_less_than_comes_does_not_smuggle_a_request() {
    let server = Server::start().await;
    let body = r#"{"query":"mutation { touch }"}"#;
    let answer = server.raw([head("content-length: 2\r\n").as_str(), body].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let both = head(&format!("content-length: {}\r\ntransfer-encoding: chunked\r\n", body.len()));
    let answer = server.raw([both.as_str(), body].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(server.inside.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_compressed_body_is_not_read() {
    let server = Server::start().await;
    let response = server.post().header("content-encoding", "gzip").body(vec![0x1f, 0x8b, 8]).send().await.unwrap();
    refused(response, 415, "BAD_REQUEST").await;
}

#[tokio::test]
async fn the_guard_is_before_everything_else() {
    let server = Server::start().await;
    let nested = format!("{{ number(of: {}{}) }}", "[".repeat(20_000), "]".repeat(20_000));
    let message = refused(server.ask(&nested).send().await.unwrap(), 400, "LIMIT_EXCEEDED").await;
    assert!(message.contains("32 are allowed"), "{message}");
    let value = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let body = format!(r#"{{"query":"query Q($n: Int!) {{ number(of: $n) }}","variables":{{"n":{value}}}}}"#);
    refused(server.post().body(body).send().await.unwrap(), 400, "LIMIT_EXCEEDED").await;
    let long = format!("{{ {} }}", "a: ok ".repeat(4000));
    for request in [server.ask(&long), server.get(&long)] {
        refused(request.send().await.unwrap(), 400, "LIMIT_EXCEEDED").await;
    }
    let extensions = format!(r#"{{"query":"{{ ok }}","extensions":{{"a":{value}}}}}"#);
    assert_eq!(server.post().body(extensions).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn requests_beyond_those_in_flight_are_refused_at_once() {
    let server = Server::with(|settings| settings.max_requests = 2).await;
    let slow = || tokio::spawn(server.ask("{ gate }").send());
    let running = [slow(), slow()];
    server.waiting(2).await;
    for request in [server.ask("{ ok }"), server.get("{ ok }")] {
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["retry-after"], "1");
        refused(response, 503, "UNAVAILABLE").await;
    }
    assert_eq!(server.client.get(server.url("/healthz")).send().await.unwrap().status(), 200);
    assert_eq!(server.client.get(server.url("/readyz")).send().await.unwrap().status(), 200);
    server.inside.open.notify_waiters();
    for request in running {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_disconnects_frees_its_place() {
    let server = Server::with(|settings| settings.max_requests = 1).await;
    let body = r#"{"query":"{ gate }"}"#;
    let mut stream = server.connect().await;
    let request = [head(&format!("content-length: {}\r\n", body.len())).as_str(), body].concat();
    stream.write_all(request.as_bytes()).await.unwrap();
    server.waiting(1).await;
    assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 503);
    drop(stream);
    for _ in 0..100 {
        if server.ask("{ ok }").send().await.unwrap().status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the place stayed taken");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let server = Server::with(|settings| settings.request_timeout = Duration::from_millis(60)).await;
    let response = server.ask("{ gate }").send().await.unwrap();
    assert!(response.headers().contains_key("retry-after"));
    refused(response, 503, "UNAVAILABLE").await;
}

#[tokio::test]
async fn a_panic_costs_one_request() {
    let server = Server::start().await;
    let other = tokio::spawn(server.ask("{ gate }").send());
    server.waiting(1).await;
    let response = server.ask("{ panics }").header("x-request-id", "p-1").send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "p-1");
    let message = refused(response, 500, "INTERNAL").await;
    assert!(message.contains("p-1") && !message.contains("wire"), "{message}");
    server.inside.open.notify_waiters();
    assert_eq!(other.await.unwrap().unwrap().status(), 200);
    assert_eq!(server.ask("{ ok }").send().await.unwrap().status(), 200);
}
