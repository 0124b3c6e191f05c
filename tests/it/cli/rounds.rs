//! All that is wrong is told in one run, and the summary counts it.

use std::fs;

use tempfile::tempdir;

use super::{run, run_reading, write};
use crate::app::App;

#[test]
fn fields_that_are_missing_and_rules_that_are_broken_are_told_with_the_shape() {
    let text = "kind: ServiceDefinition
slug: analyses
locale: fr
name: Analyses
colour: red
journey:
  - { key: prelevement }
outcomes:
  - { key: resultat, stage: prelevment, colour: red }
  - { key: rapport, statment: Vite }
escalation:
  targets:
    - { severity: HIGH, acknowledgeWithin: PT8H, resolveWithin: PT4H }
    - { severity: LOWEST, acknowledgeWithin: PT1H, resolveWithin: PT4H }
  levels:
    - { level: 1, after: PT0S, name: un }
costs:
  - { key: a, effect: IMPOSED, statement: A, amount: \"36000,00\", currency: EUR, period: 12 mois }
";
    for (language, expected) in [
        (
            "en",
            [
                "stdin:5:1: colour: there is no such field here; there are: ",
                "journey/prelevement/name: must be given (REQUIRED)",
                "outcomes/resultat/statement: must be given (REQUIRED)",
                "stage: no stage of the journey has the key \"prelevment\"; did you mean \"prelevement\"? (INVALID)",
                "outcomes/rapport/statment: there is no such field; did you mean `statement`? (INVALID)",
                "the time to acknowledge must not be longer than the time to resolve (INVALID)",
                "\"36000,00\" is not a decimal number: write the decimals after a point, not a comma, and separate no thousands: \"36000.00\" (INVALID)",
                "\"12 mois\" is not a duration of ISO 8601; it would be \"P12M\" (INVALID)",
            ],
        ),
        (
            "fr",
            [
                "stdin:5:1: colour: ce champ n'existe pas ici ; il y a : ",
                "journey/prelevement/name: doit être indiqué (REQUIRED)",
                "outcomes/resultat/statement: doit être indiqué (REQUIRED)",
                "stage: aucune étape du parcours n'a la clé « prelevment » ; vouliez-vous dire « prelevement » ? (INVALID)",
                "outcomes/rapport/statment: ce champ n'existe pas ; vouliez-vous dire `statement` ? (INVALID)",
                "le délai de prise en compte ne doit pas dépasser le délai de résolution (INVALID)",
                "« 36000,00 » n'est pas un nombre décimal : écrivez les décimales après un point, et non une virgule, sans séparer les milliers : « 36000.00 » (INVALID)",
                "« 12 mois » n'est pas une durée d'ISO 8601 ; ce serait « P12M » (INVALID)",
            ],
        ),
    ] {
        let ran = run_reading(&["validate", "-", "--lang", language], text).ends(1);
        for said in expected {
            assert_eq!(ran.out.matches(said).count(), 1, "{said}\n{}", ran.out);
        }
        // What is named otherwise, or has another value, is not told to be missing too.
        assert!(!ran.out.contains("outcomes/rapport/statement"), "{}", ran.out);
    }
    // A change leaves out what exists.
    let change = "kind: ServiceDefinition\nslug: a\ncolour: red\noutcomes: [{ key: b, stage: care }]\n";
    assert_eq!(run_reading(&["validate", "-"], change).ends(1).summary(), "1 problem");
    let organizations =
        "kind: Organizations\norganizations:\n  - { slug: Lab, colour: red }\n  - { slug: b, name: ' ' }\n";
    let ran = run_reading(&["validate", "-"], organizations).ends(1);
    assert_eq!(ran.summary(), "3 problems", "{}", ran.out);
}

#[test]
fn what_stands_for_an_unknown_value_is_compared_with_nothing() {
    let text = "kind: ServiceDefinition
slug: a
locale: fr
name: A
offerings: [{ key: o, name: O, nom: x }]
consumers: [{ organization: { slug: a }, offering: nulle }]
escalation:
  targets:
    - { severity: URGENT, acknowledgeWithin: PT10M, resolveWithin: PT2H }
    - { severity: LOW, acknowledgeWithin: PT10M, resolveWithin: P1M }
  levels:
    - { level: un, kind: FUNCTIONAL, name: b, after: PT1H }
    - { level: 2, kind: FUNCTIONAL, name: b, after: PT2H }
";
    let ran = run_reading(&["validate", "-"], text).ends(1);
    let places: Vec<&str> = ran.lines().iter().filter_map(|line| line.split(": ").nth(1)).collect();
    let expected = [
        "offerings/o/nom",
        "consumers/a/offering",
        "escalation/targets/URGENT/severity",
        "escalation/targets/LOW/resolveWithin",
        "escalation/levels/un/level",
    ];
    assert_eq!(places, expected, "{}", ran.out);
}

#[test]
fn programs_read_one_object_whatever_happened() {
    let object = |arguments: &[&str], code| -> serde_json::Value {
        let ran = run(arguments).ends(code);
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", ran.out))
    };
    for arguments in [
        &["apply", "--json", "nowhere.yaml"][..],
        &["validate", "--json", "nowhere.yaml"],
        &["apply", "--json", "--dry-run", "--server", "http://127.0.0.1:1", "--token", "x", "examples/hospital"],
    ] {
        let told = object(arguments, 2);
        assert!(told["problems"][0]["message"].as_str().is_some_and(|it| !it.is_empty()), "{told}");
    }
}

#[tokio::test]
async fn apply_tells_what_the_database_does_not_know_besides_what_cannot_be_read() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let before = app.rows().await;
    write(
        folder.path(),
        "a.yaml",
        "kind: ServiceDefinition\nslug: a\nlocale: en\nname: A\nprovider: { slug: dsi }\ncolour: red\n",
    );
    let b = "kind: ServiceDefinition\nslug: b\nlocale: en\nname: B\nprovider: { slug: nobody }\noutcomes: [{ key: c, statement: ' ' }]\n";
    write(folder.path(), "b.yaml", b);
    write(folder.path(), "c.yaml", "kind: ServiceDefinition\nslug: c\nlocale: en\nname: C\n");
    // A field that does not exist does not hide what the database knows of the rest.
    write(
        folder.path(),
        "d.yaml",
        "kind: ServiceDefinition\nslug: d\nlocale: en\nname: D\nsumary: Text\ncolour: red\n",
    );
    let path = folder.path().to_str().unwrap();
    let ran = app.run(&["apply", path]).ends(1);
    for said in [
        "/a.yaml:6:1: colour: there is no such field",
        "/b.yaml:5:11: provider: \"nobody\" names no organization that you may see",
        "/b.yaml:6:33: outcomes/c/statement: must not be empty",
        "/c.yaml:1:1: provider: must be given: the service \"c\" does not exist yet, and the caller has no organization that would be its provider (REQUIRED)",
        "/d.yaml:1:1: provider: must be given: the service \"d\" does not exist yet",
        "/d.yaml:5:1: sumary: there is no such field; did you mean `summary`?",
        "/d.yaml:6:1: colour: there is no such field",
    ] {
        assert_eq!(ran.out.matches(said).count(), 1, "{said}\n{}", ran.out);
    }
    assert_eq!(ran.summary(), "7 problems: nothing was sent.");
    let french = app.run(&["apply", path, "--lang", "fr"]).ends(1);
    assert_eq!(french.summary(), "7 problèmes : rien n'a été envoyé.");
    let said = "provider: doit être indiqué : le service « c » n'existe pas encore, et l'appelant n'a pas d'organisation qui en serait le fournisseur";
    assert!(french.out.contains(said), "{}", french.out);
    app.assert_unchanged(&before).await;
}

#[test]
fn one_file_that_cannot_be_read_leaves_the_others_their_problems_and_the_summary() {
    let folder = tempdir().unwrap();
    let bad = write(folder.path(), "bad.yaml", "kind: ServiceDefinition\nslug: a\ncolour: red\n");
    let good = write(folder.path(), "good.yaml", "kind: ServiceDefinition\nslug: b\nlocale: en\nname: B\n");
    let missing = folder.path().join("missing.yaml").display().to_string();
    for (arguments, summary) in [
        (vec!["validate", &bad, &good, &missing], "2 problems"),
        (vec!["validate", &good, &missing], "1 problem"),
        (vec!["apply", &bad, &good, &missing], "2 problems: nothing was sent."),
    ] {
        let ran = run(&arguments).ends(2);
        assert_eq!(ran.summary(), summary, "{}", ran.out);
        assert!(ran.err.contains("missing.yaml: there is no such file or folder"), "{}", ran.err);
        assert_eq!(ran.out.contains("colour: there is no such field"), arguments.contains(&&*bad), "{}", ran.out);
    }
    fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    let ran = run(&["validate", &good, &missing, "--lang", "fr"]).ends(2);
    assert_eq!(ran.summary(), "1 problème");
    assert!(ran.err.contains("missing.yaml : ce fichier ou dossier n'existe pas"), "{}", ran.err);
}

#[tokio::test]
async fn only_the_faulty_organizations_of_a_batch_are_refused() {
    let app = App::new().await;
    let text = "kind: Organizations\norganizations:\n  - { slug: a, name: A }\n  - { slug: b, name: ' ' }\n  - { slug: c, name: C }\n";
    for extra in [&[][..], &["--dry-run"]] {
        let ran = app.run_reading(&[&["apply", "-"], extra].concat(), text).ends(1);
        assert!(ran.summary().starts_with("3 organizations: 1 refused, 2 not applied."), "{}", ran.out);
    }
    let french = app.run_reading(&["apply", "-", "--lang", "fr"], text).ends(1);
    assert_eq!(french.summary(), "3 organisations : 1 refusée, 2 non appliquées.");
}

#[test]
fn why_a_run_stopped_is_told_first_and_of_other_documents_only_if_there_are_any() {
    let folder = tempdir().unwrap();
    let file = |slug: &str| {
        let text = format!("kind: ServiceDefinition\nslug: {slug}\nlocale: en\nname: A\n");
        write(folder.path(), &format!("{slug}.yaml"), &text)
    };
    let (one, two) = (file("one"), file("two"));
    let apply = |files: &[&str], language: &str| {
        let server = ["--server", "http://127.0.0.1:1", "--token", "t", "--lang", language];
        run(&[&["apply"], files, &server].concat()).ends(2).err
    };
    let cause = "http://127.0.0.1:1/graphql cannot be reached: nothing listens there (connection refused)";
    assert_eq!(apply(&[&one], "en"), format!("error: {cause}; stopped at {one} (applying again is safe)\n"));
    assert_eq!(
        apply(&[&one, &two], "en"),
        format!(
            "error: {cause}; stopped at {one}, and the documents after it were not sent (applying again is safe)\n"
        )
    );
    let french = apply(&[&one, &two], "fr");
    let said = format!("(connexion refusée) ; arrêt à {one}, et les documents suivants n'ont pas été envoyés");
    assert!(
        french.starts_with("erreur : http://127.0.0.1:1/graphql est injoignable : ") && french.contains(&said),
        "{french}"
    );
}
