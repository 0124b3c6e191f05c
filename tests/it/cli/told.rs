//! The messages of the program.

use std::fs;

use serde_json::json;
use tempfile::tempdir;

use super::{
    Ran, program, run, run_reading,
    server::{Server, admin},
    write,
};
use crate::app::App;

fn french(app: &App, arguments: &[&str], input: &str) -> Ran {
    app.run_reading(&[arguments, &["--lang", "fr"]].concat(), input)
}

#[tokio::test]
async fn a_service_is_compared_without_the_database_for_the_reason_that_is_told() {
    let app = App::hospital().await;
    let service = |slug: &str, consumers: &str, items: &str| {
        format!(
            "---\nkind: ServiceDefinition\nslug: {slug}\nprovider: {{ slug: dsi }}\nname: {{ fr: A }}\n{consumers}{items}"
        )
    };
    let consumers = "consumers: [{ organization: { slug: lab } }]\n";
    let items = "configurationItems: [{ ref: { system: s, key: a } }]\n";
    let made = "kind: ConfigurationItems\norganization: { slug: dsi }\nitems: [{ ref: { system: s, key: a }, name: A, class: x }]\n";
    let organizations = "---\nkind: Organizations\norganizations: [{ slug: lab, name: { fr: Lab } }]\n";
    let alone = french(&app, &["apply", "--dry-run", "-"], &format!("{made}{}", service("a", "", items))).ends(0);
    let note = "note : comparés sans la base, car ils nomment des éléments de configuration que cette exécution créerait : a\n";
    assert!(alone.out.contains(note) && !alone.out.contains("des organisations que"), "{}", alone.out);
    let all =
        [made, organizations, &service("a", "", items), &service("b", consumers, ""), &service("c", consumers, items)];
    let all = french(&app, &["apply", "--dry-run", "-"], &all.concat()).ends(0).out;
    for note in [
        note,
        "car ils nomment des organisations que cette exécution créerait : b\n",
        "car ils nomment des organisations et des éléments de configuration que cette exécution créerait : c\n",
    ] {
        assert!(all.contains(note), "{note}\n{all}");
    }
}

#[tokio::test]
async fn items_that_go_are_counted_with_the_others_and_one_dependency_is_one() {
    let app = App::hospital().await;
    let items = |items: serde_json::Value| {
        json!({ "kind": "ConfigurationItems", "organization": { "slug": "dsi" }, "items": items }).to_string()
    };
    let key = |r#type: &str, key: &str| json!({ "system": "s", "type": r#type, "key": key });
    let item = |r#type: &str, name: &str| json!({ "ref": key(r#type, name), "name": name, "class": "x" });
    let mut depends = item("t", "c");
    depends["dependsOn"] = json!([{ "system": "s", "key": "a" }]);
    // Known, but under two types.
    let text = items(json!([item("t", "a"), item("u", "a"), item("t", "b"), depends]));
    let ran = french(&app, &["apply", "-"], &text).ends(0);
    assert_eq!(
        ran.summary(),
        "4 éléments de configuration : 4 nouveaux. 1 dépendance n'est pas résolue : sa clé ne désigne aucun élément, ou en désigne plusieurs."
    );
    let gone = json!({ "ref": key("t", "b"), "remove": true });
    let ran = french(&app, &["apply", "-"], &items(json!([gone]))).ends(0);
    assert_eq!(ran.summary(), "1 élément de configuration : 1 supprimé.");
    let mixed = items(json!([{ "ref": key("u", "a"), "remove": true }, item("t", "a")]));
    let ran = app.run_reading(&["apply", "-"], &mixed).ends(0);
    assert!(ran.summary().starts_with("2 configuration items: 1 unchanged, 1 removed."), "{}", ran.out);
}

#[tokio::test]
async fn files_that_go_are_said_to_be_files_and_the_list_says_what_it_is() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let path = folder.path().to_str().unwrap();
    app.run(&["export", "--output", path]).ends(0);
    let list = fs::read_to_string(folder.path().join(".entente-export")).unwrap();
    assert!(
        list.starts_with("# Files that `entente export` wrote,") && list.contains("/ Fichiers qu'`entente export`"),
        "{list}"
    );
    let ran = french(&app, &["export", "--output", path, "--format", "json"], "").ends(0);
    let said = " ; 3 fichiers supprimés, qu'un export antérieur avait écrits et que celui-ci n'écrit pas : configuration-items.yaml,";
    assert!(ran.out.starts_with(&format!("3 fichiers dans {path}{said}")), "{}", ran.out);
}

#[test]
fn french_has_a_blank_before_each_colon_of_a_help_and_of_an_error() {
    let french = |arguments: &[&str]| -> Ran { program(arguments).env("LANG", "fr_FR.UTF-8").output().unwrap().into() };
    for command in [&["--help"][..], &["apply", "--help"], &["serve", "--help"], &["token", "-h"]] {
        let help = french(command).ends(0).out;
        let headings: Vec<&str> =
            help.lines().filter(|line| line.ends_with(':') && !line.starts_with([' ', '\t'])).collect();
        assert!(headings.iter().all(|heading| heading.ends_with(" :")), "{headings:?}");
        assert!(headings.contains(&"Options :"), "{headings:?}");
    }
    let help = french(&["apply", "--help"]).ends(0).out;
    let at = |heading: &str| help.find(heading).unwrap();
    assert!(at("\nArguments :\n") < at("\nOptions :\n"), "{help}");
    assert!(french(&["--help"]).ends(0).out.contains("\nCommandes :\n"));
    let failed = french(&["validate", "/no/such/file.yaml"]).ends(2).err;
    assert_eq!(failed, "erreur : /no/such/file.yaml : ce fichier ou dossier n'existe pas\n");
    let unknown = french(&["validate", "--nothing"]).ends(2).err;
    assert!(unknown.starts_with("erreur : "), "{unknown}");
    assert!(run(&["validate", "/no/such/file.yaml"]).ends(2).err.starts_with("error: /no/such"));
}

#[tokio::test]
async fn names_are_looked_up_though_something_else_is_wrong() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let folder = tempdir().unwrap();
    let text = "kind: ServiceDefinition\nslug: a\nlocale: fr\nprovider: { slug: nobody }\nname: A\noutcomes:\n  - { key: b, statement: B, stage: none }\njourney: [{ key: first, name: A }, { key: second, name: B }]\n";
    let file = write(folder.path(), "a.yaml", text);
    let broken = write(folder.path(), "b.yaml", "kind: ServiceDefinition\nslug: c\nname: { fr: C }\ncolour: red\n");
    let arguments = ["validate", folder.path().to_str().unwrap(), "--server", &server.url, "--token", &admin()];
    let ran = run(&arguments).ends(1);
    let listed = app.provider().get("{ organizations(first: 50) { nodes { slug } } }").await;
    let slugs = listed["organizations"]["nodes"].as_array().unwrap().iter();
    let mut organizations: Vec<&str> = slugs.map(|node| node["slug"].as_str().unwrap()).collect();
    organizations.sort_unstable();
    assert_eq!(
        ran.lines(),
        [
            format!(
                "{file}:4:11: provider: \"nobody\" names no organization that you may see; there are: {} (NOT_FOUND)",
                organizations.join(", ")
            ),
            format!(
                "{file}:7:36: outcomes/b/stage: no stage of the journey has the key \"none\"; there are: first, second (INVALID)"
            ),
            // Besides the field that does not exist, as far as it is known what was meant.
            format!(
                "{broken}:1:1: provider: must be given: the service \"c\" does not exist yet, and the caller has no organization that would be its provider (REQUIRED)"
            ),
            format!(
                "{broken}:4:1: colour: there is no such field here; there are: {}",
                ran.out.split("there are: ").last().unwrap().lines().next().unwrap()
            ),
        ]
    );
    // What is known locally is also reported if no server answers.
    let ran = run(&["validate", &broken, &file, "--server", "http://127.0.0.1:1", "--token", "t"]).ends(2);
    assert!(ran.out.contains("colour: there is no such field"), "{}", ran.out);
    let listen = server.url.strip_prefix("http://").unwrap();
    assert_eq!(run(&["health", "--lang", "fr", "--listen", listen]).ends(0).out, "prêt\n");
    assert_eq!(run(&["health", "--listen", listen]).ends(0).out, "ready\n");
    assert_eq!(run(&["health", "--live", "--lang", "fr", "--listen", listen]).ends(0).out, "vivant\n");
}

#[tokio::test]
async fn what_a_faulty_document_would_create_is_not_said_to_be_missing() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let organizations = |name: &str| format!("kind: Organizations\norganizations: [{{ slug: lab, {name} }}]\n---\n");
    let service = "kind: ServiceDefinition\nslug: a\nlocale: en\nprovider: { slug: lab }\nname: A\n";
    let validate = ["validate", "-", "--server", &server.url, "--token", &admin()];
    // A field that does not exist, a text that is blank, a parent that does not exist.
    let faults = ["nam: A", "name: { en: \" \" }", "name: { en: A }, parent: { slug: nowhere }"];
    for fault in faults {
        let text = [organizations(fault), service.to_owned()].concat();
        let ran = run_reading(&validate, &text).ends(1);
        assert!(!ran.out.contains("\"lab\" names no"), "{}", ran.out);
        assert_eq!(ran.summary(), "1 problem", "{}", ran.out);
        let dry = app.run_reading(&["apply", "--dry-run", "-"], &text).ends(1);
        assert!(!dry.out.contains("\"lab\" names no"), "{}", dry.out);
        if !fault.starts_with("nam:") {
            assert!(dry.summary().contains("1 service: 1 not sent."), "{}", dry.out);
        }
    }
    // A name that no document would create is missing all the same.
    let text = [organizations("name: { en: \" \" }"), service.replace("lab", "labs")].concat();
    let dry = app.run_reading(&["apply", "--dry-run", "-"], &text).ends(1);
    assert!(dry.out.contains("\"labs\" names no organization"), "{}", dry.out);
}
