//! The program as its users start it: processes of their own, on a database of their own.

mod agreement;
mod apply;
mod cluster;
mod commands;
mod disk;
mod export;
mod failover;
mod files;
mod folder;
mod git;
mod health;
mod items;
mod languages;
mod measure;
mod mistakes;
mod options;
mod readers;
mod remote;
mod replicas;
mod rounds;
mod serve;
mod server;
mod starting;
mod status;
mod told;
mod variables;
mod verify;
mod wrong_options;
mod yaml;

use std::{
    env,
    ffi::OsStr,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::app::App;

/// The folder with the sample.
pub const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hospital");
pub const SECRET: &str = "a secret of forty characters for the tests";

/// What a process printed, and how it ended.
pub struct Ran {
    pub code: Option<i32>,
    /// The database or server in the first line of the output, if it is there.
    pub on: Option<String>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// It must have ended so.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The last line, which sums up.
    pub fn summary(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }

    /// All lines but the last.
    pub fn lines(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.out.lines().collect();
        lines.pop();
        lines
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let mut out = text(output.stdout);
        let says = ["database: ", "server: ", "base de données : ", "serveur : "];
        let on = out.lines().next().filter(|line| says.iter().any(|says| line.starts_with(says))).map(str::to_owned);
        if let Some(on) = &on {
            out.drain(..on.len() + 1);
        }
        Self { code: output.status.code(), on, out, err: text(output.stderr) }
    }
}

/// The program, without environment variables.
pub fn program<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ENTENTE_")) {
        command.env_remove(name);
    }
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(env::temp_dir()).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run<A: AsRef<OsStr>>(arguments: &[A]) -> Ran {
    program(arguments).output().unwrap().into()
}

/// Runs the program to its end, with this to read.
pub fn run_reading<A: AsRef<OsStr>>(arguments: &[A], input: &str) -> Ran {
    let mut command = program(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

impl App {
    /// Runs a command on the app's database.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&[arguments, &["--database-url", &self.url]].concat())
    }

    /// Runs a command on the app's database, with this to read.
    pub fn run_reading(&self, arguments: &[&str], input: &str) -> Ran {
        run_reading(&[arguments, &["--database-url", &self.url]].concat(), input)
    }
}

/// Writes a file; its path.
pub fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}
