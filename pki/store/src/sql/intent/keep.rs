// SPDX-License-Identifier: Apache-2.0
//! Binds intents and first registrations to their scripts, and says what became of them.

use async_trait::async_trait;
use tamga_registry::certificate::CertificateState;
use tamga_registry::device::RegistrationId;
use tamga_registry::id::StationId;
use tamga_registry::station::Day;
use tamga_registry::store::{Expected, Intent, IntentVerdict, NewDevice, Registration, StoreFault};
use tamga_x509::key::SpkiHash;

use super::super::batch::Binds;
use super::super::fault::miscounted;
use super::super::writer::Keep;
use super::super::{device, journal};
use super::{FIRST, FIRST_AT_STATION, FURTHER, FURTHER_AT_STATION, REGISTER};

#[async_trait]
impl Keep for Intent {
    type Verdict = IntentVerdict;

    /// Nothing of it is kept, and whoever judges again finds out why.
    fn spoiled() -> Option<IntentVerdict> {
        Some(IntentVerdict::Stale)
    }

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        Some(bind_intent(self))
    }

    fn verdict(&self, written: u64) -> Result<IntentVerdict, StoreFault> {
        let all = if self.device.is_some() {
            // Device, order, certificate, serial, key, lineage.
            6 + u64::from(self.device_journal.is_some())
        } else {
            // Order, certificate, serial, key, lineage.
            5
        } + u64::from(self.birth.is_some())
            + u64::from(self.order.station.is_some())
            + u64::from(self.expected.rework);
        match written {
            0 => Ok(IntentVerdict::Stale),
            rows if rows == all => Ok(IntentVerdict::Kept),
            rows => Err(miscounted(KEEPING, rows)),
        }
    }
}

const KEEPING: &str = "keeping an intent";

#[async_trait]
impl Keep for Registration {
    type Verdict = IntentVerdict;

    /// Nothing of it is kept, and whoever judges again finds out why.
    fn spoiled() -> Option<IntentVerdict> {
        Some(IntentVerdict::Stale)
    }

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let (new, expected) = (&self.device, &self.expected);
        if expected.device.is_some() {
            return Some(Err(StoreFault::Broken {
                during: REGISTERING,
                source: "its device is both new and known".into(),
            }));
        }
        let query = REGISTER
            .query()
            .bind(new.id.octets().as_slice())
            .bind(new.organization.octets().as_slice());
        let query = bind_admitting(query, &new.registration_id, expected);
        let query = bind_birth(query, self.birth.as_ref());
        Some(Ok(journal::bind(bind_new_device(query, new), &self.journal)))
    }

    fn verdict(&self, written: u64) -> Result<IntentVerdict, StoreFault> {
        match written {
            0 => Ok(IntentVerdict::Stale),
            // Device, journal; the birth key.
            rows if rows == 2 + u64::from(self.birth.is_some()) => Ok(IntentVerdict::Kept),
            rows => Err(miscounted(REGISTERING, rows)),
        }
    }
}

const REGISTERING: &str = "keeping a registration";

/// $3 to $7.
fn bind_admitting(query: Binds, id: &RegistrationId, expected: &Expected) -> Binds {
    let (enrollment, generation) = &expected.enrollment;
    query
        .bind(id.canonical())
        .bind(expected.organization)
        .bind(enrollment.octets().as_slice())
        .bind(*generation)
        .bind(i64::from(expected.no_individual))
}

/// $8.
fn bind_birth(query: Binds, birth: Option<&SpkiHash>) -> Binds {
    query.bind(birth.map(|key| key.0.to_vec()))
}

/// Six binds: presented; bound method, kind and enrollment; operation, instant.
fn bind_new_device(query: Binds, new: &NewDevice) -> Binds {
    query
        .bind(new.registration_id.presented())
        .bind(new.bound.method.word())
        .bind(device::bound_kind(&new.bound))
        .bind(new.bound.enrollment.octets().as_slice())
        .bind(new.operation.octets().as_slice())
        .bind(new.at.as_micros())
}

/// Everything, for the script it needs.
fn bind_intent(intent: &Intent) -> Result<Binds, StoreFault> {
    let contradiction = |what: &'static str| StoreFault::Broken {
        during: KEEPING,
        source: what.into(),
    };
    let station = at_station(intent).map_err(contradiction)?;
    match (&intent.device, intent.expected.device) {
        (Some(new), None) => {
            let script = if station.is_some() {
                &FIRST_AT_STATION
            } else {
                &FIRST
            };
            let query = bind_order(script.query(), intent).map_err(contradiction)?;
            let query = bind_new_device(query, new);
            let query = match &intent.device_journal {
                Some(row) => journal::bind(query, row),
                None => journal::bind_none(query),
            };
            Ok(bind_station(query, station))
        }
        (None, Some(generation)) => {
            let script = if station.is_some() {
                &FURTHER_AT_STATION
            } else {
                &FURTHER
            };
            let query = bind_order(script.query(), intent).map_err(contradiction)?;
            let query = bind_station(query.bind(generation), station);
            Ok(match station {
                Some(_) => query.bind(i64::from(intent.expected.rework)),
                None => query,
            })
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(contradiction("its device is both new and known, or neither"))
        }
    }
}

/// The station that gave its word, and the generation it was judged in.
fn at_station(intent: &Intent) -> Result<Option<(StationId, i64, Day)>, &'static str> {
    match (intent.order.station, intent.expected.station) {
        (Some(station), Some(generation)) => {
            Ok(Some((station, generation, Day::of(intent.order.created_at))))
        }
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err("it is of a station, and was judged for none"),
    }
}

/// Three more binds, where a station gave its word.
fn bind_station(query: Binds, station: Option<(StationId, i64, Day)>) -> Binds {
    match station {
        Some((station, generation, Day(day))) => {
            query.bind(station.octets().as_slice()).bind(generation).bind(day)
        }
        None => query,
    }
}

/// $1 to $32; what is wrong, when order and certificate do not belong together.
fn bind_order(query: Binds, intent: &Intent) -> Result<Binds, &'static str> {
    let (order, certificate, expected) = (&intent.order, &intent.certificate, &intent.expected);
    let CertificateState::Intended { tbs } = &certificate.state else {
        return Err("it is not an intent");
    };
    let Some((issuer, issuer_generation)) = expected.issuer else {
        return Err("it was judged for no issuer");
    };
    let together = issuer == order.issuer
        && (certificate.issuer, certificate.id, certificate.spki)
            == (order.issuer, order.certificate, order.spki)
        && (certificate.device, certificate.order) == (Some(order.device), Some(order.id));
    if !together {
        return Err("it names two issuers, keys or devices");
    }
    let query = query
        .bind(order.device.octets().as_slice())
        .bind(order.organization.octets().as_slice());
    let query = bind_admitting(query, &intent.registration_id, expected);
    Ok(bind_birth(query, intent.birth.as_ref())
        .bind(order.issuer.octets().as_slice())
        .bind(issuer_generation)
        .bind(expected.lineage.unwrap_or(-1))
        .bind(order.revision.profile.octets().as_slice())
        .bind(order.spki.0.as_slice())
        .bind(certificate.serial.as_bytes().as_slice())
        .bind(order.id.octets().as_slice())
        .bind(order.revision.revision)
        .bind(order.csr.as_slice())
        .bind(order.epoch)
        .bind(order.kind.word())
        .bind(certificate.id.octets().as_slice())
        .bind(order.operation.octets().as_slice())
        .bind(order.evidence.as_str())
        .bind(order.request.octets().as_slice())
        .bind(order.lease_epoch)
        .bind(intent.lease_until.as_micros())
        .bind(order.created_at.as_micros())
        .bind(i64::from(certificate.shard))
        .bind(tbs.as_slice())
        .bind(intent.tbs_hash.as_slice())
        .bind(certificate.validity.not_before().as_micros())
        .bind(certificate.validity.not_after().as_micros())
        .bind(certificate.intended_at.as_micros()))
}
