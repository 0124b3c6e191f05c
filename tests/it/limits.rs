//! The table of limits in docs/operations.md is that of the program.

use std::{collections::BTreeMap, fs, path::Path};

use clap::{Args, Command};
use entente::config::ServeOptions;
use graphql_strict::Limits;

const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// The rows of the table: the limit, with its default, its option, and the result if it is exceeded.
fn rows() -> BTreeMap<&'static str, [&'static str; 3]> {
    let section = OPERATIONS.split("\n## Limits\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split(" | ").map(str::trim).collect::<Vec<_>>());
    let rows = cells.filter(|cells| cells.len() == 4).map(|cells| (cells[0], [cells[1], cells[2], cells[3]]));
    rows.collect()
}

#[test]
fn each_option_that_is_a_limit_is_in_the_table_with_its_default() {
    let command = ServeOptions::augment_args(Command::new("serve"));
    let is_limit = |option: &&clap::Arg| {
        let names = option.get_value_names().unwrap_or_default();
        names.iter().any(|name| ["COUNT", "SECONDS", "BYTES", "PART"].contains(&name.as_str()))
    };
    let mut documented: Vec<String> = Vec::new();
    for option in command.get_arguments().filter(is_limit) {
        let long = option.get_long().unwrap();
        let cell = format!("`--{long}`, `{}`", option.get_env().unwrap().to_str().unwrap());
        let rows = rows();
        let row = rows.values().find(|[_, option, _]| *option == cell);
        let Some([default, ..]) = row else { panic!("{cell} is not in the table") };
        let defaults: Vec<_> = option.get_default_values().iter().map(|value| value.to_str().unwrap()).collect();
        let expected = if defaults.is_empty() { "no limit".to_owned() } else { defaults.join(",") };
        assert_eq!(*default, expected, "{cell}");
        documented.push(cell);
    }
    assert!(documented.len() > 12);
    for (what, [_, option, _]) in rows() {
        let is_heading = what.starts_with("**") || what == "limit" || what.starts_with("---");
        assert!(is_heading || option == "fixed" || documented.iter().any(|it| it == option), "{what}: {option}");
    }
}

/// The value of a constant in the source of the program.
fn constant(file: &str, name: &str) -> u64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let line = text.lines().find(|line| line.contains(&format!("const {name}: ")));
    let line = line.unwrap_or_else(|| panic!("{file} has no {name}"));
    let value = line.split(" = ").nth(1).unwrap().trim_end_matches(';').replace('_', "");
    let value = value.trim_start_matches("Duration::fromsecs(").trim_end_matches(')');
    let number = |text: &str| text.trim().parse::<u64>().unwrap();
    match value.split_once("<<") {
        Some((number_, bits)) => number(number_) << number(bits),
        None => value.split('*').map(number).product(),
    }
}

/// A number as the table has it.
fn shown(number: u64, unit: &str) -> String {
    match unit {
        "bytes" if number.is_multiple_of(512 << 10) => format!("{} MiB", number as f64 / f64::from(1 << 20)),
        "bytes" => format!("{} KiB", number >> 10),
        unit => {
            let digits = number.to_string();
            let groups = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap());
            format!("{} {unit}", groups.collect::<Vec<_>>().join(",")).trim_end().to_owned()
        }
    }
}

#[test]
fn each_limit_that_is_fixed_is_the_one_of_the_program() {
    let rows = rows();
    let is_told = |row: &str, of: &str, limit: u64, unit| {
        let shown = shown(limit, unit);
        let (_, [has, ..]) = rows.iter().find(|(what, _)| what.starts_with(row)).expect(row);
        let is_there = has.split([',', ';']).map(str::trim).collect::<Vec<_>>().join(" ");
        let is_there = format!(" {is_there} ").contains(&format!(" {} ", shown.replace(',', " ")));
        assert!(is_there, "{row}: {of} is {shown}, and the table has {has}");
    };
    let guard = Limits::default();
    for (row, limit, unit) in [
        ("query", guard.document_bytes, "bytes"),
        ("query", guard.tokens, "words"),
        ("query", guard.comments, "comments"),
        ("query", guard.nesting, "deep"),
        ("query", guard.aliases, "aliases"),
        ("query", guard.directives, "directives"),
        ("query", guard.operations, "operations"),
        ("query", guard.fragments, "fragments"),
        ("query", guard.spreads, "spreads"),
        ("variables", guard.variables_bytes, "bytes"),
        ("variables", guard.nesting, "deep"),
    ] {
        is_told(row, "the guard's", limit as u64, unit);
    }
    for (row, file, name, unit) in [
        ("time in which nothing of an answer", "http/settings.rs", "WRITE_TIMEOUT", "s"),
        ("head of a request", "http/server.rs", "HEAD_BYTES", "bytes"),
        ("head of a request", "http/server.rs", "HEADERS", "headers"),
        ("body of a request", "http/graphql/params.rs", "MAX_BODY", "bytes"),
        ("body of a request", "http/graphql/params.rs", "MAX_ANONYMOUS_BODY", "bytes"),
        ("token", "http/token/header.rs", "MAX_BYTES", "bytes"),
        ("`Idempotency-Key`", "http/graphql/mod.rs", "MAX_IDEMPOTENCY_KEY", "visible ASCII characters"),
        ("persisted queries", "http/graphql/persisted.rs", "CACHE_BYTES", "bytes"),
        ("requests that wait for keys", "http/token/source.rs", "WAITING", ""),
        ("a request is large from", "api/shared/large.rs", "LARGE", ""),
        ("a request is large from", "http/graphql/mod.rs", "LARGE_BODY", "bytes"),
        ("what the answer to one request", "store/db/readers.rs", "MOST_READ", "bytes"),
        ("bodies and answers", "http/memory.rs", "ONE", "bytes"),
        ("the same of all", "http/memory.rs", "ALL", "bytes"),
        ("fields of an answer", "api/shared/size.rs", "MOST_FIELDS", ""),
        ("large requests of one", "http/app.rs", "LARGE_QUEUE", ""),
        ("time that a write waits", "turns/mod.rs", "PATIENCE", "s"),
        ("time that a write takes", "store/write/mutation.rs", "DEADLINE", "s"),
        ("`text` that is searched for", "api/documents.rs", "SEARCHED", "characters"),
        ("another text", "api/documents.rs", "TEXT", "characters"),
        ("`ids`, `of`", "api/documents.rs", "THINGS", "entries"),
        ("another list", "api/documents.rs", "ENTRIES", "entries"),
        ("price of a query", "api/shared/large.rs", "COMPLEXITY", ""),
        ("depth of a query", "api/shared/large.rs", "DEPTH", ""),
        ("entries of lists", "api/shared/list.rs", "ENTRIES", ""),
        ("size of an answer", "api/shared/reader.rs", "LARGEST_ANSWER", "bytes"),
        ("introspection", "api/documents.rs", "VALUES", "values"),
        ("introspection", "../graphql-strict/src/prepare/introspection.rs", "LISTS", "deep"),
    ] {
        is_told(row, &format!("{name} of src/{file}"), constant(file, name), unit);
    }
}
