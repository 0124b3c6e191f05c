//! Who may import whom: the rooms of the program, and the walls between them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each room with those that it imports, and no other. A new room is a line here and in the tree of ARCHITECTURE.md; a new
/// import is a word here, for whoever reads the change to agree to.
const ROOMS: &[(&str, &[&str])] = &[
    // Outermost: they carry requests to the API, and answers back.
    ("main", &["cli"]),
    ("cli", &["http", "jobs", "api", "store", "definition", "policy", "turns", "config", "clock"]),
    ("http", &["api", "policy", "config", "clock", "guard", "turns"]),
    ("jobs", &["store"]),
    // The nouns; of the policy, what says who asks.
    ("api", &["store", "definition", "search", "thread", "policy", "turns"]),
    ("store", &["policy", "definition", "impact", "search", "thread", "turns", "clock", "fold"]),
    ("policy", &[]),
    // Pure: values in, values out.
    ("definition", &[]),
    ("search", &["definition", "fold"]),
    ("impact", &[]),
    ("thread", &["definition"]),
    // Leaves.
    ("config", &[]),
    ("clock", &[]),
    ("fold", &[]),
    ("guard", &[]),
    ("turns", &[]),
];

/// The crates beside the program: neither knows it, and an old migration must not break on a new column.
const CRATES: &[(&str, &[&str])] =
    &[("entity", &["entente::", "entente_migration"]), ("migration", &["entente::", "entente_entity"])];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The rooms that a text names after `crate::`, those within braces too.
fn imported(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        // Not the end of a longer name, as in `$crate::` of a macro: that is ours too.
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            None => found.extend(first_name(rest)),
            Some(within) => {
                let (mut depth, mut start) = (0, true);
                for (at, c) in within.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphabetic() => {
                            found.extend(first_name(&within[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn each_room_imports_those_that_it_may_and_no_other() {
    let src = root().join("src");
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for (path, text) in sources(&src) {
        let within = path.strip_prefix(&src).unwrap();
        let room = within.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if room == "lib" {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!(
                "{room} is new: say in tests/it/rooms.rs what it may import, in ARCHITECTURE.md what it is"
            ));
            continue;
        };
        // The program is a crate of its own.
        let text = if room == "main" { text.replace("entente::", "crate::") } else { text };
        for other in imported(&text).into_iter().filter(|other| *other != room) {
            if !allowed.contains(&other.as_str()) && ROOMS.iter().any(|(name, _)| *name == other) {
                wrong.push(format!("src/{}: {room} must not import {other}", within.display()));
            }
            used.insert((room.clone(), other));
        }
    }
    for (room, allowed) in ROOMS {
        for other in allowed.iter().filter(|other| !used.contains(&(room.to_string(), other.to_string()))) {
            wrong.push(format!("{room} does not import {other}: take it out of ROOMS"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_crates_beside_the_program_do_not_know_it() {
    for (name, strangers) in CRATES {
        for (path, text) in sources(&root().join(name)) {
            for stranger in *strangers {
                assert!(!text.contains(stranger), "{}: {name} must not import {stranger}", path.display());
            }
        }
    }
}

#[test]
fn only_the_store_and_the_policy_know_the_database() {
    for (path, text) in sources(&root().join("src")) {
        let path = path.strip_prefix(root().join("src")).unwrap().to_owned();
        let knows = text.contains("sea_orm") || text.contains("sqlx");
        assert!(!knows || path.starts_with("store") || path.starts_with("policy"), "src/{}", path.display());
    }
}

#[test]
fn imports_are_read_from_every_way_of_writing_them() {
    let text = "use crate::{\n    api::{Api, store_like::X},\n    config, // crate::guard\n};\nlet x: $crate::store::Error = crate::clock::now();";
    let found: Vec<_> = imported(text).into_iter().collect();
    assert_eq!(found, ["api", "clock", "config", "store"]);
}
