// SPDX-License-Identifier: Apache-2.0
//! `POST …/certificates:batch`: many units in one call, a JSON line in and a JSON line out for each, both as they come.
//!
//! Rows are taken while there is room among those at work, and answered in the order in which they are done; what is held
//! of them is bounded, however many there are. Nothing of the call is kept: a row tells itself, by registration id and
//! key, so the same file sent again after a cut yields the same certificates.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use tamga_authority::factory::Factory;
use tamga_runtime::listener::Streamed;

use super::request::AtStation;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::announced_as;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, RimRefusal, render};
use crate::arrival::Arrival;
use crate::body::is_plain;

mod intake;
mod lines;
mod row;

use intake::{Intake, Step};
use row::{RowAnswer, Tally};

pub(super) const PATH: &str = "/v1/organizations/{organization}/certificates:batch";
/// How requests for it end.
pub(in crate::admin) const END: &str = "/certificates:batch";

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    AtStation(station): AtStation,
    request: Request,
) -> Response {
    let begun = async {
        let (parts, body) = request.into_parts();
        if !announced_as(&parts.headers, JSON_LINES) || !is_plain(&parts.headers) {
            return Err(RimRefusal::LinesMediaType.into());
        }
        let mut intake = Intake::begin(&plane, &known, (organization, station), (parts, body)).await?;
        // Whoever waits to be told to send its body is told so before it is answered.
        intake.wait().await;
        Ok::<_, Rejection>(intake)
    };
    match begun.await {
        Ok(intake) => answered(plane.factory.clone(), intake, known.arrival),
        Err(rejection) => render(rejection, &known.arrival),
    }
}

/// The answers, as they come.
fn answered(factory: Arc<Factory>, intake: Intake, arrival: Arrival) -> Response {
    let steps = stream::unfold(intake, |mut intake| async move {
        let step = intake.next().await?;
        Some((step, intake))
    });
    let told = steps
        .map(move |step| work(factory.clone(), arrival.clone(), step))
        .buffer_unordered(AT_WORK);
    let tally = Arc::new(Tally::default());
    let counted = tally.clone();
    let lines = told.map(move |answer| counted.line(&answer));
    let end = stream::once(async move { tally.end() });
    let chunks = lines.chain(end).ready_chunks(TOGETHER);
    let chunks = chunks.map(|lines| Ok::<_, Infallible>(Bytes::from(lines.concat())));
    let mut response = Body::from_stream(chunks).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_LINES));
    response.extensions_mut().insert(Streamed);
    response
}

/// A row, in a task of its own: what was begun is ended, whoever still listens.
async fn work(factory: Arc<Factory>, arrival: Arrival, step: Step) -> RowAnswer {
    match step {
        Step::Said(answer) => *answer,
        Step::Row { number, line, shift } => {
            let furnished =
                tokio::spawn(async move { row::furnish(&factory, &shift, (number, &line), &arrival).await });
            furnished.await.unwrap_or_else(|_| RowAnswer::broken(number))
        }
    }
}

const JSON_LINES: &str = "application/jsonl";
/// How many rows are at work at once: as many as fill two of the batches the hand commits.
const AT_WORK: usize = 512;
/// How many answers are sent together where they are ready.
const TOGETHER: usize = 64;
