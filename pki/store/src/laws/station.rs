// SPDX-License-Identifier: Apache-2.0
//! Stations: what was made at them is counted and within their limits, and their credentials go with them.

use tamga_registry::inspection::Assertion;

use super::law;

pub(super) const LAWS: &[Assertion] = &[
    law!(
        "I-21",
        "station_counts",
        Station,
        "A station has had as many orders made as it counts, and no more than it may.",
        "SELECT s.id AS object FROM station s
         LEFT JOIN (SELECT o.station_id, count(*) AS made FROM issuance_order o WHERE o.station_id IS NOT NULL
                    GROUP BY o.station_id) m ON m.station_id = s.id
         WHERE s.issued <> COALESCE(m.made, 0) OR s.issued > s.most OR s.issued_today > s.issued
            OR s.issued_today > s.most_per_day"
    ),
    law!(
        "I-30",
        "station_at_home",
        Station,
        "A station's group is one of its organization, and so is everything that was made at it.",
        "SELECT s.id AS object FROM station s LEFT JOIN enrollment_group g ON g.id = s.group_id
         WHERE g.organization_id IS DISTINCT FROM s.organization_id
         UNION ALL
         SELECT s.id AS object FROM issuance_order o JOIN station s ON s.id = o.station_id
         WHERE o.organization_id <> s.organization_id"
    ),
    law!(
        "I-30",
        "rework_at_home",
        Device,
        "A unit is reworked in its own organization.",
        "SELECT r.device_id AS object FROM rework r LEFT JOIN device d ON d.id = r.device_id
         WHERE d.organization_id IS DISTINCT FROM r.organization_id"
    ),
    law!(
        "I-30",
        "station_credential_at_home",
        Station,
        "What proves a station is of its organization, and proves nobody once the station is gone.",
        "SELECT t.station_id AS object FROM api_token t LEFT JOIN station s ON s.id = t.station_id
         WHERE t.station_id IS NOT NULL AND t.revoked_at IS NULL
           AND s.organization_id IS DISTINCT FROM t.organization_id
         UNION ALL
         SELECT c.station_id AS object FROM client_certificate c LEFT JOIN station s ON s.id = c.station_id
         WHERE c.station_id IS NOT NULL AND s.organization_id IS DISTINCT FROM c.organization_id"
    ),
];
