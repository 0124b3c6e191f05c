//! The target of operations: a database or a server. Both give the same answers.

pub(super) mod reading;
mod remote;

use std::time::Duration;

use anyhow::{Context, bail};
use async_graphql::Variables;
use clap::Args;
use serde_json::{Value, json};

use self::remote::Remote;
use super::database::{Opened, Size};
use crate::{
    api::{Api, Caller},
    config::{Address, DatabaseOptions, LocaleOptions, Secret},
    policy::{Claims, Scope, Viewer},
    store::{Location, Store},
    words::{Speech, Words},
};

/// Maximum number of attempts, if the answer is to try again.
const TRIES: u32 = 5;

/// The database, or the server, that a command works on.
#[derive(Args, Debug)]
pub(super) struct EndpointOptions {
    /// Work through the server at this address, not on a database
    #[arg(long, env = "ENTENTE_SERVER", value_name = "URL")]
    pub server: Option<Address>,

    /// Token for the server
    #[arg(long, env = "ENTENTE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<Secret>,

    #[command(flatten)]
    pub database: DatabaseOptions,

    #[command(flatten)]
    pub locale: LocaleOptions,
}

/// The purpose of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Writing. The missing migrations of a database run first.
    Write {
        /// Whether the database is created if it does not exist.
        create: bool,
    },
    /// Showing what writing would do. A database that does not exist counts as empty, and is not created.
    DryRun,
    /// Reading. The database must exist.
    Read,
}

/// The target of operations.
pub(super) struct Endpoint {
    speech: Speech,
    /// Its name in messages.
    place: String,
    to: To,
}

enum To {
    /// The API in this process, with a database. The viewer is Entente itself, unless a command acts for another.
    Local(Box<Local>),
    /// The API of a server. The viewer is the bearer of the token.
    Remote(Box<Remote>),
}

/// The API in this process.
pub(super) struct Local {
    api: Api,
    store: Store,
    /// The viewer.
    claims: Claims,
}

/// An operation that was answered with errors.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
pub(super) struct Answered {
    /// The error code, for programs.
    pub code: String,
    /// The error message, for people.
    pub message: String,
}

/// The result of one attempt.
enum Tried {
    /// The answer, with data or errors in it.
    Answered(Value),
    /// The attempt failed, and may succeed after this time.
    Later(Duration, anyhow::Error),
}

impl EndpointOptions {
    /// Whether the command uses a database directly.
    pub fn is_database(&self) -> bool {
        self.server.is_none()
    }

    /// Whether the target exists: a server, or an existing database.
    pub fn exists(&self) -> bool {
        !self.is_database() || !Location::of(self.database.url()).is_missing()
    }

    /// Opens the target. Its messages are in this language.
    pub async fn open(&self, purpose: Purpose, speech: Speech) -> anyhow::Result<Endpoint> {
        let Self { server, token, database, locale } = self;
        let Some(server) = server else { return open_database(database, locale, purpose, speech).await };
        if database.database_url.is_some() {
            bail!(Words::ServerOrDatabase.say(speech));
        }
        let token = token.as_ref().with_context(|| Words::ServerWithoutToken.say(speech))?;
        Ok(Endpoint {
            speech,
            place: server.to_string(),
            to: To::Remote(Box::new(Remote::new(server, token, speech)?)),
        })
    }
}

async fn open_database(
    database: &DatabaseOptions,
    locale: &LocaleOptions,
    purpose: Purpose,
    speech: Speech,
) -> anyhow::Result<Endpoint> {
    let locale = &locale.default_locale;
    let location = Location::of(database.url());
    let place = location.to_string();
    match purpose {
        Purpose::Write { create: true } => {}
        _ if !location.is_missing() => {}
        Purpose::Write { create: false } => bail!(Words::NoDatabase { place }.say(speech)),
        Purpose::Read => bail!(Words::NothingThere { place }.say(speech)),
        Purpose::DryRun => {
            let store = Opened::in_memory(locale).await?.store;
            return Ok(Endpoint { place, ..Endpoint::local(store, speech) });
        }
    }
    let mut url = database.url().to_owned();
    if matches!((purpose, &location), (Purpose::Write { create: true }, Location::SqliteFile(_)))
        && !url.contains("mode=")
    {
        url += if url.contains('?') { "&mode=rwc" } else { "?mode=rwc" };
    }
    let opened = Opened::new(&url, locale, Size::SMALL).await?;
    if matches!(purpose, Purpose::Write { .. }) {
        opened.migrate().await?;
    } else if let Some((migration, _)) = opened.migrations().await?.into_iter().find(|(_, applied)| !applied) {
        bail!(Words::MigrateFirst { place, migration }.say(speech));
    }
    Ok(Endpoint { place, ..Endpoint::local(opened.store, speech) })
}

impl Endpoint {
    /// The API of this process, with this database.
    pub fn local(store: Store, speech: Speech) -> Self {
        let claims = Viewer::system().claims;
        let to = To::Local(Box::new(Local { api: Api::new(store.clone()), store, claims }));
        Self { speech, place: String::new(), to }
    }

    /// With a database: the same, for another viewer.
    pub fn of_viewer(mut self, claims: Claims) -> Self {
        if let To::Local(local) = &mut self.to {
            local.claims = claims;
        }
        self
    }

    /// With a database: Entente itself acts for this organization.
    pub fn on_behalf_of(self, organization: &str) -> Self {
        self.of_viewer(Claims { organization: Some(organization.to_owned()), ..Viewer::system().claims })
    }

    /// The address of the server, or the place of the database.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The language of its messages.
    pub fn speech(&self) -> Speech {
        self.speech
    }

    /// The target, for people.
    pub fn works_on(&self, speech: Speech) -> String {
        let place = self.place.clone();
        match self.to {
            To::Local(_) => Words::WorksOnDatabase { place }.say(speech),
            To::Remote(_) => Words::WorksOnServer { place }.say(speech),
        }
    }

    /// The data of the answer to an operation. If the answer is to try again, the operation is repeated, up to
    /// [`TRIES`] attempts.
    ///
    /// # Errors
    ///
    /// [`Answered`] if the answer has errors; another error if there is no answer.
    pub async fn execute(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        self.execute_in(Some(self.speech.tag()), query, variables).await
    }

    /// Whether the caller may write for every organization.
    pub async fn may_do_everything(&self) -> anyhow::Result<bool> {
        let data = self.execute("query Scopes { viewer { scopes } }", json!({})).await?;
        let scopes = data["viewer"]["scopes"].as_array();
        Ok(scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope == Scope::Admin.name())))
    }

    /// The default language of the API.
    pub async fn default_locale(&self) -> anyhow::Result<String> {
        match &self.to {
            To::Local(local) => Ok(local.store.default_locale().to_string()),
            To::Remote(_) => {
                let data = self.execute_in(None, "query DefaultLocale { viewer { locale } }", json!({})).await?;
                Ok(data["viewer"]["locale"].as_str().unwrap_or("en").to_owned())
            }
        }
    }

    async fn execute_in(&self, language: Option<&str>, query: &str, variables: Value) -> anyhow::Result<Value> {
        let once = uuid::Uuid::now_v7().to_string();
        let body = json!({ "query": query, "variables": variables });
        let mut tried = 1;
        loop {
            let came = match &self.to {
                To::Local(local) => local.attempt(&body, language).await?,
                To::Remote(remote) => remote.attempt(&body, language, &once).await?,
            };
            match came {
                Tried::Answered(mut answer) => {
                    return match error_of(&answer) {
                        Some(error) => Err(error.into()),
                        None => Ok(answer["data"].take()),
                    };
                }
                Tried::Later(_, error) if tried == TRIES => return Err(error),
                Tried::Later(pause, _) => tokio::time::sleep(pause).await,
            }
            tried += 1;
        }
    }
}

impl Local {
    async fn attempt(&self, body: &Value, language: Option<&str>) -> anyhow::Result<Tried> {
        let query = body["query"].as_str().unwrap_or_default();
        let variables = Variables::from_json(body["variables"].clone());
        let caller = Caller {
            claims: Some(self.claims.clone()),
            accept_language: language.map(str::to_owned),
            ..Caller::default()
        };
        let answer = serde_json::to_value(self.api.run(query, variables, caller).await?)?;
        Ok(match error_of(&answer) {
            Some(error) if error.code == "UNAVAILABLE" => Tried::Later(Duration::from_secs(1), error.into()),
            _ => Tried::Answered(answer),
        })
    }
}

/// The first error of an answer.
fn error_of(answer: &Value) -> Option<Answered> {
    let error = answer["errors"].get(0)?;
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    Some(Answered { code: text(&error["extensions"]["code"]), message: text(&error["message"]) })
}
