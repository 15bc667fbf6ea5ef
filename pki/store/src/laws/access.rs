// SPDX-License-Identifier: Apache-2.0
//! Who comes in holds what can be given, somebody always may, and what is told again can be opened.

use tamga_registry::inspection::Assertion;

use super::law;

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-30",
        "client_certificate_at_home",
        Key,
        "A pinned client certificate belongs to the organization of its account, and where we issued it, to that of the certificate, with its key.",
        "SELECT c.spki_hash AS object FROM client_certificate c
         LEFT JOIN account a ON a.id = c.account_id
         LEFT JOIN certificate x ON x.id = c.certificate_id
         WHERE (c.account_id IS NOT NULL AND (a.id IS NULL OR a.organization_id <> c.organization_id))
            OR (c.certificate_id IS NOT NULL
                AND (x.id IS NULL OR x.spki_hash <> c.spki_hash OR x.organization_id <> c.organization_id))"
    ),
    law!(
        "I-31",
        "kept_answers_open",
        Organization,
        "The data key that sealed the answer to a request with a key is there.",
        "SELECT r.answer_organization_id AS object FROM repetition r
         LEFT JOIN data_key d ON d.purpose = 'device_secrets' AND d.organization_id = r.answer_organization_id
                             AND d.version = r.data_key
         WHERE r.answer IS NOT NULL AND d.version IS NULL"
    ),
    law!(
        "I-32",
        "roles_are_of_people",
        Organization,
        "Roles that were given, and those that limit tokens, are roles of people and programs.",
        "SELECT r.organization_id AS object FROM role_assignment r
         WHERE r.role NOT IN ('administrator', 'operator', 'auditor', 'factory')
         UNION ALL
         SELECT t.organization_id AS object FROM api_token t
         WHERE t.role NOT IN ('administrator', 'operator', 'auditor', 'factory')"
    ),
    law!(
        "I-32",
        "somebody_administers",
        Organization,
        "Once the role Administrator was given at the top, somebody who has it there may come in.",
        "SELECT o.id AS object FROM organization o
         WHERE o.parent_id IS NULL
           AND EXISTS (SELECT 1 FROM role_assignment g WHERE g.organization_id = o.id AND g.role = 'administrator')
           AND NOT EXISTS (SELECT 1 FROM role_assignment r
                           LEFT JOIN account a ON a.id = r.account_id
                           LEFT JOIN organization h ON h.id = a.organization_id
                           WHERE r.organization_id = o.id AND r.role = 'administrator'
                             AND (a.id IS NULL OR (a.state = 'enabled' AND (h.state = 'active' OR h.id = o.id))))"
    ),
    law!(
        "I-33",
        "spent_key_told",
        Organization,
        "The journal tells of every act that spent the key of its request, under that request.",
        "SELECT r.organization_id AS object FROM repetition r
         WHERE r.organization_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.request_id = r.spent_by AND j.outcome = 'done')"
    ),
];
