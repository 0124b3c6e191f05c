use std::ffi::OsString;

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

fn short(name: &str) -> ConfigError {
    ConfigError::ShortSecret(name.to_owned())
}

fn plain(name: &str) -> ConfigError {
    ConfigError::PlainSecret(name.to_owned())
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
    assert_eq!((&*options.token.jwt_issuer, &options.token.jwt_audience[..]), ("entente", &["entente".to_owned()][..]));
    assert_eq!((options.max_connections, options.max_requests), (4096, 256));
    assert_eq!((options.drain, options.shutdown_grace), (Duration::from_secs(5), Duration::from_secs(14)));
    // PostgreSQL lets 100 in, three of them superusers: three replicas, each with a connection that watches, and some more.
    assert!(3 * (options.pool.database_readers + options.pool.database_writers + 1) <= 90);
    assert_eq!(options.wait.database_wait, Duration::from_secs(60));
}

#[rstest]
#[case(&[], Err(ConfigError::NoKey))]
#[case(&["--demo"], Ok(false))]
#[case(&[LONG], Ok(true))]
#[case(&["--demo", LONG], Ok(true))]
#[case(&["--jwks-file=keys.json"], Ok(true))]
#[case(&["--jwks-url=https://issuer.example/keys"], Ok(true))]
#[case(&["--jwt-secret=0123456789abcdef0123456789abcde"], Err(short(SECRET)))]
#[case(&["--jwt-secret=                                          "], Err(short(SECRET)))]
#[case(&["--jwt-secret=  0123456789abcdef0123456789abcde\t \n"], Err(short(SECRET)))]
#[case(&["--jwt-secret=\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}"], Err(short(SECRET)))]
#[case(&["--jwt-secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], Err(plain(SECRET)))]
#[case(&["--jwt-secret=changemechangemechangemechangeme"], Err(plain(SECRET)))]
#[case(&["--demo", "--jwt-secret=00000000000000000000000000000000"], Err(plain(SECRET)))]
#[case(&[LONG, "--jwks-file=keys.json"], Err(ConfigError::SeveralKeys))]
#[case(&[LONG, "--jwks-url=https://issuer.example/keys", "--demo"], Err(ConfigError::SeveralKeys))]
#[case(&[LONG, "--jwt-previous-secret=fedcba9876543210fedcba9876543210"], Ok(true))]
#[case(&[LONG, "--jwt-previous-secret=short"], Err(short(PREVIOUS_SECRET)))]
#[case(&["--jwt-previous-secret=fedcba9876543210fedcba9876543210"], Err(ConfigError::PreviousAlone))]
#[case(&["--demo", "--jwt-previous-secret=fedcba9876543210fedcba9876543210"], Err(ConfigError::PreviousAlone))]
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
#[case("--log=loud")]
#[case("--cors-origins=app.example")]
#[case("--cors-origins=https://app.example/path")]
#[case("--max-connections=0")]
#[case("--max-requests=0")]
#[case("--database-readers=0")]
#[case("--database-writers=0")]
#[case("--database-wait=-1")]
#[case("--drain=-1")]
#[case("--jwt-audience=")]
#[case("--jwt-audience=a,,b")]
#[case("--trusted-proxies=proxy")]
#[case("--public-url=entente.example")]
#[case("--public-url=*")]
#[case("--cors-origins=https://*.example")]
#[case("--jwks-url=ftp://issuer.example/keys")]
#[case("--listen=localhost:8080")]
#[case("--listen=:8080")]
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
    for secret in ["jwt_secret", "jwt_previous_secret", "database_url"] {
        let command = Cli::command();
        let argument = command.get_arguments().find(|argument| argument.get_id() == secret).unwrap();
        assert!(argument.is_hide_env_values_set());
    }
}

#[test]
fn an_empty_variable_is_one_that_is_not_given_and_a_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
    let with = |variables: &[(&str, &str)]| {
        let look =
            |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| OsString::from(value));
        with_environment(Cli::command(), &look)
    };
    let read = |variables: &[(&str, &str)], arguments: &[&str]| {
        let matches = with(variables).unwrap().get_matches_from([&["entente"], arguments].concat());
        <Cli as clap::FromArgMatches>::from_arg_matches(&matches).unwrap().serve
    };
    let path = file.to_str().unwrap();
    assert_eq!(read(&[("ENTENTE_JWT_SECRET_FILE", "")], &[]).token.jwt_secret, None);
    let from_file = read(&[("ENTENTE_JWT_SECRET", " "), ("ENTENTE_JWT_SECRET_FILE", path)], &[]);
    assert_eq!(from_file.token.jwt_secret.unwrap().expose(), "0123456789abcdef0123456789abcdef");
    let flag = read(&[("ENTENTE_JWT_SECRET_FILE", path)], &["--jwt-secret=another"]);
    assert_eq!(flag.token.jwt_secret.unwrap().expose(), "another");
    // No other option is read from a file.
    assert_eq!(read(&[("ENTENTE_JWT_ISSUER_FILE", path)], &[]).token.jwt_issuer, "entente");
    let missing = with(&[("ENTENTE_DATABASE_URL_FILE", "/nowhere/url")]).unwrap_err().to_string();
    assert!(missing.contains("ENTENTE_DATABASE_URL_FILE") && missing.contains("/nowhere/url"), "{missing}");
    let both = with(&[("ENTENTE_JWT_SECRET", "x"), ("ENTENTE_JWT_SECRET_FILE", path)]);
    assert!(matches!(both, Err(EnvironmentError::Both(_))));
    // An empty variable is not read, for every type of option.
    for argument in
        Cli::command().get_arguments().filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned))
    {
        assert!(with(&[(&argument, "")]).unwrap().get_arguments().all(|one| one.get_env() != Some(argument.as_ref())));
    }
}
