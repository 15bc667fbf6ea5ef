// SPDX-License-Identifier: Apache-2.0
//! The station of the bench: it stands in the house before anything is measured, with a token of its own.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use tamga::house::RunningHouse;
use tamga_authority::administer::{NewStation, NewToken};
use tamga_authority::{Caller, Failure};
use tamga_registry::account::Holder;
use tamga_registry::role::Role;
use tamga_registry::station::{Period, ReworkPolicy, StationLimits};

use crate::order::Target;

/// Makes the station of this group, and tells how it asks.
pub(crate) async fn station(house: &RunningHouse, caller: &Caller, group: &str) -> Result<Target> {
    let (administration, organization) = (house.administration(), house.organization());
    let new = NewStation {
        name: "bench-station".parse()?,
        line: None,
        product: None,
        group: group.parse()?,
        period: Period {
            from: None,
            until: None,
        },
        limits: StationLimits {
            most: None,
            most_per_day: None,
        },
        rework: ReworkPolicy::default(),
    };
    let made = administration.create_station(caller, organization, new).await;
    let station = made.map_err(told).context("making the station")?;
    let new = NewToken {
        label: "bench".to_owned(),
        holder: Some(Holder::Station(station.id)),
        role: Role::Factory,
        lifetime: None,
    };
    let made = administration.create_token(caller, organization, new).await;
    let (_, text) = made.map_err(told).context("making its token")?;
    Ok(Target::Station {
        organization: organization.to_string(),
        token: text.expose_secret().to_owned(),
    })
}

fn told(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Refused(refusal) => refusal.into(),
        Failure::Broken(fault) => fault.into(),
    }
}
