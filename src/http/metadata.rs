//! `/.well-known/oauth-protected-resource`: where a client gets a token for this server (RFC 9728).

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::app::App;
use crate::policy::Scope;

/// The address of the metadata, before the path of the protected resource.
pub(super) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The protected resource, and the issuer of its tokens.
pub(super) async fn metadata(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    let rules = app.verifier().rules();
    let origin = origin(&app, &headers);
    let path = uri.path().strip_prefix(WELL_KNOWN).unwrap_or_default();
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let mut body = json!({
        "resource": format!("{origin}{path}"),
        "resource_name": "Entente",
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
    });
    // An issuer that is not a web address has no metadata.
    if rules.issuer.starts_with("https://") || rules.issuer.starts_with("http://") {
        body["authorization_servers"] = json!([rules.issuer]);
    }
    let media = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (media, body.to_string()).into_response()
}

/// The value of `WWW-Authenticate` for a request without a token, or with a refused one.
pub(super) fn challenge(app: &App, headers: &HeaderMap, is_refused: bool) -> HeaderValue {
    let error = if is_refused { "error=\"invalid_token\", " } else { "" };
    let value = format!("Bearer {error}resource_metadata=\"{}{WELL_KNOWN}/graphql\"", origin(app, headers));
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("Bearer"))
}

/// The origin at which clients reach the server: that of the configuration, otherwise that of the request.
fn origin(app: &App, headers: &HeaderMap) -> String {
    if let Some(named) = app.settings().public_url.as_ref().and_then(|url| url.to_str().ok()) {
        return named.to_owned();
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = text("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    let is_host = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let host = text("host").filter(is_host).unwrap_or("localhost");
    format!("{scheme}://{host}")
}
