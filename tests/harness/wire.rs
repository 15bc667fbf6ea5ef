// SPDX-License-Identifier: Apache-2.0
//! HTTP/1.1 by hand over TLS, TCP or a Unix socket: what is sent is exactly what the story wrote.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use crate::patience::promptly;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One connection.
pub struct Wire {
    stream: BufReader<Box<dyn Stream>>,
    /// DER of what the server showed, the leaf first; empty without TLS.
    pub server_chain: Vec<Vec<u8>>,
}

impl Wire {
    /// TLS to an address, by its address.
    pub async fn tls(to: SocketAddr, config: Arc<ClientConfig>) -> io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::IpAddress(to.ip().into());
        let stream = promptly("a handshake", TlsConnector::from(config).connect(name, stream)).await?;
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let server_chain = shown.iter().map(|der| der.to_vec()).collect();
        Ok(Self {
            stream: BufReader::new(Box::new(stream)),
            server_chain,
        })
    }

    /// Plain TCP.
    pub async fn plain(to: SocketAddr) -> io::Result<Self> {
        Ok(Self::over(TcpStream::connect(to).await?))
    }

    /// A Unix socket.
    pub async fn unix(to: &Path) -> io::Result<Self> {
        Ok(Self::over(UnixStream::connect(to).await?))
    }

    fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
            server_chain: Vec::new(),
        }
    }

    /// Sends a request and reads its answer; the connection stays open.
    pub async fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.send_request(request).await?;
        self.answer(request.method == "HEAD").await
    }

    /// Sends a request, and reads nothing.
    pub async fn send_request(&mut self, request: &Request) -> io::Result<()> {
        self.send(&request.octets()).await
    }

    /// Sends octets as they are.
    pub async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets).await?;
        self.stream.flush().await
    }

    /// Reads one answer.
    pub async fn answer(&mut self, bodiless: bool) -> io::Result<Answer> {
        promptly("an answer", self.read(bodiless)).await
    }

    async fn read(&mut self, bodiless: bool) -> io::Result<Answer> {
        let status = self.line().await?;
        let code = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let code = code.ok_or_else(|| io::Error::other(format!("no status line: {status:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| io::Error::other(line.clone()))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status: code,
            headers,
            body: Vec::new(),
        };
        if bodiless || code == 204 || code == 304 {
            return Ok(answer);
        }
        answer.body = match answer.header("content-length") {
            Some(length) => {
                let length = length.parse().map_err(io::Error::other)?;
                let mut body = vec![0; length];
                self.stream.read_exact(&mut body).await?;
                body
            }
            None if answer.header("transfer-encoding") == Some("chunked") => self.chunks().await?,
            None => {
                let mut body = Vec::new();
                self.stream.read_to_end(&mut body).await?;
                body
            }
        };
        Ok(answer)
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.line().await?, 16).map_err(io::Error::other)?;
            let mut chunk = vec![0; size];
            self.stream.read_exact(&mut chunk).await?;
            body.extend(chunk);
            self.line().await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// A request, before it is octets.
#[derive(Clone, Debug)]
pub struct Request {
    /// GET, PUT, …
    pub method: String,
    /// The path with its query, as it is to stand on the wire.
    pub target: String,
    /// In order. `Host` and `Content-Length` are added where absent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Without headers or body.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// One header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A JSON body, announced as such.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        self.header("Content-Type", "application/json; charset=utf-8")
            .body(body)
    }

    /// Any body.
    #[must_use]
    pub fn body(self, body: Vec<u8>) -> Self {
        Self { body, ..self }
    }

    fn octets(&self) -> Vec<u8> {
        let has = |name: &str| {
            self.headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !has("host") {
            text.push_str("Host: tamga.test\r\n");
        }
        if !has("content-length")
            && !has("transfer-encoding")
            && (!self.body.is_empty() || self.method != "GET")
        {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut octets = (text + "\r\n").into_bytes();
        octets.extend(&self.body);
        octets
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fit = self.headers.iter().filter(|(known, _)| known == name);
        fit.next().map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.text()))
    }
}
