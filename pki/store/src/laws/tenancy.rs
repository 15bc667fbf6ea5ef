// SPDX-License-Identifier: Apache-2.0
//! Organizations keep to themselves, and every sealed value has the key that opens it.

use tamga_registry::inspection::Assertion;

use super::law;

/// Each organization, and each that is above it or itself.
macro_rules! line {
    () => {
        "WITH RECURSIVE line (id, above) AS (
             SELECT o.id, o.id FROM organization o
             UNION ALL
             SELECT l.id, o.parent_id FROM line l JOIN organization o ON o.id = l.above WHERE o.parent_id IS NOT NULL
         ) "
    };
}

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-30",
        "certificate_at_home",
        Certificate,
        "A device's certificate belongs to the organization of its device, under an issuer and a profile of that or of one above.",
        concat!(
            line!(),
            "SELECT c.id AS object FROM certificate c JOIN issuer i ON i.id = c.issuer_id
             JOIN profile p ON p.id = c.profile_id LEFT JOIN device d ON d.id = c.device_id
             LEFT JOIN line a ON a.id = c.organization_id AND a.above = i.organization_id
             LEFT JOIN line b ON b.id = c.organization_id AND b.above = p.organization_id
             WHERE a.id IS NULL OR b.id IS NULL OR d.organization_id <> c.organization_id"
        )
    ),
    law!(
        "I-30",
        "granted_downwards",
        Organization,
        "Issuers, profiles and anchors are granted to their owner and to those below it only.",
        concat!(
            line!(),
            "SELECT g.organization_id AS object FROM issuer_grant g JOIN issuer t ON t.id = g.issuer_id
             LEFT JOIN line l ON l.id = g.organization_id AND l.above = t.organization_id WHERE l.id IS NULL
             UNION ALL
             SELECT g.organization_id AS object FROM profile_grant g JOIN profile t ON t.id = g.profile_id
             LEFT JOIN line l ON l.id = g.organization_id AND l.above = t.organization_id WHERE l.id IS NULL
             UNION ALL
             SELECT g.organization_id AS object FROM anchor_grant g JOIN anchor t ON t.id = g.anchor_id
             LEFT JOIN line l ON l.id = g.organization_id AND l.above = t.organization_id WHERE l.id IS NULL"
        )
    ),
    law!(
        "I-12",
        "approved_by_another",
        Approval,
        "What was approved was approved by somebody else than who asked, and in time.",
        "SELECT a.id AS object FROM approval a
         WHERE a.state = 'approved' AND (a.decided_by = a.author OR a.decided_at > a.expires_at OR a.decided_at < a.created_at)"
    ),
    law!(
        "I-30",
        "order_at_home",
        Order,
        "An order belongs to the organization of its device.",
        "SELECT o.id AS object FROM issuance_order o JOIN device d ON d.id = o.device_id
         WHERE d.organization_id <> o.organization_id"
    ),
    law!(
        "I-30",
        "line_at_home",
        Device,
        "A line belongs to the organization of its device.",
        "SELECT l.device_id AS object FROM lineage l JOIN device d ON d.id = l.device_id
         WHERE d.organization_id <> l.organization_id"
    ),
    law!(
        "I-30",
        "key_at_home",
        Key,
        "The key of a device belongs to the organization of that device.",
        "SELECT k.spki_hash AS object FROM subject_key k LEFT JOIN device d ON d.id = k.device_id
         WHERE k.device_id IS NOT NULL AND d.organization_id IS DISTINCT FROM k.organization_id"
    ),
    law!(
        "I-30",
        "symmetric_keys_at_home",
        Enrollment,
        "Symmetric keys belong to an enrollment or a group of their organization.",
        "SELECT k.enrollment_id AS object FROM enrollment_symmetric_key k
         LEFT JOIN enrollment_group g ON g.id = k.enrollment_id AND g.organization_id = k.organization_id
         LEFT JOIN individual_enrollment e ON e.id = k.enrollment_id AND e.organization_id = k.organization_id
         WHERE g.id IS NULL AND e.id IS NULL"
    ),
    law!(
        "I-30",
        "organization_suspended_with_its_line",
        Organization,
        "An organization is suspended by itself or with the one above it, and else it is active.",
        "SELECT o.id AS object FROM organization o LEFT JOIN organization p ON p.id = o.parent_id
         WHERE CASE WHEN o.suspended_at IS NOT NULL OR p.state = 'suspended' THEN o.state <> 'suspended'
                    ELSE o.state <> 'active' END"
    ),
    law!(
        "I-31",
        "symmetric_keys_open",
        Enrollment,
        "The data key that sealed an enrollment's keys is there.",
        "SELECT k.enrollment_id AS object FROM enrollment_symmetric_key k
         LEFT JOIN data_key d ON d.purpose = 'device_secrets' AND d.organization_id = k.organization_id
                             AND d.version = k.data_key
         WHERE d.version IS NULL"
    ),
    law!(
        "I-31",
        "software_keys_open",
        SoftwareKey,
        "The data key that sealed a software key is there.",
        "SELECT k.id AS object FROM software_key k
         LEFT JOIN data_key d ON d.purpose = k.purpose AND d.organization_id = k.organization_id
                             AND d.version = k.data_key
         WHERE d.version IS NULL"
    ),
    law!(
        "I-31",
        "symmetric_keys_kept",
        Enrollment,
        "Every enrollment and group of symmetric keys has its keys.",
        "SELECT g.id AS object FROM enrollment_group g
         LEFT JOIN enrollment_symmetric_key k ON k.enrollment_id = g.id
         WHERE g.attestation = 'symmetric_key' AND k.enrollment_id IS NULL
         UNION ALL
         SELECT e.id AS object FROM individual_enrollment e
         LEFT JOIN enrollment_symmetric_key k ON k.enrollment_id = e.id
         WHERE e.attestation = 'symmetric_key' AND k.enrollment_id IS NULL"
    ),
    law!(
        "I-12",
        "chain_references_kept",
        Enrollment,
        "Every group that admits by chains has an anchor, and every individual enrollment of that kind a certificate.",
        "SELECT g.id AS object FROM enrollment_group g
         LEFT JOIN enrollment_anchor a ON a.group_id = g.id AND a.organization_id = g.organization_id
         WHERE g.attestation = 'certificate_chain' AND a.group_id IS NULL
         UNION ALL
         SELECT e.id AS object FROM individual_enrollment e
         LEFT JOIN enrollment_certificate c ON c.enrollment_id = e.id AND c.organization_id = e.organization_id
         WHERE e.attestation = 'certificate_chain' AND c.enrollment_id IS NULL"
    ),
    law!(
        "I-31",
        "settled_submission_tells_nothing",
        Submission,
        "What a door handed in is kept as long as a signer has to judge it, sealed by a key that is there, and no longer.",
        "SELECT u.id AS object FROM submission u
         LEFT JOIN data_key d ON d.purpose = 'device_secrets' AND d.organization_id = u.organization_id
                             AND d.version = u.data_key
         WHERE CASE u.state WHEN 'waiting' THEN u.evidence IS NULL OR d.version IS NULL
                            ELSE u.evidence IS NOT NULL OR u.csr IS NOT NULL END"
    ),
    law!(
        "I-12",
        "submission_ordered",
        Submission,
        "A submission that became an order names an order of its organization.",
        "SELECT u.id AS object FROM submission u
         LEFT JOIN issuance_order o ON o.id = u.order_id AND o.organization_id = u.organization_id
         WHERE u.state = 'ordered' AND o.id IS NULL"
    ),
];
