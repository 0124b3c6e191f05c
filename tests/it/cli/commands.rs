//! The smaller commands, and what all have in common.

use std::process::Stdio;

use super::{SECRET, program, run};
use crate::app::App;

/// Every command.
const COMMANDS: [&str; 17] = [
    "serve", "check", "health", "apply", "validate", "export", "propose", "status", "agree", "object", "publish",
    "withdraw", "verify", "measure", "token", "schema", "migrate",
];

#[test]
fn the_schema_is_the_one_that_is_committed() {
    let committed = include_str!("../../../schema.graphql");
    assert!(
        run(&["schema"]).ends(0).out == committed,
        "schema.graphql is not what the program exports. Look at what has changed: it is what clients are promised. Then \
         renew it with: cargo run -- schema > schema.graphql"
    );
}

#[test]
fn the_schema_of_documents_is_the_one_that_is_committed() {
    let committed = include_str!("../../../documents.schema.json");
    assert!(
        run(&["schema", "--documents"]).ends(0).out == committed,
        "documents.schema.json is not what the program prints. Look at what has changed: editors follow it. Then renew it with: \
         cargo run -- schema --documents > documents.schema.json"
    );
}

#[test]
fn every_command_has_a_help_with_examples() {
    for command in COMMANDS {
        let ran = run(&[command, "--help"]).ends(0);
        assert!(ran.out.contains("Examples:\n  "), "{}", ran.out);
        assert!(ran.out.lines().all(|line| line.chars().count() <= 120), "{}", ran.out);
    }
    let help = run(&["--help"]).ends(0).out;
    assert!(help.contains("Exit codes:"));
    for arguments in [
        &["help", "--help"][..],
        &["help", "-h"],
        &["help"],
        &["--lang", "en", "help", "--help"],
        &["help", "--lang", "en"],
    ] {
        let help = run(arguments).ends(0).out;
        assert!(help.contains("Exit codes:") && help.contains("Apply documents"), "{arguments:?}: {help}");
    }
    assert_eq!(run(&["help", "apply", "--help"]).ends(0).out, run(&["help", "apply"]).ends(0).out);
    assert!(run(&["--lang", "fr", "help", "--help"]).ends(0).out.contains("Codes de sortie :"));
    assert_eq!(run(&["--version"]).ends(0).out, format!("entente {}\n", env!("CARGO_PKG_VERSION")));
    assert!(run(&["no-such-command"]).ends(2).err.contains("no-such-command"));
    run(&["apply"]).ends(2);
}

#[test]
fn help_and_faults_of_arguments_are_in_french_for_who_speaks_it() {
    let french = |arguments: &[&str]| -> super::Ran {
        program(arguments).env("LC_ALL", "fr_FR.UTF-8").env("LANG", "en_US.UTF-8").output().unwrap().into()
    };
    let help = french(&["--help"]).ends(0).out;
    for said in [
        "Utilisation : entente",
        "[OPTIONS] <COMMANDE>",
        "--lang <LANGUE>",
        "Commandes :",
        "Appliquer des documents",
        "Codes de sortie :",
    ] {
        assert!(help.contains(said), "{said}\n{help}");
    }
    for command in COMMANDS {
        let help = french(&[command, "--help"]).ends(0).out;
        let english = [
            "Usage:",
            "Examples:",
            "[default:",
            "[possible values:",
            "Print help",
            " the ",
            " of ",
            "<COMMAND>",
            "<FILE",
            "<LANGUAGE>",
            "<TOKEN>",
            "<SLUG>",
        ];
        let left = english.iter().find(|word| help.contains(*word));
        assert!(help.contains("Exemples :\n  ") && left.is_none(), "{left:?}\n{help}");
    }
    assert!(
        french(&["apply", "--dry-runn", "x"])
            .ends(2)
            .err
            .contains("l'option « --dry-runn » n'existe pas ; vouliez-vous dire « --dry-run » ?")
    );
    assert!(french(&["apply"]).ends(2).err.contains("il manque : <FICHIER|DOSSIER|->"));
    assert!(
        french(&["aply"]).ends(2).err.contains("la commande « aply » n'existe pas ; vouliez-vous dire « apply » ?")
    );
    let fault = french(&["token"]).ends(2).err;
    assert_eq!(fault, "erreur : aucun secret pour signer : donnez --jwt-secret, ou ENTENTE_JWT_SECRET\n");
    let pending = french(&["migrate", "--check", "--database-url", "sqlite:///nowhere.db?mode=rwc"]).ends(1).out;
    assert!(pending.lines().all(|line| line.ends_with("  en attente")), "{pending}");
    assert!(french(&["--lang", "en", "--help"]).ends(0).out.contains("Usage:"));
}

#[tokio::test]
async fn migrations_are_shown_and_run_by_two_at_once() {
    let app = App::unmigrated().await;
    let check = app.run(&["migrate", "--check"]).ends(1);
    assert!(check.out.lines().all(|line| line.ends_with("  pending")), "{}", check.out);
    let both = [(); 2].map(|()| {
        let mut command = program(&["migrate", "--database-url", &app.url]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let both = both.map(|child| super::Ran::from(child.wait_with_output().unwrap()).ends(0).out);
    assert_eq!(both.iter().filter(|out| out.contains("  ran now")).count(), 1, "{both:?}");
    assert_eq!(both.iter().filter(|out| out.contains("  has run")).count(), 1, "{both:?}");
    assert_eq!(app.run(&["migrate", "--check"]).ends(0).out, app.run(&["migrate"]).ends(0).out);
}

#[test]
fn a_token_takes_a_secret_that_nothing_prints() {
    let ran = run(&["token"]).ends(2);
    assert!(ran.err.contains("ENTENTE_JWT_SECRET"), "{}", ran.err);
    let ran = run(&["token", "--jwt-secret", "hunter2"]).ends(2);
    assert!(ran.err.contains("too short") && !ran.err.contains("hunter2"), "{}", ran.err);
    let ran: super::Ran = program(&["token", "--help"]).env("ENTENTE_JWT_SECRET", SECRET).output().unwrap().into();
    assert!(!ran.ends(0).out.contains(SECRET));
    let ran = run(&["token", "--jwt-secret", SECRET, "--org", "D S I", "--lang", "fr"]).ends(2);
    assert!(ran.err.contains("un nom court a des minuscules") && ran.out.is_empty(), "{}", ran.err);
    let ran = run(&["token", "--jwt-secret", SECRET, "--scope", "everything"]).ends(2);
    assert!(ran.err.contains("organizations:write") && !ran.err.contains(SECRET), "{}", ran.err);
}
