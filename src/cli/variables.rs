//! Messages about `ENTENTE_*` environment variables that belong to no option.

use std::{collections::BTreeSet, env, ffi::OsString};

use clap::Command;

use crate::{definition::nearest::nearest, words::Words};

const OWN: &str = "ENTENTE_";
/// Prefixes of variables that do not belong to options: for tests, benchmarks, scripts and Compose, and those that
/// Kubernetes sets for a service named `entente`.
const OTHERS: [&str; 10] = [
    "ENTENTE_BENCH_",
    "ENTENTE_BIND",
    "ENTENTE_KEYS",
    "ENTENTE_PORT",
    "ENTENTE_QUERIES",
    "ENTENTE_SERVICE_",
    "ENTENTE_SIEGE_",
    "ENTENTE_SITE",
    "ENTENTE_TEST_",
    "ENTENTE_TRY",
];

/// A message for each variable of the environment that looks like one of Entente, has a value, and sets no option.
pub(super) fn unknown(command: &Command) -> Vec<Words> {
    unknown_of(command, env::vars_os())
}

fn unknown_of(command: &Command, variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<Words> {
    let mut known = BTreeSet::new();
    add_known(command, &mut known);
    let given = variables.filter(|(_, value)| !value.to_string_lossy().trim().is_empty());
    let given: BTreeSet<String> = given.map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    let is_unknown = |name: &&String| {
        name.starts_with(OWN) && !known.contains(*name) && !OTHERS.iter().any(|other| name.starts_with(other))
    };
    // The shortest first, because it is the nearest of several that begin with the given name.
    let mut names: Vec<&str> = known.iter().filter_map(|known| known.strip_prefix(OWN)).collect();
    names.sort_by_key(|name| name.len());
    let unknown = given.iter().filter(is_unknown).map(|name| {
        let (nearest, name) = (nearest(&name[OWN.len()..], names.iter().copied()), name.escape_debug().to_string());
        match nearest {
            Some(nearest) => Words::UnknownVariableNear { name, nearest: format!("{OWN}{nearest}") },
            None => Words::UnknownVariable { name },
        }
    });
    unknown.collect()
}

/// The variables of all options; for secrets also those that name a file.
fn add_known(command: &Command, known: &mut BTreeSet<String>) {
    for argument in command.get_arguments() {
        let Some(name) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        known.insert(name.to_owned());
        if argument.is_hide_env_values_set() {
            known.insert(format!("{name}_FILE"));
        }
    }
    command.get_subcommands().for_each(|below| add_known(below, known));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::words::Speech;

    #[test]
    fn only_what_looks_like_an_option_and_is_none_is_told_with_the_nearest() {
        let unknown = |name: &str, value: &str| {
            let found = unknown_of(&crate::cli::Cli::command(), [(name.into(), value.into())].into_iter());
            found.first().map(|words| words.say(Speech::English))
        };
        let known = [
            "ENTENTE_LISTEN",
            "ENTENTE_JWT_SECRET_FILE",
            "ENTENTE_DATABASE_URL_FILE",
            "ENTENTE_TOKEN_FILE",
            "ENTENTE_SERVER",
            "ENTENTE_TEST_REPLICAS",
            "ENTENTE_PORT_8080_TCP",
            "ENTENTES",
            "PATH",
        ];
        for name in known {
            assert_eq!(unknown(name, "x"), None, "{name}");
        }
        assert_eq!(unknown("ENTENTE_LISTN", " "), None);
        for (name, nearest) in [
            ("ENTENTE_LISTN", "ENTENTE_LISTEN"),
            ("ENTENTE_JWT_SECRETS", "ENTENTE_JWT_SECRET"),
            ("ENTENTE_JWT_SECRET_FIEL", "ENTENTE_JWT_SECRET_FILE"),
            ("ENTENTE_DATABASE", "ENTENTE_DATABASE_URL"),
            ("ENTENTE_JWKS_FILE_FILE", "ENTENTE_JWKS_FILE"),
            ("ENTENTE_MAX_CONNECTION", "ENTENTE_MAX_CONNECTIONS"),
        ] {
            let said = unknown(name, "x").unwrap();
            assert!(said.starts_with(name) && said.ends_with(&format!("; did you mean {nearest}?")), "{said}");
        }
        assert_eq!(
            unknown("ENTENTE_COLOUR", "x").unwrap(),
            "ENTENTE_COLOUR is not a variable of Entente: it has no effect"
        );
    }
}
