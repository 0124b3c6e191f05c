//! A folder that an export wrote, after people have worked in it.

use std::fs;

use tempfile::tempdir;

use super::write;
use crate::app::App;

fn small(slug: &str) -> String {
    format!(
        "kind: ServiceDefinition\nslug: {slug}\nlocale: fr\nprovider: {{ slug: dsi }}\nname: Petit\nlifecycle: LIVE\n"
    )
}

#[tokio::test]
async fn a_file_that_says_what_the_server_has_is_taken_over_and_another_is_not() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let path = folder.path().to_str().unwrap();
    let export = |extra: &[&str]| app.run(&[&["export", "--output", path], extra].concat());
    export(&[]).ends(0);
    let mine = write(folder.path(), "petit.yaml", &format!("# Mine.\n{}", small("petit")));
    app.run(&["apply", &mine]).ends(0);
    assert_eq!(export(&[]).ends(0).out, format!("4 files in {path}\n"));
    let text = fs::read_to_string(&mine).unwrap();
    assert!(text.starts_with("kind: ServiceDefinition\nslug: petit\n") && text.contains("fr: Petit"), "{text}");
    let list = || fs::read_to_string(folder.path().join(".entente-export")).unwrap();
    assert!(list().contains("\npetit.yaml\n"), "{}", list());

    // A file with different, less or more content.
    let other = write(folder.path(), "autre.yaml", &small("autre"));
    app.run(&["apply", &other]).ends(0);
    let more = [
        small("autre").replace("Petit", "Grand"),
        small("autre").replace("lifecycle: LIVE\n", "") + "summary: Tout\n",
        small("autre") + "---\n" + &small("encore"),
        small("autre") + "colour: red\n",
    ];
    for text in more {
        fs::write(&other, &text).unwrap();
        let refused = export(&[]).ends(1);
        assert!(refused.err.contains(&format!("\n  {other}\n")), "{}", refused.err);
        assert_eq!(fs::read_to_string(&other).unwrap(), text);
    }
    // Nor is it taken over for what the service once was.
    fs::write(&other, small("autre")).unwrap();
    export(&["--service", "autre", "--revision", "1"]).ends(1);
    export(&["--service", "autre"]).ends(0);
    assert!(list().contains("\nautre.yaml\n"), "{}", list());

    // So are the files of the other kinds.
    fs::remove_file(folder.path().join(".entente-export")).unwrap();
    export(&[]).ends(0);
    assert!(list().contains("\norganizations.yaml\n") && list().contains("\nconfiguration-items.yaml\n"), "{}", list());
    fs::remove_file(folder.path().join(".entente-export")).unwrap();
    let organizations = folder.path().join("organizations.yaml");
    let text = fs::read_to_string(&organizations).unwrap();
    fs::write(&organizations, text + "  - { slug: lab, name: Lab }\n").unwrap();
    assert!(export(&[]).ends(1).err.contains("/organizations.yaml"));
}

#[tokio::test]
async fn a_retired_service_whose_file_was_taken_away_does_not_come_back() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let path = folder.path().to_str().unwrap();
    for slug in ["petit", "petit-2"] {
        app.run_reading(&["apply", "-"], &small(slug)).ends(0);
    }
    let export = |extra: &[&str]| app.run(&[&["export", "--output", path], extra].concat());
    let file = folder.path().join("petit-2.yaml");
    export(&[]).ends(0);
    fs::remove_file(&file).unwrap();
    app.run(&["apply", "--replace", "--prune", "--yes", path]).ends(0);
    for _ in 0..2 {
        let ran = export(&[]).ends(0);
        assert_eq!(ran.out, format!("4 files in {path}\n"));
        let note = "note: not written, because they are retired and have no file in the folder: petit-2 (--service writes them)\n";
        assert_eq!(ran.err, note);
        assert!(!file.exists());
        let again = app.run(&["apply", "--replace", "--prune", path]).ends(0);
        assert!(again.summary().ends_with("2 services: 2 unchanged."), "{}", again.out);
    }
    // In another form there is no file either, and one that is there is kept.
    export(&["--format", "json"]).ends(0);
    assert!(!folder.path().join("petit-2.json").exists());
    export(&["--service", "petit-2"]).ends(0);
    assert!(fs::read_to_string(&file).unwrap().contains("lifecycle: RETIRED"));
    let ran = export(&[]).ends(0);
    assert!(file.exists() && ran.err.is_empty(), "{}", ran.err);
    // What is not live but in use is written, and a new folder has all.
    app.run_reading(&["apply", "-"], &small("petit").replace("LIVE", "PIPELINE")).ends(0);
    fs::remove_file(folder.path().join("petit.yaml")).unwrap();
    export(&[]).ends(0);
    assert!(folder.path().join("petit.yaml").exists());
    let new = folder.path().join("new");
    app.run(&["export", "--output", new.to_str().unwrap()]).ends(0);
    assert!(new.join("petit-2.yaml").exists());
    assert!(app.run(&["export"]).ends(0).out.contains("slug: petit-2\n"));
}
