// SPDX-License-Identifier: Apache-2.0
//! Answers the monitoring: alive, ready, measured.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::drain::Drain;
use crate::telemetry::Metrics;

/// A named question about readiness; its answer is a sentence when the part is not ready.
pub type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Everything that has to be well before this process may be sent work.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, Check>>>);

impl Readiness {
    /// Adds a question, or replaces the one of the same name. It is asked on every probe and must answer from
    /// memory, without waiting.
    pub fn require(
        &self,
        name: &'static str,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, Box::new(check));
    }

    fn ask(&self) -> BTreeMap<&'static str, String> {
        let checks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        checks
            .iter()
            .map(|(name, check)| (*name, check().err().unwrap_or_else(|| WELL.to_owned())))
            .collect()
    }
}

const WELL: &str = "ok";

/// The routes `/healthz`, `/readyz` and `/metrics`: for a private listener only, since the answers name parts
/// and what ails them.
pub fn router(readiness: Readiness, metrics: Metrics, drain: Drain) -> Router {
    readiness.require("draining", move || match drain.has_begun() {
        true => Err("the process is finishing what is in flight".to_owned()),
        false => Ok(()),
    });
    Router::new()
        .route("/healthz", get(|| async { WELL }))
        .route("/readyz", get(ready).with_state(readiness))
        .route("/metrics", get(measured).with_state(metrics))
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    checks: BTreeMap<&'static str, String>,
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let checks = readiness.ask();
    let ready = checks.values().all(|answer| answer == WELL);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Ready { ready, checks })).into_response()
}

async fn measured(State(metrics): State<Metrics>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        metrics.render(),
    )
        .into_response()
}
