//! The parameters of a request: from the body of a POST or the address of a GET, held to their types and to the guard.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use async_graphql::Variables;
use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{StatusCode, Uri},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::failure::{Code, Failure};

/// The largest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 2 * 1024 * 1024;
/// The same where nobody says who asks.
pub(super) const MAX_ANONYMOUS_BODY: usize = 64 * 1024;

/// What a request asks. Its variables are parsed when it is known that they are needed.
#[derive(Debug)]
pub(super) struct Params<'a> {
    pub query: Cow<'a, str>,
    pub operation_name: Option<String>,
    variables: Option<Cow<'a, str>>,
}

/// As it is written, in a body. Members that the specification does not know are passed over.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    query: Cow<'a, str>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(default)]
    extensions: Option<HashMap<String, IgnoredAny>>,
}

/// Reads a body of so many bytes at most, however long its sender says that it is.
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
            "Several operations in one request are not taken: send one request for each.",
        ));
    }
    let written: Written<'_> = serde_json::from_slice(body).map_err(|error| {
        Failure::bad_request(format!(
            "The request's body must be a JSON object with \"query\" and, if need be, \"operationName\", \"variables\" and \
             \"extensions\": {error}."
        ))
    })?;
    drop(written.extensions);
    let variables = written.variables.map(|variables| Cow::Borrowed(variables.get()));
    Ok(Params::new(written.query, written.operation_name, variables))
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
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(Failure::bad_request(format!(
                "The parameter \"{name}\" stands in the address more than once."
            )));
        }
    }
    if let Some(extensions) = extensions.filter(|text| !text.is_empty()) {
        serde_json::from_str::<Option<HashMap<String, IgnoredAny>>>(&extensions).map_err(|error| {
            Failure::bad_request(format!("The parameter \"extensions\" must be a JSON object: {error}."))
        })?;
    }
    let query = query.ok_or_else(|| Failure::bad_request("The address must have a parameter \"query\"."))?;
    let variables = variables.filter(|text| !text.is_empty());
    Ok(Params::new(query, operation_name.map(Cow::into_owned), variables))
}

impl<'a> Params<'a> {
    fn new(query: Cow<'a, str>, operation_name: Option<String>, variables: Option<Cow<'a, str>>) -> Self {
        let operation_name = operation_name.filter(|name| !name.is_empty());
        Self { query, operation_name, variables }
    }

    /// How long the variables are, as they are written.
    pub fn variables_bytes(&self) -> usize {
        self.variables.as_ref().map_or(0, |json| json.len())
    }

    /// The variables, held against the guard's limits before they are parsed.
    pub fn read_variables(&self) -> Result<Variables, Failure> {
        let Some(json) = &self.variables else { return Ok(Variables::default()) };
        super::check_variables(json)?;
        let parsed: Option<Variables> = serde_json::from_str(json).map_err(|error| {
            Failure::bad_request(format!("The parameter \"variables\" must be a JSON object: {error}."))
        })?;
        Ok(parsed.unwrap_or_default())
    }
}
