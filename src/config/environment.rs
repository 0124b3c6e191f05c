//! Environment variables: an empty variable counts as not set, and a secret can be in a file.

use std::{any::TypeId, ffi::OsString, path::PathBuf};

use clap::{Arg, Command, builder::Resettable};

use super::{error::ConfigError, secret::Secret};

/// Why a variable cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The file of a secret cannot be read.
    #[error("{variable} names {}, which cannot be read: {error}", file.display())]
    File {
        /// The variable that names it.
        variable: String,
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file of a secret has none in it.
    #[error("{variable} names {}, which is empty", file.display())]
    Empty {
        /// The variable that names it.
        variable: String,
        /// The file.
        file: PathBuf,
    },
    /// The file of a secret has more in it.
    #[error("{variable} names {}, which has several lines: a secret is one line, and nothing else is in its file", file.display())]
    Lines {
        /// The variable that names it.
        variable: String,
        /// The file.
        file: PathBuf,
    },
    /// The secret in a file could be guessed.
    #[error(transparent)]
    Secret(#[from] ConfigError),
    /// The variable and the other one.
    #[error("{0} and {0}_FILE exclude each other: set one of them")]
    Both(String),
    /// No text.
    #[error("{0} is not UTF-8")]
    NotUtf8(String),
}

/// The command; its options ignore empty variables, and read secrets from the files in variables that end with `_FILE`.
/// Blanks and line ends at both ends of a file are not part of the secret.
///
/// # Errors
///
/// When such a file cannot be read or holds no secret, when a secret is given twice, or a variable is no text.
pub fn with_environment(
    command: Command,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Command, EnvironmentError> {
    let mut failed = None;
    let mut read = |argument: Arg| {
        from_environment(argument.clone(), variable).unwrap_or_else(|error| {
            failed = Some(error);
            argument
        })
    };
    let command = command.mut_args(&mut read).mut_subcommands(|command| command.mut_args(&mut read));
    failed.map_or(Ok(command), Err)
}

fn from_environment(argument: Arg, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Arg, EnvironmentError> {
    let Some(name) = argument.get_env().and_then(|name| name.to_str()).map(str::to_owned) else { return Ok(argument) };
    let is_blank = |value: &OsString| value.to_str().is_some_and(|value| value.trim().is_empty());
    let given = |name: &str| variable(name).filter(|value| !is_blank(value));
    let value = given(&name);
    let is_path = argument.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    if value.as_ref().is_some_and(|value| value.to_str().is_none() && !is_path) {
        return Err(EnvironmentError::NotUtf8(name));
    }
    let is_secret = argument.is_hide_env_values_set();
    let argument =
        if value.is_none() && variable(&name).is_some() { argument.env(Resettable::Reset) } else { argument };
    let in_file = format!("{name}_FILE");
    let Some(file) = given(&in_file).filter(|_| is_secret).map(PathBuf::from) else { return Ok(argument) };
    if value.is_some() {
        return Err(EnvironmentError::Both(name));
    }
    let text = secret_in(&in_file, file)?;
    // As long as the process lives, as its variables do.
    Ok(argument.default_value(&*String::leak(text)).hide_default_value(true))
}

/// The secret in a file.
fn secret_in(variable: &str, file: PathBuf) -> Result<String, EnvironmentError> {
    let variable = variable.to_owned();
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text.trim().to_owned(),
        Err(error) => return Err(EnvironmentError::File { variable, file, error }),
    };
    if text.is_empty() {
        return Err(EnvironmentError::Empty { variable, file });
    }
    if text.contains(['\n', '\r']) {
        return Err(EnvironmentError::Lines { variable, file });
    }
    if variable.starts_with("ENTENTE_JWT_") {
        Secret::from(text.clone()).check(&format!("the secret in {} ({variable})", file.display()))?;
    }
    Ok(text)
}
