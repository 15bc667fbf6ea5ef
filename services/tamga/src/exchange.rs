// SPDX-License-Identifier: Apache-2.0
//! One HTTP/1.1 request and its answer over a stream that is already there: TLS, TCP or a Unix socket.
//!
//! No proxy, redirect or cookie: whom we talk to is decided by who opened the stream, and by nobody else.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::exit::{End, Failure};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeFault {
    /// The other side closed, or speaks something else than HTTP.
    #[error("the connection failed: {0}")]
    Http(#[from] hyper::Error),
    /// The answer did not come in time.
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
    /// The answer's body is too long, or was cut off.
    #[error("the answer could not be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
}

/// Sends a request and returns the whole answer, within a deadline.
///
/// # Errors
/// [`ExchangeFault`].
pub async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    mut request: Request<Full<Bytes>>,
    deadline: Duration,
) -> Result<Response<Bytes>, ExchangeFault> {
    request
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    let talk = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let answer = async {
            let (parts, body) = sender.send_request(request).await?.into_parts();
            let whole = Limited::new(body, LONGEST_ANSWER)
                .collect()
                .await
                .map_err(ExchangeFault::Body)?;
            Ok(Response::from_parts(parts, whole.to_bytes()))
        };
        let answer = answer.await;
        driver.abort();
        answer
    };
    tokio::time::timeout(deadline, talk)
        .await
        .map_err(|_| ExchangeFault::Late(deadline))?
}

/// Fetches a public resource over plain HTTP. What it says is believed only where something else vouches for it.
///
/// # Errors
/// A failure of kind usage for what is no such URL, unreachable when nobody answers, fault for any other answer.
pub async fn get(url: &str) -> Result<Bytes, Failure> {
    let (status, body) = ask(url).await?;
    match status.is_success() {
        true => Ok(body),
        false => Err(Failure::new(
            End::Fault,
            format!("{url} answers with status {status}"),
        )),
    }
}

/// Asks for a public resource over plain HTTP, and tells what was answered, whatever it is.
///
/// # Errors
/// As [`get`], but for other answers.
pub async fn ask(url: &str) -> Result<(StatusCode, Bytes), Failure> {
    let usage = || {
        Failure::new(
            End::Usage,
            format!("{url} is not an http:// URL: give one such as http://127.0.0.1:8480"),
        )
    };
    let uri: Uri = url.parse().map_err(|_| usage())?;
    let authority = uri
        .authority()
        .filter(|_| uri.scheme_str() == Some("http"))
        .ok_or_else(usage)?;
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let place = (host, authority.port_u16().unwrap_or(80));
    let request = Request::builder()
        .uri(uri.path())
        .header(HOST, authority.as_str())
        .body(Full::default());
    let request = request.map_err(|fault| Failure::fault(&fault))?;
    let away = |fault: &dyn std::fmt::Display| {
        Failure::new(
            End::Unreachable,
            format!("{url} does not answer ({fault}): is the service running?"),
        )
    };
    let connecting = tokio::time::timeout(CONNECT, TcpStream::connect(place)).await;
    let stream = connecting
        .map_err(|late| away(&late))?
        .map_err(|fault| away(&fault))?;
    let answer = exchange(stream, request, ANSWER)
        .await
        .map_err(|fault| away(&fault))?;
    Ok((answer.status(), answer.into_body()))
}

const CONNECT: Duration = Duration::from_secs(15);
const ANSWER: Duration = Duration::from_secs(30);
/// A page of a thousand devices with their certificates is about half of it.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
