// SPDX-License-Identifier: Apache-2.0
//! `POST …/organizations`: makes an organization below another. `POST …/id-scopes`: gives one another id scope.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tamga_authority::administer::NewOrganization;

use super::OrganizationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, NoBody, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct OrganizationRequest {
    slug: String,
    display_name: Option<String>,
}

/// An organization as it is shown when it is made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MadeView {
    #[serde(flatten)]
    organization: OrganizationView,
    id_scopes: [String; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IdScopeView {
    id_scope: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(parent): InOrganization,
    Body(new): Body<OrganizationRequest>,
) -> Response {
    let made = async {
        let new = NewOrganization {
            slug: new.slug,
            display_name: new.display_name,
        };
        let (made, scope) = plane
            .administration
            .create_organization(&known.caller, &parent, new)
            .await?;
        let view = MadeView {
            organization: OrganizationView::new(&made),
            id_scopes: [scope.to_string()],
        };
        Ok::<_, Rejection>(created(&format!("/v1/organizations/{}", made.slug), &view))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn id_scope(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    NoBody: NoBody,
) -> Response {
    match plane
        .administration
        .create_id_scope(&known.caller, &organization)
        .await
    {
        Ok(scope) => {
            let location = format!("/v1/organizations/{organization}/id-scopes");
            let id_scope = scope.to_string();
            created(&location, &IdScopeView { id_scope })
        }
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
