//! `entente check`: what `entente serve` would use, and whether it works. Nothing is written.

use std::io::ErrorKind;

use anyhow::{Context, anyhow, bail};

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
    words::{Speech, Words, translate},
};

pub(super) const EXAMPLES: &str = "Examples:
  entente check
  docker compose run --rm -T entente-1 check";

/// The minimum number of connections of a server with PostgreSQL: one for reading, one for writing, one for monitoring.
const NEEDED: i64 = 3;

/// The result of a check that did not fail.
enum Found {
    Well(String),
    /// It works, with a note for the operator.
    Note(String),
}

/// Prints a line for each thing that `serve` needs; fails if one does not work.
pub(super) async fn run(options: ServeOptions, unknown: Vec<Words>, out: &mut Out) -> anyhow::Result<()> {
    let speech = out.speech();
    let mut told = Told { out, all_well: true };
    for variable in unknown {
        told.tell("environment", Ok(Found::Note(variable.say(speech))))?;
    }
    told.tell("address", address(&options).await)?;
    told.tell("keys", keys(&options).await.map(Found::Well))?;
    let location = Location::of(options.database.url());
    if options.demo && options.database.database_url.is_none() {
        let of_demo = "a temporary SQLite file with the sample, which is deleted at the end";
        told.tell("database", Ok(Found::Well(of_demo.to_owned())))?;
    } else if location.is_missing() {
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

/// The address to listen on. It is not an error if a server of Entente already listens there: `check` also runs beside
/// a running server.
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
        Access::OnlyRead => Ok(format!("{location}, read-only, as set in its URL")),
        Access::CannotWrite if matches!(location, Location::SqliteFile(_)) => {
            bail!("{location} can only be read: its file or its folder may not be written to, or its disk is full")
        }
        Access::CannotWrite => bail!("{location} can only be read: no server that can write is available"),
        Access::NoSpace => bail!("{location} can only be read: its disk is full"),
    }
}

async fn keys(options: &ServeOptions) -> anyhow::Result<String> {
    options.is_public_demo()?;
    let source = match options.key_source()? {
        None => return Ok("the demo's own secret".to_owned()),
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

/// Whether the role has enough connections for the options; `None` for SQLite, which has no such limit.
async fn connections(options: &ServeOptions, opened: &Opened) -> anyhow::Result<Option<Found>> {
    let Some(given) = opened.store.given().await? else { return Ok(None) };
    let wanted = i64::from(options.pool.database_readers) + i64::from(options.pool.database_writers) + 1;
    let (has, role) = (given.connections, given.role);
    if has < NEEDED {
        bail!("the role {role} has {has}, and a server needs at least {NEEDED}");
    }
    Ok(Some(if has < wanted {
        Found::Note(format!(
            "the role {role} has {has}, and up to {wanted} may be needed: reduce --database-readers \
             (ENTENTE_DATABASE_READERS) or --database-writers (ENTENTE_DATABASE_WRITERS), or raise its limit"
        ))
    } else {
        Found::Well(format!("up to {wanted}, of the {has} of the role {role}"))
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
