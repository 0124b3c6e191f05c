//! Options that cannot be meant: which one it is, by its flag and its variable, with the rule, in the reader's language, and without
//! what may be a secret.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use rstest::rstest;

use super::{Ran, SECRET, program, run, write};

/// A server that does not start, with these variables.
fn refused<V: AsRef<OsStr>>(variables: &[(&str, V)], lang: &str) -> Ran {
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-wait", "0"]);
    command.envs(variables.iter().map(|(name, value)| (name, value))).env("LANG", lang);
    Ran::from(command.output().unwrap()).ends(2)
}

#[rstest]
#[case("ENTENTE_MAX_CONNECTIONS", "0", "--max-connections", "from 1 to 1000000", "de 1 à 1000000")]
#[case("ENTENTE_MAX_CONNECTIONS", "4k", "--max-connections", "from 1 to 1000000", "de 1 à 1000000")]
#[case("ENTENTE_CORS_ORIGINS", "app", "--cors-origins", "an origin is a scheme", "une origine est un protocole")]
#[case("ENTENTE_CORS_ORIGINS", "https://*.example", "--cors-origins", "a whole host", "un hôte entier")]
#[case("ENTENTE_PUBLIC_URL", "*", "--public-url", "https://entente.example", "sans chemin")]
#[case("ENTENTE_DEFINITION_CACHE_BYTES", "256MiB", "--definition-cache-bytes", "number of bytes", "d'octets")]
#[case("ENTENTE_REQUEST_TIMEOUT", "15s", "--request-timeout", "above 0 and up to 86400", "supérieur à 0")]
#[case("ENTENTE_WRITER_SHARE", "2", "--writer-share", "a part of 1", "une part de 1")]
#[case("ENTENTE_DEMO", "maybe", "--demo", "true or false", "true ou false")]
#[case("ENTENTE_TRUSTED_PROXIES", "proxy", "--trusted-proxies", "10.0.0.0/8", "un réseau")]
#[case("ENTENTE_JWKS_URL", "keys", "--jwks-url", "begins with http://", "commence par http://")]
#[case("ENTENTE_LOG", "loud", "--log", "is not a level", "n'est pas un niveau")]
#[case("ENTENTE_DEFAULT_LOCALE", "klingon", "--default-locale", "BCP 47", "étiquette BCP 47")]
fn a_wrong_value_is_told_with_its_flag_its_variable_and_the_rule(
    #[case] variable: &str,
    #[case] value: &str,
    #[case] flag: &str,
    #[case] english: &str,
    #[case] french: &str,
) {
    for (lang, rule) in [("C", english), ("fr_FR.UTF-8", french)] {
        let said = refused(&[(variable, value)], lang).err;
        for part in [variable, value, flag, rule] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }
    let mut as_json = program(&["serve", "--log-format", "json"]);
    let said = Ran::from(as_json.env(variable, value).output().unwrap()).ends(2).err;
    assert!(said.contains(variable) && said.contains(english), "{said}");
}

#[test]
fn where_to_listen_is_told_by_an_example_and_blanks_around_it_do_no_harm() {
    for wrong in ["localhost:8199", ":8080", "8080", "127.0.0.1"] {
        for command in ["serve", "check", "health"] {
            let said = Ran::from(program(&[command]).env("ENTENTE_LISTEN", wrong).output().unwrap()).ends(2).err;
            assert!(said.contains("ENTENTE_LISTEN") && said.contains("such as 127.0.0.1:8080"), "{said}");
        }
    }
    let checked = program(&["check", "--jwt-secret", SECRET]).env("ENTENTE_LISTEN", " 127.0.0.1:0 ").output().unwrap();
    assert!(Ran::from(checked).out.contains("address: 127.0.0.1:0"));
}

#[test]
fn a_variable_that_is_no_text_is_named() {
    for name in ["ENTENTE_JWT_ISSUER", "ENTENTE_JWT_SECRET", "ENTENTE_MAX_REQUESTS"] {
        let said = refused(&[(name, OsStr::from_bytes(b"caf\xe9"))], "C").err;
        assert!(said.contains(&format!("{name} is not UTF-8")), "{said}");
    }
}

#[test]
fn a_bad_secret_is_named_by_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| write(folder.path(), name, text);
    let (short, empty) = (file("short", "shortSECRET\n"), file("empty", "\n"));
    let lines = file("lines", &format!("{SECRET}\n{SECRET}\n"));
    let good = ("ENTENTE_JWT_SECRET", SECRET);
    for (variables, english, french) in [
        (
            &[good, ("ENTENTE_JWT_PREVIOUS_SECRET", "shortSECRET")][..],
            "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) is too short",
            "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) est trop court",
        ),
        (
            &[("ENTENTE_JWT_SECRET", "shortSECRET")],
            "--jwt-secret (ENTENTE_JWT_SECRET) is too short",
            "--jwt-secret (ENTENTE_JWT_SECRET) est trop court",
        ),
        (&[("ENTENTE_JWT_SECRET_FILE", &short)], "/short (ENTENTE_JWT_SECRET_FILE) is too short", "est trop court"),
        (
            &[good, ("ENTENTE_JWT_PREVIOUS_SECRET_FILE", &short)],
            "/short (ENTENTE_JWT_PREVIOUS_SECRET_FILE)",
            "le secret",
        ),
        (&[("ENTENTE_JWT_SECRET_FILE", &empty)], "/empty, which is empty", "qui est vide"),
        (&[("ENTENTE_JWT_SECRET_FILE", &lines)], "/lines, which has several lines", "qui a plusieurs lignes"),
        (&[("ENTENTE_JWT_SECRET_FILE", "/nowhere/x")], "/nowhere/x, which cannot be read", "qui est illisible"),
        (&[good, ("ENTENTE_JWT_SECRET_FILE", &short)], "exclude each other", "s'excluent"),
        (&[("ENTENTE_JWT_PREVIOUS_SECRET", SECRET)], "which is not given", "qui n'est pas donné"),
        (&[], "no key to check tokens with", "aucune clé pour vérifier les jetons"),
    ] {
        for (lang, rule) in [("C", english), ("fr_FR.UTF-8", french)] {
            let said = refused(variables, lang).err;
            assert!(said.contains(rule) && !said.contains("shortSECRET") && !said.contains(SECRET), "{said}");
        }
    }
}

#[test]
fn what_may_be_a_secret_in_an_address_is_shown_nowhere() {
    let address = "http://u:hunter2@127.0.0.1:1/keys?api_key=hunter2#hunter2";
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("entente.db").display());
    let base = ["--listen", "127.0.0.1:0", "--database-url", &database, "--jwks-url", address];
    let checked = run(&[&["check"], &base[..]].concat()).ends(1);
    assert!(checked.out.contains("http://127.0.0.1:1/keys: the set of keys cannot be fetched"), "{}", checked.out);
    assert!(checked.out.contains("Connection refused"), "{}", checked.out);
    let mut server = super::server::Server::spawn(program(&[&["serve"], &base[..]].concat()));
    let log =
        server.logged("the keys that check tokens will be read for the first token", std::time::Duration::from_secs(5));
    assert!(log.contains("http://127.0.0.1:1/keys") && log.contains("Connection refused"), "{log}");
    let others = [
        run(&["apply", "--server", address, "--token", "x", super::SAMPLE]),
        run(&["validate", "--server", address, "--token", "x", super::SAMPLE]),
        run(&["serve", "--jwks-url", &address.replace("http", "ftp")]),
        run(&["serve", "--jwt-secret", SECRET, "--cors-origins", address]),
        run(&["serve", "--jwt-secret", SECRET, "--public-url", address]),
        run(&["export", "--token", "x", "--server", "http://127.0.0.1:1/?api_key=hunter2"]).ends(2),
    ];
    let all = others.iter().flat_map(|ran| [&ran.out, &ran.err]).chain([&checked.out, &checked.err]);
    for said in all.map(String::as_str).chain([server.log().as_str()]) {
        assert!(!said.contains("hunter2"), "{said}");
    }
}
