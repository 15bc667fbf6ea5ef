// SPDX-License-Identifier: Apache-2.0
//! The admin plane `/v1`: what operators do, one file a call, as `<noun>/<verb>.rs`.
//!
//! Strict where the device plane is lenient: JSON with exactly the described members, errors as problem documents
//! (RFC 9457) with a stable `code`. What is not there and what the caller may not see are one answer.
//!
//! - [`caller`](self): who asks, by which credential; `address`: no credential in URLs; `json`, `field`: bodies in and
//!   out; [`problem`]: errors;
//! - `rim`: what every request keeps before its handler runs; `description`: the contract, for whoever asks;
//! - `page`: lists; `repetition`: requests that are sent again; `switching`: calls that enable and disable;
//! - `precondition`: what a caller knows of what it reads or changes;
//! - `certificate_text`: certificates of others;
//! - [`terms`](self): what groups and individual enrollments have in common on the wire.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use tamga_authority::administer::Administration;
use tamga_authority::factory::Factory;
use tamga_authority::identify::Doorkeeper;
use tamga_runtime::listener::Front;

use crate::arrival::Arrival;
use crate::route::{Route, router as routed};

mod account;
mod address;
mod anchor;
mod approval;
mod assignment;
mod caller;
mod certificate;
mod certificate_text;
mod client_certificate;
mod description;
mod device;
mod enrollment;
mod field;
mod grant;
mod group;
mod id_scope;
mod issuer;
mod journal;
mod json;
mod mass_revocation;
mod order;
mod organization;
mod page;
mod path;
mod precondition;
pub mod problem;
mod profile;
mod regeneration;
mod repetition;
mod revocation;
mod rim;
mod station;
mod switching;
mod terms;
mod token;
mod unit;
mod who;

use problem::RimRefusal;

/// What the admin plane is given.
#[derive(Clone)]
pub struct AdminPlane {
    /// Performs every act.
    pub administration: Arc<Administration>,
    /// Has units on a line furnished with certificates.
    pub factory: Arc<Factory>,
    /// Says who somebody is.
    pub doorkeeper: Arc<Doorkeeper>,
}

/// The routes of the admin plane.
pub fn routes() -> Vec<Route<AdminPlane>> {
    let nouns = [
        who::routes(),
        organization::routes(),
        account::routes(),
        assignment::routes(),
        token::routes(),
        client_certificate::routes(),
        profile::routes(),
        issuer::routes(),
        grant::routes(),
        station::routes(),
        unit::routes(),
        approval::routes(),
        mass_revocation::routes(),
        group::routes(),
        enrollment::routes(),
        anchor_routes(),
        device::routes(),
        certificate::routes(),
        order::routes(),
        journal::routes(),
    ];
    nouns.into_iter().flatten().collect()
}

/// Anchors and id scopes.
fn anchor_routes() -> Vec<Route<AdminPlane>> {
    let mut routes = vec![
        Route::post("/v1/organizations/{organization}/anchors", anchor::create::handle),
        Route::get("/v1/organizations/{organization}/anchors", anchor::list::handle),
        Route::get(
            "/v1/organizations/{organization}/anchors/{name}",
            anchor::show::handle,
        ),
        Route::delete(
            "/v1/organizations/{organization}/anchors/{name}",
            anchor::delete::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/anchors/{name}/enable",
            anchor::switch::enable,
        ),
        Route::post(
            "/v1/organizations/{organization}/anchors/{name}/disable",
            anchor::switch::disable,
        ),
        Route::post(
            "/v1/organizations/{organization}/anchors/{name}/status",
            anchor::set_status::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/anchors/{name}/intermediates",
            anchor::add_intermediate::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/anchors/{name}/lists",
            anchor::bring_list::handle,
        ),
        Route::get(
            "/v1/organizations/{organization}/id-scopes",
            id_scope::list::handle,
        ),
    ];
    routes.extend(description::routes());
    routes
}

/// The admin plane, ready to be served: also what the listener answers itself is a problem document.
#[must_use]
pub fn front(plane: AdminPlane) -> Front {
    Front {
        router: router(plane),
        words: Arc::new(|why, id| problem::render(why.into(), &Arrival::interrupted(id))),
        streams: &[unit::STREAM, anchor::bring_list::END],
    }
}

fn router(plane: AdminPlane) -> Router {
    let described = Arc::new(rim::Described::by(description::DOCUMENT));
    routed(routes())
        .route_layer(from_fn_with_state(plane.clone(), repetition::once))
        // The outermost comes last.
        .route_layer(from_fn_with_state(described, rim::kept))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(from_fn_with_state(plane.clone(), address::without_credential))
        .with_state(plane)
}

async fn no_route(arrival: Arrival) -> Response {
    problem::render(RimRefusal::NotFound.into(), &arrival)
}

async fn no_method(arrival: Arrival) -> Response {
    problem::render(RimRefusal::MethodNotAllowed.into(), &arrival)
}

#[cfg(test)]
mod tests;
