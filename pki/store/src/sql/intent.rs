// SPDX-License-Identifier: Apache-2.0
//! Keeps intents and first registrations: everything they were judged by is compared again by their first statement.
//!
//! Each is one script: its first statement writes only if every number still holds, and each of the others only if the
//! first did. So a stale row writes nothing, needs no savepoint, and costs one round trip like a kept one.

use super::batch::{self, script};
use super::journal::journal_row;

#[macro_use]
#[path = "intent/at_station.rs"]
mod at_station;
#[path = "intent/keep.rs"]
mod keep;

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

/// No grave keeps the name of the new device.
macro_rules! unkept {
    () => {
        "COALESCE((SELECT epitaph FROM device_tombstone WHERE organization_id = $2 AND registration_id = $3), 'free')
         = 'free'"
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

/// The birth key $8, if the device proved itself by one, is unknown, free again or the device's own, and not blocked.
macro_rules! born {
    () => {
        "NOT EXISTS (SELECT 1 FROM subject_key
                     WHERE spki_hash = $8
                       AND (blocked_at IS NOT NULL OR (device_id IS NULL AND role <> 'birth') OR device_id <> $1))"
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
    ($column:literal, $value:expr, $condition:expr) => {
        concat!(
            "INSERT INTO issuance_order (id, organization_id, device_id, profile_id, profile_revision, issuer_id,
                                         spki_hash, csr, epoch, kind, state, certificate_id, operation, evidence,
                                         request_id, line_version, lease_epoch, lease_until, created_at", $column, ")
             SELECT $15, $2, $1, $12, $16, $9, $13, $17, $18, $19, 'open', $20, $21, $22, $23,
                    CASE WHEN $11 < 0 THEN 1 ELSE $11 + 1 END, $24, $25, $26", $value, "
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

/// A birth key that is known is written again where it is the device's own, or free again since its last device is gone.
macro_rules! own_birth_key {
    () => {
        " ON CONFLICT (spki_hash) DO UPDATE
          SET device_id = excluded.device_id, organization_id = excluded.organization_id
          WHERE (subject_key.device_id = excluded.device_id
                 OR (subject_key.device_id IS NULL AND subject_key.role = 'birth'))
            AND subject_key.blocked_at IS NULL"
    };
}

/// The birth key of a new device, written down before the key asked for: where the profile lets them be one, it stays the
/// birth key.
macro_rules! birth_key {
    ($at:literal, $condition:literal) => {
        concat!(
            "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
             SELECT $8, $2, $1, 'birth', ", $at, " /*rows*/ WHERE $8 IS NOT NULL AND ", $condition, own_birth_key!()
        )
    };
}

/// The birth key with an intent: also one that is known, as with the key asked for.
macro_rules! birth_key_intended {
    () => {
        concat!(
            "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
         SELECT $8, $2, $1, 'birth', $26
         /*rows*/ WHERE $8 IS NOT NULL AND EXISTS (SELECT 1 FROM issuance_order WHERE id = $15)
           AND COALESCE((SELECT version FROM lineage WHERE device_id = $1 AND profile_id = $12), -1) = $11",
            own_birth_key!()
        )
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

/// A device $1 that was admitted before is as judged.
macro_rules! known_device {
    () => {
        "EXISTS (SELECT 1 FROM device
                 WHERE id = $1 AND organization_id = $2 AND generation = $33 AND state = 'active')"
    };
}

macro_rules! first_told {
    () => {
        journal_row!(
            [
                "$39", "$40", "$41", "$42", "$43", "$44", "$45", "$46", "$47", "$48", "$49"
            ],
            "$39 IS NOT NULL AND EXISTS (SELECT 1 FROM issuance_order WHERE id = $15) ON CONFLICT DO NOTHING"
        )
    };
}

/// An intent of a device that has none before it: what it is sorted by, and what the word of a station adds.
macro_rules! first_intent {
    (
        order $order:literal,
        locks [$($lock:expr)?],
        if $room:expr,
        made ($column:literal, $value:expr),
        counted [$($counted:expr)?]
    ) => {
        script!(
            @order $order;
            @apart "$1";
            @apart "$2, $3";
            @apart "$8 | $13";
            @apart "$14";
            @apart "$15";
            @apart "$20";
            @apart "$39";
            @lock judged!();
            $(@lock $lock;)?
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
                    unkept!(),
                    " AND ",
                    born!(),
                    " AND ",
                    issuing!(),
                    " AND NOT EXISTS (SELECT 1 FROM device WHERE organization_id = $2 AND registration_id = $3)",
                    $room
                )
            ),
            new_order!($column, $value, "EXISTS (SELECT 1 FROM device WHERE id = $1)"),
            new_certificate!(),
            new_serial!(),
            birth_key_intended!(),
            new_key!(),
            $($counted,)?
            new_lineage!(),
            first_told!()
        )
    };
}

/// An intent of a device that was admitted before, as [`first_intent`].
macro_rules! further_intent {
    (
        order $order:literal,
        locks [$($lock:expr)?],
        if $room:expr,
        made ($column:literal, $value:expr),
        counted [$($counted:expr),*]
    ) => {
        script!(
            @order $order;
            @apart "$1";
            @apart "$8 | $13";
            @apart "$14";
            @apart "$15";
            @apart "$20";
            @lock judged!();
            $(@lock $lock;)?
            @lock "SELECT 1 FROM device /*rows*/ WHERE id = $1 FOR NO KEY UPDATE OF device";
            new_order!(
                $column,
                $value,
                concat!(
                    admitting!(),
                    " AND ",
                    born!(),
                    " AND ",
                    issuing!(),
                    " AND ",
                    known_device!(),
                    $room
                )
            ),
            new_certificate!(),
            new_serial!(),
            birth_key_intended!(),
            new_key!(),
            $($counted,)*
            new_lineage!()
        )
    };
}

/// The first intent of a device that asks for itself.
pub(super) const FIRST: batch::Script = first_intent!(
    order "$2, $3",
    locks [],
    if "",
    made ("", ""),
    counted []
);

/// The same on the word of a station.
pub(super) const FIRST_AT_STATION: batch::Script = first_intent!(
    order "$50, $2, $3",
    locks [at_station!(first: alone_at)],
    if concat!(" AND ", at_station!(first: room)),
    made (", station_id", at_station!(first: of_station)),
    counted [at_station!(first: counted)]
);

/// A further intent of a device that asks for itself.
pub(super) const FURTHER: batch::Script = further_intent!(
    order "$2, $1",
    locks [],
    if "",
    made ("", ""),
    counted []
);

/// The same on the word of a station.
pub(super) const FURTHER_AT_STATION: batch::Script = further_intent!(
    order "$34, $2, $1",
    locks [at_station!(further: alone_at)],
    if concat!(" AND ", at_station!(further: room), " AND ", reworking!()),
    made (", station_id", at_station!(further: of_station)),
    counted [at_station!(further: counted), rework_closed!()]
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
            unkept!(),
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
