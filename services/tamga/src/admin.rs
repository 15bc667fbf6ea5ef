// SPDX-License-Identifier: Apache-2.0
//! Calls of the admin plane over its Unix socket: whoever may open it is known to the kernel, so there is no password.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use tamga_registry::organization::OrganizationSlug;
use tokio::net::UnixStream;

use crate::exchange::exchange;
use crate::exit::{End, Failure};

/// The admin plane of one organization.
#[derive(Clone, Debug)]
pub struct AdminPlane {
    socket: PathBuf,
    organization: OrganizationSlug,
}

/// What the plane answers when it refuses (RFC 9457).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    detail: String,
    code: String,
    #[serde(default)]
    tracking_id: String,
}

impl AdminPlane {
    /// The plane behind a socket.
    pub fn new(socket: &Path, organization: OrganizationSlug) -> Self {
        Self {
            socket: socket.to_owned(),
            organization,
        }
    }

    /// Reads a resource of the organization; the path is given by its segments.
    ///
    /// # Errors
    /// A failure of kind refused, unreachable or fault.
    pub async fn read(&self, path: &[&str], query: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, query, None).await
    }

    /// Performs an act of the organization.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn act(&self, path: &[&str], body: Option<Value>) -> Result<Value, Failure> {
        self.call(Method::POST, path, "", body).await
    }

    /// Reads all items of a list, however many pages that takes.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_all(&self, path: &[&str]) -> Result<Vec<Value>, Failure> {
        let (mut items, mut query) = (Vec::new(), "limit=1000".to_owned());
        loop {
            let mut page = self.read(path, &query).await?;
            if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            match page["next"].as_str() {
                // A cursor needs no escaping in a query.
                Some(next) => query = format!("limit=1000&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Brings octets of a media type.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn bring(&self, path: &[&str], media: &str, octets: Vec<u8>) -> Result<Value, Failure> {
        self.send(Method::POST, &self.target(path, ""), Some((media, octets)))
            .await
    }

    /// Removes a thing of the organization.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn delete(&self, path: &[&str]) -> Result<Value, Failure> {
        self.call(Method::DELETE, path, "", None).await
    }

    async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &str,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        let body = body.map(|body| (JSON, body.to_string().into_bytes()));
        self.send(method, &self.target(path, query), body).await
    }

    fn target(&self, path: &[&str], query: &str) -> String {
        let mut uri = format!("/v1/organizations/{}", self.organization);
        for segment in path {
            uri.push('/');
            uri.extend(utf8_percent_encode(segment, NON_ALPHANUMERIC));
        }
        if !query.is_empty() {
            uri = format!("{uri}?{query}");
        }
        uri
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<Value, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, "tamga")
            .header(ACCEPT, JSON);
        if let Some((media, _)) = &body {
            request = request.header(CONTENT_TYPE, *media);
        }
        let body = body.map(|(_, octets)| octets).unwrap_or_default();
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|fault| Failure::fault(&fault))?;
        let stream = UnixStream::connect(&self.socket)
            .await
            .map_err(|error| self.out_of_reach(&error))?;
        let answer = exchange(stream, request, DEADLINE).await;
        understood(&answer.map_err(|fault| Failure::new(End::Unreachable, fault))?)
    }

    fn out_of_reach(&self, error: &std::io::Error) -> Failure {
        let socket = self.socket.display();
        let absent = [ErrorKind::NotFound, ErrorKind::ConnectionRefused];
        let hint = if absent.contains(&error.kind()) {
            "start the service (`tamga dev`), or name its socket with --socket or its data directory with --data"
        } else if error.kind() == ErrorKind::PermissionDenied {
            "run this as the user that runs the service, or as root"
        } else {
            "is it the service's admin socket?"
        };
        Failure::new(
            End::Unreachable,
            format!("nobody answers at {socket} ({error}): {hint}"),
        )
    }
}

fn understood(answer: &Response<Bytes>) -> Result<Value, Failure> {
    let strange = || {
        let sentence = format!(
            "the answer (status {}) is not the admin plane's: is this its socket?",
            answer.status()
        );
        Failure::new(End::Fault, sentence)
    };
    if answer.status().is_success() {
        return match answer.body().is_empty() {
            true => Ok(Value::Null),
            false => serde_json::from_slice(answer.body()).map_err(|_| strange()),
        };
    }
    let problem: Problem = serde_json::from_slice(answer.body()).map_err(|_| strange())?;
    let sentence = format!(
        "{} ({}, tracking id {})",
        problem.detail, problem.code, problem.tracking_id
    );
    let end = if answer.status().is_server_error() {
        End::Fault
    } else {
        End::Refused
    };
    Err(Failure::new(end, sentence))
}

const JSON: &str = "application/json";
const DEADLINE: Duration = Duration::from_secs(30);
