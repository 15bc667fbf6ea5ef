// SPDX-License-Identifier: Apache-2.0
//! `POST …/accounts`: makes an account. Roles and credentials are given to it afterwards.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::AccountView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::field;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct AccountRequest {
    name: String,
    kind: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<AccountRequest>,
) -> Response {
    let made = async {
        let new = (field("name", &new.name)?, field("kind", &new.kind)?);
        let account = plane
            .administration
            .create_account(&known.caller, &organization, new)
            .await?;
        let location = format!("/v1/organizations/{organization}/accounts/{}", account.name);
        Ok::<_, Rejection>(created(&location, &AccountView::new(&account)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
