//! The log: text for people or JSON for machines, on the standard error.

use std::io::IsTerminal;

use thiserror::Error;
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

use crate::{
    api::MIGRATOR,
    config::{LogFormat, LogOptions},
};

/// Why the log cannot be set up.
#[derive(Debug, Error)]
pub enum LogError {
    /// The filter is invalid.
    #[error("--log: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The log was already set up.
    #[error("the log is set up already: {0}")]
    Init(#[from] TryInitError),
}

/// Sets up the log of the process, with panics.
///
/// # Errors
///
/// If the filter is invalid, or the log was already set up.
pub fn init(options: &LogOptions) -> Result<(), LogError> {
    subscriber(options, std::io::stderr, std::io::stderr().is_terminal())?.try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "{}", panic.payload_as_str().unwrap_or("a panic without a message"));
    }));
    Ok(())
}

/// The subscriber that writes the lines.
fn subscriber<W>(options: &LogOptions, writer: W, colour: bool) -> Result<impl Subscriber + Send + Sync, LogError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // The migrator logs each migration, and `serve` logs a summary. The filter of the options can enable the former.
    let filter = EnvFilter::try_new(format!("{MIGRATOR}=warn,{}", options.log))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colour);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match options.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    Ok(tracing_subscriber::registry().with(lines.with_filter(filter)))
}

#[cfg(test)]
mod tests;
