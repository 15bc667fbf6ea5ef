// SPDX-License-Identifier: Apache-2.0
//! Reads along with the HTTP library and names requests whose end two parsers could see in different places.
//!
//! Request smuggling lives from such differences. The library is lenient where RFC 9112 lets a server choose:
//! it takes Content-Length beside Transfer-Encoding, Content-Length twice, and bare line feeds. Since it hides
//! what it dropped, the bytes themselves are read here, strictly; a request accepted here ends for the library
//! at the same byte.

/// Follows the requests of one connection.
#[derive(Default)]
pub(super) struct Framing {
    state: State,
    /// The unfinished line at the end of what was read.
    line: Vec<u8>,
    /// Requests begun, the one being read included.
    requests: u64,
    /// The first request that is refused; nothing after it is read.
    refused: Option<(u64, Abuse)>,
}

/// Why a request is refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Abuse {
    /// A bare line feed, a bare carriage return or a zero (RFC 9112 §2.2).
    #[error("each line must end with CR LF")]
    LineEnd,
    /// Not three words (RFC 9112 §3).
    #[error("the request line must be a method, a target and HTTP/1.1 or HTTP/1.0")]
    RequestLine,
    /// A tunnel is asked for.
    #[error("CONNECT is not served")]
    Connect,
    /// No field (RFC 9112 §5).
    #[error("a header line must be a name, a colon and a value")]
    HeaderLine,
    /// An obsolete fold (RFC 9112 §5.2).
    #[error("a header may not be folded over several lines")]
    Folded,
    /// A length that is none, or two (RFC 9112 §6.3).
    #[error("Content-Length must be given once, as digits only")]
    Length,
    /// A coding other than chunked (RFC 9112 §6.1).
    #[error("Transfer-Encoding must be given once, as chunked, in HTTP/1.1 only")]
    Coding,
    /// Two ends (RFC 9112 §6.3).
    #[error("Content-Length and Transfer-Encoding exclude each other")]
    LengthAndCoding,
    /// No host, or several (RFC 9112 §3.2).
    #[error("an HTTP/1.1 request must carry Host exactly once")]
    Host,
    /// A chunk without its bounds (RFC 9112 §7.1).
    #[error("a chunk must begin with its size in hexadecimal digits and end with CR LF")]
    Chunk,
}

/// What the next byte belongs to.
enum State {
    /// A request's head, begun or not.
    Head(Head),
    /// A body of known length, this much of it still to come.
    Body(u64),
    /// The line that gives a chunk's size.
    ChunkSize,
    /// A chunk, this much of it still to come.
    Chunk(u64),
    /// The empty line that ends a chunk.
    ChunkEnd,
    /// The lines after the last chunk.
    Trailer,
}

/// What a head has said so far.
#[derive(Default)]
struct Head {
    version: Option<Version>,
    hosts: u32,
    length: Option<u64>,
    chunked: bool,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

impl Default for State {
    fn default() -> Self {
        Self::Head(Head::default())
    }
}

/// Longer lines are the library's to refuse: it limits the head as a whole.
const LONGEST_KEPT: usize = 1 << 20;
/// A size and an extension; extensions mean nothing to anybody.
const LONGEST_CHUNK_LINE: usize = 256;

impl Framing {
    /// Reads along. A refused head is kept for [`Self::abuse_of`], so that it can be answered.
    ///
    /// # Errors
    /// A refused body: the library must not see it, as it might see its end elsewhere.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<(), Abuse> {
        while !bytes.is_empty() && self.refused.is_none() {
            let in_head = matches!(self.state, State::Head(_));
            match self.step(bytes) {
                Ok(rest) => bytes = rest,
                Err(abuse) => {
                    self.refused = Some((self.requests, abuse));
                    if !in_head {
                        return Err(abuse);
                    }
                }
            }
        }
        Ok(())
    }

    /// What is wrong with the request of this number, counted from 1.
    pub(super) fn abuse_of(&self, request: u64) -> Option<Abuse> {
        self.refused
            .filter(|(refused, _)| *refused == request)
            .map(|(_, abuse)| abuse)
    }

    /// Whether something of a request after this many has come.
    pub(super) fn has_begun_after(&self, requests: u64) -> bool {
        self.requests > requests || (matches!(self.state, State::Head(_)) && !self.line.is_empty())
    }

    /// Reads a line or a part of a body, and returns what comes after it.
    fn step<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Abuse> {
        if let State::Body(left) | State::Chunk(left) = &mut self.state {
            let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
            *left = left.saturating_sub(here as u64);
            if *left == 0 {
                let chunked = matches!(self.state, State::Chunk(_));
                self.state = if chunked {
                    State::ChunkEnd
                } else {
                    State::default()
                };
            }
            return Ok(bytes.get(here..).unwrap_or_default());
        }
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            return self.keep(bytes);
        };
        let (here, rest) = bytes.split_at(end.saturating_add(1));
        if self.line.is_empty() {
            self.line(here)?;
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(here);
            self.line(&line)?;
        }
        Ok(rest)
    }

    fn keep<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Abuse> {
        let (longest, abuse) = match self.state {
            State::ChunkSize => (LONGEST_CHUNK_LINE, Abuse::Chunk),
            State::Head(_) | State::Body(_) | State::Chunk(_) | State::ChunkEnd | State::Trailer => {
                (LONGEST_KEPT, Abuse::HeaderLine)
            }
        };
        if self.line.len().saturating_add(bytes.len()) > longest {
            return Err(abuse);
        }
        self.line.extend_from_slice(bytes);
        Ok(&[])
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Abuse> {
        if let State::Head(Head { version: None, .. }) = self.state
            && line != b"\r\n"
        {
            self.requests = self.requests.saturating_add(1);
        }
        let line = line.strip_suffix(b"\r\n").ok_or(Abuse::LineEnd)?;
        if line.iter().any(|byte| matches!(byte, b'\r' | 0)) {
            return Err(Abuse::LineEnd);
        }
        let next = match &mut self.state {
            State::Head(head) => head.line(line)?,
            State::ChunkSize => Some(match chunk_size(line)? {
                0 => State::Trailer,
                size => State::Chunk(size),
            }),
            State::ChunkEnd if line.is_empty() => Some(State::ChunkSize),
            State::ChunkEnd => return Err(Abuse::Chunk),
            State::Trailer if line.is_empty() => Some(State::default()),
            State::Trailer => {
                header(line)?;
                None
            }
            State::Body(_) | State::Chunk(_) => None,
        };
        if let Some(next) = next {
            self.state = next;
        }
        Ok(())
    }
}

impl Head {
    /// Takes one line; says what comes after the head when this was its last.
    fn line(&mut self, line: &[u8]) -> Result<Option<State>, Abuse> {
        let Some(version) = self.version else {
            // Empty lines before a request are skipped (RFC 9112 §2.2).
            if !line.is_empty() {
                self.version = Some(request_line(line)?);
            }
            return Ok(None);
        };
        if line.is_empty() {
            return self.end(version).map(Some);
        }
        let (name, value) = header(line)?;
        if name.eq_ignore_ascii_case(b"host") {
            self.hosts = self.hosts.saturating_add(1);
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = digits(value).ok_or(Abuse::Length)?;
            if self.length.replace(length).is_some() {
                return Err(Abuse::Length);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let known = value.eq_ignore_ascii_case(b"chunked") && version == Version::Http11;
            if !known || self.chunked {
                return Err(Abuse::Coding);
            }
            self.chunked = true;
        }
        Ok(None)
    }

    fn end(&self, version: Version) -> Result<State, Abuse> {
        if self.hosts > 1 || (self.hosts == 0 && version == Version::Http11) {
            return Err(Abuse::Host);
        }
        match (self.length, self.chunked) {
            (Some(_), true) => Err(Abuse::LengthAndCoding),
            (None, true) => Ok(State::ChunkSize),
            (None | Some(0), false) => Ok(State::default()),
            (Some(length), false) => Ok(State::Body(length)),
        }
    }
}

fn request_line(line: &[u8]) -> Result<Version, Abuse> {
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let (Some(method), Some(_), Some(version), None) = (method, target, version, words.next()) else {
        return Err(Abuse::RequestLine);
    };
    if method == b"CONNECT" {
        return Err(Abuse::Connect);
    }
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        _ => Err(Abuse::RequestLine),
    }
}

/// The name and the value of a header line (RFC 9112 §5).
fn header(line: &[u8]) -> Result<(&[u8], &[u8]), Abuse> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(Abuse::Folded);
    }
    let colon = line
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(Abuse::HeaderLine)?;
    let (name, value) = line.split_at(colon);
    let blank = name
        .iter()
        .any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control());
    if name.is_empty() || blank {
        return Err(Abuse::HeaderLine);
    }
    Ok((name, value.get(1..).unwrap_or_default().trim_ascii()))
}

fn digits(value: &[u8]) -> Option<u64> {
    let plain = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    plain
        .then(|| std::str::from_utf8(value).ok()?.parse().ok())
        .flatten()
}

/// The size before an extension (RFC 9112 §7.1).
fn chunk_size(line: &[u8]) -> Result<u64, Abuse> {
    let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let plain =
        !size.is_empty() && line.len() <= LONGEST_CHUNK_LINE && size.iter().all(u8::is_ascii_hexdigit);
    let size = plain
        .then(|| std::str::from_utf8(size).ok())
        .flatten()
        .ok_or(Abuse::Chunk)?;
    u64::from_str_radix(size, 16).map_err(|_| Abuse::Chunk)
}

#[cfg(test)]
mod tests;
