//! The time limits of a connection.
//!
//! hyper's limit for the head of a request counts from the end of the previous request: if it were short, it would close idle
//! connections that proxies keep. And hyper does not limit the time in which a client reads its answer. Therefore this stream limits the
//! time of a head from its first byte, of a write without progress, and of an answer as a whole.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::{connections::Connection, framing::Framing, settings::Settings};

/// A stream with a limit for the head of a request, one for a write and one for an answer.
pub(super) struct Timed<S> {
    stream: S,
    connection: Arc<Connection>,
    framing: Framing,
    head: Deadline,
    write: Deadline,
    answer: Deadline,
}

impl<S> Timed<S> {
    /// A stream whose time limit for the first head begins now.
    pub fn new(stream: S, connection: Arc<Connection>, settings: &Settings) -> Self {
        let mut head = Deadline::new(settings.header_timeout);
        head.begin();
        let (write, answer) = (Deadline::new(settings.write_timeout), Deadline::new(settings.answer_timeout));
        Self { stream, connection, framing: Framing::default(), head, write, answer }
    }

    /// Begins the time limit of the answer with its first write, and returns an error after it.
    fn timed(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if self.connection.is_sending() {
            self.answer.begin();
        }
        if result.is_pending()
            && let Poll::Ready(error) = self.answer.poll(cx)
        {
            return Poll::Ready(Err(error));
        }
        self.write.limit_write(cx, result)
    }
}

struct Deadline {
    time: Duration,
    running: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn new(time: Duration) -> Self {
        Self { time, running: None }
    }

    fn begin(&mut self) {
        if self.running.is_none() {
            self.running = Some(Box::pin(tokio::time::sleep_until(Instant::now() + self.time)));
        }
    }

    fn end(&mut self) {
        self.running = None;
    }

    /// Ready with an error after the time limit; otherwise the task is woken then.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        match &mut self.running {
            None => Poll::Pending,
            Some(sleep) => {
                ready!(sleep.as_mut().poll(cx));
                Poll::Ready(io::ErrorKind::TimedOut.into())
            }
        }
    }

    /// Ends the time limit if the write has made progress; otherwise begins it.
    fn limit_write<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.end();
            return result;
        }
        self.begin();
        self.poll(cx).map(Err)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if !this.connection.is_upgraded() {
            this.framing.follow(&mut buffer.filled_mut()[before..]);
        }
        if this.connection.is_busy() {
            this.head.end();
            return result;
        }
        if result.is_pending() {
            return this.head.poll(cx).map(Err);
        }
        if buffer.filled().len() > before {
            this.head.begin();
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.timed(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.timed(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket has nothing to flush, so this does not mean that the client has read the answer. But hyper flushes when it has
        // nothing more to write.
        let this = self.get_mut();
        this.connection.flushed();
        if !this.connection.is_sending() {
            this.answer.end();
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
