//! The parameters of a request: from the body of a POST or the address of a GET, with their types and limits checked.

use std::{borrow::Cow, time::Duration};

use async_graphql::Variables;
use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{StatusCode, Uri},
};
use graphql_strict::{Limits, check_variables};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    failure::{Code, Failure},
    numbers,
    persisted::{self, PersistedQuery, TextHash},
};

/// The largest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 2 * 1024 * 1024;
/// The same for a request without a token.
pub(super) const MAX_ANONYMOUS_BODY: usize = 64 * 1024;

/// The parameters of a request. The variables are parsed only if they are needed.
#[derive(Debug)]
pub(super) struct Params<'a> {
    /// The text of the document. `None` if the client sent only its hash.
    pub query: Option<Cow<'a, str>>,
    /// The hash of the text. `None` if the client did not send it.
    pub hash: Option<TextHash>,
    pub operation_name: Option<String>,
    variables: Option<Cow<'a, str>>,
}

/// The body of a POST. Unknown members are ignored.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    query: Option<Cow<'a, str>>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(default)]
    extensions: Option<Extensions>,
    #[serde(rename = "documentId")]
    document_id: Option<IgnoredAny>,
}

/// The known members of `extensions`. Others are ignored.
#[derive(Debug, Default, Deserialize)]
struct Extensions {
    #[serde(rename = "persistedQuery")]
    persisted_query: Option<PersistedQuery>,
}

/// The most bytes that a body can have, at most `limit`.
pub(super) fn max_bytes(body: &Body, limit: usize) -> usize {
    body.size_hint().upper().and_then(|upper| usize::try_from(upper).ok()).unwrap_or(limit).min(limit)
}

/// Reads a body of at most `most` bytes, whatever its `Content-Length`.
pub(super) async fn body(body: Body, most: usize, time: Duration) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > most as u64 {
        return Err(Failure::too_large(most));
    }
    match tokio::time::timeout(time, Limited::new(body, most).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::too_large(most)),
        Ok(Err(_)) => Err(Failure::bad_request("The request's body did not arrive whole.").closing()),
        Err(_) => {
            let message = format!("The request's body did not arrive within {} s.", time.as_secs_f32());
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, Code::BadRequest, message).closing())
        }
    }
}

/// The parameters of a POST.
pub(super) fn posted(body: &[u8]) -> Result<Params<'_>, Failure> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Failure::bad_request(
            "Several operations in one request are not accepted: send one request for each.",
        ));
    }
    let written: Written<'_> = serde_json::from_slice(body).map_err(|error| {
        Failure::bad_request(format!(
            "The request's body must be a JSON object with \"query\" and, if need be, \"operationName\", \"variables\" and \
             \"extensions\": {error}."
        ))
    })?;
    if written.document_id.is_some() {
        return Err(no_document_ids());
    }
    let hash = written.extensions.unwrap_or_default().hash()?;
    if written.query.is_none() && hash.is_none() {
        return Err(Failure::bad_request("The request's body must have a member \"query\", the text of a document."));
    }
    let variables = written.variables.map(|variables| Cow::Borrowed(variables.get()));
    Params::new(written.query, hash, written.operation_name, variables)
}

/// The parameters of a GET.
pub(super) fn addressed(uri: &Uri) -> Result<Params<'_>, Failure> {
    let mut query = None;
    let mut operation_name = None;
    let mut variables = None;
    let mut extensions = None;
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let place = match &*name {
            "query" => &mut query,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            "documentId" => return Err(no_document_ids()),
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(Failure::bad_request(format!(
                "The parameter \"{name}\" is given more than once in the address."
            )));
        }
    }
    let extensions = match extensions.filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str::<Option<Extensions>>(&text).map_err(|error| {
            Failure::bad_request(format!("The parameter \"extensions\" must be a JSON object: {error}."))
        })?,
        None => None,
    };
    let hash = extensions.unwrap_or_default().hash()?;
    if query.is_none() && hash.is_none() {
        return Err(Failure::bad_request("The address must have a parameter \"query\"."));
    }
    let variables = variables.filter(|text| !text.is_empty());
    Params::new(query, hash, operation_name.map(Cow::into_owned), variables)
}

impl Extensions {
    fn hash(&self) -> Result<Option<TextHash>, Failure> {
        self.persisted_query.as_ref().map(TextHash::read).transpose()
    }
}

fn no_document_ids() -> Failure {
    Failure::bad_request(
        "\"documentId\" is not supported: send the text as \"query\", or its SHA-256 as \"extensions.persistedQuery\".",
    )
}

impl<'a> Params<'a> {
    fn new(
        query: Option<Cow<'a, str>>,
        hash: Option<TextHash>,
        operation_name: Option<String>,
        variables: Option<Cow<'a, str>>,
    ) -> Result<Self, Failure> {
        if let (Some(text), Some(hash)) = (&query, hash) {
            persisted::check(hash, text)?;
        }
        let operation_name = operation_name.filter(|name| !name.is_empty());
        Ok(Self { query, hash, operation_name, variables })
    }

    /// The number of bytes of the variables, as JSON.
    pub fn variables_bytes(&self) -> usize {
        self.variables.as_ref().map_or(0, |json| json.len())
    }

    /// The variables. The guard's limits are checked before they are parsed.
    pub fn read_variables(&self) -> Result<Variables, Failure> {
        let Some(json) = &self.variables else { return Ok(Variables::default()) };
        check_variables(json.as_bytes(), &Limits::default())?;
        let parse = |json: &str| serde_json::from_str::<Option<Variables>>(json);
        let parsed = parse(json).or_else(|error| numbers::replaced(json).map_or(Err(error), |json| parse(&json)));
        let parsed = parsed.map_err(|error| {
            Failure::bad_request(format!("The parameter \"variables\" must be a JSON object: {error}."))
        })?;
        Ok(parsed.unwrap_or_default())
    }
}
