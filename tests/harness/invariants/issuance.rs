// SPDX-License-Identifier: Apache-2.0
//! I-01, I-03, I-04, I-07, I-13, I-16, I-27, I-28: what the rows say of each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::Row as _;
use tamga_x509::to_be_signed::Kind;

use super::{Seen, none, sha256};

impl Seen<'_> {
    pub(super) async fn assert_rows(&self) {
        self.assert_serials().await;
        self.assert_record_before_sign().await;
        self.assert_handed_out();
        self.assert_lines().await;
        self.assert_keys().await;
    }

    async fn assert_serials(&self) {
        let memory = self.evidence.memory;
        none(
            memory,
            "I-01",
            "SELECT serial FROM certificate GROUP BY serial HAVING count(*) > 1",
        )
        .await;
        none(
            memory,
            "I-01: a certificate's serial is taken by itself",
            "SELECT 1 FROM certificate LEFT JOIN serial ON serial.serial = certificate.serial \
             AND serial.issuer_id = certificate.issuer_id AND serial.certificate_id = certificate.id \
             WHERE serial.serial IS NULL",
        )
        .await;
        none(
            memory,
            "I-04: one serial, one to-be-signed byte string",
            "SELECT serial FROM certificate GROUP BY serial HAVING count(DISTINCT tbs_hash) > 1",
        )
        .await;
    }

    /// Whatever a key signed has a row that names its bytes, and the row is no younger than the certificate.
    async fn assert_record_before_sign(&self) {
        let intents: HashSet<&[u8]> = self
            .certificates
            .iter()
            .map(|row| row.tbs_hash.as_slice())
            .collect();
        let query = "SELECT issuer_id, number, tbs_hash FROM crl";
        let mut lists: HashMap<Vec<u8>, BTreeMap<i64, Vec<u8>>> = HashMap::new();
        for row in self.evidence.memory.rows(query).await {
            lists
                .entry(row.get(0))
                .or_default()
                .insert(row.get(1), row.get(2));
        }
        for asked in self.evidence.asked {
            let told = match asked.kind {
                Kind::Certificate { .. } => intents.contains(asked.digest.as_slice()),
                Kind::RevocationList { number } => {
                    let kept = &lists[asked.issuer.octets().as_slice()];
                    let number = i64::try_from(number).expect("a small number");
                    // Old lists are forgotten, and their intents with them.
                    let forgotten = kept.first_key_value().is_some_and(|(oldest, _)| number < *oldest);
                    forgotten || kept.get(&number).is_some_and(|hash| hash == &asked.digest)
                }
            };
            assert!(
                told,
                "I-03: bytes were signed that no row tells of: {:?}",
                asked.kind
            );
        }
        for row in &self.certificates {
            assert!(
                row.issued_at.is_none_or(|at| row.intended_at <= at),
                "I-03: issued before it was intended"
            );
        }
    }

    fn assert_handed_out(&self) {
        let recorded: HashSet<&[u8]> = self
            .certificates
            .iter()
            .filter_map(|row| row.der.as_deref())
            .collect();
        for leaf in self.evidence.ledger.handed_out() {
            assert!(
                recorded.contains(leaf.as_slice()),
                "I-07: a certificate was handed out that no row tells of"
            );
        }
    }

    /// At most one current and one provisional per device and profile, and nothing else counts as good.
    async fn assert_lines(&self) {
        let memory = self.evidence.memory;
        let now = self.evidence.now;
        let good = format!("state = 'issued' AND device_id IS NOT NULL AND not_after > {now}");
        none(
            memory,
            "I-13: every good certificate is current or provisional",
            &format!(
                "SELECT 1 FROM certificate WHERE {good} AND NOT EXISTS (SELECT 1 FROM lineage WHERE \
                 lineage.device_id = certificate.device_id AND lineage.profile_id = certificate.profile_id \
                 AND certificate.id IN (lineage.current_id, lineage.provisional_id))"
            ),
        )
        .await;
        none(
            memory,
            "I-13: at most one current and one provisional",
            &format!(
                "SELECT 1 FROM certificate WHERE {good} GROUP BY device_id, profile_id HAVING count(*) > 2"
            ),
        )
        .await;
        none(
            memory,
            "I-13",
            "SELECT 1 FROM lineage WHERE current_id IS NOT NULL AND current_id = provisional_id",
        )
        .await;
        none(
            memory,
            "I-04: at most one certificate per order is recorded",
            "SELECT order_id FROM certificate WHERE order_id IS NOT NULL AND der IS NOT NULL GROUP BY order_id \
             HAVING count(*) > 1",
        )
        .await;
        none(
            memory,
            "I-28: a revoked device keeps no certificate and no open order",
            &format!(
                "SELECT 1 FROM device WHERE device.state = 'revoked' AND (EXISTS (SELECT 1 FROM certificate WHERE \
                 certificate.device_id = device.id AND certificate.state IN ('issued', 'superseded') \
                 AND not_after > {now}) OR EXISTS (SELECT 1 FROM issuance_order WHERE \
                 issuance_order.device_id = device.id AND issuance_order.state = 'open' AND NOT EXISTS (SELECT 1 \
                 FROM certificate WHERE certificate.id = issuance_order.certificate_id AND state = 'intended')))"
            ),
        )
        .await;
    }

    async fn assert_keys(&self) {
        let memory = self.evidence.memory;
        none(
            memory,
            "I-16: one key, one device",
            "SELECT spki_hash FROM certificate WHERE device_id IS NOT NULL GROUP BY spki_hash \
             HAVING count(DISTINCT device_id) > 1",
        )
        .await;
        none(
            memory,
            "I-16: every certified key is in the table of keys, under its device",
            "SELECT 1 FROM certificate LEFT JOIN subject_key ON subject_key.spki_hash = certificate.spki_hash \
             WHERE certificate.device_id IS NOT NULL AND subject_key.device_id IS NOT certificate.device_id",
        )
        .await;
        none(
            memory,
            "I-27: a compromised key is blocked",
            "SELECT 1 FROM certificate LEFT JOIN subject_key ON subject_key.spki_hash = certificate.spki_hash \
             WHERE revoked_reason = 'key_compromise' AND blocked_at IS NULL",
        )
        .await;
        none(
            memory,
            "I-27: a blocked key has no good certificate",
            &format!(
                "SELECT 1 FROM certificate JOIN subject_key ON subject_key.spki_hash = certificate.spki_hash \
                 WHERE blocked_at IS NOT NULL AND state IN ('issued', 'superseded', 'intended') AND not_after > {}",
                self.evidence.now
            ),
        )
        .await;
        let issuers: HashSet<Vec<u8>> = self
            .authorities
            .values()
            .map(|authority| {
                sha256(
                    crate::relying_party::read(&authority.certificate)
                        .public_key()
                        .raw,
                )
            })
            .collect();
        for row in &self.certificates {
            assert!(
                !issuers.contains(&row.spki),
                "I-16: an authority's own key was certified"
            );
        }
    }
}
