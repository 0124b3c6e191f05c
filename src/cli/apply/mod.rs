//! `entente apply`.

mod files;
mod forecast;
mod organizations;
mod report;
mod run;
pub(super) mod send;

use std::path::PathBuf;

use clap::Args;

pub(super) use self::organizations::{parents_first, portions};
use self::{run::Run, send::How};
use super::{
    Refused,
    endpoint::{EndpointOptions, Purpose},
    out::{Colour, Out},
};

const EXAMPLES: &str = "Examples:
  entente apply examples/hospital
  entente apply --dry-run --server https://entente.example services/*.yaml
  generate-definitions | entente apply -";

/// Apply documents: organizations, and definitions of services
///
/// Documents are YAML or JSON, several in a file if need be, in any order: organizations are sent first. All files are
/// read before anything is sent, and a file that cannot be read stops all. Each definition is then applied whole or not
/// at all: one that is refused stops no other, but organizations that are refused stop the definitions that build on them.
/// What stands already is left as it is, so applying again is safe.
///
/// On a database, whoever starts the command may write everything, and migrations run first. Through a server, the
/// token says what may be written.
///
/// Exit codes: 0 all applied; 1 something was refused; 2 the database or the server could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ApplyOptions {
    /// Files, folders with .yaml, .yml and .json files in them or below, "-" for the standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    sources: Vec<PathBuf>,

    /// Only tell what would change
    #[arg(long)]
    dry_run: bool,

    /// Make terms exactly what the documents say: clear what they leave out. Organizations are merged all the same
    #[arg(long)]
    replace: bool,

    /// Whether to print in colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Applies what the options name.
pub(super) async fn run(options: ApplyOptions, out: &mut Out) -> anyhow::Result<()> {
    let ApplyOptions { sources, dry_run, replace, color, endpoint } = options;
    out.set_colour(color);
    let documents = match files::read(&sources) {
        Ok(documents) => documents,
        Err(problems) => {
            for problem in problems {
                out.error(&problem)?;
            }
            return Err(Refused.into());
        }
    };
    let purpose = if dry_run { Purpose::DryRun } else { Purpose::Write };
    let endpoint = endpoint.open(purpose).await?;
    let is_refused = Run::new(endpoint, How { dry_run, replace }, documents, out).run().await?;
    if is_refused { Err(Refused.into()) } else { Ok(()) }
}
