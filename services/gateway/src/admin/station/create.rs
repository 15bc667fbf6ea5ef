// SPDX-License-Identifier: Apache-2.0
//! `POST …/stations`: makes a station, enabled. What proves it is made afterwards.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tamga_authority::administer::NewStation;
use tamga_registry::station::{Period, ReworkPolicy, StationLimits};
use tamga_x509::time::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::StationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::{field, invalid};
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct StationRequest {
    name: String,
    group: String,
    line: Option<String>,
    product: Option<String>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    maximum_certificates: Option<i64>,
    maximum_per_day: Option<i64>,
    maximum_reworks: Option<i64>,
    rework_revokes: Option<bool>,
}

impl StationRequest {
    fn station(self) -> Result<NewStation, Rejection> {
        let usual = ReworkPolicy::default();
        Ok(NewStation {
            name: field("name", &self.name)?,
            line: self.line,
            product: self.product,
            group: field("group", &self.group)?,
            period: Period {
                from: instant("validFrom", self.valid_from.as_deref())?,
                until: instant("validUntil", self.valid_until.as_deref())?,
            },
            limits: StationLimits {
                most: self.maximum_certificates,
                most_per_day: self.maximum_per_day,
            },
            rework: ReworkPolicy {
                most: self.maximum_reworks.unwrap_or(usual.most),
                revokes: self.rework_revokes.unwrap_or(usual.revokes),
            },
        })
    }
}

/// An instant as this plane writes them (RFC 3339); any offset is taken.
fn instant(name: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, Rejection> {
    let Some(text) = text else { return Ok(None) };
    let read = OffsetDateTime::parse(text, &Rfc3339).ok();
    let micros = read.and_then(|at| i64::try_from(at.unix_timestamp_nanos() / 1_000).ok());
    match micros {
        Some(micros) => Ok(Some(Timestamp::from_micros(micros))),
        None => Err(invalid(
            name,
            "give an instant as 2026-12-01T06:00:00Z".to_owned(),
        )),
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<StationRequest>,
) -> Response {
    let made = async {
        let station = plane
            .administration
            .create_station(&known.caller, &organization, new.station()?)
            .await?;
        let location = format!("/v1/organizations/{organization}/stations/{}", station.name);
        Ok::<_, Rejection>(created(&location, &StationView::new(&station)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_one_in_any_offset_and_nothing_else() {
        let at = |text| instant("validFrom", Some(text));
        let utc = at("2026-12-01T06:00:00Z").unwrap();
        assert_eq!(utc, at("2026-12-01T07:00:00+01:00").unwrap());
        assert_eq!(
            utc.map(Timestamp::to_rfc3339).as_deref(),
            Some("2026-12-01T06:00:00.000000Z")
        );
        for wrong in ["", "2026-12-01", "1795000000", "tomorrow", "9999-99-99T00:00:00Z"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
