// SPDX-License-Identifier: Apache-2.0
//! What rows say of themselves, and what the journal says of them.

use tamga_registry::inspection::Assertion;

use super::law;

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-33",
        "certificate_told",
        Certificate,
        "The journal tells of every recorded certificate of a device, under the request that ordered it.",
        "SELECT c.id AS object FROM certificate c JOIN issuance_order o ON o.id = c.order_id
         WHERE c.der IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM journal j
                           WHERE j.request_id = o.request_id AND j.act = 'certificate.issue' AND j.outcome = 'done')"
    ),
    law!(
        "I-33",
        "journal_counts",
        Organization,
        "The journal tells of as many registrations and certificates as there are, no more and no fewer.",
        "SELECT g.id AS object FROM organization g
         LEFT JOIN (SELECT organization_id, count(*) AS n FROM device GROUP BY organization_id) d
             ON d.organization_id = g.id
         LEFT JOIN (SELECT organization_id, count(*) AS n FROM certificate WHERE der IS NOT NULL
                    GROUP BY organization_id) c ON c.organization_id = g.id
         LEFT JOIN (SELECT organization_id,
                           sum(CASE WHEN act = 'device.register' THEN 1 ELSE 0 END) AS devices,
                           sum(CASE WHEN act = 'device.register' THEN 0 ELSE 1 END) AS certificates
                    FROM journal
                    WHERE outcome = 'done'
                      AND act IN ('device.register', 'certificate.issue', 'service_certificate.issue')
                    GROUP BY organization_id) j ON j.organization_id = g.id
         WHERE COALESCE(d.n, 0) <> COALESCE(j.devices, 0) OR COALESCE(c.n, 0) <> COALESCE(j.certificates, 0)"
    ),
    law!(
        "I-39",
        "certificate_row_consistent",
        Certificate,
        "A certificate has what its state demands, and nothing else: bytes or certificate, dates, a reason.",
        "SELECT c.id AS object FROM certificate c
         WHERE NOT CASE c.state
             WHEN 'intended' THEN c.tbs IS NOT NULL AND c.der IS NULL AND c.issued_at IS NULL
                                  AND c.revoked_at IS NULL AND c.revoked_reason IS NULL
             WHEN 'issued' THEN c.tbs IS NULL AND c.der IS NOT NULL AND c.issued_at IS NOT NULL
                                AND c.revoked_at IS NULL AND c.revoked_reason IS NULL
             WHEN 'superseded' THEN c.tbs IS NULL AND c.der IS NOT NULL AND c.issued_at IS NOT NULL
                                    AND c.revoked_at IS NULL AND c.revoked_reason IS NULL
             WHEN 'revoked' THEN c.revoked_at IS NOT NULL AND c.revoked_reason IS NOT NULL
                                 AND CASE WHEN c.der IS NULL THEN c.tbs IS NOT NULL AND c.issued_at IS NULL
                                          ELSE c.tbs IS NULL AND c.issued_at IS NOT NULL END
             ELSE FALSE END"
    ),
];
