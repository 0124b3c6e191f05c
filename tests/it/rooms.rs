//! The imports between the rooms of the program.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each room with the rooms that it imports. A new room is a line here and in the tree of ARCHITECTURE.md; a new import
/// is a word here, to be approved in review.
const ROOMS: &[(&str, &[&str])] = &[
    // Outermost: they carry requests to the API, and answers back.
    ("main", &["cli"]),
    (
        "cli",
        &[
            "http",
            "jobs",
            "api",
            "store",
            "definition",
            "item",
            "organization",
            "measurement",
            "policy",
            "turns",
            "problem",
            "words",
            "config",
            "clock",
        ],
    ),
    ("http", &["api", "policy", "turns", "words", "characters", "config", "clock"]),
    ("jobs", &["store"]),
    // The nouns; of the policy, the viewer.
    (
        "api",
        &[
            "store",
            "agreement",
            "alignment",
            "definition",
            "measurement",
            "search",
            "thread",
            "policy",
            "turns",
            "problem",
            "words",
        ],
    ),
    (
        "store",
        &[
            "policy",
            "agreement",
            "alignment",
            "definition",
            "item",
            "organization",
            "measurement",
            "search",
            "thread",
            "turns",
            "problem",
            "words",
            "characters",
            "clock",
            "fold",
        ],
    ),
    ("policy", &["problem"]),
    // Pure: values in, values out.
    ("definition", &["problem", "words", "characters"]),
    ("agreement", &["definition", "problem"]),
    ("alignment", &["agreement", "definition", "measurement", "fold"]),
    ("search", &["definition", "fold"]),
    ("item", &["definition", "problem", "words", "characters"]),
    ("organization", &["definition", "problem"]),
    ("measurement", &["definition", "problem"]),
    ("thread", &["definition"]),
    // Messages for people.
    ("problem", &["words"]),
    ("words", &[]),
    // Leaves.
    ("characters", &["problem"]),
    ("config", &[]),
    ("clock", &[]),
    ("fold", &[]),
    ("turns", &[]),
];

/// The same within the store. The nouns read one another's rows; how the database is reached, read and written knows no noun.
const STORE: &[(&str, &[&str])] = &[
    ("db", &[]),
    ("read", &["db"]),
    ("write", &["db", "read"]),
    ("index", &["db", "write"]),
    ("organization", &["db", "read", "write", "index", "reference", "service"]),
    ("reference", &["db", "read", "write", "item", "service", "thread"]),
    ("alignment", &["db", "read", "item", "measurement", "service"]),
    ("item", &["db", "read", "write", "index", "organization", "reference", "service"]),
    ("service", &["db", "read", "write", "index", "organization", "reference", "item", "thread"]),
    ("thread", &["db", "read", "write", "index", "organization", "reference", "service"]),
    ("agreement", &["db", "read", "write", "organization", "service", "thread"]),
    ("measurement", &["db", "read", "write", "service"]),
    ("search", &["db", "read", "index", "service"]),
];

/// The crates beside the program, with those that each must not know: an old migration must not break on a new column, and
/// what holds any document of GraphQL knows nothing of what this program serves.
const CRATES: &[(&str, &[&str])] = &[
    ("entity", &["entente::", "entente_migration", "graphql_strict"]),
    ("migration", &["entente::", "entente_entity", "graphql_strict"]),
    ("graphql-strict", &["entente"]),
];

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

/// The paths that a text names after `crate::`, `super::` or `self::`, from the root of the program; `own` is the path of its module.
fn named(text: &str, own: &[String]) -> Vec<Vec<String>> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = code[..at].rfind(|c: char| !is_of_name(c)).map_or(0, |end| end + 1);
        // The beginning of a path, possibly after a `$` of a macro.
        let is_first = !code[..before].ends_with("::");
        let mut base = match &code[before..at] {
            "crate" if is_first => Vec::new(),
            "super" if is_first => own[..own.len().saturating_sub(1)].to_vec(),
            "self" if is_first => own.to_vec(),
            _ => continue,
        };
        let mut rest = &code[at + 2..];
        while let Some(further) = rest.strip_prefix("super::") {
            base.pop();
            rest = further;
        }
        paths(rest, &base, &mut found);
    }
    found
}

/// Whether names are made of it.
fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths that a tree of imports names, below `base`; what is behind the tree.
fn paths<'t>(text: &'t str, base: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            rest = paths(rest, base, found);
            // An alias is no path.
            rest = rest.trim_start();
            if let Some(alias) = rest.strip_prefix("as ") {
                rest = alias.trim_start_matches(is_of_name).trim_start();
            }
            match rest.strip_prefix('}') {
                Some(rest) => return rest,
                None if rest.starts_with(',') => {}
                None => return rest,
            }
        }
    }
    let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    let mut path = base.to_vec();
    if end > 0 && &text[..end] != "self" {
        path.push(text[..end].to_owned());
    }
    match text[end..].strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| is_of_name(c) || c == '{') && end > 0 => paths(rest, &path, found),
        _ => {
            found.push(path);
            &text[end..]
        }
    }
}

/// The path of a module from the root of the program.
fn module(within: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        within.with_extension("").components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
    path.pop_if(|last| last == "mod");
    path
}

/// The wrong imports of the files of the rooms below this path: a room must import exactly what the table lists.
fn wrong(files: &[(PathBuf, String)], below: &[&str], rooms: &[(&str, &[&str])]) -> Vec<String> {
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    let below: Vec<String> = below.iter().map(|room| room.to_string()).collect();
    for (within, text) in files {
        let own = module(within);
        let Some(room) = own.strip_prefix(&*below).and_then(|rest| rest.first()) else { continue };
        if below.is_empty() && room == "lib" {
            continue;
        }
        let Some((_, allowed)) = rooms.iter().find(|(name, _)| name == room) else {
            wrong.push(format!(
                "{room} is new: say in tests/it/rooms.rs what it may import, in ARCHITECTURE.md what it is"
            ));
            continue;
        };
        // The program is a crate of its own.
        let text = if room == "main" { text.replace("entente::", "crate::") } else { text.clone() };
        for path in named(&text, &own) {
            let Some(other) = path.strip_prefix(&*below).and_then(|rest| rest.first()) else { continue };
            if other == room || !rooms.iter().any(|(name, _)| name == other) {
                continue;
            }
            if !allowed.contains(&other.as_str()) {
                wrong.push(format!("src/{}: {room} must not import {other}", within.display()));
            }
            used.insert((room.clone(), other.clone()));
        }
    }
    for (room, allowed) in rooms {
        for other in allowed.iter().filter(|other| !used.contains(&(room.to_string(), other.to_string()))) {
            wrong.push(format!("{room} does not import {other}: take it out of the table"));
        }
    }
    wrong
}

/// The files of the program, named from its root.
fn program() -> Vec<(PathBuf, String)> {
    let src = root().join("src");
    let files = sources(&src).into_iter();
    files.map(|(path, text)| (path.strip_prefix(&src).unwrap().to_owned(), text)).collect()
}

#[test]
fn each_room_imports_those_that_it_may_and_no_other() {
    let wrong = wrong(&program(), &[], ROOMS);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_room_of_the_store_imports_those_that_it_may_and_no_other() {
    let wrong = wrong(&program(), &["store"], STORE);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn how_the_store_reads_names_no_noun() {
    for (path, text) in sources(&root().join("src/store/read")) {
        let text = text.replace("std::thread", "");
        for word in text.split(|c: char| !c.is_alphabetic()).map(|word| word.trim_end_matches('s')) {
            let is_noun =
                ["organization", "reference", "item", "service", "thread", "measurement", "agreement", "alignment"]
                    .contains(&word);
            assert!(!is_noun, "{} names {word}", path.display());
        }
    }
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
    let own = ["store", "item", "read"].map(str::to_owned);
    let found = |text: &str| -> Vec<String> { named(text, &own).into_iter().map(|path| path.join("::")).collect() };
    let text = "use crate::{\n    api::{Api, store_like::X as Y, self},\n    config, // crate::guard\n};\nlet x: $crate::store::Error = crate::clock::now();";
    let all = ["api::Api", "api::store_like::X", "api", "config", "store::Error", "clock::now"];
    assert_eq!(found(text), all);
    let text = "use super::{links, super::thread::{read, Row}};\nuse self::tests::a;\nlet x = super::super::write::Writer::new(Self::y());";
    let all = ["store::item::links", "store::item::read::tests::a", "store::write::Writer::new"];
    let found = found(text);
    assert!(all.iter().all(|path| found.iter().any(|it| it == path)), "{found:?}");
}

#[test]
fn a_wrong_import_is_found() {
    let rooms: &[(&str, &[&str])] = &[("item", &["db"]), ("thread", &["item"]), ("db", &[])];
    let file = |path: &str, text: &str| (PathBuf::from(path), text.to_owned());
    let check = |files: &[(PathBuf, String)]| wrong(files, &["store"], rooms);
    let right = [
        file("store/item/read.rs", "use crate::{policy::Viewer, store::{Store, db::error::Error}};\nuse super::links;"),
        file("store/thread/mod.rs", "use super::item::read::ItemRow;"),
        file("store/db/mod.rs", "use crate::thread::State;"),
    ];
    assert!(check(&right).is_empty(), "{:?}", check(&right));
    for text in [
        "use crate::store::thread::read::ThreadRow;",
        "use crate::store::{\n    db::error::Error,\n    thread::read::ThreadRow,\n};",
        "use super::super::thread::read;",
        "fn f() -> crate::store::thread::Row {}",
    ] {
        let mut files = right.to_vec();
        files.push(file("store/item/more.rs", text));
        assert_eq!(check(&files), ["src/store/item/more.rs: item must not import thread"], "{text}");
    }
    let unused = [file("store/item/read.rs", ""), right[1].clone(), right[2].clone()];
    assert_eq!(check(&unused), ["item does not import db: take it out of the table"]);
    let new = [right.as_slice(), &[file("store/feed/mod.rs", "")]].concat();
    assert!(check(&new)[0].starts_with("feed is new"));
}
