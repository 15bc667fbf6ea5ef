// SPDX-License-Identifier: Apache-2.0
//! Gives every request an id of ours, one log event, one measurement, and an answer even when its handler panics.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures::FutureExt;
use tamga_x509::chance::{Chance, ChanceFault, octets};
use tamga_x509::time::Clock;
use tokio::time::Instant;
use tracing::Instrument;

use crate::listener::{Interruption, Peer, Plane, Words};
use crate::telemetry::Foreign;

/// The id of one request: 16 octets laid out as a UUID version 7 (RFC 9562 §5.7), never taken from a client.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// The octets, as the journal keeps them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

/// Where request ids come from and the header that answers them.
#[derive(Clone)]
pub struct RequestIds {
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    header: HeaderName,
}

/// Answers the id unless a plane asks for another header.
const HEADER: HeaderName = HeaderName::from_static("x-ms-request-id");
/// Where clients name a request in their own words; the first one present is logged.
const CLIENTS_HEADERS: [&str; 2] = ["x-ms-client-request-id", "request-id"];
/// Enough for every id a client library makes.
const LONGEST_CLIENT_ID: usize = 64;
/// HTTP methods have no limit of their own.
const LONGEST_METHOD: usize = 16;

impl RequestIds {
    /// Ids in the order of `clock`, told apart by `chance`, answered as `x-ms-request-id`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        Self {
            clock,
            chance,
            header: HEADER,
        }
    }

    /// The same ids answered under another header.
    #[must_use]
    pub fn answered_as(self, header: HeaderName) -> Self {
        Self { header, ..self }
    }

    /// Observes every request of `router`, those without a route included: each handler finds its
    /// [`RequestId`] among the extensions, and a handler that panics is answered for in `words`. A listener does this to the router it serves.
    pub fn observe(&self, router: Router, plane: Plane, words: Words) -> Router {
        let observer = Arc::new(Observer {
            ids: self.clone(),
            plane,
            words,
        });
        router.layer(from_fn_with_state(observer, observe))
    }

    fn fresh(&self) -> Result<RequestId, ChanceFault> {
        let random = octets::<10>(&*self.chance)?;
        let millis = self.clock.now().as_micros().max(0).unsigned_abs() / 1000;
        Ok(RequestId(
            uuid::Builder::from_unix_timestamp_millis(millis, &random)
                .into_uuid()
                .into_bytes(),
        ))
    }
}

struct Observer {
    ids: RequestIds,
    plane: Plane,
    words: Words,
}

async fn observe(State(observer): State<Arc<Observer>>, mut request: Request, next: Next) -> Response {
    let id = match observer.ids.fresh() {
        Ok(id) => id,
        Err(fault) => {
            tracing::error!(%fault, "no request id can be made, so nothing is done");
            return (observer.words)(Interruption::Unnamed, None);
        }
    };
    let observed = Observed::of(&request, id, observer.plane);
    request.extensions_mut().insert(id);
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        plane = %observer.plane,
        method = %Foreign::new(&observed.method, LONGEST_METHOD),
        route = observed.route,
    );
    let answered = AssertUnwindSafe(next.run(request).instrument(span))
        .catch_unwind()
        .await;
    let (mut response, outcome) = match answered {
        Ok(response) => {
            let outcome = class(response.status());
            (response, outcome)
        }
        // The hook has logged the panic with its place; the caller learns the id to ask about.
        Err(_) => ((observer.words)(Interruption::Panicked, Some(id)), "panicked"),
    };
    observed.ended(response.status(), outcome);
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(observer.ids.header.clone(), value);
    }
    response
}

/// What is told about a request when it ends. Query strings, raw paths and credentials are never taken.
struct Observed {
    id: RequestId,
    plane: Plane,
    method: String,
    route: String,
    peer: String,
    client_id: Option<String>,
    since: Instant,
    told: bool,
}

impl Observed {
    fn of(request: &Request, id: RequestId, plane: Plane) -> Self {
        let extensions = request.extensions();
        Self {
            id,
            plane,
            method: request.method().to_string(),
            route: extensions
                .get::<MatchedPath>()
                .map_or("unmatched", MatchedPath::as_str)
                .to_owned(),
            peer: extensions
                .get::<Peer>()
                .map(|peer| peer.address.to_string())
                .unwrap_or_default(),
            client_id: client_id(request.headers()),
            since: Instant::now(),
            told: false,
        }
    }

    fn ended(mut self, status: StatusCode, outcome: &'static str) {
        self.tell(status.as_u16(), outcome);
    }

    fn tell(&mut self, status: u16, outcome: &'static str) {
        self.told = true;
        let elapsed = self.since.elapsed();
        tracing::info!(
            request_id = %self.id,
            plane = %self.plane,
            method = %Foreign::new(&self.method, LONGEST_METHOD),
            route = self.route,
            status,
            outcome,
            duration_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
            peer = self.peer,
            client_request_id = self.client_id.as_deref(),
            "request"
        );
        let route = std::mem::take(&mut self.route);
        metrics::histogram!("tamga_request_seconds", "plane" => self.plane.as_str(), "route" => route, "outcome" => outcome)
            .record(elapsed.as_secs_f64());
    }
}

impl Drop for Observed {
    /// The client went away, or its connection was cut, before there was an answer.
    fn drop(&mut self) {
        if !self.told {
            self.tell(0, "abandoned");
        }
    }
}

fn client_id(headers: &HeaderMap) -> Option<String> {
    let value = CLIENTS_HEADERS.iter().find_map(|name| headers.get(*name))?;
    Some(Foreign::new(&String::from_utf8_lossy(value.as_bytes()), LONGEST_CLIENT_ID).to_string())
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}

#[cfg(test)]
mod tests;
