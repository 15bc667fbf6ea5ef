// SPDX-License-Identifier: Apache-2.0
//! Calls of the admin plane: over its Unix socket, where the kernel knows who comes, or over TLS with a credential.
//!
//! - [`Call`]: one call; [`AdminPlane`]: where it goes;
//! - [`road`]: how to get there; [`network`]: TLS, an API token or a client certificate;
//! - [`stream`]: calls of many lines, answered by many lines;
//! - [`contexts`]: roads with names, in a file of the operator's.

pub mod contexts;
pub mod network;
pub mod road;
pub mod stream;

use std::path::Path;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HOST};
use hyper::{Request, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use tamga_registry::organization::OrganizationSlug;

use self::road::Road;
use crate::exit::{End, Failure};

/// The admin plane, seen from one organization.
#[derive(Clone, Debug)]
pub struct AdminPlane {
    road: Road,
    organization: OrganizationSlug,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its method.
    pub method: &'static str,
    /// Its path from the top, escaped.
    pub target: String,
    /// Its query, not escaped.
    pub query: Vec<(String, String)>,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// Its body and what that is.
    pub body: Option<(&'static str, Vec<u8>)>,
}

/// What the plane answers when it refuses (RFC 9457).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What to do about it.
    pub detail: String,
    /// The stable name of the refusal.
    pub code: String,
    /// The request's id.
    #[serde(default)]
    pub tracking_id: String,
}

/// An answer that was understood.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It was done, or this is what was asked for, null where there is nothing to say; and its ETag, if it has one.
    Done(Value, Option<String>),
    /// It was refused, or failed.
    Refused(StatusCode, Problem),
}

impl Call {
    /// A call without query or body.
    #[must_use]
    pub fn new(method: &'static str, target: String) -> Self {
        Self {
            method,
            target,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// With a body in JSON.
    #[must_use]
    pub fn saying(mut self, body: &Value) -> Self {
        self.body = Some((JSON, body.to_string().into_bytes()));
        self
    }

    fn target(&self) -> String {
        let pairs = self.query.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        match pairs.is_empty() {
            true => self.target.clone(),
            false => format!("{}?{}", self.target, pairs.join("&")),
        }
    }
}

/// A text as a path's segment or a query's value.
#[must_use]
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

impl AdminPlane {
    /// The plane at the end of a road.
    #[must_use]
    pub fn new(road: Road, organization: OrganizationSlug) -> Self {
        Self { road, organization }
    }

    /// The plane behind a socket.
    #[must_use]
    pub fn at_socket(socket: &Path, organization: OrganizationSlug) -> Self {
        Self::new(Road::Socket(socket.to_owned()), organization)
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> &OrganizationSlug {
        &self.organization
    }

    /// Performs an act of the organization; the path is given by its segments.
    ///
    /// # Errors
    /// A failure of kind refused, unreachable or fault.
    pub async fn act(&self, path: &[&str], body: Option<Value>) -> Result<Value, Failure> {
        let mut call = Call::new("POST", self.below(path));
        if let Some(body) = &body {
            call = call.saying(body);
        }
        self.call(call).await
    }

    /// Makes a call, and takes a refusal for a failure.
    ///
    /// # Errors
    /// A failure of kind refused, unreachable or fault.
    pub async fn call(&self, call: Call) -> Result<Value, Failure> {
        self.tagged(call).await.map(|(value, _)| value)
    }

    /// Makes a call as [`Self::call`] does, and tells the ETag of what was answered.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn tagged(&self, call: Call) -> Result<(Value, Option<String>), Failure> {
        match self.ask(call).await? {
            Answer::Done(value, tag) => Ok((value, tag)),
            Answer::Refused(status, problem) => Err(problem.failure(status)),
        }
    }

    /// Makes a call, and tells what was answered.
    ///
    /// # Errors
    /// A failure of kind unreachable or fault.
    pub async fn ask(&self, call: Call) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.target())
            .header(HOST, self.road.authority())
            .header(ACCEPT, JSON);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = self.road.authorization()? {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some((media, _)) = &call.body {
            request = request.header(CONTENT_TYPE, *media);
        }
        let body = call.body.map(|(_, octets)| octets).unwrap_or_default();
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|fault| Failure::fault(&fault))?;
        understood(&self.road.exchange(request, DEADLINE).await?)
    }

    /// Reads all items of a list, however many pages that takes.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn pages(&self, call: Call) -> Result<Vec<Value>, Failure> {
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let mut page = call.clone();
            page.query.push(("limit".to_owned(), LONGEST_PAGE.to_owned()));
            page.query
                .extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
            let mut page = self.call(page).await?;
            if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            match page["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(items),
            }
        }
    }

    /// A path below the organization, of its segments.
    #[must_use]
    pub fn below(&self, path: &[&str]) -> String {
        let segments: Vec<String> = path.iter().map(|segment| encoded(segment)).collect();
        format!("/v1/organizations/{}/{}", self.organization, segments.join("/"))
    }
}

impl Problem {
    /// As a command ends.
    #[must_use]
    pub fn failure(&self, status: StatusCode) -> Failure {
        let sentence = format!(
            "{} ({}, tracking id {})",
            self.detail, self.code, self.tracking_id
        );
        let end = match status.is_server_error() {
            true => End::Fault,
            false => End::Refused,
        };
        Failure::new(end, sentence)
    }
}

fn understood(answer: &Response<Bytes>) -> Result<Answer, Failure> {
    let strange = || {
        let sentence = format!(
            "the answer (status {}) is not the admin plane's: is this its address?",
            answer.status()
        );
        Failure::new(End::Fault, sentence)
    };
    if answer.status().is_success() {
        let tag = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let tag = tag.map(str::to_owned);
        return match answer.body().is_empty() {
            true => Ok(Answer::Done(Value::Null, tag)),
            false => serde_json::from_slice(answer.body())
                .map(|value| Answer::Done(value, tag))
                .map_err(|_| strange()),
        };
    }
    let problem = serde_json::from_slice(answer.body()).map_err(|_| strange())?;
    Ok(Answer::Refused(answer.status(), problem))
}

/// All that could end a segment or a query's value; what a name may hold stays readable.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'@')
    .remove(b'+');
const JSON: &str = "application/json";
const LONGEST_PAGE: &str = "1000";
const DEADLINE: Duration = Duration::from_secs(30);
