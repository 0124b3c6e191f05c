//! What is printed on the standard output.

use std::io::{self, BufWriter, ErrorKind, Write};

/// The standard output. Who reads it may stop reading (`entente export | head`): the command then goes on in silence.
pub(super) struct Out {
    to: Option<Box<dyn Write>>,
}

impl Out {
    /// The standard output of the process.
    pub fn stdout() -> Self {
        Self { to: Some(Box::new(BufWriter::new(io::stdout()))) }
    }

    /// Prints a text as it is.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.attempt(|to| to.write_all(text.as_bytes()))
    }

    /// Prints a line.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        self.attempt(|to| writeln!(to, "{line}"))
    }

    /// Has printed all that came before.
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
