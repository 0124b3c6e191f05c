use super::*;

#[tokio::test]
async fn the_page_is_served_with_a_strict_policy() {
    let server = Server::start().await;
    let response = server.client.get(server.url("/")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(
        response.headers()["content-security-policy"],
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
         img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let tag = response.headers()["etag"].clone();
    let page = response.text().await.unwrap();
    assert!(page.contains("<title>Entente</title>"));
    let again = server.client.get(server.url("/")).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);

    for asset in page.split('"').filter(|text| text.starts_with("assets/")) {
        let response = server.client.get(server.url(&format!("/{asset}"))).send().await.unwrap();
        assert_eq!(response.status(), 200, "{asset}");
        let media = response.headers()["content-type"].to_str().unwrap();
        let wanted = match asset.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(media, wanted, "{asset}");
        assert_eq!(response.headers()["cache-control"], "no-cache");
    }
}

#[tokio::test]
async fn files_with_a_hash_in_their_name_are_cached_permanently() {
    let server = Server::start().await;
    let script = server.client.get(server.url("/assets/ide.js")).send().await.unwrap().text().await.unwrap();
    let at = script.find("chunk-").unwrap();
    let chunk: String = script[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
    let response = server.client.get(server.url(&format!("/assets/{chunk}"))).send().await.unwrap();
    assert_eq!(response.status(), 200, "{chunk}");
    assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn other_files_are_not_served() {
    let server = Server::start().await;
    for path in [
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/assets/",
        "/nothing",
        "/graphql/",
        "/assets//etc/passwd",
    ] {
        let answer = server.raw(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("x-request-id: "));
    }
}
