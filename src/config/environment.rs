//! What the environment says: a variable that is empty counts as not given, and a secret may stand in a file.

use std::path::PathBuf;

use clap::{Arg, Command, builder::Resettable};

/// Why a secret cannot be read from its file.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The file.
    #[error("{variable} names {}, which cannot be read: {error}", file.display())]
    File {
        /// The variable that names it.
        variable: String,
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The variable and the other one.
    #[error("{0} and {0}_FILE exclude each other: set one of them")]
    Both(String),
}

/// The command, whose options do not see variables that are empty, and find secrets in the files that variables with `_FILE` at
/// their end name. Blanks and the end of the line at both ends of a file are no part of the secret.
///
/// # Errors
///
/// When such a file cannot be read, or the secret is given twice.
pub fn with_environment(
    command: Command,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Command, EnvironmentError> {
    let mut failed = None;
    let command = command.mut_args(|argument| from_environment(argument, variable, &mut failed));
    let command = command
        .mut_subcommands(|command| command.mut_args(|argument| from_environment(argument, variable, &mut failed)));
    failed.map_or(Ok(command), Err)
}

fn from_environment(
    argument: Arg,
    variable: &dyn Fn(&str) -> Option<String>,
    failed: &mut Option<EnvironmentError>,
) -> Arg {
    let Some(name) = argument.get_env().and_then(|name| name.to_str()).map(str::to_owned) else { return argument };
    let given = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let is_given = given(&name).is_some();
    let is_empty = !is_given && variable(&name).is_some();
    let is_secret = argument.is_hide_env_values_set();
    let argument = if is_empty { argument.env(Resettable::Reset) } else { argument };
    let in_file = format!("{name}_FILE");
    let Some(file) = given(&in_file).filter(|_| is_secret).map(PathBuf::from) else { return argument };
    if is_given {
        *failed = Some(EnvironmentError::Both(name));
        return argument;
    }
    match std::fs::read_to_string(&file) {
        // As long as the process lives, as its variables do.
        Ok(text) => argument.default_value(&*String::leak(text.trim().to_owned())).hide_default_value(true),
        Err(error) => {
            *failed = Some(EnvironmentError::File { variable: in_file, file, error });
            argument
        }
    }
}
