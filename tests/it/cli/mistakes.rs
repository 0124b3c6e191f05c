//! Mistakes in files: each is reported with file, line, column and keys, and how to correct it, in the reader's
//! language.

use entente::policy::Scope;
use serde_json::{Value, json};
use tempfile::tempdir;

use super::{SAMPLE, program, run, run_reading, write};
use crate::app::{App, SERVICE};

/// A first definition, written by hand.
const FIRST: &str = "kind: ServiceDefinition
slug: analyses
provider: dsi
name: Analyses
sumary: Tout
journey:
  - { key: prelevement, name: Prélèvement }
outcomes:
  - key: resultat
    statment: Vite
    stage: prelevement
    indicators:
      - { key: delai, name: Délai, unit: min, direction: LOWER, target: soixante }
costs: {}
lifecycle: live
";

#[test]
fn all_that_is_wrong_with_the_shape_of_a_file_is_told_at_once() {
    let ran = run_reading(&["validate", "-"], FIRST).ends(1);
    assert_eq!(
        ran.out.lines().collect::<Vec<_>>(),
        [
            "stdin:3:11: provider: give the kind of identifier: { slug: dsi } (INVALID)",
            "stdin:5:1: sumary: there is no such field; did you mean `summary`? (INVALID)",
            "stdin:10:5: outcomes/resultat/statment: there is no such field; did you mean `statement`? (INVALID)",
            "stdin:13:58: outcomes/resultat/indicators/delai/direction: \"LOWER\" is not one of the values; did you mean \
             LOWER_IS_BETTER? (INVALID)",
            "stdin:13:73: outcomes/resultat/indicators/delai/target: a number is expected, not \"soixante\", as 12 or 99.5 are (INVALID)",
            "stdin:14:8: costs: a list is expected: begin each entry with \"- \", or write [ … ] (INVALID)",
            "stdin:15:12: lifecycle: \"live\" is not one of the values; did you mean LIVE? (INVALID)",
            "7 problems",
        ]
    );
    let french = run_reading(&["--lang", "fr", "validate", "-"], FIRST).ends(1);
    assert_eq!(
        french.out.lines().collect::<Vec<_>>(),
        [
            "stdin:3:11: provider: indiquez le type d'identifiant : { slug: dsi } (INVALID)",
            "stdin:5:1: sumary: ce champ n'existe pas ; vouliez-vous dire `summary` ? (INVALID)",
            "stdin:10:5: outcomes/resultat/statment: ce champ n'existe pas ; vouliez-vous dire `statement` ? (INVALID)",
            "stdin:13:58: outcomes/resultat/indicators/delai/direction: « LOWER » n'est pas l'une des valeurs ; vouliez-vous dire \
             LOWER_IS_BETTER ? (INVALID)",
            "stdin:13:73: outcomes/resultat/indicators/delai/target: « soixante » n'est pas un nombre, comme 12 ou 99.5 (avec un \
             point) (INVALID)",
            "stdin:14:8: costs: une liste est attendue : commencez chaque entrée par « - », ou écrivez [ … ] (INVALID)",
            "stdin:15:12: lifecycle: « live » n'est pas l'une des valeurs ; vouliez-vous dire LIVE ? (INVALID)",
            "7 problèmes",
        ]
    );
}

#[test]
fn rules_are_told_where_they_are_broken_without_a_database() {
    let folder = tempdir().unwrap();
    let text = SERVICE
        .replace("stage: triage", "stage: triag")
        .replace("acknowledgeWithin: PT15M", "acknowledgeWithin: 15 min")
        .replace("key: data-loss", "key: hosting")
        .replace("    offering: office-hours", "    offering: office-hour");
    let file = write(folder.path(), "service.yaml", &text);
    let line = |part: &str| {
        let number = text.lines().position(|line| line.contains(part)).unwrap();
        let column = text.lines().nth(number).unwrap().find(part).unwrap();
        (number + 1, text.lines().nth(number).unwrap()[..column].chars().count())
    };
    let ran = run(&["validate", &file]).ends(1);
    let expected = [
        (
            "triag",
            12,
            "outcomes/right-priority/stage: no stage of the journey has the key \"triag\"; did you mean \"triage\"?",
        ),
        (
            "15 min",
            0,
            "escalation/targets/CRITICAL/acknowledgeWithin: \"15 min\" is not a duration of ISO 8601; it would be \"PT15M\"",
        ),
        (
            "office-hour",
            0,
            "consumers/outpatients/offering: no offering of the service has the key \"office-hour\"; did you mean \"office-hours\"?",
        ),
    ];
    for (part, _, message) in expected {
        let (number, _) = match part {
            "triag" => line("stage: triag"),
            "office-hour" => line("    offering: office-hour"),
            part => line(part),
        };
        let is_there = |line: &str| line.starts_with(&format!("{file}:{number}:")) && line.contains(message);
        assert!(ran.out.lines().any(is_there), "{message}\n{}", ran.out);
    }
    assert!(ran.out.contains("the key \"hosting\" is used by costs/0 already"), "{}", ran.out);
    assert_eq!(ran.summary(), "4 problems");

    assert_eq!(run(&["validate", SAMPLE]).ends(0).out, "3 documents: 3 valid.\n");
    // A change of a definition leaves out existing content.
    let change = "kind: ServiceDefinition\nslug: patient-management\noutcomes:\n  - { key: one-record, stage: care }\n";
    run_reading(&["validate", "-"], change).ends(0);
    // One with a name is a whole definition.
    let whole =
        "kind: ServiceDefinition\nslug: a\nlocale: en\nname: A\noutcomes:\n  - { key: b, statement: B, stage: care }\n";
    let whole = run_reading(&["validate", "-"], whole).ends(1);
    assert!(
        whole.out.contains("outcomes/b/stage: no stage of the journey has the key \"care\" (INVALID)"),
        "{}",
        whole.out
    );
    let alone = run_reading(&["validate", "--replace", "-"], change).ends(1);
    assert!(alone.out.contains("name: must be given (REQUIRED)"), "{}", alone.out);
    assert!(alone.out.contains("no stage of the journey has the key \"care\""), "{}", alone.out);
}

#[test]
fn a_tab_an_open_bracket_and_an_unknown_kind_are_told_on_their_own_lines_in_french() {
    let french = |text: &str| run_reading(&["validate", "-", "--lang=fr"], text).ends(1).out;
    let head = "kind: ServiceDefinition\nslug: a\n";
    let cases = [
        (format!("{head}name:\n\tfr: A\nsummary: B\n"), "stdin:4:1: cette ligne commence par une tabulation"),
        (format!("{head}journey: [\n  {{ key: a, name: A }}\n"), "stdin:3:10: ce `[` n'est pas fermé : il manque `]`"),
        (format!("{head}name: Accueil: tout\n"), "stdin:3:14: cette ligne ne va pas avec celles du dessus"),
        (
            "kind: Organisations\n".to_owned(),
            "stdin:1:7: kind: « Organisations » n'est pas l'une des valeurs ; vouliez-vous dire Organizations ?",
        ),
        ("slug: a\n".to_owned(), "stdin:1:1: `kind` doit dire ce que le document contient"),
        (format!("{head}slug: b\n"), "stdin:3:1: slug: ce champ est indiqué deux fois"),
        (format!("{head}kind: Organizations\n"), "stdin:3:1: kind: ce champ est indiqué deux fois"),
        (
            format!("{head}<<<<<<< HEAD\nname: A\n=======\nname: B\n>>>>>>> other\n"),
            "stdin:3:1: git a laissé ici un conflit entre deux modifications",
        ),
        (
            format!("{head}outcomes:\n  - key: a\n    indicators:\n      - {{ key: b, baseline: 3,5 }}\n"),
            "stdin:6:29: outcomes/a/indicators/b/baseline: une virgule termine ici le nombre : écrivez les décimales après un point, comme 3.5",
        ),
        (
            format!("{head}externalReferences:\n  - {{ system: '', key: '' }}\n"),
            "stdin:4:15: externalReferences/0/system: ",
        ),
        (
            format!("{head}name: ~\noutcomes: [{{ key: a, statement: ~ }}]\n"),
            "stdin:3:7: name: doit être indiqué (REQUIRED)\nstdin:4:33: outcomes/a/statement: doit être indiqué (REQUIRED)\n",
        ),
    ];
    for (text, expected) in cases {
        let said = french(&text);
        assert!(said.starts_with(expected), "{text}\n{said}");
    }
}

#[tokio::test]
async fn a_name_that_nothing_has_suggests_the_nearest_by_file_and_by_api() {
    let app = App::hospital().await;
    let text = "kind: ServiceDefinition\nslug: patient-management\nconsumers:\n  - organization: { slug: emergancy }\n";
    let ran = app.run_reading(&["apply", "-"], text).ends(1);
    let said = "\"emergancy\" names no organization that you may see; did you mean \"emergency\"?";
    assert!(
        ran.out.contains(&format!("stdin:4:19: consumers/emergancy/organization: {said} (NOT_FOUND)")),
        "{}",
        ran.out
    );
    let consumer = json!([{ "organization": { "slug": "emergancy" } }]);
    let document = json!({ "slug": "patient-management", "consumers": consumer });
    let payload = app.provider().apply(document, json!({})).await;
    assert_eq!(payload["userErrors"][0]["path"], json!(["definition", "consumers", "0", "organization"]));
    assert_eq!(payload["userErrors"][0]["message"], said);
    let change = "kind: ServiceDefinition\nslug: patient-managment\nsummary: Flow\n";
    let ran = app.run_reading(&["apply", "-"], change).ends(1);
    let near = "stdin:1:1: name: must be given for a new service, and there is no service \"patient-managment\" that you may see; did you \
                mean \"patient-management\"? (REQUIRED)";
    assert!(ran.out.contains(near), "{}", ran.out);
    let unseen = app.someone("emergency", &[Scope::Read, Scope::DefinitionsWrite]);
    let payload = unseen.apply(json!({ "slug": "elsewhere", "summary": "x" }), json!({})).await;
    assert!(payload["userErrors"][0]["message"].as_str().unwrap().ends_with("that you may see"), "{payload:#}");
    for (change, said) in [
        (
            json!({ "slug": "patient-management", "costs": [{ "key": "hosting", "period": "P0D" }] }),
            "is a duration of zero",
        ),
        (json!({ "slug": "patient-management" }), "-1 is not a revision"),
    ] {
        let expected = if said.starts_with('-') { json!({ "expectedRevision": -1 }) } else { json!({}) };
        let payload = app.provider().apply(change, expected).await;
        assert_eq!(payload["userErrors"][0]["code"], "INVALID", "{payload:#}");
        assert!(payload["userErrors"][0]["message"].as_str().unwrap().contains(said), "{payload:#}");
    }
    let ran = app.run(&["export", "--service", "patient-managment"]).ends(1);
    assert!(ran.err.contains("did you mean \"patient-management\"?"), "{}", ran.err);
}

#[tokio::test]
async fn results_and_reasons_are_on_one_stream_and_there_is_less_or_json_on_demand() {
    let app = App::hospital().await;
    let text = "kind: ServiceDefinition\nslug: third\nprovider: { slug: nobody }\nname: Third\n---\nkind: ServiceDefinition\nslug: patient-management\nlifecycle: RETIRED\n";
    let ran = app.run_reading(&["apply", "-", "--dry-run"], text).ends(1);
    assert_eq!(ran.err, "");
    assert_eq!(ran.out.lines().next(), Some("third: refused"));
    assert!(ran.out.lines().nth(1).unwrap().starts_with("stdin:3:11: provider: "), "{}", ran.out);
    let quiet = app.run_reading(&["apply", "-", "--dry-run", "--quiet"], text).ends(1);
    assert_eq!(quiet.out, ran.out.lines().take(2).map(|line| format!("{line}\n")).collect::<String>());
    let printed = app.run_reading(&["apply", "-", "--dry-run", "--json"], text).ends(1);
    let printed: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(printed["services"][0], json!({ "slug": "third", "file": "stdin", "result": "REFUSED" }));
    assert_eq!(printed["services"][1]["result"], "CHANGED");
    assert_eq!(printed["services"][1]["changes"][0]["path"], "lifecycle");
    assert_eq!(printed["problems"][0]["line"], 3);
    assert_eq!(printed["problems"][0]["code"], "NOT_FOUND");
    assert_eq!(printed["dryRun"], true);
    let broken = app.run_reading(&["apply", "-", "--json"], "kind: [").ends(1);
    let broken: Value = serde_json::from_str(&broken.out).unwrap();
    assert_eq!(broken["problems"][0]["line"], 1);
}

#[test]
fn a_forgotten_server_makes_no_database() {
    let folder = tempdir().unwrap();
    let apply = |arguments: &[&str]| -> super::Ran {
        let mut command = program(&[&["apply", SAMPLE], arguments].concat());
        command.current_dir(folder.path()).output().unwrap().into()
    };
    let refused = apply(&[]).ends(2);
    assert!(refused.err.contains("entente.db does not exist. No server was named"), "{}", refused.err);
    assert!(refused.err.contains("--create") && refused.out.is_empty(), "{}", refused.err);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let made = apply(&["--create"]).ends(0);
    assert_eq!(made.on.as_deref(), Some("database: SQLite entente.db"));
    assert_eq!(apply(&[]).ends(0).on, made.on);
    let french: super::Ran =
        program(&["apply", SAMPLE]).current_dir(folder.path()).env("LANG", "fr_FR.UTF-8").output().unwrap().into();
    assert_eq!(
        french.ends(0).out,
        "patient-management : inchangé\n6 organisations : 6 inchangées. 6 éléments de configuration : 6 inchangés. 1 service : 1 inchangé.\n"
    );
}

#[tokio::test]
async fn a_key_that_no_element_has_is_told_with_the_one_that_was_meant() {
    let app = App::hospital().await;
    for (change, said) in [
        (
            "outcomes:\n  - { key: one-recrod, supported: false }\n",
            "outcomes/one-recrod/statement: must be given for something new, and nothing here has the key \"one-recrod\"; did \
             you mean \"one-record\"? (REQUIRED)",
        ),
        (
            "outcomes:\n  - { key: records, renamedFrom: one-recrod }\n",
            "outcomes/records/statement: must be given for something new, and nothing here has the key \"one-recrod\"; did \
             you mean \"one-record\"? (REQUIRED)",
        ),
        (
            "outcomes:\n  - { key: triage-zebra, supported: false }\n",
            "outcomes/triage-zebra/statement: must be given (REQUIRED)",
        ),
    ] {
        let text = format!("kind: ServiceDefinition\nslug: patient-management\n{change}");
        let ran = app.run_reading(&["apply", "-"], &text).ends(1);
        assert!(ran.out.contains(said), "{}", ran.out);
    }
    let text = "kind: ServiceDefinition\nslug: patient-management\noutcomes:\n  - key: one-record\n    indicators: [{ key: \
                record-availabilty, target: 1 }]\n";
    let ran = app.run_reading(&["apply", "-", "--lang", "fr"], text).ends(1);
    let said = "rien n'a ici la clé « record-availabilty » ; vouliez-vous dire « record-availability » ?";
    assert!(ran.out.contains(said), "{}", ran.out);
}
