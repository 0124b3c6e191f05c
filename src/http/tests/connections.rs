use rstest::rstest;
use tokio::time::Instant;

use super::*;

const GET: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

/// Reads the available part of an answer, without waiting for the end of the connection.
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
async fn a_slowly_sent_head_is_not_waited_for_either() {
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
    // The second head has the same time limit as the first one.
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

/// Requests an answer that is larger than all buffers between server and client, and waits for its beginning.
async fn long_answer(server: &Server) -> (TcpStream, usize) {
    let body = r#"{"query":"{ a: text(length: 16000000) b: text(length: 16000000) }"}"#;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all([head.as_str(), body].concat().as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    (stream, 32_000_000)
}

/// The number of bytes of an answer that still arrive.
async fn rest_of(mut stream: TcpStream) -> usize {
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.expect("it stays open");
    rest.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_never_read_is_given_up() {
    let server = Server::with(|settings| settings.write_timeout = Duration::from_millis(80)).await;
    let (stream, whole) = long_answer(&server).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(rest_of(stream).await < whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slowly_read_answer_is_given_up() {
    let server = Server::with(|settings| settings.answer_timeout = Duration::from_millis(300)).await;
    let (mut stream, whole) = long_answer(&server).await;
    // So many bytes at a time that the server continues to write from time to time.
    let (start, mut read) = (Instant::now(), 0);
    let mut drip = vec![0; 100_000];
    while start.elapsed() < Duration::from_millis(900) {
        match stream.read(&mut drip).await {
            Ok(0) | Err(_) => break,
            Ok(count) => read += count,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(read + rest_of(stream).await < whole);
}

/// A connection that has received one answer, and is idle.
async fn idle(server: &Server) -> TcpStream {
    let mut stream = server.connect().await;
    assert!(is_answered(&mut stream).await);
    stream
}

async fn is_answered(stream: &mut TcpStream) -> bool {
    stream.write_all(GET.as_bytes()).await.is_ok() && {
        let mut bytes = vec![0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(4), stream.read(&mut bytes)).await.unwrap();
        read.is_ok_and(|count| bytes[..count].starts_with(b"HTTP/1.1 200"))
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_while_all_are_at_work() {
    let server = Server::with(|settings| settings.max_connections = 1).await;
    let first = tokio::spawn(server.ask("{ gate }").send());
    server.waiting(1).await;
    let mut second = server.connect().await;
    second.write_all(GET.as_bytes()).await.unwrap();
    let mut bytes = [0; 16];
    assert!(tokio::time::timeout(Duration::from_millis(60), second.read(&mut bytes)).await.is_err());
    server.inside.open.notify_waiters();
    assert_eq!(first.await.unwrap().unwrap().text().await.unwrap(), r#"{"data":{"gate":true}}"#);
    assert!(read_some(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn the_connection_that_has_been_idle_the_longest_is_closed() {
    let server = Server::with(|settings| settings.max_connections = 3).await;
    let (mut one, mut two, mut three) = (idle(&server).await, idle(&server).await, idle(&server).await);
    assert!(is_answered(&mut one).await);
    let mut new = idle(&server).await;
    assert!(!is_answered(&mut two).await, "it has been idle the longest, though it is not the oldest");
    for stream in [&mut one, &mut three, &mut new] {
        assert!(is_answered(stream).await);
    }
    // Connections without a request do not keep new ones out, nor do those with half a request.
    let mut silent = Vec::new();
    for _ in 0..20 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HT").await.unwrap();
        silent.push(stream);
    }
    for _ in 0..5 {
        idle(&server).await;
    }
}

/// A connection with half a request.
async fn half(server: &Server) -> TcpStream {
    let mut stream = server.connect().await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// All connections are of one kind, so that only they can be closed. Each new client takes the place of one of them.
#[rstest]
#[case::half_a_request(false)]
#[case::an_answer_that_is_not_read(true)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_wait_for_their_client_are_closed_for_new_ones(#[case] has_answer: bool) {
    // Without a new client they stay open.
    let long = Duration::from_mins(1);
    let server = Server::with(|settings| {
        settings.request_timeout = long;
        settings.body_timeout = long;
        settings.write_timeout = long;
        settings.answer_timeout = long;
        settings.max_connections = 3;
    })
    .await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(if has_answer { long_answer(&server).await.0 } else { half(&server).await });
    }
    // So that each of them has waited longer than the new ones.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let mut new = Vec::new();
    for _ in 0..3 {
        new.push(idle(&server).await);
    }
    for stream in waiting {
        assert!(rest_of(stream).await < 32_000_000);
    }
    for mut stream in new {
        assert!(is_answered(&mut stream).await);
    }
}

#[tokio::test]
async fn one_address_has_a_limited_number_of_connections() {
    let server = Server::with(|settings| settings.max_connections_per_address = Some(2)).await;
    let busy = [(); 2].map(|()| tokio::spawn(server.ask("{ gate }").send()));
    server.waiting(2).await;
    let mut third = server.connect().await;
    closed_within(&mut third, 0, 300).await;
    server.inside.open.notify_waiters();
    for request in busy {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
    // An idle one is closed for another one of its address.
    let mut kept = Vec::new();
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        kept.push(idle(&server).await);
    }
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let server = Server::start().await;
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: x\r\nhost: x\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: a b\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: me@x\r\n", 400),
        ("GET http://x/healthz HTTP/1.1\r\n", 400),
        ("GET /healthz HTTP/1.0\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nhost:\r\nconnection: close\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nhost: [::1]:8080\r\nconnection: close\r\n", 200),
    ] {
        let answer = server.raw(format!("{head}\r\n")).await;
        let version = if head.contains("HTTP/1.0") { "HTTP/1.0" } else { "HTTP/1.1" };
        assert!(answer.starts_with(&format!("{version} {status}")), "{head}{answer}");
    }
}

#[tokio::test]
async fn a_line_of_a_head_ends_as_it_should() {
    let server = Server::start().await;
    let post = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let body = "{\n\"query\":\n\"{ ok }\"\n}\n";
    let by_length = format!("{post}content-length: {}\r\n\r\n{body}", body.len());
    let in_chunks = format!("{post}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for before in ["", GET, &by_length, &in_chunks] {
        for bare in [
            "GET /healthz HTTP/1.1\nhost: x\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nhost: x\n\r\n",
            "GET /healthz HTTP/1.1\r\nhost: x\r\na: b\n\n",
        ] {
            let answer = server.raw(format!("{before}{bare}")).await;
            let ok = usize::from(!before.is_empty());
            assert_eq!(answer.matches("HTTP/1.1 200").count(), ok, "{before}{bare}{answer}");
            assert_eq!(answer.matches("HTTP/1.1 400").count(), 1, "{before}{bare}{answer}");
        }
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_finishes_its_requests() {
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
async fn requests_that_do_not_finish_in_time_are_cut() {
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
