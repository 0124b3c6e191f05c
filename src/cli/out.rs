//! Output: results on the standard output, errors on the standard error.

use std::{
    env,
    io::{self, BufWriter, ErrorKind, IsTerminal, Write},
};

use clap::{Args, ValueEnum};

use crate::words::{Speech, translate};

/// Whether to print in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The colour of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

/// The standard output. If its reader stops reading (`entente export | head`), the command continues silently.
pub(super) struct Out {
    to: Option<Box<dyn Write>>,
    colour: bool,
    speech: Speech,
    form: Form,
    verbose: bool,
    /// Whether the JSON object was printed.
    has_json: bool,
}

/// How much is printed, and for which reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// Everything, for people.
    #[default]
    Text,
    /// Only errors.
    Quiet,
    /// One JSON object at the end.
    Json,
}

/// How much a command prints, and for which reader.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct OutOptions {
    /// Print only errors
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,

    /// Also print all content of a new service
    #[arg(long, short)]
    pub verbose: bool,

    /// Whether to print in colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

impl Out {
    /// The standard output of the process, without colour.
    pub fn stdout() -> Self {
        Self::to(Box::new(BufWriter::new(io::stdout())))
    }

    /// Prints nothing.
    pub fn nowhere(speech: Speech) -> Self {
        Self { to: None, colour: false, speech, form: Form::Text, verbose: false, has_json: false }
    }

    fn to(to: Box<dyn Write>) -> Self {
        Self { to: Some(to), colour: false, speech: Speech::English, form: Form::Text, verbose: false, has_json: false }
    }

    /// The language of the output.
    pub fn speech(&self) -> Speech {
        self.speech
    }

    /// Sets the language of the output.
    pub fn set_speech(&mut self, speech: Speech) {
        self.speech = speech;
    }

    /// Sets how much is printed.
    pub fn set(&mut self, options: OutOptions) {
        let OutOptions { quiet, json, verbose, color } = options;
        self.set_colour(color);
        self.verbose = verbose;
        self.form = match (quiet, json) {
            (_, true) => Form::Json,
            (true, _) => Form::Quiet,
            _ => Form::Text,
        };
    }

    /// Whether everything is printed.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether the JSON object was printed.
    pub fn has_json(&self) -> bool {
        self.has_json
    }

    /// Whether one JSON object is printed.
    pub fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// Prints a line, unless only errors are printed.
    pub fn detail(&mut self, line: &str) -> io::Result<()> {
        if self.form == Form::Text { self.line(line) } else { Ok(()) }
    }

    /// Prints an error.
    pub fn problem(&mut self, line: &str) -> io::Result<()> {
        if self.form == Form::Json { Ok(()) } else { self.attempt(|to| writeln!(to, "{}", plain(line))) }
    }

    /// Prints an object.
    pub fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        self.has_json = true;
        self.attempt(|to| writeln!(to, "{value:#}"))
    }

    /// Switches colours on or off.
    pub fn set_colour(&mut self, colour: Colour) {
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        self.colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                io::stdout().is_terminal() && !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|it| it != "dumb")
            }
        };
    }

    /// The text in a colour, if colours are on. Control characters in it are removed.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        let text = plain(text);
        let code = match paint {
            Paint::Bold => 1,
            Paint::Dim => 2,
            Paint::Red => 31,
            Paint::Green => 32,
            Paint::Yellow => 33,
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text }
    }

    /// Prints a line that is written in English, in the language of the output, if a translation exists.
    pub fn said(&mut self, english: &str) -> io::Result<()> {
        match translate(english, self.speech) {
            Some(line) => self.line(&line),
            None => self.line(english),
        }
    }

    /// Prints a text as it is.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.attempt(|to| to.write_all(text.as_bytes()))
    }

    /// Prints a line, unless the output is for programs.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        if self.form == Form::Json {
            return Ok(());
        }
        self.attempt(|to| writeln!(to, "{line}"))
    }

    /// Prints a line on the standard error, after all that was printed before it.
    pub fn error(&mut self, line: &str) -> io::Result<()> {
        self.flush()?;
        eprintln!("{}", plain(line));
        Ok(())
    }

    /// Prints several lines on the standard error, after all that was printed before them.
    pub fn lines_of_error(&mut self, lines: &str) -> io::Result<()> {
        lines.lines().try_for_each(|line| self.error(line))
    }

    /// Writes everything that was printed before.
    pub fn flush(&mut self) -> io::Result<()> {
        self.attempt(|to| to.flush())
    }

    fn attempt(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self.to.as_mut().map(|to| write(&mut **to)) {
            Some(Err(error)) if error.kind() == ErrorKind::BrokenPipe => self.to = None,
            Some(done) => return done,
            None => {}
        }
        Ok(())
    }
}

/// The text on one line, without control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_cannot_steer_a_terminal() {
        let mut out = Out::stdout();
        assert_eq!(out.paint(Paint::Red, "a\x1b[2Jb\nc\u{9b}d"), "a [2Jb c d");
        out.set_colour(Colour::Always);
        assert_eq!(out.paint(Paint::Red, "a\x1b[2Jb"), "\x1b[31ma [2Jb\x1b[0m");
    }

    #[test]
    fn a_reader_that_goes_away_is_no_fault() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(ErrorKind::BrokenPipe.into())
            }
        }
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut out = Out::to(Box::new(Gone));
        assert!(out.line("one").is_ok() && out.line("two").is_ok() && out.flush().is_ok());
        assert!(Out::to(Box::new(Full)).line("one").is_err());
    }
}
