//! `entente check`: what `entente serve` would use, and whether it works. Nothing is written.

use std::io::ErrorKind;

use anyhow::{Context, anyhow, bail};
use entente_entity::{problem::Speech, translated::translate};

use super::{
    Refused, causes,
    database::{Opened, Size},
    health,
    out::Out,
    serve,
};
use crate::{
    clock::Clock,
    config::{KeySource, ServeOptions},
    http,
    store::{Access, Location, can_be_made},
};

pub(super) const EXAMPLES: &str = "Examples:
  entente check
  docker compose run --rm -T entente-1 check";

/// As many connections as a server of PostgreSQL needs at least: one that reads, one that writes, one that watches.
const NEEDED: i64 = 3;

/// What was found of one thing, where it does not fail.
enum Found {
    Well(String),
    /// It works, and someone may want to know it all the same.
    Note(String),
}

/// Prints a line for each of what `serve` needs; fails where one does not work.
pub(super) async fn run(options: ServeOptions, out: &mut Out) -> anyhow::Result<()> {
    let mut told = Told { out, all_well: true };
    told.tell("address", address(&options).await)?;
    told.tell("keys", keys(&options).await.map(Found::Well))?;
    let location = Location::of(options.database.url());
    if location.is_missing() {
        let made = can_be_made(options.database.url()).with_context(|| format!("{location} cannot be used"));
        let found =
            made.map(|()| Found::Well(format!("{location}, which does not exist yet: serve and migrate create it")));
        told.tell("database", found)?;
    } else {
        match Opened::new(options.database.url(), &options.locale.default_locale, Size::SMALL).await {
            Err(error) => told.tell("database", Err(error))?,
            Ok(opened) => {
                told.tell("database", access(&opened).await.map(Found::Well))?;
                if let Some(found) = connections(&options, &opened).await.transpose() {
                    told.tell("connections", found)?;
                }
                told.tell("migrations", migrations(&opened).await.map(Found::Well))?;
            }
        }
    }
    if told.all_well { Ok(()) } else { Err(Refused.into()) }
}

/// The lines that were printed.
struct Told<'o> {
    out: &'o mut Out,
    all_well: bool,
}

impl Told<'_> {
    fn tell(&mut self, what: &str, found: anyhow::Result<Found>) -> anyhow::Result<()> {
        let speech = self.out.speech();
        self.all_well &= found.is_ok();
        let failed = match speech {
            Speech::English => "FAILED",
            Speech::French => "ÉCHEC ",
        };
        let (mark, said) = match found {
            Ok(Found::Well(said)) => ("ok    ", said),
            Ok(Found::Note(said)) => ("note  ", said),
            Err(error) => (failed, causes(&error, speech)),
        };
        let line = format!("{what}: {said}");
        let line = translate(&line, speech).unwrap_or(line);
        Ok(self.out.line(&format!("{mark}  {line}"))?)
    }
}

/// Where it would listen. A server of Entente that does already is no fault: so it is beside the one that runs.
async fn address(options: &ServeOptions) -> anyhow::Result<Found> {
    let listen = options.listen;
    match http::bind(listen) {
        Ok(_) => Ok(Found::Well(listen.to_string())),
        Err(error) if error.kind() == ErrorKind::AddrInUse && health::lives(listen).await => {
            Ok(Found::Note(format!("{listen}, where a server of Entente listens already")))
        }
        Err(error) => Err(anyhow::Error::new(error).context(format!("{listen} cannot be listened on"))),
    }
}

async fn access(opened: &Opened) -> anyhow::Result<String> {
    let location = &opened.location;
    match opened.store.access().await {
        Access::Full => Ok(format!("{location}, for reading and writing")),
        Access::OnlyRead => Ok(format!("{location}, for reading alone, as its URL says")),
        Access::CannotWrite if matches!(location, Location::SqliteFile(_)) => {
            bail!("{location} can only be read: its file or its folder may not be written to, or its disk is full")
        }
        Access::CannotWrite => bail!("{location} can only be read: no server that can write is reached"),
        Access::NoSpace => bail!("{location} can only be read: its disk is full"),
    }
}

async fn keys(options: &ServeOptions) -> anyhow::Result<String> {
    options.is_public_demo()?;
    let source = match options.key_source()? {
        None => return Ok("a secret of the demo's own".to_owned()),
        Some(source) => source,
    };
    let said = match &source {
        KeySource::Secrets(secrets) if secrets.len() > 1 => {
            "two secrets (HS256): the one that signs, and another that is accepted".to_owned()
        }
        KeySource::Secrets(_) => "one secret (HS256)".to_owned(),
        KeySource::JwksUrl(url) => format!("public keys from {url}"),
        KeySource::JwksFile(file) => format!("public keys from {}", file.display()),
    };
    serve::read_keys(source, &options.token, &Clock::system(), true).await?;
    let audiences = options.token.jwt_audience.join(" or ");
    Ok(format!("{said}; tokens of the issuer {} for {audiences}", options.token.jwt_issuer))
}

/// Whether the server has as many connections as the options ask for; nothing of SQLite, which has no such limit.
async fn connections(options: &ServeOptions, opened: &Opened) -> anyhow::Result<Option<Found>> {
    let Some(given) = opened.store.given().await? else { return Ok(None) };
    let wanted = i64::from(options.pool.database_readers) + i64::from(options.pool.database_writers) + 1;
    let (has, role) = (given.connections, given.role);
    if has < NEEDED {
        bail!("the role {role} is given {has}, and a server needs {NEEDED} at least");
    }
    Ok(Some(if has < wanted {
        Found::Note(format!(
            "the role {role} is given {has}, and up to {wanted} may be wanted: take less of --database-readers \
             (ENTENTE_DATABASE_READERS) or --database-writers (ENTENTE_DATABASE_WRITERS), or raise its limit"
        ))
    } else {
        Found::Well(format!("up to {wanted}, of the {has} that the role {role} is given"))
    }))
}

async fn migrations(opened: &Opened) -> anyhow::Result<String> {
    let all = opened.migrations().await?;
    let pending = all.iter().filter(|(_, has_run)| !has_run).count();
    if pending == 0 {
        return Ok(format!("all {} have run", all.len()));
    }
    let given = opened.store.given().await?;
    match given.filter(|given| !given.may_create) {
        None => Ok(format!("{pending} of {} are pending: serve and migrate run them", all.len())),
        Some(given) => Err(anyhow!(
            "{pending} of {} are pending, and the role {} may not create tables in the schema: make it the owner of the database",
            all.len(),
            given.role
        )),
    }
}
