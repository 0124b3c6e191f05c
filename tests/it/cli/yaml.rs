//! What YAML makes hard to see: tabs, keys given twice, commas, times as people write them.

use super::{run_reading, write};

fn said(text: &str, language: &str) -> String {
    run_reading(&["validate", "-", "--lang", language], text).ends(1).out
}

const HEAD: &str = "kind: ServiceDefinition\nslug: a\nprovider: { slug: dsi }\nname: { fr: A }\n";

#[test]
fn a_tab_is_told_on_its_own_line_whatever_stands_above_it() {
    let french =
        ": cette ligne commence par une tabulation ; en YAML, on indente avec des espaces (INVALID)\n1 problème\n";
    let english = ": this line begins with a tab; YAML must be indented with spaces (INVALID)\n1 problem\n";
    for (text, place) in [
        (format!("{HEAD}risks:\n  - key: a\n\t  effect: REMOVED\n"), "7:1"),
        (format!("{HEAD}risks:\n  - key: a\n  \teffect: REMOVED\n"), "7:3"),
        (format!("{HEAD}risks:\n    statement: Le patient attend\n\tmoins\n"), "7:1"),
        (format!("{HEAD}risks:\n    statement: Le patient\n      \tattend\n\tmoins\n"), "8:1"),
        // Of a later document, lines count in the whole file.
        (format!("{HEAD}---\n{HEAD}summary: Le patient\n\tattend\n"), "11:1"),
    ] {
        assert!(said(&text, "fr").contains(&format!("stdin:{place}{french}")), "{text}\n{}", said(&text, "fr"));
        assert!(said(&text, "en").contains(&format!("stdin:{place}{english}")), "{text}\n{}", said(&text, "en"));
    }
    // An allowed tab is not reported, but the error above it is.
    let open = said(&format!("{HEAD}summary: \"A\nlocale: |\n\tfr\n"), "en");
    assert!(!open.contains("a tab stands"), "{open}");
    let behind = said(&format!("{HEAD}summary: Le patient\n  \tattend\ncolour: red\n"), "en");
    assert!(behind.starts_with("stdin:7:1: colour: "), "{behind}");
}

#[test]
fn a_language_given_twice_is_told_with_its_keys_and_with_the_other_problems() {
    let json = r#"{ "kind": "Organizations", "organizations": [{ "slug": "a", "name": { "fr": "A", "fr": "B" }, "colour": 1 }] }"#;
    for (text, expected) in [
        (
            format!("{HEAD}summary: {{ fr: \"a\", fr: \"b\" }}\ncolour: red\n"),
            "stdin:5:21: summary/fr: ce champ est indiqué deux fois (INVALID)\nstdin:6:1: colour: ce champ n'existe pas",
        ),
        (
            format!("{HEAD}outcomes:\n  - key: b\n    statement:\n      fr: a\n      fr: b\n"),
            "stdin:9:7: outcomes/b/statement/fr: ce champ est indiqué deux fois (INVALID)\n1 problème\n",
        ),
        (
            "kind: Organizations\norganizations:\n  - { slug: a, name: { fr: A, fr: B } }\n  - { slug: b, nam: B }\n"
                .to_owned(),
            "stdin:3:31: organizations/a/name/fr: ce champ est indiqué deux fois (INVALID)\nstdin:4:16: organizations/b/nam: ",
        ),
        (
            json.to_owned(),
            "stdin:1:82: organizations/a/name/fr: ce champ est indiqué deux fois (INVALID)\nstdin:1:95: organizations/a/colour: ",
        ),
    ] {
        let said = said(&text, "fr");
        assert!(said.starts_with(expected), "{said}");
    }
    let tags = said(&format!("{HEAD}summary: {{ de: A, deu: B }}\n"), "fr");
    assert!(tags.contains("summary/deu: « deu » désigne la langue « de », que ce texte a déjà (INVALID)"), "{tags}");
}

#[test]
fn a_comma_that_ends_a_duration_is_told_as_one_that_ends_a_number() {
    let target = |time: &str| {
        format!(
            "{HEAD}escalation:\n  targets:\n    - {{ severity: HIGH, acknowledgeWithin: PT1H, resolveWithin: {time} }}\n"
        )
    };
    for time in ["PT1,5H", "1,5 h", "1,5h"] {
        let said = said(&target(time), "fr");
        let expected = "stdin:7:65: escalation/targets/HIGH/resolveWithin: une virgule termine ici le nombre : écrivez les décimales \
                        après un point, comme PT1.5H (INVALID)\n1 problème\n";
        assert_eq!(said, expected);
    }
}

#[test]
fn only_a_deadline_that_would_be_taken_is_suggested() {
    let within = |time: &str| {
        let text = format!(
            "{HEAD}escalation:\n  targets:\n    - {{ severity: HIGH, acknowledgeWithin: PT1M, resolveWithin: \"{time}\" }}\n"
        );
        said(&text, "fr")
    };
    for (time, meant) in
        [("2h30", "PT2H30M"), ("1,5 h", "PT1.5H"), ("90 min", "PT90M"), ("pt8h", "PT8H"), ("1 jour 4 h", "P1DT4H")]
    {
        let said = within(time);
        let expected = format!("« {time} » n'est pas une durée d'ISO 8601 ; ce serait « {meant} » (INVALID)");
        assert!(said.contains(&expected), "{said}");
    }
    for (time, fault) in [
        (
            "3 mois",
            "n'est pas un délai : donnez des semaines, jours, heures, minutes ou secondes, plus de zéro (INVALID)",
        ),
        (
            "0 min",
            "n'est pas un délai : donnez des semaines, jours, heures, minutes ou secondes, plus de zéro (INVALID)",
        ),
        ("9999 jours", "est trop long : un délai compte au plus 3650 jours (TOO_LONG)"),
        ("bientôt", "n'est pas une durée d'ISO 8601, comme « PT4H » ou « P2D » (INVALID)"),
    ] {
        let said = within(time);
        assert!(said.contains(&format!("« {time} » {}", fault.split(" (").next().unwrap())), "{said}");
        assert!(!said.contains("ce serait"), "{said}");
    }
    // A repeated cost can occur every three months, but not with a period of zero.
    let every = |time: &str| {
        said(&format!("{HEAD}costs:\n  - {{ key: b, effect: IMPOSED, statement: B, period: {time} }}\n"), "fr")
    };
    assert!(every("3 mois").contains("ce serait « P3M »"));
    assert!(!every("0 mois").contains("ce serait"));
}

#[test]
fn problems_come_in_the_order_of_lines_and_columns() {
    let text = "kind: ConfigurationItems\norganization: { slug: dsi }\nitems:\n  - { ref: { system: s, key: a }, name: A, class: x }\n\
                \x20 - { ref: { system: s, key: a, type: t }, name: A, class: x, dependsOn: [{ system: S, key: b }] }\n---\n";
    let text = format!(
        "{text}{HEAD}colour: red\n---\nkind: Organizations\norganizations: [{{ slug: dsi, parent: {{ slug: dsi }} }}, {{ slug: B }}]\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "all.yaml", &text);
    let ran = super::run(&["validate", &file]).ends(1);
    let places: Vec<(u64, u64)> = ran
        .lines()
        .into_iter()
        .map(|line| {
            let mut parts = line[file.len() + 1..].split(':').map(|part| part.parse().unwrap_or_default());
            (parts.next().unwrap(), parts.next().unwrap())
        })
        .collect();
    let mut sorted = places.clone();
    sorted.sort_unstable();
    assert!(places == sorted && places.len() > 3, "{}", ran.out);
    let again = format!(
        "{file}:5:12: items/1/ref: the configuration item \"a\" of s is in {file}:4 already: a key without a type is the same item, \
         whatever its type (INVALID)"
    );
    assert!(ran.lines().contains(&&*again), "{}", ran.out);
}

#[test]
fn what_is_not_closed_is_told_where_it_begins() {
    let open = |sign: &str, closing: &str| {
        (
            format!("this `{sign}` is not closed: `{closing}` is missing"),
            format!("ce `{sign}` n'est pas fermé : il manque `{closing}`"),
        )
    };
    let quote =
        || ("a quote is not closed, or something follows it".to_owned(), "un guillemet n'est pas fermé".to_owned());
    let colon =
        || ("a blank is missing after the colon".to_owned(), "il manque une espace après les deux-points".to_owned());
    let json =
        "{\n  \"kind\": \"ServiceDefinition\",\n  \"slug\": \"a\",\n  \"name\": { \"fr\": \"A\",\n  \"costs\": []\n}\n";
    for (text, place, (english, french)) in [
        (format!("{HEAD}summary: {{ fr: A\nlifecycle: LIVE\n"), "5:10", open("{", "}")),
        (
            format!("{HEAD}summary: {{ fr: A\noutcomes:\n  - key: a\n    statement: {{ fr: B }}\n"),
            "5:10",
            open("{", "}"),
        ),
        (
            format!("{HEAD}journey: [{{ key: a, name: A }}\noutcomes: [{{ key: b, statement: B }}]\n"),
            "5:10",
            open("[", "]"),
        ),
        (format!("{HEAD}journey:\n  - {{ key: a, name: A\n  - {{ key: b, name: B }}\n"), "6:5", open("{", "}")),
        (format!("{HEAD}journey: [{{ key: a, name: A ]\nlifecycle: LIVE\n"), "5:11", open("{", "}")),
        (format!("{HEAD}journey:\n  - {{ key: a, name: [A }}\nlifecycle: LIVE\n"), "6:21", open("[", "]")),
        (format!("{HEAD}journey:\n  [\n    {{ key: a, name: A }},\nlifecycle: LIVE\n"), "6:3", open("[", "]")),
        (format!("{HEAD}# [ 'it\nsummary: it's [so\noutcomes: [\nlifecycle: LIVE\n"), "7:11", open("[", "]")),
        (format!("{HEAD}summary: |\n  [ \"open\nrisks: {{\nlifecycle: LIVE\n"), "7:8", open("{", "}")),
        (format!("{HEAD}---\n{HEAD}journey: [\nlifecycle: LIVE\n"), "10:10", open("[", "]")),
        (json.to_owned(), "4:11", open("{", "}")),
        (format!("{HEAD}summary: \"A\nlifecycle: LIVE\n"), "5:10", quote()),
        (format!("{HEAD}summary: \"A\nlifecycle: \"LIVE\"\n"), "5:10", quote()),
        (format!("{HEAD}summary: 'A\noutcomes:\n  - {{ key: a, statement: 'B' }}\n"), "5:10", quote()),
        (format!("{HEAD}summary:A\nlifecycle: LIVE\n"), "5:8", colon()),
        (format!("{HEAD}outcomes:\n  - key: a\n    statement:A\n    supported: false\n"), "7:14", colon()),
    ] {
        for (language, expected) in [("en", english), ("fr", french)] {
            let said = said(&text, language);
            assert!(said.starts_with(&format!("stdin:{place}: {expected}")), "{text}\n{said}");
        }
    }
    // What is closed is not told to be open.
    for (text, place) in [
        (format!("{HEAD}journey: [{{ key: a, name: A }} {{ key: b }}]\n"), "5:"),
        (format!("{HEAD}journey: []]\n"), "5:"),
        (format!("{HEAD}summary: [a,\n  b]\nlifecycle: LIVE: no\n"), "7:"),
        (format!("{HEAD}summary: \"a\n  b\"\nlifecycle: LIVE: no\n"), "7:"),
    ] {
        let said = said(&text, "en");
        assert!(said.starts_with(&format!("stdin:{place}")) && !said.contains("` is missing"), "{text}\n{said}");
    }
}
