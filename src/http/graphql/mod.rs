//! `/graphql`: GraphQL over HTTP, by POST of JSON and by GET of queries.
//!
//! A form of another web page cannot send a POST of `application/json`, and a GET cannot contain a mutation. So no page can write in
//! the name of its visitor, and no CSRF token is necessary.

mod answer;
pub(super) mod failure;
pub(super) mod media;
mod numbers;
mod params;
pub(super) mod persisted;

use std::{sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
};
use graphql_strict::{Guarded, Limits};
use http_body_util::BodyExt;

use self::{
    failure::{Code, Failure},
    media::Media,
    params::Params,
};
use super::{
    app::App,
    asker::Asker,
    connections::Connection,
    memory::{self, NoMemory, Reserved},
    metadata::challenge,
    named::{OperationName, RequestId},
    token::Refusal,
};
use crate::{
    api::{self, Caller, LARGEST_ANSWER, documents::refused},
    policy::{Claims, Denied},
    turns::{
        NoTurn, Principal,
        apart::{self, Gate},
    },
    words::Speech,
};

/// The number of bytes of a body from which a request is large, whatever its operation.
const LARGE_BODY: usize = 128 * 1024;
/// The delay of an answer that refuses a request because its principal sends too many.
const REFUSAL_DELAY: Duration = Duration::from_secs(1);
const MAX_ACCEPT_LANGUAGE: usize = 1024;
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// Answers one request.
pub(super) async fn handle(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let Some(media) = Media::accepted(request.headers()) else {
        let message =
            "The answer is application/graphql-response+json or application/json; the Accept header accepts neither.";
        let failure = Failure::new(StatusCode::NOT_ACCEPTABLE, Code::BadRequest, message);
        let speech = app.engine().speech(accept_language(request.headers()).as_deref());
        return failure.translated(speech).into_response(Media::Json);
    };
    let speech = app.engine().speech(accept_language(request.headers()).as_deref());
    let asker = request.extensions().get::<Asker>().cloned().unwrap_or_default();
    let work = |gate| {
        let (app, asker) = (app.clone(), asker.clone());
        async move { execute(&app, request, &asker, media, speech, gate).await }
    };
    let principal = {
        let asker = asker.clone();
        move || asker.principal()
    };
    // A large request can have an answer of the maximum size.
    let admit = {
        let app = app.clone();
        move |who: &Principal| app.memory().fits(who, LARGEST_ANSWER).map_err(Failure::from)
    };
    let answered = apart::run(app.large(), principal, admit, work).await.unwrap_or_else(Err);
    let answer = answered.unwrap_or_else(|failure| {
        if let Some(why) = failure.refusal() {
            asker.set_refusal(why);
        }
        failure.translated(speech).into_response(media)
    });
    if answer.status() == StatusCode::TOO_MANY_REQUESTS {
        // It holds only its connection. A client that repeats refused requests immediately can do so once per second.
        tokio::time::sleep(REFUSAL_DELAY).await;
    }
    answer
}

impl From<NoTurn> for Failure {
    fn from(why: NoTurn) -> Self {
        match why {
            NoTurn::Full => Self::rate_limited(why.to_string()),
            NoTurn::Late => Self::unavailable("The server has no capacity for this request at the moment: try again."),
        }
    }
}

impl apart::Refusal for Failure {
    fn is_for_own_work(&self) -> bool {
        self.is_rate_limited()
    }
}

impl From<NoMemory> for Failure {
    fn from(why: NoMemory) -> Self {
        let failure = match why {
            NoMemory::OfPrincipal => Self::rate_limited(
                "The memory for your requests and answers is full: read your answers, and send this request again in a second.",
            ),
            NoMemory::OfServer => Self::unavailable("The server's memory for requests and answers is full: try again."),
        };
        failure.closing()
    }
}

async fn execute(
    app: &App,
    request: Request<Body>,
    asker: &Asker,
    media: Media,
    speech: Speech,
    gate: Gate,
) -> Result<Response<Body>, Failure> {
    let (head, body) = request.into_parts();
    let is_post = match head.method {
        Method::POST => true,
        Method::GET | Method::HEAD => false,
        _ => return Err(not_allowed("Send requests with POST; queries can also be sent with GET.", "GET, HEAD, POST")),
    };
    if is_post && !media::is_json(&head.headers) {
        let message = "The body of a request must be application/json in UTF-8, without compression.";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message));
    }
    let request_id = head.extensions.get::<RequestId>().map_or("", |id| &id.0);
    // Before a place is taken, so that an issuer that does not answer, or a slow body, does not hold one.
    let claims = bearer(app, &head.headers).await?;
    asker.set_claims(claims.as_deref());
    let limit = if claims.is_some() { params::MAX_BODY } else { params::MAX_ANONYMOUS_BODY };
    let _reserved = reserve(app, asker, params::max_bytes(&body, limit))?;
    let body = if is_post { params::body(body, limit, app.settings().body_timeout).await? } else { Bytes::new() };
    // Before a place is taken: a request that waits for a turn holds none.
    if body.len() > LARGE_BODY {
        gate.pass().await;
    }
    let place = app.take_place().ok_or_else(|| {
        Failure::unavailable("The server is already answering its maximum number of requests: try again.").closing()
    })?;
    if let Some(connection) = head.extensions.get::<Arc<Connection>>() {
        connection.work();
    }
    let refuse = |error| answer::answer(api::refused(error, speech), None, media, request_id, speech);
    let params = if is_post { params::posted(&body)? } else { params::addressed(&head.uri)? };
    let known = params.hash.filter(|_| params.query.is_none()).and_then(|hash| app.persisted_queries().get(hash));
    let Some(query) = params.query.as_deref().or(known.as_deref()) else {
        return Ok(refuse(persisted::not_found()));
    };
    let guarded = Guarded::new(query, &Limits::default())?;
    let chosen = match app.engine().documents().choose(&guarded, params.operation_name.as_deref()) {
        Ok(chosen) => chosen,
        Err(refusal) => return Ok(refuse(refused(&refusal))),
    };
    // A client without a token stores nothing in memory.
    if let Some(hash) = params.hash.filter(|_| claims.is_some()) {
        app.persisted_queries().keep(hash, query);
    }
    let operation_type = chosen.operation_type();
    match operation_type {
        OperationType::Subscription => {
            return Err(Failure::bad_request("A subscription has many answers; this request takes one."));
        }
        OperationType::Mutation if !is_post => return Err(not_allowed("Send mutations with POST.", "POST")),
        OperationType::Mutation => may_change(app, &head.headers, claims.as_deref(), &params)?,
        OperationType::Query => {}
    }
    let operation = match chosen.prepare(params.read_variables()?) {
        Ok(operation) => operation,
        Err(refusal) => return Ok(refuse(refused(&refusal))),
    };
    let caller = Caller {
        claims: claims.map(|claims| Claims::clone(&claims)),
        accept_language: accept_language(&head.headers),
        idempotency_key: match operation_type {
            OperationType::Mutation => idempotency_key(&head.headers)?,
            _ => None,
        },
        place: Some(place),
        gate: Some(gate),
    };
    let operation_name = operation.operation_name().map(str::to_owned);
    let has_token = caller.claims.is_some();
    let response = app.engine().execute(operation, caller).await;
    let needs_token = !has_token && answer::is_unauthenticated(&response);
    let mut response = answer::answer(response, (!is_post).then_some(&head.headers), media, request_id, speech);
    if needs_token {
        // With any status: with `application/json` it is 200, and the response can contain data besides the errors.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge(app, &head.headers, false));
    }
    if let Some(name) = operation_name {
        response.extensions_mut().insert(OperationName(name));
    }
    with_reserved_memory(app, asker, response).await.map_err(|failure| match operation_type {
        // The mutation was executed, and the error must say so.
        OperationType::Mutation => Failure::unavailable(
            "The memory for your answers is full, but the mutation may have been executed: read your answers, and send this request again with the same Idempotency-Key.",
        )
        .closing(),
        _ => failure,
    })
}

/// Reserves memory for a body or an answer. `None` for a small one, which is not counted.
fn reserve(app: &App, asker: &Asker, bytes: usize) -> Result<Option<Reserved>, Failure> {
    if bytes <= memory::SMALL {
        return Ok(None);
    }
    Ok(Some(app.memory().reserve(asker.principal(), bytes)?))
}

/// The answer, with memory that is reserved until the client has read it.
async fn with_reserved_memory(app: &App, asker: &Asker, response: Response<Body>) -> Result<Response<Body>, Failure> {
    let (head, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(body) => body.to_bytes(),
        // Impossible: the answer is already in memory.
        Err(_) => Bytes::new(),
    };
    let body = match reserve(app, asker, bytes.len())? {
        None => Body::from(bytes),
        Some(reserved) => memory::Answer::body(bytes, reserved),
    };
    Ok(Response::from_parts(head, body))
}

/// The claims of the request's token. `None` without a token.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<Option<Arc<Claims>>, Failure> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let token = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty());
    let (Some(token), None) = (token, given.next()) else {
        return Err(unauthenticated(
            app,
            headers,
            "There must be exactly one Authorization header, with \"Bearer\" and a token.",
        ));
    };
    match app.verifier().verify(token, app.now()).await {
        Ok(claims) => Ok(Some(claims)),
        Err(refusal @ Refusal::KeysUnavailable) => Err(Failure::unavailable(refusal.to_string())),
        Err(refusal) => Err(unauthenticated(app, headers, refusal.to_string())),
    }
}

/// Refuses a mutation whose sender may change nothing, before its variables are parsed. With a token without a scope to write, the
/// API returns which scope is missing, but only for small variables, as for requests without a token.
fn may_change(app: &App, headers: &HeaderMap, claims: Option<&Claims>, params: &Params<'_>) -> Result<(), Failure> {
    match claims {
        None => Err(Failure::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, Denied::Unauthenticated.to_string())
            .header(header::WWW_AUTHENTICATE, challenge(app, headers, false))),
        Some(claims) if !claims.may_write() && params.variables_bytes() > params::MAX_ANONYMOUS_BODY => {
            Err(Failure::new(
                StatusCode::FORBIDDEN,
                Code::Forbidden,
                "The token has no scope that lets it change anything.",
            ))
        }
        Some(_) => Ok(()),
    }
}

fn unauthenticated(app: &App, headers: &HeaderMap, message: impl Into<String>) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message)
        .header(header::WWW_AUTHENTICATE, challenge(app, headers, true))
}

fn not_allowed(message: &str, allow: &'static str) -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, message)
        .header(header::ALLOW, HeaderValue::from_static(allow))
}

/// The `Accept-Language` header. `None` if it is absent or too long.
pub(super) fn accept_language(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let joined = values.collect::<Vec<_>>().join(",");
    (!joined.is_empty() && joined.len() <= MAX_ACCEPT_LANGUAGE).then_some(joined)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(value) = given.next() else { return Ok(None) };
    match value.to_str() {
        Ok(key)
            if given.next().is_none()
                && (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Failure::bad_request(format!(
            "There must be exactly one Idempotency-Key header, of 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters."
        ))),
    }
}
