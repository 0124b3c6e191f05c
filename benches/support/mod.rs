//! What the benchmarks share: databases of their own, the data set, servers in processes of their own, and those who ask them.

pub mod client;
pub mod compare;
pub mod data;
pub mod database;
pub mod limit;
pub mod process;
pub mod serve;

use std::{env, str::FromStr};

/// A size of the run, which an environment variable may set.
pub fn size<T: FromStr>(variable: &str, default: T) -> T {
    env::var(variable)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, and is {text:?}")))
}

/// The middle one of several measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
