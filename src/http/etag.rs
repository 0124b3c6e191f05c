//! Entity tags: a client that already has the answer gets 304 without a body.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header, response::Parts},
    middleware::Next,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const COMPRESSED: &str = "-gzip";
const HASH_BYTES: usize = 16;

/// The answer with its entity tag, or 304 without a body if the client already has it.
pub(super) fn conditional(asked: &HeaderMap, mut head: Parts, body: Bytes) -> Response<Body> {
    let mut hash = Sha256::new();
    if let Some(media) = head.headers.get(header::CONTENT_TYPE) {
        hash.update(media.as_bytes());
    }
    hash.update(&body);
    let tag = URL_SAFE_NO_PAD.encode(&hash.finalize()[..HASH_BYTES]);
    match matching(asked, &tag) {
        Some(held) => {
            head.status = StatusCode::NOT_MODIFIED;
            head.headers.remove(header::CONTENT_TYPE);
            head.headers.insert(header::ETAG, held);
            Response::from_parts(head, Body::empty())
        }
        None => {
            if let Ok(tag) = HeaderValue::try_from(format!("\"{tag}\"")) {
                head.headers.insert(header::ETAG, tag);
            }
            Response::from_parts(head, Body::from(body))
        }
    }
}

/// The client's tag for this answer, as the client sent it. `None` if the client has another answer.
fn matching(asked: &HeaderMap, tag: &str) -> Option<HeaderValue> {
    let mut held = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let held = held.find_map(|value| {
        value.split(',').map(str::trim).find_map(|entry| {
            if entry == "*" {
                return Some(tag.to_owned());
            }
            let opaque = entry.strip_prefix("W/").unwrap_or(entry).strip_prefix('"')?.strip_suffix('"')?;
            (opaque.strip_suffix(COMPRESSED).unwrap_or(opaque) == tag).then(|| opaque.to_owned())
        })
    })?;
    HeaderValue::try_from(format!("\"{held}\"")).ok()
}

/// Gives a compressed answer another tag: a strong tag identifies exact bytes.
pub(super) async fn mark_compressed(request: Request<Body>, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && let Some(tag) =
            tag.strip_suffix('"').and_then(|tag| HeaderValue::try_from(format!("{tag}{COMPRESSED}\"")).ok())
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
