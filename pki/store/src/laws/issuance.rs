// SPDX-License-Identifier: Apache-2.0
//! Serials, intents, orders and keys: what was asked, what was written down, what came of it.

use tamga_registry::inspection::Assertion;

use super::law;

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-01",
        "serial_taken",
        Certificate,
        "Every certificate holds its serial number alone: the number is taken in the table of numbers, by it and its issuer.",
        "SELECT c.id AS object FROM certificate c
         LEFT JOIN serial s ON s.serial = c.serial AND s.issuer_id = c.issuer_id AND s.certificate_id = c.id
         WHERE s.serial IS NULL"
    ),
    law!(
        "I-03",
        "record_after_intent",
        Certificate,
        "No certificate was recorded before its intent was.",
        "SELECT c.id AS object FROM certificate c WHERE c.issued_at < c.intended_at"
    ),
    law!(
        "I-04",
        "order_yields_one",
        Certificate,
        "An order yields one certificate: whatever is recorded for it is the one it names.",
        "SELECT c.id AS object FROM certificate c JOIN issuance_order o ON o.id = c.order_id
         WHERE c.der IS NOT NULL AND o.certificate_id <> c.id"
    ),
    law!(
        "I-06",
        "intent_finished",
        Certificate,
        "No intent waits longer than 15 minutes for its record, or to be given up.",
        "SELECT c.id AS object FROM certificate c
         WHERE c.state = 'intended' AND c.intended_at < $1 - 900000000"
    ),
    law!(
        "I-12",
        "certificate_ordered",
        Certificate,
        "Every device's certificate is what its order asked for: device, key, issuer, profile revision and epoch agree.",
        "SELECT c.id AS object FROM certificate c LEFT JOIN issuance_order o ON o.id = c.order_id
         WHERE c.device_id IS NOT NULL
           AND (o.id IS NULL OR o.device_id <> c.device_id OR o.spki_hash <> c.spki_hash
                OR o.issuer_id <> c.issuer_id OR o.profile_id <> c.profile_id
                OR o.profile_revision <> c.profile_revision OR o.epoch <> c.epoch)"
    ),
    law!(
        "I-12",
        "house_certificate_kept",
        Certificate,
        "Every certificate without a device is one of the house itself, and kept with its key.",
        "SELECT c.id AS object FROM certificate c LEFT JOIN service_certificate s ON s.certificate_id = c.id
         WHERE c.device_id IS NULL AND (s.certificate_id IS NULL OR c.order_id IS NOT NULL)"
    ),
    law!(
        "I-12",
        "profile_revision_known",
        Certificate,
        "The profile revision a certificate was judged by is still there.",
        "SELECT c.id AS object FROM certificate c
         LEFT JOIN profile_revision r ON r.profile_id = c.profile_id AND r.revision = c.profile_revision
         WHERE r.profile_id IS NULL"
    ),
    law!(
        "I-12",
        "order_stands_as_its_certificate",
        Order,
        "An open order has an intent, a fulfilled one a certificate, and one that failed a revoked intent.",
        "SELECT o.id AS object FROM issuance_order o LEFT JOIN certificate c ON c.id = o.certificate_id
         WHERE NOT CASE o.state
             WHEN 'open' THEN c.id IS NOT NULL AND c.state = 'intended'
             WHEN 'fulfilled' THEN c.id IS NOT NULL AND c.der IS NOT NULL
             WHEN 'failed' THEN c.id IS NOT NULL AND c.state = 'revoked'
             WHEN 'closed' THEN c.id IS NOT NULL AND c.state = 'revoked'
             ELSE FALSE END"
    ),
    law!(
        "I-16",
        "certified_key_known",
        Certificate,
        "Every certified key is in the table of keys, under the device it was certified for, or as the house's own.",
        "SELECT c.id AS object FROM certificate c LEFT JOIN subject_key k ON k.spki_hash = c.spki_hash
         WHERE CASE WHEN c.device_id IS NULL THEN k.role IS DISTINCT FROM 'service'
                    ELSE k.device_id IS DISTINCT FROM c.device_id END"
    ),
    law!(
        "I-17",
        "order_proved",
        Order,
        "Every order tells what its device proved itself with.",
        "SELECT o.id AS object FROM issuance_order o WHERE o.evidence = ''"
    ),
    law!(
        "I-22",
        "revoked_device_orders_nothing",
        Order,
        "Nothing was ordered for a device after it was revoked.",
        "SELECT o.id AS object FROM device d JOIN issuance_order o ON o.device_id = d.id
         WHERE d.state = 'revoked' AND o.created_at > d.revoked_at"
    ),
    law!(
        "I-36",
        "ordered_key_unshared",
        Order,
        "No key was ordered for two devices.",
        "SELECT o.id AS object FROM issuance_order o LEFT JOIN subject_key k ON k.spki_hash = o.spki_hash
         WHERE k.device_id IS DISTINCT FROM o.device_id"
    ),
];
