// SPDX-License-Identifier: Apache-2.0
//! The device plane: the HTTP device API of the Azure Device Provisioning Service, as its released clients speak it.
//!
//! - [`register`](self), `operation`, `lookup`: one file a call; `call`: what they have in common, each parse → claim →
//!   door → render;
//! - [`registration`]: the body a device sends, and the two doors a CSR comes in by;
//! - `target`: whom the path names; `claim`: what proves it;
//! - `answer`: the JSON that is answered, shaped so that every client reads it;
//! - [`error`]: refusals as DPS errors, in one table; `rim`: refusals that need no rule, only the request itself.
//!
//! Lenient by design: `api-version` and `forceRegistration` are not looked at (clients from 2017 to now differ in
//! nothing this plane answers), nor is the content type; unknown members are ignored; a GET may have a body.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use tamga_authority::enroll::Door;
use tamga_runtime::listener::Front;
use tamga_x509::time::Clock;

use crate::arrival::Arrival;
use crate::route::{Route, router as routed};

mod answer;
mod call;
mod claim;
pub mod error;
mod lookup;
mod operation;
mod register;
pub mod registration;
mod rim;
mod target;

use error::Rejection;
pub use rim::RimRefusal;

/// What the device plane is given.
#[derive(Clone)]
pub struct DevicePlane {
    /// Judges every claim.
    pub door: Arc<Door>,
    /// Answered as `assignedHub` where the enrollment names none; without it, the host name the device asked for.
    pub default_hub: Option<String>,
    /// Dates the answers.
    pub clock: Arc<dyn Clock>,
}

/// The routes of the device plane.
pub fn routes() -> Vec<Route<DevicePlane>> {
    vec![
        Route::put(
            "/{idScope}/registrations/{registrationId}/register",
            register::handle,
        ),
        Route::get(
            "/{idScope}/registrations/{registrationId}/operations/{operationId}",
            operation::handle,
        ),
        Route::post("/{idScope}/registrations/{registrationId}", lookup::handle),
    ]
}

/// The device plane, ready to be served: also what the listener answers itself is a DPS error.
#[must_use]
pub fn front(plane: DevicePlane) -> Front {
    let clock = plane.clock.clone();
    Front {
        router: router(plane),
        words: Arc::new(move |why, id| {
            let rejection = Rejection::Interrupted(why);
            error::render(&rejection, &Arrival::interrupted(id), clock.now())
        }),
        streams: &[],
    }
}

fn router(plane: DevicePlane) -> Router {
    routed(routes())
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .with_state(plane)
}

async fn no_route(State(plane): State<DevicePlane>, arrival: Arrival) -> Response {
    plane.refuse(&RimRefusal::RouteUnknown.into(), &arrival)
}

async fn no_method(State(plane): State<DevicePlane>, arrival: Arrival) -> Response {
    plane.refuse(&RimRefusal::MethodNotAllowed.into(), &arrival)
}

impl DevicePlane {
    /// What a call came to, as it is answered.
    fn answer(&self, arrival: &Arrival, outcome: Result<Response, Rejection>) -> Response {
        outcome.unwrap_or_else(|rejection| self.refuse(&rejection, arrival))
    }

    /// Renders a rejection. One that ended before the door is counted here, for the door never saw it.
    fn refuse(&self, rejection: &Rejection, arrival: &Arrival) -> Response {
        if let Rejection::AtTheRim(refusal) = rejection {
            self.door.turned_away(refusal.slug(), arrival.source());
        }
        error::render(rejection, arrival, self.clock.now())
    }
}

#[cfg(test)]
mod tests;
