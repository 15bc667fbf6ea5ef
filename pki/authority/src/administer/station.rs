// SPDX-License-Identifier: Apache-2.0
//! Stations: made with a group and limits, enabled and disabled, removed with everything that proves them.

use tamga_registry::device::RegistrationId;
use tamga_registry::id::StationId;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::Permission;
use tamga_registry::secret::SealingPurpose;
use tamga_registry::station::{Period, ReworkPolicy, Station, StationCount, StationLimits, StationState};
use tamga_registry::store::{Change, StationAdded};

use super::Administration;
use crate::enroll::FIRST_GENERATION;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

/// A station to be made.
#[derive(Debug)]
pub struct NewStation {
    /// What it is called.
    pub name: RegistrationId,
    /// The line it stands at, for people.
    pub line: Option<String>,
    /// What is made there, for people.
    pub product: Option<String>,
    /// The group whose terms hold, and to what its units are bound.
    pub group: RegistrationId,
    /// When it has anything made.
    pub period: Period,
    /// How much it has made at most.
    pub limits: StationLimits,
    /// What a rework at it does.
    pub rework: ReworkPolicy,
}

impl Administration {
    /// Makes a station. What proves it is made afterwards: a token, or a pinned certificate.
    pub async fn create_station(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewStation,
    ) -> Result<Station, Failure> {
        let object = new.name.to_string();
        self.witnessed(caller, Permission::StationCreate, object, async {
            let (here, permit) = self
                .enter(caller, Permission::StationCreate, organization)
                .await?;
            let group = self.means.store.group(here.id, &new.group).await?;
            let group = group.ok_or(Refusal::NotFound("enrollment group"))?;
            let at = self.means.now();
            let station = Station {
                id: StationId::fresh(at, &*self.means.chance)?,
                organization: here.id,
                name: new.name,
                line: told("line", new.line)?,
                product: told("product", new.product)?,
                group: group.id,
                group_name: group.name,
                state: StationState::Enabled,
                generation: FIRST_GENERATION,
                period: period(new.period)?,
                limits: limits(new.limits)?,
                rework: rework(new.rework)?,
                count: StationCount::default(),
                created_at: at,
            };
            let act = self.act(caller, &permit, &here, station.id.to_string())?;
            let mut change = self.means.store.change(act).await?;
            self.ensure_data_key(&here, &mut *change).await?;
            match change.add_station(&station).await? {
                StationAdded::Added => {}
                StationAdded::Taken => return Err(Refusal::NameTaken("station").into()),
                StationAdded::NoGroup => return Err(Refusal::NotFound("enrollment group").into()),
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(station)
        })
        .await
    }

    /// What is asked at a station of a process without keys is sealed on its way to one that has them.
    async fn ensure_data_key(&self, here: &Organization, change: &mut dyn Change) -> Result<(), Failure> {
        let purpose = SealingPurpose::DeviceSecrets;
        if self.means.store.data_key(purpose, here.id).await?.is_none() {
            // Another that was made meanwhile does as well.
            change.add_data_key(&self.new_data_key(here.id)?).await?;
        }
        Ok(())
    }

    /// A station of an organization.
    pub async fn station(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<Station, Failure> {
        self.witnessed(caller, Permission::StationRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::StationRead, organization).await?;
            let station = self.means.store.station(here.id, name).await?;
            station.ok_or_else(|| Refusal::NotFound("station").into())
        })
        .await
    }

    /// A page of the stations of an organization.
    pub async fn stations(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<Station>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::StationRead, object, async {
            let (here, _) = self.enter(caller, Permission::StationRead, organization).await?;
            Ok(self.means.store.stations(here.id, page).await?)
        })
        .await
    }

    /// Enables or disables a station. Disabled, it is nobody from the next request on, and has nothing more made.
    pub async fn set_station_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        state: StationState,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::StationUpdate, name.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::StationUpdate, organization)
                .await?;
            let detail = (name.to_string(), Some(state.word().to_owned()));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.means.store.change(act).await?;
            if !change.set_station_state(here.id, name, state).await? {
                return Err(Refusal::NotFound("station").into());
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(())
        })
        .await
    }

    /// Removes a station. Its tokens are revoked and its certificates prove nobody; what was made at it stays.
    pub async fn delete_station(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::StationDelete, name.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::StationDelete, organization)
                .await?;
            let act = self.act(caller, &permit, &here, name.to_string())?;
            let mut change = self.means.store.change(act).await?;
            let at = self.means.now();
            if !change.remove_station(here.id, name, at).await? {
                return Err(Refusal::NotFound("station").into());
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(())
        })
        .await
    }
}

/// A word for people.
fn told(field: &'static str, text: Option<String>) -> Result<Option<String>, Refusal> {
    let fits = |text: &String| {
        (1..=LONGEST_TEXT).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if text.as_ref().is_none_or(fits) {
        return Ok(text);
    }
    let reason = format!("give 1 to {LONGEST_TEXT} characters without control characters");
    Err(Refusal::Invalid { field, reason })
}

fn period(period: Period) -> Result<Period, Refusal> {
    match (period.from, period.until) {
        (Some(from), Some(until)) if until < from => Err(Refusal::Invalid {
            field: "validUntil",
            reason: "it lies before validFrom: give a later one".to_owned(),
        }),
        _ => Ok(period),
    }
}

fn limits(limits: StationLimits) -> Result<StationLimits, Refusal> {
    for (field, limit) in [
        ("maximumCertificates", limits.most),
        ("maximumPerDay", limits.most_per_day),
    ] {
        if limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            let reason = format!("give a number from 1 to {MOST}, or leave it out");
            return Err(Refusal::Invalid { field, reason });
        }
    }
    Ok(limits)
}

fn rework(policy: ReworkPolicy) -> Result<ReworkPolicy, Refusal> {
    if (0..=MOST_REWORKS).contains(&policy.most) {
        return Ok(policy);
    }
    Err(Refusal::Invalid {
        field: "maximumReworks",
        reason: format!("give a number from 0 to {MOST_REWORKS}"),
    })
}

const LONGEST_TEXT: usize = 100;
/// Of one unit.
const MOST_REWORKS: i64 = 1_000;
/// More than any line makes.
const MOST: i64 = 1_000_000_000;
