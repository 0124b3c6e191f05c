//! Connections that the server can close at any time.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A persistent connection.
pub struct Connection {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Sends a request, and reads its answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((begin, length)) = head(&self.buffer)
                && self.buffer.len() >= begin + length
            {
                let status = String::from_utf8_lossy(&self.buffer[9..12]).parse().unwrap_or_default();
                return Ok(Answer { status, body: String::from_utf8_lossy(&self.buffer[begin..]).into_owned() });
            }
        }
    }
}

impl Answer {
    /// The code of the first error. The status if there is none.
    pub fn code(&self) -> String {
        let code = self.body.split(r#""code":""#).nth(1).and_then(|rest| rest.split('"').next());
        code.map_or_else(|| self.status.to_string(), str::to_owned)
    }
}

/// The position and the length of the body. `None` if the head is not complete.
fn head(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&buffer[..end]);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some((end + 4, length.unwrap_or_default()))
}
