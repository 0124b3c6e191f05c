//! The language in which the program speaks to whoever runs it.

use std::ffi::OsString;

use clap::{Command, Error, ValueEnum};
use entente_entity::problem::Speech;

/// A language that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// English
    En,
    /// French
    Fr,
}

/// The language that the arguments ask for, else the environment. It is looked for before the arguments are read, for their
/// help and what is wrong with them are in it too.
pub(super) fn spoken(arguments: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Speech {
    let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        let given = match argument.strip_prefix("--lang") {
            Some("") => arguments.next().map(|tag| tag.into_owned()),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(speech) = given.and_then(|tag| Speech::of_tag(&tag)) {
            return speech;
        }
    }
    // The first that is set decides, as everywhere on such systems.
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    set.and_then(|tag| Speech::of_tag(&tag)).unwrap_or_default()
}

/// The command with its help in this language.
pub(super) fn in_language(command: Command, _speech: Speech) -> Command {
    command
}

/// Ends the program with what is wrong with its arguments, or with its help.
pub(super) fn exit(error: Error, _speech: Speech) -> ! {
    error.exit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_before_the_environment_and_its_order_is_the_usual_one() {
        let spoken = |arguments: &[&str], variables: &[(&str, &str)]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            super::spoken(&arguments, |name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let french = [("LANG", "fr_FR.UTF-8")];
        assert_eq!(spoken(&["entente"], &[]), Speech::English);
        assert_eq!(spoken(&["entente"], &french), Speech::French);
        assert_eq!(spoken(&["entente", "--lang", "en"], &french), Speech::English);
        assert_eq!(spoken(&["entente", "apply", "--lang=fr"], &[]), Speech::French);
        assert_eq!(spoken(&["entente"], &[("LC_ALL", "C"), ("LANG", "fr")]), Speech::English);
        assert_eq!(spoken(&["entente"], &[("LC_ALL", ""), ("LC_MESSAGES", "fr_CA"), ("LANG", "de")]), Speech::French);
        assert_eq!(spoken(&["entente"], &[("LANG", "de_DE")]), Speech::English);
    }
}
