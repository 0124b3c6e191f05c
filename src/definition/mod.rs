//! The document: its types, merging, difference, frozen revisions. Pure: values in, values out.
//!
//! A document is applied with [`plan::plan`]; [`diff::diff`] computes the changes; [`render::document`] creates the
//! document of a state; [`write`] and [`read`] are the files.

pub mod at;
pub mod diff;
pub mod digest;
pub mod document;
pub mod duration;
pub mod element;
pub mod filter;
pub mod languages;
pub mod limits;
pub mod links;
pub mod localized;
mod merge;
pub mod nearest;
pub mod normalize;
pub mod order;
pub mod plan;
pub mod read;
pub mod rename;
pub mod render;
pub mod shape;
pub mod stored;
pub mod suggestion;
pub mod terms;
pub mod validate;
pub mod write;

#[cfg(test)]
mod tests;
