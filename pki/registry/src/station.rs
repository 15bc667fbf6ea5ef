// SPDX-License-Identifier: Apache-2.0
//! Stations of a factory: each has units on its line furnished with certificates, within limits.
//!
//! What a station may hand out is what its enrollment group hands out: profile, issuer and rekey policy are the group's,
//! and a unit that was made at it is bound to that group.

use std::fmt;

use tamga_x509::time::Timestamp;

use crate::admission::Denial;
use crate::device::RegistrationId;
use crate::id::{DeviceId, GroupId, OrganizationId, StationId};
use crate::page::{By, Listed, Mark};
use crate::words;

/// A station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Its id.
    pub id: StationId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Its name, unique within the organization without regard to case.
    pub name: RegistrationId,
    /// The line it stands at, for people.
    pub line: Option<String>,
    /// What is made there, for people.
    pub product: Option<String>,
    /// Whose terms hold, and to what its units are bound.
    pub group: GroupId,
    /// What that group is called.
    pub group_name: RegistrationId,
    /// Whether it has anything made.
    pub state: StationState,
    /// Raised by every change of what issuance depends on.
    pub generation: i64,
    /// When it has anything made.
    pub period: Period,
    /// How much it has made at most.
    pub limits: StationLimits,
    /// What a rework at it does.
    pub rework: ReworkPolicy,
    /// How much it has had made.
    pub count: StationCount,
    /// When it was made itself.
    pub created_at: Timestamp,
}

impl Station {
    /// What an act at it is judged by.
    pub fn judged(&self) -> JudgedStation {
        JudgedStation {
            id: self.id,
            group: self.group,
            generation: self.generation,
        }
    }
}

/// A station that was enabled when an act at it was judged: the act is done only while it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedStation {
    /// Which one.
    pub id: StationId,
    /// Whose units are its own.
    pub group: GroupId,
    /// The generation it was judged in.
    pub generation: i64,
}

words! {
    /// Whether a station has anything made.
    StationState {
        /// It has, within its limits.
        Enabled = "enabled",
        /// Whatever proves it proves nobody.
        Disabled = "disabled",
    }
}

/// From when until when, both included; absent = without end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The last instant.
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether an instant lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at <= until)
    }
}

/// How many certificates a station has made at most; absent = as many as it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StationLimits {
    /// In all.
    pub most: Option<i64>,
    /// On one day.
    pub most_per_day: Option<i64>,
}

/// What a rework does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReworkPolicy {
    /// How often one unit may be reworked.
    pub most: i64,
    /// Whether what it had is revoked as superseded at once; else it stays good beside the new certificate.
    pub revokes: bool,
}

impl Default for ReworkPolicy {
    fn default() -> Self {
        Self {
            most: 3,
            revokes: true,
        }
    }
}

/// How many orders were made at a station.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StationCount {
    /// In all.
    pub issued: i64,
    /// The last day it had one made.
    pub day: Day,
    /// How many on that day.
    pub issued_that_day: i64,
}

impl StationCount {
    /// How many on a day; what was counted on a later one counts as well, for clocks differ around midnight.
    pub fn on(&self, day: Day) -> i64 {
        if self.day < day { 0 } else { self.issued_that_day }
    }
}

/// A day of UTC, in days since 1970-01-01.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The one an instant lies in.
    pub fn of(at: Timestamp) -> Self {
        Self(at.seconds().div_euclid(24 * 60 * 60))
    }
}

/// Whether a station may have anything made at an instant. How much it has had made is for [`admit_one_more`].
pub fn admit_station(station: &Station, at: Timestamp) -> Result<(), Denial> {
    match station.state {
        StationState::Disabled => Err(Denial::StationDisabled),
        StationState::Enabled if station.period.contains(at) => Ok(()),
        StationState::Enabled => Err(Denial::StationOutsidePeriod),
    }
}

/// Whether there is room for one more. Asked again by the statement that keeps the order.
pub fn admit_one_more(limits: StationLimits, count: StationCount, at: Timestamp) -> Result<(), Denial> {
    if limits.most.is_some_and(|most| count.issued >= most) {
        return Err(Denial::StationLimit);
    }
    let today = count.on(Day::of(at));
    if limits.most_per_day.is_some_and(|most| today >= most) {
        return Err(Denial::StationDayLimit);
    }
    Ok(())
}

/// A unit that has what another asks for: its name, or its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierUnit {
    /// Which device.
    pub device: DeviceId,
    /// As it was first presented.
    pub registration_id: String,
    /// When it got what the other asks for.
    pub at: Timestamp,
    /// At which station; absent where it enrolled by itself, or where that station is gone.
    pub station: Option<String>,
}

impl fmt::Display for EarlierUnit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.to_rfc3339();
        write!(out, "{} ({}), since {at}", self.registration_id, self.device)?;
        match &self.station {
            Some(station) => write!(out, ", made at the station {station}"),
            None => Ok(()),
        }
    }
}

impl Listed for Station {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.name.canonical().to_owned()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_046_400 + 12 * 60 * 60);

    fn station() -> Station {
        Station {
            id: StationId::from_octets([1; 16]),
            organization: OrganizationId::from_octets([2; 16]),
            name: "flash-1".parse().unwrap(),
            line: None,
            product: None,
            group: GroupId::from_octets([3; 16]),
            group_name: "line-1".parse().unwrap(),
            state: StationState::Enabled,
            generation: 1,
            period: Period::default(),
            limits: StationLimits::default(),
            rework: ReworkPolicy::default(),
            count: StationCount::default(),
            created_at: NOON,
        }
    }

    #[test]
    fn a_station_works_while_it_is_enabled_and_within_its_period() {
        assert_eq!(admit_station(&station(), NOON), Ok(()));
        let mut closed = station();
        closed.period = Period {
            from: Some(NOON),
            until: Some(NOON),
        };
        assert_eq!(admit_station(&closed, NOON), Ok(()), "both instants are its own");
        for beside in [
            Timestamp::from_micros(NOON.as_micros() - 1),
            Timestamp::from_micros(NOON.as_micros() + 1),
        ] {
            assert_eq!(admit_station(&closed, beside), Err(Denial::StationOutsidePeriod));
        }
        closed.state = StationState::Disabled;
        assert_eq!(admit_station(&closed, NOON), Err(Denial::StationDisabled));
    }

    #[test]
    fn a_limit_is_reached_at_its_own_number_and_a_day_ends_at_midnight() {
        let limits = StationLimits {
            most: Some(10),
            most_per_day: Some(3),
        };
        let count = |issued, issued_that_day| StationCount {
            issued,
            day: Day::of(NOON),
            issued_that_day,
        };
        assert_eq!(admit_one_more(limits, count(9, 2), NOON), Ok(()));
        assert_eq!(
            admit_one_more(limits, count(10, 2), NOON),
            Err(Denial::StationLimit)
        );
        assert_eq!(
            admit_one_more(limits, count(9, 3), NOON),
            Err(Denial::StationDayLimit)
        );
        let midnight = Timestamp::from_seconds(NOON.seconds() + 12 * 60 * 60);
        assert_eq!(admit_one_more(limits, count(9, 3), midnight), Ok(()));
        let before_midnight = Timestamp::from_seconds(NOON.seconds() - 13 * 60 * 60);
        assert_eq!(
            admit_one_more(limits, count(9, 3), before_midnight),
            Err(Denial::StationDayLimit),
            "a clock that is behind counts on"
        );
        assert_eq!(
            admit_one_more(StationLimits::default(), count(99, 99), NOON),
            Ok(())
        );
    }
}
