//! Measurements: how far an indicator is from its target, and what a mutation takes. Pure.

pub mod attainment;
pub mod input;
