//! Where operations are sent: a database, or a server. Both answer the same.

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
    policy::{Scope, Viewer},
    store::{Location, Store},
    words::{Speech, Words},
};

/// How often an operation is tried in all, where the answer is to try again.
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

/// What a command means to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To write: a database is brought to the newest migration first.
    Write {
        /// Whether it is made where there is none.
        create: bool,
    },
    /// To see what writing would do: a database that is not there is empty, and is not made.
    DryRun,
    /// To read what is there.
    Read,
}

/// What answers operations, in which language.
pub(super) struct Endpoint {
    speech: Speech,
    /// What it is called.
    place: String,
    to: To,
}

enum To {
    /// The API of this program over a database, asked by Entente itself.
    Local(Box<Local>),
    /// The API of a server, asked by who bears the token.
    Remote(Box<Remote>),
}

/// The API of this program.
pub(super) struct Local {
    api: Api,
    store: Store,
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
    /// It may go better after so long.
    Later(Duration, anyhow::Error),
}

impl EndpointOptions {
    /// Whether the command works on a database itself.
    pub fn is_database(&self) -> bool {
        self.server.is_none()
    }

    /// Whether there is something to work on: a server, or a database that exists.
    pub fn exists(&self) -> bool {
        !self.is_database() || !Location::of(self.database.url()).is_missing()
    }

    /// Makes what answers ready. It speaks this language.
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
    /// The API over a database.
    pub fn local(store: Store, speech: Speech) -> Self {
        let to = To::Local(Box::new(Local { api: Api::new(store.clone()), store }));
        Self { speech, place: String::new(), to }
    }

    /// What it works on: the address of a server, or the place of a database.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The language that it speaks.
    pub fn speech(&self) -> Speech {
        self.speech
    }

    /// What it works on, in words.
    pub fn works_on(&self, speech: Speech) -> String {
        let place = self.place.clone();
        match self.to {
            To::Local(_) => Words::WorksOnDatabase { place }.say(speech),
            To::Remote(_) => Words::WorksOnServer { place }.say(speech),
        }
    }

    /// The data that answers an operation. Where the answer is to try again, it is tried again a few times.
    ///
    /// # Errors
    ///
    /// [`Answered`] where the API answers with errors; others where it cannot be asked.
    pub async fn execute(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        self.execute_in(Some(self.speech.tag()), query, variables).await
    }

    /// Whether the caller may write for every organization.
    pub async fn may_do_everything(&self) -> anyhow::Result<bool> {
        let data = self.execute("query Scopes { viewer { scopes } }", json!({})).await?;
        let scopes = data["viewer"]["scopes"].as_array();
        Ok(scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope == Scope::Admin.name())))
    }

    /// The language that the API takes where none is asked for.
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
            claims: Some(Viewer::system().claims),
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
