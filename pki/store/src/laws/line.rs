// SPDX-License-Identifier: Apache-2.0
//! Devices and their lines: what is current, what is provisional, and what a revoked device keeps.

use tamga_registry::inspection::Assertion;

use super::{good, law};

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-12",
        "device_bound",
        Device,
        "Every device that is not gone is bound to an enrollment or a group of its organization, if only to one that was deleted.",
        "SELECT d.id AS object FROM device d
         LEFT JOIN enrollment_group g ON g.id = d.bound_to AND g.organization_id = d.organization_id
         LEFT JOIN individual_enrollment e ON e.id = d.bound_to AND e.organization_id = d.organization_id
         LEFT JOIN enrollment_tombstone t
                ON t.id = d.bound_to AND t.organization_id = d.organization_id AND t.kind = d.bound_kind
         WHERE d.state NOT IN ('deleted', 'released')
           AND CASE d.bound_kind WHEN 'group' THEN g.id IS NULL WHEN 'individual' THEN e.id IS NULL ELSE TRUE END
           AND t.id IS NULL"
    ),
    law!(
        "I-13",
        "good_certificate_has_its_place",
        Certificate,
        "A good certificate that is not superseded is the current or the provisional one of its device and profile: there are two at most.",
        "SELECT c.id AS object FROM certificate c
         LEFT JOIN lineage l ON l.device_id = c.device_id AND l.profile_id = c.profile_id
         WHERE c.device_id IS NOT NULL AND c.state = 'issued' AND c.not_after > $1
           AND l.current_id IS DISTINCT FROM c.id AND l.provisional_id IS DISTINCT FROM c.id"
    ),
    law!(
        "I-13",
        "current_is_not_provisional",
        Device,
        "No certificate is current and provisional at once.",
        "SELECT l.device_id AS object FROM lineage l WHERE l.current_id = l.provisional_id"
    ),
    law!(
        "I-13",
        "line_names_its_own",
        Device,
        "A line names recorded certificates of its own device and profile only.",
        "SELECT l.device_id AS object FROM lineage l LEFT JOIN certificate c ON c.id = l.current_id
         WHERE l.current_id IS NOT NULL
           AND (c.id IS NULL OR c.device_id IS DISTINCT FROM l.device_id OR c.profile_id <> l.profile_id
                OR c.state NOT IN ('issued', 'revoked'))
         UNION ALL
         SELECT l.device_id AS object FROM lineage l LEFT JOIN certificate c ON c.id = l.provisional_id
         WHERE l.provisional_id IS NOT NULL
           AND (c.id IS NULL OR c.device_id IS DISTINCT FROM l.device_id OR c.profile_id <> l.profile_id
                OR c.state NOT IN ('issued', 'revoked'))"
    ),
    law!(
        "I-28",
        "revoked_device_keeps_no_certificate",
        Certificate,
        "A device that is revoked or gone has no good certificate.",
        concat!(
            "SELECT c.id AS object FROM device d JOIN issuance_order o ON o.device_id = d.id
             JOIN certificate c ON c.id = o.certificate_id
             WHERE d.state IN ('revoked', 'deleted', 'released') AND ",
            good!()
        )
    ),
    law!(
        "I-28",
        "revoked_device_keeps_no_order",
        Order,
        "A device that is revoked or gone has no open order.",
        "SELECT o.id AS object FROM device d JOIN issuance_order o ON o.device_id = d.id
         WHERE d.state IN ('revoked', 'deleted', 'released') AND o.state = 'open'"
    ),
    law!(
        "I-28",
        "departed_device_has_its_tombstone",
        Device,
        "Every device that is gone is remembered by its name: by its own tombstone, or by that of a later one.",
        "SELECT d.id AS object FROM device d
         LEFT JOIN device_tombstone t ON t.organization_id = d.organization_id AND t.registration_id = lower(d.presented)
         LEFT JOIN device m ON m.id = t.device_id
         WHERE d.state IN ('deleted', 'released')
           AND (m.id IS NULL OR m.state NOT IN ('deleted', 'released') OR m.created_at < d.created_at)"
    ),
    law!(
        "I-22",
        "kept_name_has_no_device",
        Device,
        "No device has a name that a grave keeps.",
        "SELECT d.id AS object FROM device_tombstone t
         JOIN device d ON d.organization_id = t.organization_id AND d.registration_id = t.registration_id
         WHERE t.epitaph <> 'free'"
    ),
    law!(
        "I-30",
        "release_at_home",
        Device,
        "Only the organization of a device lets it go, and only while it is neither revoked nor gone.",
        "SELECT r.device_id AS object FROM device_release r JOIN device d ON d.id = r.device_id
         WHERE d.organization_id <> r.organization_id OR d.state NOT IN ('active', 'disabled')"
    ),
    law!(
        "I-35",
        "issuer_stands",
        Certificate,
        "No good certificate hangs from an issuer, or a root, that is retired or has expired.",
        concat!(
            "SELECT c.id AS object FROM certificate c JOIN issuer i ON i.id = c.issuer_id
             LEFT JOIN issuer p ON p.id = i.parent_id
             WHERE ",
            good!(),
            " AND (i.state = 'retired' OR i.not_after < $1 OR p.state = 'retired' OR p.not_after < $1)"
        )
    ),
    law!(
        "I-38",
        "issuer_lasts",
        Issuer,
        "No issuer in use expires within 30 days.",
        "SELECT i.id AS object FROM issuer i WHERE i.state <> 'retired' AND i.not_after < $1 + 2592000000000"
    ),
    law!(
        "I-39",
        "device_row_consistent",
        Device,
        "A device that is not gone is revoked if and only if it has a date and a reason, and is found by its name in lower case; \
         one that is gone is not.",
        "SELECT d.id AS object FROM device d
         WHERE NOT CASE d.state
             WHEN 'active' THEN d.revoked_at IS NULL AND d.revoked_reason IS NULL
             WHEN 'disabled' THEN d.revoked_at IS NULL AND d.revoked_reason IS NULL
             WHEN 'revoked' THEN d.revoked_at IS NOT NULL AND d.revoked_reason IS NOT NULL
             WHEN 'deleted' THEN (d.revoked_at IS NULL) = (d.revoked_reason IS NULL)
             WHEN 'released' THEN (d.revoked_at IS NULL) = (d.revoked_reason IS NULL)
             ELSE FALSE END
            OR CASE WHEN d.state IN ('deleted', 'released')
                    THEN substr(d.registration_id, 1, length(d.presented) + 5) <> lower(d.presented) || '~dev_'
                    ELSE d.registration_id <> lower(d.presented) END"
    ),
];
