//! The language of the program.

use std::{collections::HashMap, ffi::OsString};

use clap::{
    Arg, Command, Error, ValueEnum,
    error::{ContextKind, ErrorKind},
};

use super::french;
use crate::words::{Speech, translate};

/// A language of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// English
    En,
    /// French
    Fr,
}

/// The language of the arguments, otherwise of the environment. It is determined before the arguments are read, because
/// their help and errors use it too.
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
    // The first one that is set is used, as usual on POSIX systems.
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    set.and_then(|tag| Speech::of_tag(&tag)).unwrap_or_default()
}

/// The command with its help in this language.
pub(super) fn in_language(mut command: Command, speech: Speech) -> Command {
    if speech == Speech::English {
        return command;
    }
    command.build();
    in_french(command)
}

const TEMPLATE: &str = "{before-help}{about-with-newline}\nUtilisation : {usage}\n\n{all-args}{after-help}";

fn in_french(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let mut command =
        command.help_template(TEMPLATE).subcommand_help_heading("Commandes ").subcommand_value_name("COMMANDE");
    if let Some(french::Said { about, more }) = french::command(&name) {
        let long = if more.is_empty() { about.to_owned() } else { format!("{about}\n\n{more}") };
        command = command.about(about).long_about(long);
    }
    match command.get_after_help().map(ToString::to_string) {
        _ if name == "entente" => command = command.after_help(french::AFTER),
        Some(examples) => command = command.after_help(examples.replacen("Examples:", "Exemples :", 1)),
        None => {}
    }
    command = command.mut_args(|arg| option_in_french(&name, arg));
    for below in names {
        command = command.mut_subcommand(below, in_french);
    }
    command
}

fn option_in_french(command: &str, arg: Arg) -> Arg {
    // In French, a blank precedes the colon that the library adds.
    let heading = if arg.is_positional() { "Arguments " } else { "Options " };
    let arg = arg.help_heading(heading);
    let Some(help) = french::option(command, arg.get_id().as_str()) else { return arg };
    let names = arg.get_value_names().unwrap_or_default();
    let values: Vec<&str> = names.iter().filter_map(|name| french::value(name)).collect();
    let arg = if arg.get_action().takes_values() && !values.is_empty() { arg.value_names(values) } else { arg };
    let mut help = help.to_owned();
    if arg.get_action().takes_values() {
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if !defaults.is_empty() && !arg.is_hide_default_value_set() {
            help += &format!(" [défaut : {}]", defaults.join(", "));
        }
        let values = arg.get_possible_values();
        let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        if !names.is_empty() {
            help += &format!(" [valeurs possibles : {}]", names.join(", "));
        }
    }
    arg.help(help.clone()).long_help(help).hide_default_value(true).hide_possible_values(true)
}

/// The environment variables of options, by flag.
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    /// The variables of a command and its subcommands.
    pub(super) fn of(command: &Command) -> Self {
        let own = command
            .get_arguments()
            .filter_map(|arg| Some((format!("--{}", arg.get_long()?), arg.get_env()?.to_str()?.to_owned())));
        Self(own.chain(command.get_subcommands().flat_map(|below| Self::of(below).0)).collect())
    }

    /// The option as an error of the library names it, with its environment variable, which may contain the value.
    fn name(&self, option: &str) -> String {
        let flag = option.split([' ', '=']).next().unwrap_or(option);
        self.0.get(flag).map_or(option.to_owned(), |variable| format!("{option} ({variable})"))
    }
}

/// The beginning of the line with the error that ends the program.
pub(super) fn error(speech: Speech) -> &'static str {
    match speech {
        Speech::English => "error: ",
        Speech::French => "erreur : ",
    }
}

/// The colon after a name; in French, a blank precedes it.
pub(super) fn colon(speech: Speech) -> &'static str {
    match speech {
        Speech::English => ": ",
        Speech::French => " : ",
    }
}

/// Ends the program with an error in its arguments, or with its help.
pub(super) fn exit(error: Error, variables: &Variables, speech: Speech) -> ! {
    let Some(fault) = fault(&error, variables, speech) else { error.exit() };
    let more = match speech {
        Speech::English => "For more information, try 'entente COMMAND --help'.",
        Speech::French => "Pour en savoir plus : entente COMMANDE --help",
    };
    eprintln!("{}{fault}\n\n{more}", self::error(speech));
    std::process::exit(error.exit_code())
}

/// The error in the arguments; `None` for help, and if the library's own message is sufficient.
pub(super) fn fault(error: &Error, variables: &Variables, speech: Speech) -> Option<String> {
    match (error.kind(), speech) {
        (ErrorKind::ValueValidation, _) => bad_value(error, variables, speech),
        (_, Speech::English) => None,
        (_, Speech::French) => fault_in_french(error, variables),
    }
}

/// A refused value, with the rule that it breaks. A value that may contain a password is not repeated.
fn bad_value(error: &Error, variables: &Variables, speech: Speech) -> Option<String> {
    let context = |kind| error.get(kind).map(ToString::to_string);
    let option = variables.name(&context(ContextKind::InvalidArg)?);
    let value = context(ContextKind::InvalidValue).filter(|value| !value.contains(['@', '?', '#']));
    let rule = std::error::Error::source(error).map(ToString::to_string)?;
    let rule = translate(&rule, speech).unwrap_or(rule);
    Some(match (speech, value) {
        (Speech::English, Some(value)) => format!("\"{value}\" is refused for {option}: {rule}"),
        (Speech::English, None) => format!("the value is refused for {option}: {rule}"),
        (Speech::French, Some(value)) => format!("« {value} » est une valeur refusée pour {option} : {rule}"),
        (Speech::French, None) => format!("la valeur est refusée pour {option} : {rule}"),
    })
}

fn fault_in_french(error: &Error, variables: &Variables) -> Option<String> {
    let context = |kind| error.get(kind).map(ToString::to_string);
    let arg = context(ContextKind::InvalidArg).map(|arg| variables.name(&arg));
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let meant = [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand];
    let meant = meant.into_iter().find_map(context).map(|meant| format!(" ; vouliez-vous dire « {meant} » ?"));
    let meant = meant.unwrap_or_default();
    Some(match (error.kind(), arg) {
        (ErrorKind::UnknownArgument, Some(arg)) => format!("l'option « {arg} » n'existe pas{meant}"),
        (ErrorKind::InvalidSubcommand, _) => {
            let given = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("la commande « {given} » n'existe pas{meant}")
        }
        (ErrorKind::InvalidValue, Some(arg)) if value.is_empty() => format!("« {arg} » demande une valeur"),
        (ErrorKind::InvalidValue, Some(arg)) => {
            let valid = context(ContextKind::ValidValue).unwrap_or_default();
            format!("« {value} » est une valeur refusée pour « {arg} » ; valeurs possibles : {valid}{meant}")
        }
        (ErrorKind::MissingRequiredArgument, Some(arg)) => format!("il manque : {arg}"),
        (ErrorKind::ArgumentConflict, Some(arg)) => {
            let other = context(ContextKind::PriorArg).unwrap_or_default();
            format!("« {arg} » et « {other} » s'excluent")
        }
        (ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues, Some(arg)) => {
            format!("« {arg} » prend un autre nombre de valeurs")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_and_option_has_a_help_in_french() {
        fn walk(command: &Command, missing: &mut Vec<String>) {
            let name = command.get_name();
            if french::command(name).is_none() {
                missing.push(name.to_owned());
            }
            let options = command.get_arguments().map(|arg| arg.get_id().as_str());
            let options = options.filter(|id| french::option(name, id).is_none());
            missing.extend(options.map(|id| format!("{name} {id}")));
            let values = command.get_arguments().filter(|arg| arg.get_action().takes_values());
            let values = values.flat_map(|arg| arg.get_value_names().unwrap_or_default());
            missing.extend(values.filter(|value| french::value(value).is_none()).map(ToString::to_string));
            command.get_subcommands().filter(|below| below.get_name() != "help").for_each(|below| walk(below, missing));
        }
        let mut command = super::super::Cli::command();
        command.build();
        let mut missing = Vec::new();
        walk(&command, &mut missing);
        assert!(missing.is_empty(), "give these a help in src/cli/french.rs: {missing:?}");
    }

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
