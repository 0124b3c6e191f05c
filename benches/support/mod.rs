//! The common parts of the benchmarks: databases, the data set, servers in separate processes, and clients.

pub mod client;
pub mod compare;
pub mod data;
pub mod database;
pub mod limit;
pub mod process;
pub mod serve;

use std::{env, str::FromStr};

/// A size of the run: the value of an environment variable, or this default.
pub fn size<T: FromStr>(variable: &str, default: T) -> T {
    env::var(variable)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, and is {text:?}")))
}

/// The median of several measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
