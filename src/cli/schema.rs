//! `entente schema`.

use super::out::Out;
use crate::api::Api;

pub(super) const EXAMPLES: &str = "Examples:
  entente schema > schema.graphql";

/// Prints the schema in the schema definition language.
pub(super) fn run(out: &mut Out) -> anyhow::Result<()> {
    out.text(Api::sdl().trim_end())?;
    Ok(out.line("")?)
}
