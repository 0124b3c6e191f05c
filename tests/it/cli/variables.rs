//! Variables of the environment that no option has, and what the log of a server says when it starts.

use std::time::Duration;

use super::{Ran, SECRET, program, run, server::Server};
use crate::app::App;

#[tokio::test]
async fn a_variable_that_no_option_has_is_told_by_the_log_and_by_check() {
    let app = App::hospital().await;
    let variables = [
        ("ENTENTE_MAX_REQUEST", "7"),
        ("ENTENTE_JWT_SECRET_FIEL", "/run/secret"),
        ("ENTENTE_COLOUR", "red"),
        ("ENTENTE_EMPTY", ""),
        ("ENTENTE_TEST_REPLICAS", "2"),
    ];
    let base = ["--listen", "127.0.0.1:0", "--database-url", &app.url, "--jwt-secret", SECRET];
    let check = |language: &str| {
        let mut command = program(&[&["check", "--lang", language], &base[..]].concat());
        Ran::from(command.envs(variables).output().unwrap()).ends(0).out
    };
    let english = check("en");
    for said in [
        "note    environment: ENTENTE_COLOUR is not a variable of Entente: it has no effect\n",
        "note    environment: ENTENTE_MAX_REQUEST is not a variable of Entente, and has no effect; did you mean ENTENTE_MAX_REQUESTS?\n",
        "ENTENTE_JWT_SECRET_FIEL is not a variable of Entente, and has no effect; did you mean ENTENTE_JWT_SECRET_FILE?\n",
    ] {
        assert!(english.contains(said), "{said}\n{english}");
    }
    assert_eq!(english.matches("environment: ").count(), 3, "{english}");
    let french = "note    environnement : ENTENTE_COLOUR n'est pas une variable d'Entente : elle est sans effet\n";
    assert!(check("fr").contains(french), "{}", check("fr"));

    let mut command = program(&[&["serve"], &base[..]].concat());
    command.envs(variables);
    let server = Server::spawn(command);
    let log = server.log();
    assert_eq!(log.matches("is not a variable of Entente").count(), 3, "{log}");
    assert!(log.contains("WARN") && log.contains("did you mean ENTENTE_MAX_REQUESTS?"), "{log}");
}

#[tokio::test]
async fn the_log_says_which_version_is_ready_and_from_which_server_a_replica_reads() {
    let app = App::hospital().await;
    let mut server = Server::start(&["--database-url", &app.url]);
    let ready = server.logged("ready address=", Duration::from_secs(5));
    assert!(ready.contains(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))), "{ready}");
    if !app.url.starts_with("postgres") {
        return;
    }
    let and = if app.url.contains('?') { '&' } else { '?' };
    let url = format!("{}{and}target_session_attrs=read-only", app.url);
    let server = Server::start(&["--database-url", &url]);
    let log = server.log();
    assert_eq!(log.matches("reads go to this server server=\"").count(), 1, "{log}");
    let password = app.url.split('@').next().unwrap().rsplit(':').next().unwrap();
    let line = log.lines().find(|line| line.contains("reads go to this server")).unwrap();
    assert!(password.starts_with("//") || !line.contains(password), "{line}");
}

#[test]
fn one_secret_given_twice_is_refused() {
    for (language, said) in
        [("en", "are the same: give the second only while"), ("fr", "sont le même : ne donnez le second que")]
    {
        let arguments = [
            "check",
            "--lang",
            language,
            "--listen",
            "127.0.0.1:0",
            "--jwt-secret",
            SECRET,
            "--jwt-previous-secret",
            SECRET,
        ];
        let checked = run(&[&arguments[..], &["--database-url", "postgres://u@127.0.0.1:1/e"]].concat()).ends(1).out;
        assert!(checked.contains(said) && !checked.contains(SECRET), "{checked}");
    }
}
