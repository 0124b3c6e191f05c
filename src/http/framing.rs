//! Finds the heads in the bytes of a connection, so that a bare line feed in a head is refused.
//!
//! hyper accepts a line feed alone as the end of a line, but a proxy in front may not: the two would then see different requests
//! (RFC 9112, 2.2 allows it to a recipient, with a warning). A bare line feed in a head is replaced by a byte that no head may
//! contain, so that hyper refuses the head with 400. Bodies are skipped by their length, and never changed.

const LENGTH: &[u8] = b"content-length:";
const CODING: &[u8] = b"transfer-encoding:";
/// The bytes of a line that are read. The headers that define the length of a body are shorter.
const LOOKED_AT: usize = 64;
/// The replacement of a bare line feed.
const REFUSED: u8 = 0;

/// The position in the requests of a client.
#[derive(Debug, Default)]
pub(super) struct Framing {
    part: Part,
    /// The first bytes of the current line, in lower case.
    line: Vec<u8>,
    last: u8,
    length: u64,
    chunked: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    /// Between two requests, where empty lines are allowed.
    #[default]
    Between,
    Head,
    Body(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    /// Another protocol, or an invalid request, which hyper refuses.
    Unknown,
}

impl Framing {
    /// Reads the next bytes, and replaces bare line feeds in heads.
    pub fn follow(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            match self.part {
                Part::Unknown => return,
                Part::Body(left) => bytes = self.skip(bytes, left, Part::Body, Part::Between),
                Part::Chunk(left) => bytes = self.skip(bytes, left, Part::Chunk, Part::ChunkEnd),
                Part::Between | Part::Head | Part::ChunkSize | Part::ChunkEnd | Part::Trailers => {
                    let (first, rest) = std::mem::take(&mut bytes).split_at_mut(1);
                    self.read(&mut first[0]);
                    bytes = rest;
                }
            }
        }
    }

    /// Skips the rest of a body or a chunk.
    fn skip<'b>(&mut self, bytes: &'b mut [u8], left: u64, same: fn(u64) -> Part, next: Part) -> &'b mut [u8] {
        let there = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - there as u64;
        self.part = if left == 0 { next } else { same(left) };
        &mut bytes[there..]
    }

    fn read(&mut self, byte: &mut u8) {
        let is_bare = *byte == b'\n' && self.last != b'\r';
        self.last = *byte;
        if *byte != b'\n' {
            if *byte != b'\r' && self.line.len() < LOOKED_AT {
                self.line.push(byte.to_ascii_lowercase());
            }
            if *byte != b'\r' && self.part == Part::Between {
                self.part = Part::Head;
                (self.length, self.chunked) = (0, false);
            }
            return;
        }
        if is_bare {
            *byte = REFUSED;
            self.part = Part::Unknown;
            return;
        }
        self.end_of_line();
        self.line.clear();
    }

    fn end_of_line(&mut self) {
        match self.part {
            Part::Head if self.line.is_empty() => {
                self.part = match (self.chunked, self.length) {
                    (true, _) => Part::ChunkSize,
                    (false, 0) => Part::Between,
                    (false, length) => Part::Body(length),
                };
            }
            Part::Head => {
                if let Some(value) = self.line.strip_prefix(LENGTH) {
                    self.length = number(value, 10);
                } else if let Some(value) = self.line.strip_prefix(CODING) {
                    self.chunked |= value.trim_ascii().ends_with(b"chunked");
                }
            }
            Part::ChunkSize => {
                let digits = self.line.split(|byte| matches!(byte, b';' | b' ' | b'\t')).next().unwrap_or_default();
                self.part = match number(digits, 16) {
                    0 => Part::Trailers,
                    size => Part::Chunk(size),
                };
            }
            Part::ChunkEnd => self.part = Part::ChunkSize,
            Part::Trailers if self.line.is_empty() => self.part = Part::Between,
            Part::Between | Part::Trailers | Part::Body(_) | Part::Chunk(_) | Part::Unknown => {}
        }
    }
}

/// The number, or 0 if it is malformed: then hyper refuses the request and ends the connection.
fn number(digits: &[u8], radix: u32) -> u64 {
    std::str::from_utf8(digits.trim_ascii()).ok().and_then(|text| u64::from_str_radix(text, radix).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    const POST: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:  5 \r\n\r\n\n\n\n\n\n";
    const CHUNKED: &str = "POST / HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3;a=b\r\n\n\n\n\r\nA\r\n\n\n\n\n\n\n\n\n\n\n\r\n0\r\na: b\r\n\r\n";

    /// The result for the text, which is the same in pieces of any size.
    fn followed(text: &str) -> Vec<u8> {
        let all = |piece: usize| {
            let (mut framing, mut bytes) = (Framing::default(), text.as_bytes().to_vec());
            bytes.chunks_mut(piece).for_each(|piece| framing.follow(piece));
            bytes
        };
        let whole = all(text.len());
        assert!((1..9).all(|piece| all(piece) == whole));
        whole
    }

    #[rstest]
    #[case(&[GET])]
    #[case(&[GET, GET])]
    #[case(&["\r\n", GET])]
    #[case(&[POST, GET, POST])]
    #[case(&[CHUNKED, POST, CHUNKED, GET])]
    fn what_is_framed_as_it_should_be_stays_as_it_is(#[case] requests: &[&str]) {
        let text = requests.concat();
        assert_eq!(followed(&text), text.as_bytes());
    }

    #[rstest]
    #[case(&[], "GET / HTTP/1.1\nhost: x\r\n\r\n")]
    #[case(&[], "GET / HTTP/1.1\r\nhost: x\n\r\n")]
    #[case(&[], "GET / HTTP/1.1\r\nhost: x\r\n\n")]
    #[case(&[], "\nGET / HTTP/1.1\r\nhost: x\r\n\r\n")]
    #[case(&[POST], "GET / HTTP/1.1\r\nhost: x\n\r\n")]
    #[case(&[CHUNKED], "GET / HTTP/1.1\r\nhost: x\n\r\n")]
    #[case(&[GET], "\nGET / HTTP/1.1\r\nhost: x\r\n\r\n")]
    fn a_bare_line_feed_in_a_head_is_spoiled(#[case] before: &[&str], #[case] last: &str) {
        let before = before.concat();
        let text = format!("{before}{last}");
        let at = before.len()
            + last.find('\n').filter(|at| !last[..*at].ends_with('\r')).unwrap_or_else(|| {
                (1..last.len()).find(|at| last[*at..].starts_with('\n') && !last[..*at].ends_with('\r')).unwrap()
            });
        let mut expected = text.clone().into_bytes();
        expected[at] = REFUSED;
        assert_eq!(followed(&text), expected);
    }
}
