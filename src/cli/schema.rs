//! `entente schema`.

use clap::Args;

use super::out::Out;
use crate::{api::Api, definition::shape::json_schema};

const EXAMPLES: &str = "Examples:
  entente schema > schema.graphql
  entente schema --documents > documents.schema.json";

/// Print the schema of the API, or of documents
///
/// The schema of the API is in the schema definition language of GraphQL. The schema of documents is a JSON Schema, for
/// editors and other programs that check files.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct SchemaOptions {
    /// Print the JSON Schema of the documents that `apply` reads
    #[arg(long)]
    documents: bool,
}

/// Prints the schema.
pub(super) fn run(options: &SchemaOptions, out: &mut Out) -> anyhow::Result<()> {
    if options.documents {
        return Ok(out.text(&format!("{:#}\n", json_schema::schema()))?);
    }
    out.text(Api::described_sdl().trim_end())?;
    Ok(out.line("")?)
}
