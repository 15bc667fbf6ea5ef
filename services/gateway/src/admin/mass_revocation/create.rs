// SPDX-License-Identifier: Apache-2.0
//! `POST …/revocations`: revokes every certificate that fits a query; or, with `dryRun`, says how many there are.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tamga_authority::administer::{Extent, NewRevocation, Outcome};
use tamga_registry::organization::OrganizationSlug;
use tamga_x509::time::Timestamp;

use super::RevocationView;
use crate::admin::AdminPlane;
use crate::admin::approval::waits;
use crate::admin::caller::Known;
use crate::admin::field::{field, invalid};
use crate::admin::json::{Body, answer, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct RevocationRequest {
    query: QueryRequest,
    reason: String,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct QueryRequest {
    group: Option<String>,
    issuer: Option<String>,
    profile: Option<String>,
    registration_id_prefix: Option<String>,
    issued_from: Option<String>,
    issued_until: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtentView {
    certificates: u64,
    keys: u64,
    besides: u64,
    devices: u64,
    shards: u64,
}

impl RevocationRequest {
    fn read(&self) -> Result<NewRevocation, Rejection> {
        let query = &self.query;
        Ok(NewRevocation {
            group: maybe("query.group", query.group.as_deref())?,
            issuer: maybe("query.issuer", query.issuer.as_deref())?,
            profile: maybe("query.profile", query.profile.as_deref())?,
            prefix: maybe(
                "query.registrationIdPrefix",
                query.registration_id_prefix.as_deref(),
            )?,
            from: instant("query.issuedFrom", query.issued_from.as_deref())?,
            until: instant("query.issuedUntil", query.issued_until.as_deref())?,
            reason: field("reason", &self.reason)?,
        })
    }
}

fn maybe<T: std::str::FromStr>(name: &'static str, text: Option<&str>) -> Result<Option<T>, Rejection>
where
    T::Err: std::fmt::Display,
{
    text.map(|text| field(name, text)).transpose()
}

fn instant(name: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, Rejection> {
    let Some(text) = text else { return Ok(None) };
    let read = Timestamp::from_rfc3339(text);
    let form = || {
        invalid(
            name,
            "give an instant such as 2026-11-22T01:02:03.000000Z".to_owned(),
        )
    };
    read.map(Some).ok_or_else(form)
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(asked): Body<RevocationRequest>,
) -> Response {
    let done = done(&plane, &known, &organization, &asked);
    done.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

async fn done(
    plane: &AdminPlane,
    known: &Known,
    organization: &OrganizationSlug,
    asked: &RevocationRequest,
) -> Result<Response, Rejection> {
    let new = asked.read()?;
    let administration = &plane.administration;
    if asked.dry_run {
        let extent = administration
            .measure_revocation(&known.caller, organization, &new)
            .await?;
        return Ok(measured(extent));
    }
    let outcome = administration
        .revoke_many(&known.caller, organization, &new)
        .await?;
    Ok(match outcome {
        Outcome::Done(revocation) => {
            let location = format!("/v1/organizations/{organization}/revocations/{}", revocation.id);
            created(&location, &RevocationView::new(&revocation))
        }
        Outcome::Waits(approval) => waits(&approval, organization),
    })
}

fn measured(extent: Extent) -> Response {
    let view = ExtentView {
        certificates: extent.certificates,
        keys: extent.keys,
        besides: extent.besides,
        devices: extent.devices,
        shards: extent.shards,
    };
    answer(StatusCode::OK, &view)
}
