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

/// Something to know beside readiness, such as how the other processes are; lines for people.
pub type Note = Box<dyn Fn() -> Vec<String> + Send + Sync>;

/// Everything that has to be well before this process may be sent work.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Asked>);

#[derive(Default)]
struct Asked {
    checks: Mutex<BTreeMap<&'static str, Check>>,
    notes: Mutex<BTreeMap<&'static str, Note>>,
}

impl Readiness {
    /// Adds a question, or replaces the one of the same name. It is asked on every probe and must answer from
    /// memory, without waiting.
    pub fn require(
        &self,
        name: &'static str,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.0
            .checks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, Box::new(check));
    }

    /// Adds something to know, or replaces what has the same name. It changes nothing about readiness.
    pub fn note(&self, name: &'static str, note: impl Fn() -> Vec<String> + Send + Sync + 'static) {
        self.0
            .notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, Box::new(note));
    }

    /// What there is to know, by name.
    pub fn noted(&self) -> BTreeMap<&'static str, Vec<String>> {
        let notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.iter().map(|(name, note)| (*name, note())).collect()
    }

    /// What is not well, by name.
    pub fn ailments(&self) -> Vec<(&'static str, String)> {
        let checks = self.0.checks.lock().unwrap_or_else(PoisonError::into_inner);
        checks
            .iter()
            .filter_map(|(name, check)| check().err().map(|ailment| (*name, ailment)))
            .collect()
    }

    fn ask(&self) -> BTreeMap<&'static str, String> {
        let checks = self.0.checks.lock().unwrap_or_else(PoisonError::into_inner);
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
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<&'static str, Vec<String>>,
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let checks = readiness.ask();
    let ready = checks.values().all(|answer| answer == WELL);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let notes = readiness.noted();
    let told = Ready { ready, checks, notes };
    (status, Json(told)).into_response()
}

async fn measured(State(metrics): State<Metrics>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        metrics.render(),
    )
        .into_response()
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Readiness").field(&self.ask()).finish()
    }
}
