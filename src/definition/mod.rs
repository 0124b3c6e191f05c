//! The document: its types, merging, difference, frozen revisions. Pure: values in, values out.

pub mod document;
pub mod links;
pub mod terms;
