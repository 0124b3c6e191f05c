//! `entente measure`: measurements from CSV files, on a database and through a server.

use serde_json::{Value, json};
use tempfile::tempdir;

use super::{Ran, SAMPLE, SECRET, program, run, run_reading, server::Server, write};
use crate::app::App;

/// The latest value of each indicator that has one, and its source, with the number of its measurements.
async fn latest(app: &App) -> Vec<(String, f64, Value, u64)> {
    let indicators = "indicators { key latest { value source } measurements { totalCount } }";
    let query = format!(
        r#"{{ service(by: {{slug: "patient-management"}}) {{ outcomes {{ {indicators} }} value {{ benefits {{ {indicators} }} }} }} }}"#
    );
    let read = app.admin().get(&query).await;
    let service = &read["service"];
    let parents = [&service["outcomes"], &service["value"]["benefits"]].map(|list| list.as_array().unwrap());
    let indicators = parents.into_iter().flatten().flat_map(|parent| parent["indicators"].as_array().unwrap());
    let measured = indicators.filter(|indicator| !indicator["latest"].is_null());
    measured
        .map(|indicator| {
            let (latest, count) = (&indicator["latest"], &indicator["measurements"]["totalCount"]);
            let key = indicator["key"].as_str().unwrap().to_owned();
            (key, latest["value"].as_f64().unwrap(), latest["source"].clone(), count.as_u64().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_table_is_recorded_and_recorded_again() {
    let app = App::hospital().await;
    let ran = app.run(&["measure", &format!("{SAMPLE}/measurements.csv")]).ends(0);
    assert_eq!(ran.summary(), "88 measurements: 88 recorded.", "{}", ran.out);
    assert!(ran.on.unwrap().starts_with("database: "));
    let measured = latest(&app).await;
    assert_eq!(measured.len(), 8);
    assert!(measured.contains(&("transcription-errors".into(), 0.4, json!("pharmacy-audit"), 6)), "{measured:?}");
    let before = app.rows().await;
    app.run(&["measure", &format!("{SAMPLE}/measurements.csv")]).ends(0);
    app.assert_unchanged(&before).await;
    // Three columns in their order; the service is the one that has the indicators.
    let plain = "admission-time,2026-11-12T08:30:00Z,5.25\nadmin-time,2026-11-12,44\n";
    let ran = app.run_reading(&["measure", "-", "--source", "audit"], plain).ends(0);
    assert_eq!(ran.summary(), "2 measurements: 2 recorded.");
    assert!(latest(&app).await.contains(&("admission-time".into(), 5.25, json!("audit"), 27)));
    let quiet = app.run_reading(&["measure", "-", "--quiet"], plain).ends(0);
    assert_eq!(quiet.out, "");
    let printed = app.run_reading(&["measure", "-", "--json"], plain).ends(0).out;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&printed["recorded"], &printed["refused"], &printed["problems"]), (&json!(2), &json!(0), &json!([])));
}

#[tokio::test]
async fn what_excel_saves_in_french_is_recorded() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let text = "\u{feff}Indicateur;Date;Valeur;Remarque\r\nadmission-time;12/11/2026 08:30;5,25;\"vu par \"\"Inès\"\" ; à revoir\"\r\n\
                unbilled-procedures;01/11/2026;1\u{202f}234,5;\r\n;;;\r\n";
    let file = write(folder.path(), "mesures.csv", text);
    let ran = app.run(&["measure", &file, "--locale", "fr", "--lang", "fr"]).ends(0);
    assert_eq!(ran.summary(), "2 mesures : 2 enregistrées.");
    let measured = latest(&app).await;
    let expected = [("admission-time", 5.25), ("unbilled-procedures", 1234.5)];
    assert_eq!(measured, expected.map(|(key, value)| (key.to_owned(), value, Value::Null, 1)));
    // In English, nothing of it is sent, and each cause has its place.
    let before = app.rows().await;
    let ran = app.run(&["measure", &file]).ends(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", ran.out);
    assert!(lines[0].starts_with(&format!("{file}:2:16: \"12/11/2026 08:30\" is not an instant")), "{}", ran.out);
    assert_eq!(
        lines[1],
        format!("{file}:2:33: \"5,25\" has a decimal comma: give --locale fr, or write 5.25 (INVALID)")
    );
    let latin: Vec<u8> = b"indicateur;date;valeur;\xe9\r\n".to_vec();
    std::fs::write(&file, latin).unwrap();
    let ran = app.run(&["measure", &file, "--lang", "fr"]).ends(1);
    assert!(ran.out.starts_with(&format!("{file}:1:24: le fichier n'est plus de l'UTF-8")), "{}", ran.out);
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_file_line_and_column() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let before = app.rows().await;
    let table = "indicator,instant,value\nadmision-time,2026-11-12,5\nadmission-time,2999-01-01,5\n\"patient-satisfaction\",2026-11-12,8\n";
    let file = write(folder.path(), "a.csv", table);
    let ran = app.run(&["measure", &file, "--service", "patient-management"]).ends(1);
    assert_eq!(
        ran.out.lines().collect::<Vec<_>>(),
        [
            format!(
                "{file}:2:1: \"admision-time\" names no indicator that you may see; did you mean \"admission-time\"? (NOT_FOUND)"
            ),
            format!("{file}:3:16: is in the future: only values that were measured can be recorded (INVALID)"),
            "3 measurements: 3 refused.".to_owned(),
        ]
    );
    let alone = app.run(&["measure", &file]).ends(1);
    assert_eq!(alone.out.lines().count(), 1, "{}", alone.out);
    assert!(alone.out.contains(&format!("{file}:2:1: \"admision-time\" names no indicator")), "{}", alone.out);
    let unknown = app.run(&["measure", &file, "--service", "laundry"]).ends(1);
    assert!(
        unknown.out.starts_with(&format!("{file}:2:1: names no service that you may see (NOT_FOUND)")),
        "{}",
        unknown.out
    );
    for (text, said) in [
        ("admission-time,2026-11-12,1e400\n", "stdin:1:27: \"1e400\" is not a number"),
        ("admission-time,2026-11-12,NaN\n", "stdin:1:27: \"NaN\" is not a number"),
        ("admission-time,2026-11-12,\"5\n", "stdin:1:27: a quote is not closed"),
        ("admission-time,2026-11-12\n", "stdin:1:1: value: must be given (REQUIRED)"),
    ] {
        let ran = app.run_reading(&["measure", "-"], text).ends(1);
        assert!(ran.out.starts_with(said), "{}", ran.out);
    }
    let missing = app.run(&["measure", "nowhere.csv"]).ends(2);
    assert!(missing.err.contains("nowhere.csv: there is no such file or folder"), "{}", missing.err);
    let empty = app.run_reading(&["measure", "-", "--lang", "fr"], "indicateur;instant;valeur\n").ends(2);
    assert!(empty.err.contains("stdin : ne contient aucune mesure"), "{}", empty.err);
    let none = run(&["measure", &file, "--database-url", "sqlite:///nowhere/entente.db"]).ends(2);
    assert!(none.err.contains("does not exist"), "{}", none.err);
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn through_a_server_the_token_determines_what_is_recorded() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let token = |organization: &str, scopes: &[&str]| {
        let scopes: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", *scope]).collect();
        run(&[&["token", "--jwt-secret", SECRET, "--org", organization][..], &scopes].concat()).ends(0).out
    };
    let through = |token: &str, text: &str, more: &[&str]| -> Ran {
        run_reading(&[&["measure", "-", "--server", &server.url, "--token", token.trim()], more].concat(), text)
    };
    let one = "admission-time,2026-11-12,5\n";
    let ward = token("emergency", &["read", "measurements:write"]);
    assert_eq!(through(&ward, one, &[]).ends(0).summary(), "1 measurement: 1 recorded.");
    let alone = token("emergency", &["measurements:write"]);
    through(&alone, one, &["--service", "patient-management"]).ends(0);
    assert!(through(&alone, one, &[]).ends(2).err.contains("FORBIDDEN"));
    let before = app.rows().await;
    let reader = through(&token("emergency", &["read"]), &one.replace(",5", ",6"), &[]).ends(1);
    assert!(reader.out.contains("stdin:1:1: ") && reader.out.contains("(FORBIDDEN)"), "{}", reader.out);
    let stranger = token("finance", &["read", "measurements:write"]);
    let unseen = through(&stranger, one, &["--service", "patient-management"]).ends(1);
    assert!(unseen.out.starts_with("stdin:1:1: names no service that you may see (NOT_FOUND)"), "{}", unseen.out);
    // More than a call takes, of which the last part is refused.
    let mut many: String = (0..1_500)
        .map(|minute| format!("admission-time,2026-11-11T{:02}:{:02}:00Z,5\n", minute / 60 % 24, minute % 60))
        .collect();
    app.assert_unchanged(&before).await;
    many += "unknown,2026-11-11,5\n";
    let part = through(&ward, &many, &["--service", "patient-management", "--lang", "fr"]).ends(1);
    assert_eq!(part.summary(), "1501 mesures : 1000 enregistrées, 501 refusées.");
    assert!(
        part.out.contains("stdin:1501:1: « unknown » ne désigne aucun indicateur que vous puissiez voir"),
        "{}",
        part.out
    );
    let gone = program(&["measure", "-", "--server", "http://127.0.0.1:1", "--token", "t"]).output().unwrap();
    assert_eq!(gone.status.code(), Some(2));
}
