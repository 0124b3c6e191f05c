//! The command line: one file a command. `entente --help`, and `--help` of each command, are its reference.

mod apply;
mod database;
mod demo;
mod endpoint;
mod export;
mod migrate;
mod out;
mod schema;
mod serve;
mod token;

use std::{env, ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use self::{apply::ApplyOptions, export::ExportOptions, migrate::MigrateOptions, out::Out, token::TokenCommand};
use crate::config::ServeOptions;

/// The shared definition of IT services, served over GraphQL from a database
///
/// Without a command, `serve` is meant: `entente --demo` is `entente serve --demo`.
#[derive(Debug, Parser)]
#[command(name = "entente", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Every option of a command is a flag and, where its help says so, an ENTENTE_ variable: \
                          see `entente COMMAND --help`.\n\n\
                          Exit codes: 0 done; 1 refused, for what the documents say; 2 failed, for any other reason.";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = serve::EXAMPLES)]
    /// Answer requests (the default command)
    ///
    /// Brings the database to the newest migration first. It then answers GraphQL at /graphql, GraphiQL at /, and
    /// /healthz and /readyz, until SIGTERM or SIGINT comes; requests that it has begun to answer are finished.
    Serve(Box<ServeOptions>),
    Apply(Box<ApplyOptions>),
    Export(Box<ExportOptions>),
    Token(Box<TokenCommand>),
    #[command(after_help = schema::EXAMPLES)]
    /// Print the schema of the API
    ///
    /// It is what the server answers with, in the schema definition language of GraphQL.
    Schema,
    Migrate(MigrateOptions),
}

/// The documents are not to be taken as they are: the reasons were printed.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(with_command(env::args_os()));
    let mut out = Out::stdout();
    let done = run(cli.command, &mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Refused>() => ExitCode::from(1),
        Err(error) => {
            eprintln!("entente: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, out: &mut Out) -> anyhow::Result<()> {
    match command {
        Command::Serve(options) => wait_for(serve::run(*options, out)),
        Command::Apply(options) => wait_for(apply::run(*options, out)),
        Command::Export(options) => wait_for(export::run(*options, out)),
        Command::Token(command) => token::run(*command, out),
        Command::Schema => schema::run(out),
        Command::Migrate(options) => wait_for(migrate::run(options, out)),
    }
}

/// Runs what waits for others until it is done.
fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// The arguments, with `serve` where no command is named.
fn with_command(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let of_program = ["-h", "--help", "-V", "--version"];
    let names_none = arguments.get(1).is_none_or(|first| {
        let first = first.to_string_lossy();
        first.starts_with('-') && !of_program.contains(&&*first)
    });
    if names_none {
        arguments.insert(arguments.len().min(1), "serve".into());
    }
    arguments
}
