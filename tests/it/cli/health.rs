//! `entente health`, and the addresses that a server listens on.

use std::{net::TcpListener, time::Duration};

use super::{Ran, SECRET, program, run, serve::Demo, server::Server};

fn address(server: &Server) -> &str {
    server.url.strip_prefix("http://").unwrap()
}

fn port(server: &Server) -> &str {
    server.url.rsplit(':').next().unwrap()
}

#[test]
fn a_server_is_asked_whether_it_takes_requests() {
    let mut server = Server::start(&["--drain", "20"]);
    assert_eq!(run(&["health", "--listen", address(&server)]).ends(0).out, "ready\n");
    assert_eq!(run(&["health", "--live", "--listen", address(&server)]).ends(0).out, "ok\n");
    // It uses the variable of the server, and no proxy.
    let mut command = program(&["health"]);
    command.env("ENTENTE_LISTEN", address(&server)).env("http_proxy", "http://127.0.0.1:1");
    assert_eq!(Ran::from(command.output().unwrap()).ends(0).out, "ready\n");

    server.terminate();
    server.logged("draining", Duration::from_secs(10));
    assert_eq!(run(&["health", "--listen", address(&server)]).ends(1).out, "draining\n");
    assert_eq!(run(&["health", "--live", "--listen", address(&server)]).ends(0).out, "ok\n");
}

#[test]
fn a_server_that_does_not_answer_is_not_well() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = taken.local_addr().unwrap().to_string();
    let ran = run(&["health", "--listen", &silent]).ends(1);
    assert!(ran.out.contains("cannot be reached") && ran.err.is_empty(), "{}{}", ran.out, ran.err);
    drop(taken);
    let ran = run(&["health", "--lang", "fr", "--listen", &silent]).ends(1);
    assert!(ran.out.starts_with(&format!("http://{silent}/readyz est injoignable")), "{}", ran.out);
}

#[tokio::test]
async fn all_addresses_of_ipv6_are_those_of_ipv4_too() {
    let mut server = Server::spawn(program(&["serve", "--listen", "[::]:0", "--jwt-secret", SECRET]));
    let port = port(&server).to_owned();
    let mut asked = vec![format!("127.0.0.1:{port}")];
    // Where the machine has no IPv6, what was meant is taken as far as it can be.
    if TcpListener::bind("[::1]:0").is_ok() {
        assert!(server.url.contains("[::]"), "{}", server.url);
        asked.push(format!("[::1]:{port}"));
    }
    for address in &asked {
        let answer = server.client.get(format!("http://{address}/healthz")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{address}");
    }
    assert_eq!(run(&["health", "--listen", &format!("[::]:{port}")]).ends(0).out, "ready\n");
    // The log has the address as the client knows it.
    server.client.get(format!("http://127.0.0.1:{port}/")).send().await.unwrap();
    let line = server.logged("client=", Duration::from_secs(10));
    assert!(line.contains("client=\"127.0.0.1\""), "{line}");
}

#[test]
fn a_demo_needs_no_folder_that_can_be_written_to() {
    let mut command = program(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", "/proc/no-such-folder");
    let mut server = Server::spawn(command);
    let line = server.logged("ready address=", Duration::from_secs(10));
    assert!(line.contains("/dev/shm/entente-demo-"), "{line}");
    server.terminate();
    assert_eq!(server.ended(), Some(0));
    let public = Demo::start(&["--listen", "[::]:0", "--demo-public"]);
    assert!(public.printed.contains("http://127.0.0.1:"), "{}", public.printed);
}
