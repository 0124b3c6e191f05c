//! The clients: persistent connections that send the next request after the answer to the previous one.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
    task::LocalSet,
};

/// A measurement.
pub struct Measured {
    /// Answers per second.
    pub per_second: f64,
    /// The number of answers.
    pub count: usize,
    /// The time of the first answer, in milliseconds.
    pub first: f64,
    /// The times of the answers in milliseconds, ascending.
    waits: Vec<f64>,
}

impl Measured {
    /// This percentile of the times, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let index = (self.waits.len() * percent / 100).min(self.waits.len().saturating_sub(1));
        self.waits.get(index).copied().unwrap_or(f64::NAN)
    }
}

/// A request, as bytes on the wire.
pub fn get(path: &str) -> Bytes {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").into()
}

/// A GraphQL request by POST.
pub fn graphql(token: &str, query: &str, variables: &serde_json::Value) -> Bytes {
    let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Accept: application/graphql-response+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}

/// Sends requests for a time over a number of connections. `next` returns the request for a connection and its turn. Every answer must
/// begin with `expected`.
pub fn ask_for(
    time: Duration,
    address: SocketAddr,
    connections: usize,
    expected: &'static str,
    next: impl Fn(usize, usize) -> Bytes + Clone + 'static,
) -> Measured {
    let until = Instant::now() + time;
    ask(address, connections, expected, move |connection, turn| {
        (Instant::now() < until).then(|| next(connection, turn))
    })
}

/// Sends each of these requests once, one after another, over one connection.
pub fn ask_each(address: SocketAddr, requests: &[Bytes], expected: &'static str) -> Measured {
    let requests = requests.to_vec();
    ask(address, 1, expected, move |_, turn| requests.get(turn).cloned())
}

fn ask(
    address: SocketAddr,
    connections: usize,
    expected: &'static str,
    next: impl Fn(usize, usize) -> Option<Bytes> + Clone + 'static,
) -> Measured {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let started = Instant::now();
    let mut waits = LocalSet::new().block_on(&runtime, async move {
        let tasks: Vec<_> = (0..connections)
            .map(|connection| {
                let next = next.clone();
                tokio::task::spawn_local(async move {
                    let mut own = Connection::open(address).await;
                    let mut waits = Vec::new();
                    while let Some(request) = next(connection, waits.len()) {
                        let asked = Instant::now();
                        own.ask(&request, expected).await;
                        waits.push(asked.elapsed().as_secs_f64() * 1000.0);
                    }
                    waits
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all
    });
    let seconds = started.elapsed().as_secs_f64();
    let first = waits.first().copied().unwrap_or(f64::NAN);
    waits.sort_by(f64::total_cmp);
    Measured { first, per_second: waits.len() as f64 / seconds, count: waits.len(), waits }
}

/// The body of one answer.
pub fn answer(address: SocketAddr, request: &Bytes) -> String {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut own = Connection::open(address).await;
        let body = own.ask(request, "").await;
        String::from_utf8(own.buffer.split_off(body)).unwrap()
    })
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(256 * 1024) }
    }

    /// Sends a request and reads its answer. Returns the position of its body in the buffer.
    async fn ask(&mut self, request: &[u8], expected: &str) -> usize {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        let mut body = None;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the connection was closed: {}", String::from_utf8_lossy(&self.buffer));
            if body.is_none() {
                body = self.head();
            }
            if let Some((begin, length)) = body
                && self.buffer.len() >= begin + length
            {
                let good =
                    self.buffer.starts_with(b"HTTP/1.1 200") && self.buffer[begin..].starts_with(expected.as_bytes());
                assert!(good, "a wrong answer: {}", String::from_utf8_lossy(&self.buffer));
                return begin;
            }
        }
    }

    /// The position and the length of the body. `None` if the head is not complete.
    fn head(&self) -> Option<(usize, usize)> {
        let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&self.buffer[..end]).unwrap();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        });
        Some((end + 4, length.expect("an answer tells its length")))
    }
}
