//! The document: its types, merging, difference, frozen revisions. Pure: values in, values out.
//!
//! A document is applied with [`plan::plan`]; [`diff::diff`] computes the changes; [`render::document`] creates the
//! document of a state; [`write`] and [`read`] are the files.

pub mod at;
pub mod diff;
pub mod document;
pub mod element;
pub mod filter;
pub mod given;
pub mod item;
pub mod languages;
pub mod limits;
pub mod links;
mod merge;
pub mod nearest;
pub mod order;
pub mod organization;
pub mod plan;
pub mod read;
pub mod rename;
pub mod render;
pub mod shape;
pub mod terms;
pub mod validate;
pub mod write;

#[cfg(test)]
mod tests;
