// SPDX-License-Identifier: Apache-2.0
//! Revocations, the lists they stand on, and the keys they block.

use tamga_registry::inspection::Assertion;

use super::{good, law};

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-08",
        "revocation_kept",
        Certificate,
        "Every revoked certificate is among the revocations of its list until a list was published after it expired.",
        "SELECT c.id AS object FROM certificate c
         LEFT JOIN revocation r ON r.issuer_id = c.issuer_id AND r.shard = c.shard AND r.serial = c.serial
         LEFT JOIN crl_shard s ON s.issuer_id = c.issuer_id AND s.shard = c.shard
         LEFT JOIN crl l ON l.issuer_id = s.issuer_id AND l.shard = s.shard AND l.number = s.published_number
         WHERE c.state = 'revoked' AND r.serial IS NULL AND c.not_after >= COALESCE(l.this_update, c.not_after)"
    ),
    law!(
        "I-09",
        "newest_list_served",
        Issuer,
        "The list that is served is the newest one that is signed: what is published never goes back.",
        "SELECT s.issuer_id AS object FROM crl_shard s
         LEFT JOIN (SELECT issuer_id, shard, max(number) AS number FROM crl WHERE der IS NOT NULL
                    GROUP BY issuer_id, shard) n ON n.issuer_id = s.issuer_id AND n.shard = s.shard
         WHERE s.published_number IS DISTINCT FROM n.number"
    ),
    law!(
        "I-09",
        "list_numbers_counted",
        Issuer,
        "No list has a number that was not taken, and none covers more revocations than there are.",
        "SELECT s.issuer_id AS object FROM crl_shard s
         LEFT JOIN crl l ON l.issuer_id = s.issuer_id AND l.shard = s.shard AND l.number > s.last_number
         WHERE l.number IS NOT NULL OR s.published_marks > s.marks"
    ),
    law!(
        "I-09",
        "lists_go_forward",
        Issuer,
        "Of two lists the one with the higher number is not of an earlier time, and every list ends after it begins.",
        "SELECT a.issuer_id AS object FROM crl a
         JOIN crl b ON b.issuer_id = a.issuer_id AND b.shard = a.shard AND b.number >= a.number
         WHERE a.der IS NOT NULL AND b.der IS NOT NULL
           AND (b.this_update < a.this_update OR b.next_update <= b.this_update)"
    ),
    law!(
        "I-10",
        "revocation_backed",
        Serial,
        "Every revocation is that of a revoked certificate of this issuer and list, with its date and reason.",
        "SELECT r.serial AS object FROM revocation r LEFT JOIN serial s ON s.serial = r.serial
         LEFT JOIN certificate c ON c.id = s.certificate_id
         WHERE c.id IS NULL OR c.state <> 'revoked' OR c.issuer_id <> r.issuer_id OR c.shard <> r.shard
            OR c.revoked_at <> r.revoked_at OR c.revoked_reason <> r.reason OR c.not_after <> r.not_after"
    ),
    law!(
        "I-10",
        "shards_complete",
        Issuer,
        "Every issuer has as many lists as were fixed at its birth.",
        "SELECT i.id AS object FROM issuer i
         LEFT JOIN crl_shard s ON s.issuer_id = i.id AND s.shard >= 0 AND s.shard < i.crl_shards
         GROUP BY i.id, i.crl_shards HAVING count(s.shard) <> i.crl_shards"
    ),
    law!(
        "I-11",
        "list_fresh",
        Issuer,
        "Every list of an issuer that is not retired is published and has not ended.",
        "SELECT i.id AS object FROM issuer i JOIN crl_shard s ON s.issuer_id = i.id
         LEFT JOIN crl l ON l.issuer_id = s.issuer_id AND l.shard = s.shard AND l.number = s.published_number
         WHERE i.state <> 'retired' AND (l.next_update IS NULL OR l.next_update < $1)"
    ),
    law!(
        "I-11",
        "revocation_visible",
        Serial,
        "No revocation waits longer than an hour for the list that tells of it.",
        "SELECT r.serial AS object FROM crl_shard s
         JOIN revocation r ON r.issuer_id = s.issuer_id AND r.shard = s.shard
         LEFT JOIN crl l ON l.issuer_id = s.issuer_id AND l.shard = s.shard AND l.number = s.published_number
         WHERE s.marks <> s.published_marks AND r.revoked_at < $1 - 3600000000
           AND r.revoked_at >= COALESCE(l.this_update, r.revoked_at)"
    ),
    law!(
        "I-27",
        "compromised_key_blocked",
        Certificate,
        "The key of a certificate that was revoked for compromise is blocked.",
        "SELECT c.id AS object FROM certificate c LEFT JOIN subject_key k ON k.spki_hash = c.spki_hash
         WHERE c.revoked_reason = 'key_compromise' AND k.blocked_at IS NULL"
    ),
    law!(
        "I-27",
        "blocked_key_certifies_nothing",
        Certificate,
        "A blocked key has no good certificate, and no intent of one.",
        concat!(
            "SELECT c.id AS object FROM certificate c JOIN subject_key k ON k.spki_hash = c.spki_hash
             WHERE k.blocked_at IS NOT NULL AND (c.state = 'intended' OR ",
            good!(),
            ")"
        )
    ),
    law!(
        "I-12",
        "mass_revocation_approved",
        MassRevocation,
        "A mass revocation that somebody had to approve was approved, in its organization.",
        "SELECT r.id AS object FROM mass_revocation r LEFT JOIN approval a ON a.id = r.approval_id
         WHERE r.approval_id IS NOT NULL AND (a.state <> 'approved' OR a.organization_id <> r.organization_id)"
    ),
];
