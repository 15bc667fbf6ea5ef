// SPDX-License-Identifier: Apache-2.0
//! One keep-alive connection: a request goes out whole, its answer comes back whole.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::order::Ready;

/// A connection on which nothing was said yet.
pub(super) type Tls = TlsStream<TcpStream>;

/// Connects.
pub(super) async fn connect(server: &Ready) -> Result<Tls> {
    let connector = TlsConnector::from(Arc::new(config(&server.anchor)?));
    let tcp = TcpStream::connect(&server.address).await?;
    tcp.set_nodelay(true)?;
    Ok(connector.connect(ServerName::try_from("localhost")?, tcp).await?)
}

/// A connection.
pub(super) struct Line {
    stream: Tls,
    heard: Vec<u8>,
}

/// An answer with a body of known length.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

impl Line {
    pub(super) fn over(stream: Tls) -> Self {
        Self {
            stream,
            heard: Vec::with_capacity(8192),
        }
    }

    /// Sends a request and hears its answer out.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.heard.clear();
        loop {
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                bail!("the server hung up in the middle of an answer");
            }
            let Some(head) = self.heard.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let (status, length) = read_head(self.heard.get(..head).unwrap_or_default())?;
            let begin = head + 4;
            if let Some(body) = self.heard.get(begin..begin + length) {
                // Borrowed anew: the checker does not see that the loop ends here.
                let end = begin + body.len();
                let body = self.heard.get(begin..end).unwrap_or_default();
                return Ok(Answer { status, body });
            }
        }
    }
}

/// Trusts the anchor the server named, and nothing else.
fn config(anchor: &str) -> Result<ClientConfig> {
    let mut anchors = RootCertStore::empty();
    anchors.add(BASE64.decode(anchor.as_bytes())?.into())?;
    Ok(
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(anchors)
            .with_no_client_auth(),
    )
}

fn read_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head).context("the head of an answer")?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|rest| rest.get(..3))
        .with_context(|| format!("no HTTP answer: {head}"))?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .with_context(|| format!("an answer without a length: {head}"))?;
    Ok((status.parse()?, length.1.trim().parse()?))
}
