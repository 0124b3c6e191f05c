//! `/graphql`: GraphQL over HTTP, by POST of JSON and by GET of queries.
//!
//! A form on some other page can send neither a POST of `application/json` nor, by GET, a mutation: so no page can write in its
//! visitor's name, and no CSRF token is needed.

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
use entente_entity::problem::Speech;
use graphql_strict::{Exceeded, Guarded, Limits, Prepared};
use http_body_util::BodyExt;

use self::{
    failure::{Code, Failure},
    media::Media,
    params::Params,
};
use super::{
    App,
    asker::Asker,
    connections::Connection,
    memory::{self, NoRoom, Room},
    metadata::challenge,
    named::{OperationName, RequestId},
    token::Refusal,
};
use crate::{
    api::{self, Caller, LARGEST_ANSWER, documents::refused, json::AsText},
    policy::{Claims, Denied},
    turns::{
        NoTurn, Principal,
        apart::{self, Gate},
    },
};

/// With a larger body a request is large, whatever it asks for.
const LARGE_BODY: usize = 128 * 1024;
/// How long an answer waits that refuses a request because of too many others of the same principal.
const REFUSED_FOR: Duration = Duration::from_secs(1);
const MAX_ACCEPT_LANGUAGE: usize = 1024;
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// Answers one request.
pub(super) async fn handle(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let Some(media) = Media::accepted(request.headers()) else {
        let message =
            "The answer is application/graphql-response+json or application/json; the Accept header accepts neither.";
        let failure = Failure::new(StatusCode::NOT_ACCEPTABLE, Code::BadRequest, message);
        let speech = app.engine().speech(accept_language(request.headers()).as_deref());
        return failure.said_in(speech).into_response(Media::Json);
    };
    let speech = app.engine().speech(accept_language(request.headers()).as_deref());
    let asker = request.extensions().get::<Asker>().cloned().unwrap_or_default();
    let work = |gate| {
        let (app, asker) = (app.clone(), asker.clone());
        async move { carry_out(&app, request, &asker, media, speech, gate).await }
    };
    let who = {
        let asker = asker.clone();
        move || asker.principal()
    };
    // What is large may have an answer of any size.
    let admit = {
        let app = app.clone();
        move |who: &Principal| app.memory().fits(who, LARGEST_ANSWER).map_err(Failure::from)
    };
    let answered = apart::run(app.large(), who, admit, work).await.unwrap_or_else(Err);
    let answer = answered.unwrap_or_else(|failure| {
        if let Some(why) = failure.refusal() {
            asker.refused(why);
        }
        failure.said_in(speech).into_response(media)
    });
    if answer.status() == StatusCode::TOO_MANY_REQUESTS {
        // It holds nothing but its connection, and whoever asks again at once does so once a second.
        tokio::time::sleep(REFUSED_FOR).await;
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

impl From<NoRoom> for Failure {
    fn from(why: NoRoom) -> Self {
        let failure = match why {
            NoRoom::OfOne => Self::rate_limited(
                "The memory for your requests and answers is full: read your answers, and send this request again in a second.",
            ),
            NoRoom::OfAll => Self::unavailable("The server's memory for requests and answers is full: try again."),
        };
        failure.closing()
    }
}

async fn carry_out(
    app: &App,
    request: Request<Body>,
    asker: &Asker,
    media: Media,
    speech: Speech,
    gate: Gate,
) -> Result<Response<Body>, Failure> {
    let (head, body) = request.into_parts();
    let by_post = match head.method {
        Method::POST => true,
        Method::GET | Method::HEAD => false,
        _ => return Err(not_allowed("Send requests with POST; queries can also be sent with GET.", "GET, HEAD, POST")),
    };
    if by_post && !media::is_json(&head.headers) {
        let message = "The body of a request must be application/json in UTF-8, without compression.";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message));
    }
    let request_id = head.extensions.get::<RequestId>().map_or("", |id| &id.0);
    // Nothing of this takes a place: neither an issuer that does not answer nor a body that does not come holds one.
    let claims = bearer(app, &head.headers).await?;
    asker.is(claims.as_deref());
    let most = if claims.is_some() { params::MAX_BODY } else { params::MAX_ANONYMOUS_BODY };
    let _room = room(app, asker, params::may_have(&body, most))?;
    let body = if by_post { params::body(body, most, app.settings().body_timeout).await? } else { Bytes::new() };
    // Not with a place: whoever waits for a turn holds none.
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
    let params = if by_post { params::posted(&body)? } else { params::addressed(&head.uri)? };
    let known = params.hash.filter(|_| params.query.is_none()).and_then(|hash| app.persisted_queries().get(hash));
    let Some(query) = params.query.as_deref().or(known.as_deref()) else {
        return Ok(refuse(persisted::not_found()));
    };
    let guarded = Guarded::new(query, &Limits::default()).map_err(exceeded)?;
    let chosen = match app.documents().choose(&guarded, params.operation_name.as_deref()) {
        Ok(chosen) => chosen,
        Err(refusal) => return Ok(refuse(refused(&refusal))),
    };
    // A client without a token leaves nothing in memory.
    if let Some(hash) = params.hash.filter(|_| claims.is_some()) {
        app.persisted_queries().keep(hash, query);
    }
    let operation = chosen.operation_type();
    match operation {
        OperationType::Subscription => {
            return Err(Failure::bad_request("A subscription has many answers; this request takes one."));
        }
        OperationType::Mutation if !by_post => return Err(not_allowed("Send mutations with POST.", "POST")),
        OperationType::Mutation => may_change(app, &head.headers, claims.as_deref(), &params)?,
        OperationType::Query => {}
    }
    let Prepared { mut request, repeated } = match chosen.prepare(params.read_variables()?) {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(refuse(refused(&refusal))),
    };
    let caller = Caller {
        claims: claims.map(|claims| Claims::clone(&claims)),
        accept_language: accept_language(&head.headers),
        idempotency_key: match operation {
            OperationType::Mutation => idempotency_key(&head.headers)?,
            _ => None,
        },
        place: Some(place),
        gate: Some(gate),
    };
    let operation_name = request.operation_name.clone();
    if !repeated {
        request = request.data(AsText);
    }
    let lacks_token = caller.claims.is_none();
    let response = app.engine().execute(request, caller).await;
    let lacks_token = lacks_token && answer::is_unauthenticated(&response);
    let mut response = answer::answer(response, (!by_post).then_some(&head.headers), media, request_id, speech);
    if lacks_token {
        // Whatever the status: in some forms of answers it is 200, and errors stand beside data.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge(app, &head.headers, false));
    }
    if let Some(name) = operation_name {
        response.extensions_mut().insert(OperationName(name));
    }
    in_its_room(app, asker, response).await.map_err(|failure| match operation {
        // It was carried out: nobody shall take the refusal for one.
        OperationType::Mutation => Failure::unavailable(
            "The memory for your answers is full, but the mutation may have been executed: read your answers, and send this request again with the same Idempotency-Key.",
        )
        .closing(),
        _ => failure,
    })
}

/// Room for what is more than a little.
fn room(app: &App, asker: &Asker, bytes: usize) -> Result<Option<Room>, Failure> {
    if bytes <= memory::SMALL {
        return Ok(None);
    }
    Ok(Some(app.memory().take(asker.principal(), bytes)?))
}

/// The answer, which takes room until it is read.
async fn in_its_room(app: &App, asker: &Asker, response: Response<Body>) -> Result<Response<Body>, Failure> {
    let (head, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(body) => body.to_bytes(),
        // It is there already.
        Err(_) => Bytes::new(),
    };
    let body = match room(app, asker, bytes.len())? {
        None => Body::from(bytes),
        Some(room) => memory::Answer::body(bytes, room),
    };
    Ok(Response::from_parts(head, body))
}

/// The claims of the request's token; `None` without one.
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

/// Refuses a mutation of someone who may change nothing, before its variables are parsed. Where a token lets its bearer
/// change nothing, the API says which scope is missing; but it reads no more for that than for someone without a token.
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

/// The languages that the reader asks for.
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

fn exceeded(exceeded: Exceeded) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, Code::LimitExceeded, format!("Limit exceeded: {exceeded}."))
        .extension("limit", exceeded.limit.name())
        .extension("allowed", exceeded.allowed)
}
