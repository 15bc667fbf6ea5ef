// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/whoami`: whom this plane takes the caller for, and what that may do. `GET /v1/roles`: what roles hold.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tamga_authority::administer::Right;
use tamga_registry::role::{Permission, Role};

use super::AdminPlane;
use super::caller::Known;
use super::json::answer;
use super::problem::render;
use crate::route::Route;

#[derive(Debug, Serialize)]
struct WhoView {
    principal: String,
    /// Its name, where it is an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    assignments: Vec<RightView>,
    /// What its credential cuts these down to, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<RightView>,
}

#[derive(Debug, Serialize)]
struct RightView {
    role: &'static str,
    /// Absent = the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
}

impl RightView {
    fn new(right: &Right) -> Self {
        Self {
            role: right.role.word(),
            organization: right.organization.as_ref().map(ToString::to_string),
        }
    }
}

#[derive(Debug, Serialize)]
struct Roles {
    items: Vec<RoleView>,
}

#[derive(Debug, Serialize)]
struct RoleView {
    name: &'static str,
    permissions: Vec<&'static str>,
}

/// What every known caller may ask.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![Route::get("/v1/whoami", whoami), Route::get("/v1/roles", roles)]
}

async fn whoami(State(plane): State<AdminPlane>, known: Known) -> Response {
    match plane.administration.whoami(&known.caller).await {
        Ok(who) => {
            let view = WhoView {
                principal: known.caller.principal.to_string(),
                name: who.account.map(|account| account.name.to_string()),
                assignments: who.rights.iter().map(RightView::new).collect(),
                limit: who.limit.as_ref().map(RightView::new),
            };
            answer(StatusCode::OK, &view)
        }
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

async fn roles(_known: Known) -> Response {
    let view = |role: Role| RoleView {
        name: role.word(),
        permissions: role.permissions().map(Permission::word).collect(),
    };
    let items = Role::ASSIGNABLE.map(view).into();
    answer(StatusCode::OK, &Roles { items })
}
