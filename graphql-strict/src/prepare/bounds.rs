//! How long the texts and the lists may be that a query takes: in every argument and every input field, a new one included.
//!
//! What a mutation takes as its `input` is not held here. It has the limits of what is stored, and who exceeds them is told
//! so in `userErrors`.

use async_graphql::Name;

use super::literal::{Fault, Literal, Shape};

/// Characters of a text that is searched for.
const SEARCHED: usize = 200;
/// Characters of every other text: the longest that is stored and can be asked for is a URL.
const TEXT: usize = 2_048;
/// Entries of a list of things to read at once.
const THINGS: usize = 200;
/// Entries of every other list.
const ENTRIES: usize = 100;

fn characters(name: &str) -> usize {
    if name == "text" { SEARCHED } else { TEXT }
}

fn entries(name: &str) -> usize {
    if matches!(name, "ids" | "of") { THINGS } else { ENTRIES }
}

/// Holds the outermost level of the value of an argument or input field of this name.
pub fn hold<L: Literal>(name: &Name, value: &Shape<'_, L>) -> Result<(), Box<Fault>> {
    let (found, max, unit) = match value {
        // A text has no more characters than bytes, so most are not counted.
        Shape::String(text) if text.len() > characters(name) => (text.chars().count(), characters(name), "characters"),
        Shape::List(items) => (items.len(), entries(name), "entries"),
        Shape::Object(fields) => (fields.len(), entries(name), "entries"),
        _ => return Ok(()),
    };
    if found <= max {
        return Ok(());
    }
    Err(Fault::new(format!("`{name}` has {found} {unit}; {max} at most are allowed")))
}
