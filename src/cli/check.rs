//! `entente check`: what `entente serve` would use, and whether it works. Nothing is written.

use entente_entity::problem::Speech;

use super::{
    Refused, causes,
    database::{Opened, Size},
    out::Out,
    serve,
};
use crate::{
    clock::Clock,
    config::{KeySource, ServeOptions},
    http,
    store::{Access, Location},
};

pub(super) const EXAMPLES: &str = "Examples:
  entente check
  docker compose run --rm entente-1 check";

/// Prints a line for each of what `serve` needs; fails where one does not work.
pub(super) async fn run(options: ServeOptions, out: &mut Out) -> anyhow::Result<()> {
    let mut all_well = true;
    let mut tell = |out: &mut Out, what: &str, found: anyhow::Result<String>| {
        let (mark, said) = match found {
            Ok(said) => ("ok    ", said),
            Err(error) => {
                all_well = false;
                ("FAILED", causes(&error, Speech::English))
            }
        };
        out.line(&format!("{mark}  {what}: {said}"))
    };
    let address = match http::listen(options.listen) {
        Ok(_) => Ok(options.listen.to_string()),
        Err(error) => Err(anyhow::Error::new(error).context(format!("{} cannot be listened on", options.listen))),
    };
    tell(out, "address", address)?;
    tell(out, "keys", keys(&options).await)?;
    let location = Location::of(options.database.url());
    if location.is_missing() {
        tell(out, "database", Ok(format!("{location}, which does not exist yet: serve and migrate create it")))?;
    } else {
        match Opened::new(options.database.url(), &options.locale.default_locale, Size::SMALL).await {
            Err(error) => tell(out, "database", Err(error))?,
            Ok(opened) => {
                let access = match opened.store.access().await {
                    Access::Full => Ok(format!("{location}, for reading and writing")),
                    Access::OnlyRead => Ok(format!("{location}, for reading alone, as its URL says")),
                    Access::CannotWrite => {
                        Err(anyhow::anyhow!("{location} can only be read: no server that can write is reached"))
                    }
                };
                tell(out, "database", access)?;
                tell(out, "migrations", migrations(&opened).await)?;
            }
        }
    }
    if all_well { Ok(()) } else { Err(Refused.into()) }
}

async fn keys(options: &ServeOptions) -> anyhow::Result<String> {
    options.is_public_demo()?;
    let source = match options.key_source()? {
        None => return Ok("a secret of the demo's own".to_owned()),
        Some(source) => source,
    };
    let said = match &source {
        KeySource::Secrets(secrets) if secrets.len() > 1 => {
            "two secrets (HS256): the current and the previous one".to_owned()
        }
        KeySource::Secrets(_) => "one secret (HS256)".to_owned(),
        KeySource::JwksUrl(url) => format!("public keys from {url}"),
        KeySource::JwksFile(file) => format!("public keys from {}", file.display()),
    };
    serve::read_keys(source, &options.token, &Clock::system(), true).await?;
    let audiences = options.token.jwt_audience.join(" or ");
    Ok(format!("{said}; tokens of the issuer {} for {audiences}", options.token.jwt_issuer))
}

async fn migrations(opened: &Opened) -> anyhow::Result<String> {
    let all = opened.migrations().await?;
    let pending = all.iter().filter(|(_, has_run)| !has_run).count();
    Ok(match pending {
        0 => format!("all {} have run", all.len()),
        _ => format!("{pending} of {} are pending: serve and migrate run them", all.len()),
    })
}
