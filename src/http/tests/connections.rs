use tokio::time::Instant;

use super::*;

const GET: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

/// Reads what is there of an answer, without waiting for the connection to end.
async fn read_some(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let count = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

async fn closed_within(stream: &mut TcpStream, from: u64, to: u64) {
    let start = Instant::now();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut rest)).await.expect("it stays open");
    let ms = u64::try_from(start.elapsed().as_millis()).unwrap();
    assert!((from..to).contains(&ms), "closed after {ms} ms");
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let server = Server::with(|settings| settings.header_timeout = Duration::from_millis(80)).await;
    let mut silent = server.connect().await;
    let mut half = server.connect().await;
    half.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    closed_within(&mut half, 50, 500).await;
    closed_within(&mut silent, 0, 500).await;
}

#[tokio::test]
async fn a_head_that_drips_in_is_not_waited_for_either() {
    let server = Server::with(|settings| settings.header_timeout = Duration::from_millis(80)).await;
    let mut stream = server.connect().await;
    let start = Instant::now();
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    while start.elapsed() < Duration::from_millis(400) && stream.write_all(b"a: b\r\n").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(start.elapsed() < Duration::from_millis(300));
}

#[tokio::test]
async fn an_idle_connection_is_kept_longer_than_a_head_may_take() {
    let server = Server::with(|settings| {
        settings.header_timeout = Duration::from_millis(50);
        settings.idle_timeout = Duration::from_millis(200);
    })
    .await;
    let mut stream = server.connect().await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 200"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 200"));
    // A second head is timed as the first one is.
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    closed_within(&mut stream, 20, 150).await;
    let mut idle = server.connect().await;
    idle.write_all(GET.as_bytes()).await.unwrap();
    assert!(read_some(&mut idle).await.starts_with("HTTP/1.1 200"));
    closed_within(&mut idle, 150, 600).await;
}

#[tokio::test]
async fn a_request_may_take_longer_than_its_head() {
    let server = Server::with(|settings| settings.header_timeout = Duration::from_millis(40)).await;
    let request = tokio::spawn(server.ask("{ gate }").send());
    server.waiting(1).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    server.inside.open.notify_waiters();
    assert_eq!(request.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn an_answer_that_is_never_read_is_given_up() {
    let server = Server::with(|settings| {
        settings.write_timeout = Duration::from_millis(80);
        settings.max_connections = 1;
    })
    .await;
    let body = r#"{"query":"{ a: text(length: 9000000) b: text(length: 9000000) }"}"#;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all([head.as_str(), body].concat().as_bytes()).await.unwrap();
    // The one place is free again, though the client still holds its end. Without the limit it would never be; how long
    // the machine takes to write so long an answer is not looked at.
    let other = tokio::time::timeout(Duration::from_secs(30), server.client.get(server.url("/healthz")).send());
    assert_eq!(other.await.unwrap().unwrap().status(), 200);
    drop(stream);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let server = Server::with(|settings| settings.max_connections = 1).await;
    let first = server.connect().await;
    let mut second = server.connect().await;
    second.write_all(GET.as_bytes()).await.unwrap();
    let mut bytes = [0; 16];
    assert!(tokio::time::timeout(Duration::from_millis(60), second.read(&mut bytes)).await.is_err());
    drop(first);
    assert!(read_some(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_server_that_is_told_to_end_finishes_what_it_began() {
    let mut server = Server::start().await;
    let mut idle = server.connect().await;
    idle.write_all(GET.as_bytes()).await.unwrap();
    assert!(read_some(&mut idle).await.starts_with("HTTP/1.1 200"));
    let running = tokio::spawn(server.ask("{ gate }").send());
    server.waiting(1).await;
    server.stop();
    closed_within(&mut idle, 0, 300).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "the listener is closed");
    assert!(server.app.is_draining());
    assert!(!server.task.is_finished());
    server.inside.open.notify_waiters();
    let answer = running.await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.unwrap(), r#"{"data":{"gate":true}}"#);
    until(|| server.task.is_finished()).await;
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() {
    let mut server = Server::with(|settings| settings.shutdown_grace = Duration::from_millis(60)).await;
    let running = tokio::spawn(server.ask("{ gate }").send());
    server.waiting(1).await;
    server.stop();
    assert!(running.await.unwrap().is_err());
    until(|| server.task.is_finished()).await;
}

#[tokio::test]
async fn headers_of_a_client_do_not_become_headers_of_the_answer() {
    let server = Server::start().await;
    for id in ["a\tb", "a b", "<script>", "caf\u{e9}", "", &"x".repeat(65), "a%0d%0aset-cookie:%20x=1", "a,b"] {
        let answer = server
            .raw(format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: {id}\r\n\r\n"))
            .await;
        let given =
            answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap_or_else(|| panic!("{answer}"));
        assert!(given != id && given.len() == 32 && given.bytes().all(|byte| byte.is_ascii_hexdigit()), "{answer}");
    }
    let split = server.raw("GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: a\rset-cookie: x=1\r\n\r\n").await;
    assert!(split.starts_with("HTTP/1.1 400"), "{split}");
    let answer =
        server.raw("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: Mine_7-a\r\n\r\n").await;
    assert!(answer.contains("x-request-id: Mine_7-a\r\n"), "{answer}");
}

#[tokio::test]
async fn a_signal_tells_the_server_to_end() {
    for name in ["-TERM", "-INT"] {
        let signal = crate::http::shutdown_signal().unwrap();
        let id = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
        tokio::time::timeout(Duration::from_secs(2), signal).await.unwrap();
    }
}
