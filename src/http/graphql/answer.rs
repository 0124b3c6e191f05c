//! Makes the HTTP answer of the API's response: status, headers, body.

use async_graphql::{ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};

use super::{
    failure::{Code, Failure, IN_A_SECOND},
    media::Media,
};
use crate::{api::json, http::etag, words::Speech};

/// The HTTP answer to an operation. `asked` are the headers of a GET, which can be answered with 304.
pub(super) fn answer(
    mut response: async_graphql::Response,
    asked: Option<&HeaderMap>,
    media: Media,
    request_id: &str,
    speech: Speech,
) -> Response<Body> {
    // The details of an internal error are only in the log.
    for error in response.errors.iter_mut().filter(|error| has_code(error, Code::Internal)) {
        Failure::internal(request_id).translated(speech).replace(error);
    }
    // Nothing was read or written: the client can repeat the whole request.
    let unavailable = response.errors.iter().find(|error| has_code(error, Code::Unavailable));
    if let Some(error) = unavailable.filter(|_| lacks_data(&response.data)) {
        return Failure::unavailable(&error.message).into_response(media);
    }
    let limited = response.errors.iter().find(|error| has_code(error, Code::RateLimited));
    if let Some(error) = limited.filter(|_| lacks_data(&response.data)) {
        return Failure::rate_limited(&error.message).into_response(media);
    }
    let comes_again = limited.is_some();
    let refused = is_null(&response.data) && response.errors.iter().all(|error| error.path.is_empty());
    let refused = refused && !response.errors.is_empty();
    let status = match (refused, media) {
        (false, _) => StatusCode::OK,
        (true, _) if response.errors.iter().all(|error| has_code(error, Code::Internal)) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        (true, _) if response.errors.iter().all(|error| has_code(error, Code::Unauthenticated)) => {
            StatusCode::UNAUTHORIZED
        }
        (true, Media::GraphQl) => StatusCode::BAD_REQUEST,
        (true, Media::Json) => StatusCode::OK,
    };
    let body = match write(&response, refused) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, request_id, "an answer could not be written");
            return Failure::internal(request_id).into_response(media);
        }
    };
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, media.header());
    if comes_again {
        headers.insert(header::RETRY_AFTER, IN_A_SECOND);
    }
    if let Some(asked) = asked.filter(|_| status == StatusCode::OK && !refused) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("Authorization, Accept, Accept-Language"));
        return etag::conditional(asked, answer.into_parts().0, body.into());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *answer.body_mut() = Body::from(body);
    answer
}

/// Whether the response has an error because there is no token.
pub(super) fn is_unauthenticated(response: &async_graphql::Response) -> bool {
    response.errors.iter().any(|error| has_code(error, Code::Unauthenticated))
}

/// The response as JSON. As the specification demands, it has no `data` if the operation was not executed.
fn write(response: &async_graphql::Response, refused: bool) -> serde_json::Result<Vec<u8>> {
    let mut body = Vec::new();
    let member = |name: &str, body: &mut Vec<u8>| {
        body.push(if body.is_empty() { b'{' } else { b',' });
        serde_json::to_writer(&mut *body, name)?;
        body.push(b':');
        serde_json::Result::Ok(())
    };
    if !response.errors.is_empty() {
        member("errors", &mut body)?;
        serde_json::to_writer(&mut body, &response.errors)?;
    }
    if !refused {
        member("data", &mut body)?;
        json::write(&response.data, &mut body)?;
    }
    if !response.extensions.is_empty() {
        member("extensions", &mut body)?;
        serde_json::to_writer(&mut body, &response.extensions)?;
    }
    body.push(b'}');
    Ok(body)
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(code),
        _ => None,
    }
}

fn has_code(error: &ServerError, code: Code) -> bool {
    code_of(error) == Some(code.name())
}

fn is_null(data: &Value) -> bool {
    matches!(data, Value::Null)
}

fn lacks_data(data: &Value) -> bool {
    match data {
        Value::Object(fields) => fields.values().all(is_null),
        data => is_null(data),
    }
}
