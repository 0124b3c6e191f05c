//! Each error of a request that is worded where it arises has its French.

use std::{fs, path::Path};

use entente::words::{Speech, translate};

/// What makes an error with words that a client reads.
const MAKES: &[&str] = &[
    "BadRequest(",
    "bad_request(",
    "invalid(",
    "too_much(",
    "rate_limited(",
    "unavailable(",
    "Failure::new(",
    "not_allowed(",
    "unauthenticated(",
    "message =",
];

/// The program's sources without their tests, but for the command line, which speaks for itself.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") && !path.ends_with("src/cli") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            found.push((path.display().to_string(), text));
        }
    }
}

/// The first literal of a text, if only a path and a parenthesis are before it, with its placeholders filled.
fn literal(text: &str) -> Option<String> {
    let before =
        text.find('"').filter(|at| !text[..*at].contains([';', '{', '}', '#']) && !text[..*at].contains(".of("))?;
    let (mut said, mut chars) = (String::new(), text[before + 1..].chars());
    loop {
        match chars.next()? {
            '"' => return Some(said),
            '\\' => match chars.next()? {
                '\n' => chars = chars.as_str().trim_start().chars(),
                c => said.push(c),
            },
            '{' => {
                said.push_str("x7");
                chars.by_ref().find(|c| *c == '}')?;
            }
            c => said.push(c),
        }
    }
}

#[test]
fn each_error_that_a_client_reads_has_its_french() {
    let mut files = Vec::new();
    for folder in ["src", "graphql-strict/src"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let (mut english, mut seen) = (Vec::new(), 0);
    for (path, text) in &files {
        // What cannot be searched for is worded with its type.
        let of_type = path.ends_with("search/wanted.rs").then_some(&"#[error(");
        for make in MAKES.iter().chain(of_type) {
            for (at, _) in text.match_indices(make) {
                let Some(said) = literal(&text[at + make.len()..]) else { continue };
                if said.contains(' ') {
                    seen += 1;
                    let is_known =
                        [said.clone(), format!("{said}.")].iter().any(|it| translate(it, Speech::French).is_some());
                    if !is_known {
                        english.push(format!("{path}: {said}"));
                    }
                }
            }
        }
    }
    assert!(seen > 40, "{seen}");
    assert!(english.is_empty(), "{}", english.join("\n"));
}
