use std::{path::Path, process::Stdio};

use super::*;

/// The audits of npm's `graphql-http`, all of them. Needs Node and `npm ci` in `tests/node`.
#[tokio::test]
#[ignore = "needs Node: (cd tests/node && npm ci), then cargo test -p entente http::tests::audits -- --ignored"]
async fn the_audits_of_graphql_over_http_pass() {
    let server = Server::start().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let url = server.url("/graphql");
    let run = tokio::task::spawn_blocking(move || {
        std::process::Command::new("node")
            .args(["audits.mjs", &url])
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    });
    let output = run.await.unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
