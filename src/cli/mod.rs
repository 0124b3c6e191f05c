//! The command line, with one file for each command. `entente --help`, and `--help` of each command, are its reference.

mod apply;
mod check;
mod database;
mod decide;
mod demo;
mod document;
mod endpoint;
mod export;
mod french;
mod health;
mod language;
mod measure;
mod migrate;
mod out;
mod proposal;
mod propose;
mod schema;
mod serve;
mod status;
mod token;
mod validate;
mod variables;
mod verify;

use std::{env, ffi::OsString, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::{
    apply::ApplyOptions,
    decide::{AgreeOptions, ObjectOptions},
    export::ExportOptions,
    health::HealthOptions,
    language::{Language, Variables},
    measure::MeasureOptions,
    migrate::MigrateOptions,
    out::Out,
    proposal::{PublishOptions, WithdrawOptions},
    propose::ProposeOptions,
    schema::SchemaOptions,
    status::StatusOptions,
    token::TokenCommand,
    validate::ValidateOptions,
    verify::VerifyOptions,
};
use crate::{
    clock::Clock,
    config::{LogFormat, LogOptions, ServeOptions, with_environment},
    http::log,
    words::{Speech, translate},
};

/// The shared definition of IT services, served over GraphQL from a database
///
/// Without a command, `serve` is used: `entente --demo` is `entente serve --demo`.
#[derive(Debug, Parser)]
#[command(name = "entente", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    /// Language of results, errors and help: en or fr. Default: the language of LC_ALL, LC_MESSAGES or LANG
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<Language>,

    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Most options of a command are also ENTENTE_ environment variables: see `entente COMMAND --help`.\n\n\
                          Exit codes: 0 success; 1 the answer is no: documents are refused, a check fails; 2 the command could not be executed.";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = serve::EXAMPLES)]
    /// Answer requests (the default command)
    ///
    /// Runs the missing migrations first. Then answers GraphQL at /graphql, GraphiQL at /, and /healthz and /readyz,
    /// until SIGTERM or SIGINT; running requests are finished.
    Serve(Box<ServeOptions>),
    #[command(after_help = check::EXAMPLES)]
    /// Show what `serve` would use, and whether it works
    ///
    /// Takes the options of `serve`, and checks each thing that it needs (address, keys, database, migrations). Writes
    /// nothing; exits with 1 if something does not work.
    Check(Box<ServeOptions>),
    Health(HealthOptions),
    Apply(Box<ApplyOptions>),
    Validate(Box<ValidateOptions>),
    Export(Box<ExportOptions>),
    Propose(Box<ProposeOptions>),
    Status(Box<StatusOptions>),
    Agree(Box<AgreeOptions>),
    Object(Box<ObjectOptions>),
    Publish(Box<PublishOptions>),
    Withdraw(Box<WithdrawOptions>),
    Verify(Box<VerifyOptions>),
    Measure(Box<MeasureOptions>),
    Token(Box<TokenCommand>),
    Schema(SchemaOptions),
    Migrate(MigrateOptions),
}

/// The documents were refused; the reasons were printed.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = with_command(env::args_os());
    let speech = language::spoken(&arguments, |name| env::var(name).ok());
    let as_json = logs_json(&arguments);
    let variables = Variables::of(&Cli::command());
    let command = match with_environment(Cli::command(), &|name| env::var_os(name)) {
        Ok(command) => language::in_language(command, speech),
        Err(error) => {
            tell(&causes(&error.into(), speech), as_json, speech);
            return ExitCode::from(2);
        }
    };
    let cli = match command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) if as_json && error.use_stderr() => {
            let fault = language::fault(&error, &variables, speech);
            tell(fault.unwrap_or_else(|| error.to_string()).trim(), as_json, speech);
            return ExitCode::from(2);
        }
        Err(error) => language::exit(error, &variables, speech),
    };
    let mut out = Out::stdout();
    out.set_speech(speech);
    let done = run(cli.command, &mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Refused>() => ExitCode::from(1),
        Err(error) => {
            let error = causes(&error, speech);
            // Programs read one object, whatever happened.
            if out.is_json() && !out.has_json() {
                out.json(&serde_json::json!({ "problems": [{ "message": error }] })).and_then(|()| out.flush()).ok();
            }
            tell(&error, as_json, speech);
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, out: &mut Out) -> anyhow::Result<()> {
    match command {
        Command::Serve(options) => wait_for(serve::run(*options, &variables::unknown(&Cli::command()), out)),
        Command::Check(options) => wait_for(with_log(check::run(*options, variables::unknown(&Cli::command()), out))),
        Command::Health(options) => wait_for(health::run(options, out)),
        Command::Apply(options) => wait_for(with_log(apply::run(*options, out))),
        Command::Export(options) => wait_for(with_log(export::run(*options, out))),
        Command::Propose(options) => wait_for(with_log(propose::run(*options, out))),
        Command::Status(options) => wait_for(with_log(status::run(*options, out))),
        Command::Agree(options) => wait_for(with_log(decide::agree(*options, out))),
        Command::Object(options) => wait_for(with_log(decide::object(*options, out))),
        Command::Publish(options) => wait_for(with_log(proposal::publish(*options, out))),
        Command::Withdraw(options) => wait_for(with_log(proposal::withdraw(*options, out))),
        Command::Verify(options) => wait_for(with_log(verify::run(*options, out))),
        Command::Measure(options) => wait_for(with_log(measure::run(*options, out))),
        Command::Token(command) => token::run(*command, out),
        Command::Validate(options) => wait_for(with_log(validate::run(*options, out))),
        Command::Schema(options) => schema::run(&options, out),
        Command::Migrate(options) => wait_for(with_log(migrate::run(options, out))),
    }
}

/// The error with its causes, each once, because an error often repeats its cause.
fn causes(error: &anyhow::Error, speech: Speech) -> String {
    let mut said = String::new();
    let in_language = |cause: String| translate(&cause, speech).unwrap_or(cause);
    for cause in error.chain().map(|cause| in_language(cause.to_string())) {
        if !said.contains(&cause) {
            said = if said.is_empty() { cause } else { format!("{said}{}{cause}", language::colon(speech)) };
        }
    }
    said
}

/// Whether the log is JSON, as far as it is known before the options are read.
fn logs_json(arguments: &[OsString]) -> bool {
    let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    let flag = loop {
        match arguments.next().as_deref() {
            None => break None,
            Some("--log-format") => break arguments.next().map(|value| value.into_owned()),
            Some(argument) => {
                if let Some(value) = argument.strip_prefix("--log-format=") {
                    break Some(value.to_owned());
                }
            }
        }
    };
    flag.or_else(|| env::var("ENTENTE_LOG_FORMAT").ok()).is_some_and(|format| format == "json")
}

/// Prints why the program ends, in the format of its log.
fn tell(error: &str, as_json: bool, speech: Speech) {
    if as_json {
        let timestamp = Clock::system().now().0.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        eprintln!(
            "{}",
            serde_json::json!({ "timestamp": timestamp, "level": "ERROR", "message": error, "target": "entente" })
        );
    } else {
        eprintln!("{}{error}", language::error(speech));
    }
}

/// Runs a future until it ends.
fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Runs a command that uses a database: the log of the API is printed to the user of the command.
async fn with_log<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    log::init(&LogOptions { log_format: LogFormat::Text, log: "warn".to_owned() })?;
    work.await
}

/// The arguments, with `serve` where no command is named.
fn with_command(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let of_program = ["-h", "--help", "-V", "--version"];
    // `--lang fr` may precede the command.
    let mut first = 1;
    while let Some(argument) = arguments.get(first).map(|argument| argument.to_string_lossy()) {
        first += match &*argument {
            "--lang" => 2,
            argument if argument.starts_with("--lang=") => 1,
            _ => break,
        };
    }
    let names_none = arguments.get(first).is_none_or(|first| {
        let first = first.to_string_lossy();
        first.starts_with('-') && !of_program.contains(&&*first)
    });
    if names_none {
        arguments.insert(arguments.len().min(first), "serve".into());
    }
    if arguments.get(first).is_some_and(|command| command == "help") {
        // `help` takes the names of commands only: `help apply --help` is `help apply`, and `help --lang fr` is `--lang fr help`.
        let mut names = arguments.split_off(first + 1).into_iter();
        while let Some(name) = names.next() {
            match name.to_string_lossy() {
                option if option == "--lang" => drop(names.next()),
                option if option.starts_with('-') => {}
                _ => arguments.push(name),
            }
        }
    }
    arguments
}
