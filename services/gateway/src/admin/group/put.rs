// SPDX-License-Identifier: Apache-2.0
//! `PUT …/groups/{name}`: what a group is to be. Made where there is none, and then its keys are shown, once.

use axum::extract::State;
use axum::response::Response;
use tamga_authority::administer::Put;
use tamga_registry::device::RegistrationId;

use super::GroupView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created, replaced};
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::{Creation, TermsView};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(new): Body<Creation>,
) -> Response {
    let put = async {
        let new = new.of_named(what)?;
        let put = plane
            .administration
            .put_group(&known.caller, &organization, new)
            .await?;
        Ok::<_, Rejection>(match put {
            Put::Made(group, keys) => {
                let location = format!("/v1/organizations/{organization}/groups/{}", group.name);
                let terms = TermsView::revealing(&group.terms, keys.as_ref());
                created(&location, &GroupView::new(&group, terms))
            }
            Put::There(group) => replaced(&GroupView::new(&group, TermsView::new(&group.terms))),
        })
    };
    put.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
