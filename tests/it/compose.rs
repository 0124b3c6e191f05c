//! docker-compose.yml passes on what can be set for a server.

use std::collections::BTreeSet;

use clap::{Args, Command};
use entente::config::ServeOptions;

const COMPOSE: &str = include_str!("../../docker-compose.yml");
/// What Compose sets itself, or what makes no sense there.
const OWN: [&str; 4] = ["ENTENTE_DATABASE_URL", "ENTENTE_DEMO", "ENTENTE_DEMO_PUBLIC", "ENTENTE_LISTEN"];

#[test]
fn each_option_of_a_server_is_passed_on() {
    let command = ServeOptions::augment_args(Command::new("serve"));
    let options = command.get_arguments().filter_map(|option| option.get_env()?.to_str());
    let expected: BTreeSet<&str> = options.filter(|name| !OWN.contains(name)).collect();
    // `NAME: ${NAME:-}` or with a default.
    let passed = COMPOSE.lines().filter_map(|line| {
        let (name, value) = line.trim().split_once(": ")?;
        value.starts_with(&format!("${{{name}:-")).then_some(name)
    });
    let passed: BTreeSet<&str> = passed.filter(|name| *name != "ENTENTE_SITE").collect();
    assert_eq!(passed, expected);
}
