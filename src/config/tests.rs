use clap::{CommandFactory, Parser};
use rstest::rstest;

use super::*;

#[derive(Parser, Debug)]
struct Cli {
    #[command(flatten)]
    serve: ServeOptions,
}

fn parse(arguments: &[&str]) -> Result<ServeOptions, clap::Error> {
    Cli::try_parse_from([&["entente"], arguments].concat()).map(|cli| cli.serve)
}

const LONG: &str = "--jwt-secret=0123456789abcdef0123456789abcdef";

#[test]
fn defaults_are_those_of_the_documentation() {
    Cli::command().debug_assert();
    let options = parse(&[]).unwrap();
    assert_eq!(options.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(options.database.url(), "sqlite://entente.db?mode=rwc");
    assert_eq!(options.locale.default_locale.0, "en");
    assert_eq!(options.api.definition_cache_bytes, 268_435_456);
    assert_eq!((&*options.token.jwt_issuer, &*options.token.jwt_audience), ("entente", "entente"));
    assert_eq!((options.max_connections, options.max_requests), (4096, 256));
    assert_eq!(options.shutdown_grace, Duration::from_secs(14));
}

#[rstest]
#[case(&[], Err(ConfigError::NoKey))]
#[case(&["--demo"], Ok(false))]
#[case(&[LONG], Ok(true))]
#[case(&["--demo", LONG], Ok(true))]
#[case(&["--jwks-file=keys.json"], Ok(true))]
#[case(&["--jwks-url=https://issuer.example/keys"], Ok(true))]
#[case(&["--jwt-secret=0123456789abcdef0123456789abcde"], Err(ConfigError::ShortSecret))]
#[case(&["--jwt-secret=                                          "], Err(ConfigError::ShortSecret))]
#[case(&["--jwt-secret=  0123456789abcdef0123456789abcde\t \n"], Err(ConfigError::ShortSecret))]
#[case(&["--jwt-secret=\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}"], Err(ConfigError::ShortSecret))]
#[case(&["--jwt-secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], Err(ConfigError::PlainSecret))]
#[case(&["--jwt-secret=changemechangemechangemechangeme"], Err(ConfigError::PlainSecret))]
#[case(&["--demo", "--jwt-secret=00000000000000000000000000000000"], Err(ConfigError::PlainSecret))]
#[case(&[LONG, "--jwks-file=keys.json"], Err(ConfigError::SeveralKeys))]
#[case(&[LONG, "--jwks-url=https://issuer.example/keys", "--demo"], Err(ConfigError::SeveralKeys))]
#[case(&["--jwks-file=keys.json", "--jwks-url=https://issuer.example/keys"], Err(ConfigError::SeveralKeys))]
fn there_is_exactly_one_source_of_keys(#[case] arguments: &[&str], #[case] given: Result<bool, ConfigError>) {
    assert_eq!(parse(arguments).unwrap().key_source().map(|source| source.is_some()), given);
}

#[rstest]
#[case(&["--demo"], Ok(false))]
#[case(&["--demo", "--listen=[::1]:0"], Ok(false))]
#[case(&["--demo", "--listen=127.0.0.9:0"], Ok(false))]
#[case(&["--demo", "--listen=[::ffff:127.0.0.1]:0"], Ok(false))]
#[case(&["--listen=0.0.0.0:0"], Ok(false))]
#[case(&["--demo", "--listen=0.0.0.0:0"], Err(ConfigError::PublicDemo))]
#[case(&["--demo", "--listen=[::]:0"], Err(ConfigError::PublicDemo))]
#[case(&["--demo", "--listen=192.0.2.7:0"], Err(ConfigError::PublicDemo))]
#[case(&["--demo", "--demo-public", "--listen=0.0.0.0:0"], Ok(true))]
fn a_demo_is_public_only_where_that_was_asked_for(
    #[case] arguments: &[&str],
    #[case] is_public: Result<bool, ConfigError>,
) {
    assert_eq!(parse(arguments).unwrap().is_public_demo(), is_public);
}

#[rstest]
#[case("--listen=nowhere")]
#[case("--default-locale=not a tag")]
#[case("--default-locale=klingon")]
#[case("--jwks-url=keys")]
#[case("--request-timeout=0")]
#[case("--request-timeout=-1")]
#[case("--request-timeout=soon")]
#[case("--request-timeout=NaN")]
#[case("--log-format=xml")]
fn what_cannot_be_meant_is_refused(#[case] argument: &str) {
    assert!(parse(&[argument]).is_err());
}

#[test]
fn every_option_is_a_flag_and_a_variable_of_its_name_and_has_a_help() {
    for argument in Cli::command().get_arguments().filter(|argument| argument.get_id() != "help") {
        let flag = argument.get_long().expect("an option is a flag");
        let variable = format!("ENTENTE_{}", flag.to_uppercase().replace('-', "_"));
        assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(&*variable));
        assert!(argument.get_help().is_some(), "--{flag} has no help");
    }
}

#[test]
fn secrets_are_shown_by_neither_help_nor_debug() {
    let options = parse(&[LONG, "--database-url=postgres://u:hunter2@host/db"]).unwrap();
    let shown = format!("{options:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("0123456789abcdef"), "{shown}");
    for secret in ["jwt_secret", "database_url"] {
        let command = Cli::command();
        let argument = command.get_arguments().find(|argument| argument.get_id() == secret).unwrap();
        assert!(argument.is_hide_env_values_set());
    }
}
