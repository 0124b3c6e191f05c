//! The page at `/`: GraphiQL, embedded in the program.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, Request, Response, StatusCode, Uri, header},
    response::IntoResponse,
};
use rust_embed::RustEmbed;

use super::{app::App, etag, observe};

/// The content security policy: the page loads only files of this server. Its editor inserts styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
                      img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Embedded in release builds. Debug builds read the files from the source folder.
#[derive(RustEmbed)]
#[folder = "ide/dist"]
struct Files;

/// Answers with the page, or one of its files.
pub(super) async fn file(app: State<App>, uri: Uri, request: Request<Body>) -> Response<Body> {
    let path = match uri.path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let Some(file) = Files::get(path) else {
        return observe::not_found(app, request.headers().clone()).await.into_response();
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    if let Ok(media) = HeaderValue::try_from(content_type(file.metadata.mimetype())) {
        headers.insert(header::CONTENT_TYPE, media);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let caching = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    etag::conditional(request.headers(), response.into_parts().0, Bytes::from(file.data.into_owned()))
}

fn content_type(media: &str) -> String {
    let text = media.starts_with("text/") && !media.contains("charset");
    if text { format!("{media}; charset=utf-8") } else { media.to_owned() }
}

/// Whether the name contains a hash of the content, as in `chunk-C6QZVIHS.js`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, _)) = name.split_once('.') else { return false };
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}
