// SPDX-License-Identifier: Apache-2.0
//! Keeps intents and first registrations: everything they were judged by is compared again by their first statement.
//!
//! Each is one script: its first statement writes only if every number still holds, and each of the others only if the
//! first did. So a stale row writes nothing, needs no savepoint, and costs one round trip like a kept one.

use async_trait::async_trait;
use tamga_registry::certificate::CertificateState;
use tamga_registry::device::RegistrationId;
use tamga_registry::store::{Expected, Intent, IntentVerdict, NewDevice, Registration, StoreFault};
use tamga_x509::key::SpkiHash;

use super::batch::{self, Binds, script};
use super::device;
use super::fault::miscounted;
use super::journal::{self, journal_row};
use super::writer::Keep;

/// Organization and enrollment are as judged, and no individual enrollment has appeared. Binds $2 to $7.
macro_rules! admitting {
    () => {
        "EXISTS (SELECT 1 FROM organization WHERE id = $2 AND generation = $4 AND state = 'active')
         AND (EXISTS (SELECT 1 FROM enrollment_group
                      WHERE id = $5 AND organization_id = $2 AND generation = $6 AND state = 'enabled')
              OR EXISTS (SELECT 1 FROM individual_enrollment
                         WHERE id = $5 AND organization_id = $2 AND generation = $6 AND state = 'enabled'))
         AND ($7 = 0 OR NOT EXISTS (SELECT 1 FROM individual_enrollment
                                    WHERE organization_id = $2 AND registration_id = $3))"
    };
}

/// What it was judged by stays as it is, while other writers are at work: first what concerns all organizations, so that
/// who excludes them all waits for no more than one lock, and nobody waits for it with another.
macro_rules! judged {
    () => {
        "SELECT pg_advisory_xact_lock_shared(hashtextextended('policies', 0)),
                pg_advisory_xact_lock_shared(hashtextextended(encode($2, 'hex'), 0))"
    };
}

/// The birth key $8, if the device proved itself by one, is free or the device's own and not blocked.
macro_rules! born {
    () => {
        "NOT EXISTS (SELECT 1 FROM subject_key
                     WHERE spki_hash = $8
                       AND (blocked_at IS NOT NULL OR device_id IS NULL OR device_id <> $1))"
    };
}

/// Issuer and lineage are as judged; the key is free or the device's own and not blocked; the serial is new.
macro_rules! issuing {
    () => {
        "EXISTS (SELECT 1 FROM issuer WHERE id = $9 AND generation = $10 AND state = 'active')
         AND COALESCE((SELECT version FROM lineage WHERE device_id = $1 AND profile_id = $12), -1) = $11
         AND NOT EXISTS (SELECT 1 FROM subject_key
                         WHERE spki_hash = $13
                           AND (blocked_at IS NOT NULL OR device_id IS NULL OR device_id <> $1))
         AND NOT EXISTS (SELECT 1 FROM serial WHERE serial = $14)"
    };
}

/// A new device $1 of organization $2 with registration id $3, from six more binds on.
macro_rules! new_device {
    ($presented:literal, $method:literal, $kind:literal, $to:literal, $operation:literal, $at:literal, $condition:expr) => {
        concat!(
            "INSERT INTO device (id, organization_id, registration_id, presented, state, generation, bound_method,
                                 bound_kind, bound_to, operation, created_at, updated_at)
             SELECT $1, $2, $3, ", $presented, ", 'active', 1, ", $method, ", ", $kind, ", ", $to, ", ",
            $operation, ", ", $at,
            ", ", $at, " /*rows*/ WHERE ", $condition, " ON CONFLICT DO NOTHING"
        )
    };
}

macro_rules! new_order {
    ($condition:expr) => {
        concat!(
            "INSERT INTO issuance_order (id, organization_id, device_id, profile_id, profile_revision, issuer_id,
                                         spki_hash, csr, epoch, kind, state, certificate_id, operation, evidence,
                                         request_id, line_version, lease_epoch, lease_until, created_at)
             SELECT $15, $2, $1, $12, $16, $9, $13, $17, $18, $19, 'open', $20, $21, $22, $23,
                    CASE WHEN $11 < 0 THEN 1 ELSE $11 + 1 END, $24, $25, $26
             /*rows*/ WHERE ", $condition, " ON CONFLICT DO NOTHING"
        )
    };
}

macro_rules! new_certificate {
    () => {
        "INSERT INTO certificate (id, organization_id, issuer_id, order_id, device_id, profile_id, profile_revision,
                                  epoch, serial, spki_hash, shard, state, tbs, tbs_hash, not_before, not_after,
                                  intended_at)
         SELECT $20, $2, $9, $15, $1, $12, $16, $18, $14, $13, $27, 'intended', $28, $29, $30, $31, $32
         /*rows*/ WHERE EXISTS (SELECT 1 FROM issuance_order WHERE id = $15) ON CONFLICT DO NOTHING"
    };
}

macro_rules! new_serial {
    () => {
        "INSERT INTO serial (serial, issuer_id, certificate_id)
         SELECT $14, $9, $20 /*rows*/ WHERE EXISTS (SELECT 1 FROM issuance_order WHERE id = $15) ON CONFLICT DO NOTHING"
    };
}

/// A known key of its own is written again: so it is seen that no other writer has blocked or taken it meanwhile. Not
/// with a repeated intent, which finds the line's version raised.
macro_rules! new_key {
    () => {
        "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
         SELECT $13, $2, $1, 'operational', $26
         /*rows*/ WHERE EXISTS (SELECT 1 FROM issuance_order WHERE id = $15)
           AND COALESCE((SELECT version FROM lineage WHERE device_id = $1 AND profile_id = $12), -1) = $11
         ON CONFLICT (spki_hash) DO UPDATE SET device_id = excluded.device_id
         WHERE subject_key.device_id = excluded.device_id AND subject_key.blocked_at IS NULL"
    };
}

/// The birth key of a new device, written down before the key asked for: where the profile lets them be one, it stays the
/// birth key.
macro_rules! birth_key {
    ($at:literal, $condition:literal) => {
        concat!(
            "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
             SELECT $8, $2, $1, 'birth', ", $at, " /*rows*/ WHERE $8 IS NOT NULL AND ", $condition, " ON CONFLICT DO NOTHING"
        )
    };
}

/// The birth key with an intent: also one that is known, as with the key asked for.
macro_rules! birth_key_intended {
    () => {
        "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
         SELECT $8, $2, $1, 'birth', $26
         /*rows*/ WHERE $8 IS NOT NULL AND EXISTS (SELECT 1 FROM issuance_order WHERE id = $15)
           AND COALESCE((SELECT version FROM lineage WHERE device_id = $1 AND profile_id = $12), -1) = $11
         ON CONFLICT (spki_hash) DO UPDATE SET device_id = excluded.device_id
         WHERE subject_key.device_id = excluded.device_id AND subject_key.blocked_at IS NULL"
    };
}

/// The version judged by guards it a second time: a repeated intent finds it raised and writes nothing.
macro_rules! new_lineage {
    () => {
        "INSERT INTO lineage (device_id, profile_id, organization_id, epoch, rise_pending, version)
         SELECT $1, $12, $2, $18, 0, CASE WHEN $11 < 0 THEN 1 ELSE $11 + 1 END
         /*rows*/ WHERE EXISTS (SELECT 1 FROM issuance_order WHERE id = $15)
         ON CONFLICT (device_id, profile_id) DO UPDATE
         SET rise_pending = CASE WHEN excluded.epoch > lineage.epoch THEN 0 ELSE lineage.rise_pending END,
             epoch = excluded.epoch, version = excluded.version
         WHERE lineage.version = excluded.version - 1"
    };
}

/// An intent of a device that has none before it.
pub(super) const FIRST: batch::Script = script!(
    @order "$2, $3";
    @apart "$1";
    @apart "$2, $3";
    @apart "$8 | $13";
    @apart "$14";
    @apart "$15";
    @apart "$20";
    @apart "$39";
    @lock judged!();
    new_device!(
        "$33",
        "$34",
        "$35",
        "$36",
        "$37",
        "$38",
        concat!(
            admitting!(),
            " AND ",
            born!(),
            " AND ",
            issuing!(),
            " AND NOT EXISTS (SELECT 1 FROM device WHERE organization_id = $2 AND registration_id = $3)"
        )
    ),
    new_order!("EXISTS (SELECT 1 FROM device WHERE id = $1)"),
    new_certificate!(),
    new_serial!(),
    birth_key_intended!(),
    new_key!(),
    new_lineage!(),
    journal_row!(
        [
            "$39", "$40", "$41", "$42", "$43", "$44", "$45", "$46", "$47", "$48", "$49"
        ],
        "$39 IS NOT NULL AND EXISTS (SELECT 1 FROM issuance_order WHERE id = $15) ON CONFLICT DO NOTHING"
    )
);

/// An intent of a device that was admitted before.
pub(super) const FURTHER: batch::Script = script!(
    @order "$2, $1";
    @apart "$1";
    @apart "$8 | $13";
    @apart "$14";
    @apart "$15";
    @apart "$20";
    @lock judged!();
    @lock "SELECT 1 FROM device /*rows*/ WHERE id = $1 FOR NO KEY UPDATE OF device";
    new_order!(concat!(
        admitting!(),
        " AND ",
        born!(),
        " AND ",
        issuing!(),
        " AND EXISTS (SELECT 1 FROM device
                      WHERE id = $1 AND organization_id = $2 AND generation = $33 AND state = 'active')"
    )),
    new_certificate!(),
    new_serial!(),
    birth_key_intended!(),
    new_key!(),
    new_lineage!()
);

/// A device's registration without a certificate.
pub(super) const REGISTER: batch::Script = script!(
    @order "$2, $3";
    @apart "$1";
    @apart "$2, $3";
    @apart "$8";
    @apart "$15";
    @lock judged!();
    new_device!(
        "$9",
        "$10",
        "$11",
        "$12",
        "$13",
        "$14",
        concat!(
            admitting!(),
            " AND ",
            born!(),
            " AND NOT EXISTS (SELECT 1 FROM device WHERE organization_id = $2 AND registration_id = $3)"
        )
    ),
    birth_key!("$14", "EXISTS (SELECT 1 FROM device WHERE id = $1)"),
    journal_row!(
        [
            "$15", "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25"
        ],
        "EXISTS (SELECT 1 FROM device WHERE id = $1) ON CONFLICT DO NOTHING"
    )
);

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
        } + u64::from(self.birth.is_some());
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
    match (&intent.device, intent.expected.device) {
        (Some(new), None) => {
            let query = bind_order(FIRST.query(), intent).map_err(contradiction)?;
            let query = bind_new_device(query, new);
            Ok(match &intent.device_journal {
                Some(row) => journal::bind(query, row),
                None => journal::bind_none(query),
            })
        }
        (None, Some(generation)) => {
            let query = bind_order(FURTHER.query(), intent).map_err(contradiction)?;
            Ok(query.bind(generation))
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(contradiction("its device is both new and known, or neither"))
        }
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
