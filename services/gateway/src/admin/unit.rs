// SPDX-License-Identifier: Apache-2.0
//! Units on a line: `…/devices/{registrationId}/certificates`, and many at once, asked by a station, or by an operator who
//! names one.
//!
//! - `certify`: one unit; `batch`: many; `scrap`, `rework`: those that are no good; `request`: what is asked for one; `view`: what is answered; `label`: what is printed beside it.

use super::AdminPlane;
use crate::route::Route;

mod batch;
mod certify;
mod label;
mod request;
mod rework;
mod scrap;
mod view;

/// What can be done with units.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post(certify::PATH, certify::handle),
        Route::post(batch::PATH, batch::handle),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/scrap",
            scrap::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/rework",
            rework::handle,
        ),
    ]
}

/// Routes on which what is asked tells itself: a key of its sender's would tell nothing more.
pub(super) const WITHOUT_KEY: [&str; 2] = [certify::PATH, batch::PATH];

/// How the path of requests ends that are read as they come.
pub(super) const STREAM: &str = batch::END;
