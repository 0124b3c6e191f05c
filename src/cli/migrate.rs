//! `entente migrate`.

use clap::Args;

use super::{
    Refused,
    database::{Opened, Size},
    out::Out,
};
use crate::{
    config::{DatabaseOptions, LocaleOptions, WaitOptions},
    store::Location,
};

const EXAMPLES: &str = "Examples:
  entente migrate
  entente migrate --check --database-url postgres://entente:PASSWORD@db.example/entente";

/// Run the missing migrations of the database
///
/// Shows each migration, and whether it ran before or runs now. `serve` and `apply` also run them when they start, and
/// `serve` logs it; if several replicas start together, one runs the migrations and the others wait.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct MigrateOptions {
    /// Only show the migrations, run none, and exit with 1 if one has not run
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    database: DatabaseOptions,

    #[command(flatten)]
    wait: WaitOptions,

    #[command(flatten)]
    locale: LocaleOptions,
}

/// Shows the migrations, and runs the missing ones.
pub(super) async fn run(options: MigrateOptions, out: &mut Out) -> anyhow::Result<()> {
    let MigrateOptions { check, database, wait, locale } = options;
    // `--check` does not create a database.
    let is_missing = check && Location::of(database.url()).is_missing();
    let url = if is_missing { "sqlite::memory:" } else { database.url() };
    let database = Opened::when_there(url, &locale.default_locale, Size::SMALL, wait.database_wait).await?;
    let ran = if check { Vec::new() } else { database.migrate().await? };
    let mut is_pending = false;
    for (name, applied) in database.migrations().await? {
        let status = match applied {
            true if ran.contains(&name) => "ran now",
            true => "has run",
            false => "pending",
        };
        is_pending |= !applied;
        out.said(&format!("{name}  {status}"))?;
    }
    if is_pending { Err(Refused.into()) } else { Ok(()) }
}
