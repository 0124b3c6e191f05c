//! Few files that may be open.

use std::process::Command;

use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{SECRET, server::Server};
use crate::app::App;

/// A connection that got an answer and stays open.
async fn idle(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream
}

/// There are more idle connections than open files are allowed: as many as possible stay open, and new clients are
/// answered.
#[rstest]
#[case::and_no_more("ulimit -n 256", false)]
#[case::until_the_limit_is_raised("ulimit -S -n 256", true)]
#[tokio::test]
async fn with_256_open_files_requests_are_answered_beside_idle_connections(
    #[case] limit: &str,
    #[case] is_raised: bool,
) {
    let app = App::hospital().await;
    let mut command = Command::new("bash");
    command.args(["-c", &format!("{limit}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_entente"), "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--jwt-secret", SECRET, "--database-url", &app.url]);
    let server = Server::spawn(command);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let files: Vec<u64> = files.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(files[0], files[1], "the limit is as high as it may be");
    assert_eq!(files[0] > 256, is_raised);
    let log = server.log();
    assert_eq!(log.contains("is too low for so many connections") && log.contains("fits=132"), !is_raised, "{log}");
    let mut connections = Vec::new();
    for number in 0..300 {
        connections.push(idle(&server).await);
        if number % 20 == 0 {
            let answer = server.ask("{ services { totalCount } }", json!({})).await;
            assert_eq!(answer["data"]["services"]["totalCount"], 1, "{answer:#}");
            server.write("new", &format!("Number {number}")).await.unwrap();
        }
    }
}
