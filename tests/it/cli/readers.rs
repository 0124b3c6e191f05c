//! An export contains what the token may see, and `apply` writes what it may write: neither deletes what the token may
//! not see.

use std::{collections::BTreeMap, fs, path::Path};

use tempfile::tempdir;

use super::{Ran, SECRET, run, server::Server, write};
use crate::app::{App, ITEMS, ORGANIZATIONS, SERVICE};

const FULL: &str = "read cmdb:read definitions:write organizations:write cmdb:write";

/// A token of an organization, with these scopes.
fn token(organization: &str, scopes: &str) -> String {
    let scopes = scopes.split(' ').flat_map(|scope| ["--scope", scope]);
    let arguments = ["token", "--jwt-secret", SECRET, "--org", organization].into_iter().chain(scopes);
    run(&arguments.collect::<Vec<_>>()).ends(0).out.trim().to_owned()
}

/// Every file of a folder, with its content.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// Runs a command through a server.
fn through(server: &Server, token: &str, arguments: &[&str]) -> Ran {
    run(&[arguments, &["--server", &server.url, "--token", token]].concat())
}

#[tokio::test]
async fn an_export_for_who_sees_less_takes_nothing_away() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let export = |token: &str, more: &[&str]| through(&server, token, &[&["export", "--output", path], more].concat());
    assert_eq!(export(&token("dsi", FULL), &[]).ends(0).out, format!("3 files in {path}\n"));
    let before = files(folder.path());
    assert_eq!(before.len(), 4);
    let readers = [
        ("dssi", FULL, "the token names no organization that exists on the server"),
        ("dsi", "read", "this reader, dsi (read), may see less"),
        ("dsi", "read definitions:write organizations:write", "give --other-reader"),
        (
            "emergency",
            FULL,
            "were exported for dsi (cmdb:read, cmdb:write, definitions:write, organizations:write, read)",
        ),
    ];
    for (organization, scopes, said) in readers {
        let token = token(organization, scopes);
        for more in [&[][..], &["--service", "patient-management"]] {
            let refused = export(&token, more).ends(1);
            assert!(refused.err.contains(said) && refused.out.is_empty(), "{}{}", refused.out, refused.err);
            assert_eq!(files(folder.path()), before);
        }
    }
    // Nor is an empty document printed for objects that the token may not see.
    assert!(through(&server, &token("dssi", FULL), &["export"]).ends(1).out.is_empty());

    // A reader that sees the same and more may write it, whatever threads it sees.
    assert_eq!(
        export(&token("dsi", &format!("{FULL} threads:write")), &[]).ends(0).out,
        format!("3 files in {path}\n")
    );
    assert_eq!(files(folder.path()), before);
    // Files of a kind that the token may not read stay, also with `--other-reader`.
    let narrow = export(&token("dsi", "read"), &["--other-reader"]).ends(0);
    assert_eq!(narrow.out, format!("2 files in {path}\n"));
    assert!(narrow.err.contains("the token lacks the scope cmdb:read"), "{}", narrow.err);
    let items = format!("{path}/configuration-items.yaml");
    assert_eq!(files(folder.path())[&items], before[&items]);
    // What is removed is named.
    let ward = export(&token("emergency", "read"), &["--other-reader"]).ends(0);
    assert!(!ward.out.contains("removed"), "{}", ward.out);
    app.run(&["export", "--output", path, "--other-reader", "--format", "json"]).ends(0);
    assert!(!folder.path().join("organizations.yaml").exists() && !Path::new(&items).exists());
}

#[tokio::test]
async fn an_export_leaves_files_that_it_did_not_write() {
    let app = App::hospital().await;
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let mine = write(folder.path(), "services/wards.yaml", SERVICE);
    let over = write(folder.path(), "organizations.yaml", "# Ours.\n");
    write(folder.path(), "notes.yaml", "- of another tool\n");
    for arguments in
        [&["export", "--output", path][..], &["export", "--output", path, "--service", "patient-management"]]
    {
        let refused = app.run(arguments).ends(1);
        let is_whole = arguments.len() == 3;
        assert!(refused.err.contains(&format!("  {mine}\n")), "{}", refused.err);
        assert_eq!(refused.err.contains(&format!("  {over}\n")), is_whole, "{}", refused.err);
        assert!(!refused.err.contains("notes.yaml") && !folder.path().join("patient-management.yaml").exists());
    }
    fs::remove_file(mine).unwrap();
    fs::remove_file(over).unwrap();
    app.run(&["export", "--output", path]).ends(0);
    app.run(&["export", "--output", path]).ends(0);
    // The other kinds, too.
    for (text, file) in [(ITEMS, "cmdb/items.yaml"), (ORGANIZATIONS, "parties.yaml")] {
        let mine = write(folder.path(), file, text);
        assert!(app.run(&["export", "--output", path]).ends(1).err.contains(file));
        fs::remove_file(mine).unwrap();
    }
    let file = write(folder.path(), "file", "");
    let french = app.run(&["export", "--lang", "fr", "--output", &file]).ends(2);
    assert!(french.err.ends_with("file est un fichier, et non un dossier\n"), "{}", french.err);
}

#[tokio::test]
async fn a_revision_that_is_not_there_is_told_apart_from_a_service_that_is_not() {
    let app = App::hospital().await;
    let ran = app.run(&["export", "--service", "patient-management", "--revision", "99"]).ends(1);
    assert_eq!(ran.err, "patient-management: has no revision 99; the last is 1\n");
    let ran = app.run(&["export", "--service", "patient-managment", "--revision", "1"]).ends(1);
    assert!(ran.err.contains("did you mean \"patient-management\"?"), "{}", ran.err);
    let empty = App::new().await.run(&["export"]).ends(1);
    assert!(empty.err.contains("there is nothing that this reader may see"), "{}", empty.err);
}

#[tokio::test]
async fn what_stands_passes_whatever_the_token_may_write() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let folder = tempdir().unwrap();
    let exported = |organization: &str, scopes: &str| {
        let path = folder.path().join(organization).display().to_string();
        through(&server, &token(organization, scopes), &["export", "--output", &path]).ends(0);
        path
    };
    let all = "6 organizations: 6 unchanged. 6 configuration items: 6 unchanged. 1 service: 1 unchanged.";
    let own = exported("dsi", FULL);
    for scopes in ["read definitions:write cmdb:read", "read cmdb:read", "read cmdb:read definitions:write cmdb:write"]
    {
        for more in [&["--replace"][..], &["--replace", "--dry-run"], &[]] {
            let ran = through(&server, &token("dsi", scopes), &[&["apply", &own], more].concat()).ends(0);
            assert!(ran.summary().starts_with(all) || ran.summary().contains("6 unchanged."), "{scopes}: {}", ran.out);
        }
    }
    let ward = exported("emergency", "read");
    let ran = through(&server, &token("emergency", "read definitions:write"), &["apply", "--replace", &ward]).ends(0);
    assert!(ran.summary().ends_with("1 service: 1 unchanged."), "{}", ran.out);

    // A change is refused as before; for a reader that sees less, what it does not see counts as a change.
    let before = app.rows().await;
    for (file, old, new, scopes) in [
        ("organizations.yaml", "Finance", "Money", "read definitions:write"),
        ("configuration-items.yaml", "name: ", "name: Old ", "read cmdb:read definitions:write"),
        ("patient-management.yaml", "bedside", "desk", "read cmdb:read"),
        ("patient-management.yaml", "bedside", "bedside", "read"),
    ] {
        let text = fs::read_to_string(format!("{own}/{file}")).unwrap();
        let changed = write(folder.path(), file, &text.replacen(old, new, 1));
        let refused = through(&server, &token("dsi", scopes), &["apply", "--replace", &changed]).ends(1);
        assert!(refused.out.contains("(FORBIDDEN)"), "{file}: {}", refused.out);
        app.assert_unchanged(&before).await;
    }
}
