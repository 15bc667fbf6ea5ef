// SPDX-License-Identifier: Apache-2.0
//! `GET …/stations` and `…/stations/{name}`: with how much each has had made.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::device::RegistrationId;
use tamga_registry::page::Sort;

use super::StationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::page::Asked;
use crate::admin::path::{InOrganization, Named};
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn list(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &SORTS).await?;
        let stations = plane
            .administration
            .stations(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&stations, StationView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    match plane
        .administration
        .station(&known.caller, &organization, &what)
        .await
    {
        Ok(station) => answer(StatusCode::OK, &StationView::new(&station)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

const SORTS: [(&str, Sort); 2] = [("name", Sort::NAME), ("-name", Sort::NAME_FALLING)];
