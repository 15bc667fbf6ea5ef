// SPDX-License-Identifier: Apache-2.0
//! I-08, I-09, I-10, I-23: what every published list says.

use std::collections::{HashMap, HashSet};

use sqlx::Row as _;
use x509_parser::prelude::*;

use super::{Seen, none, sha256};
use crate::relying_party::read;

/// A row of `crl` that was published.
struct List {
    issuer: Vec<u8>,
    shard: i64,
    number: i64,
    der: Vec<u8>,
    this_update: i64,
    next_update: i64,
}

impl Seen<'_> {
    pub(super) async fn assert_lists(&self) {
        let memory = self.evidence.memory;
        none(
            memory,
            "I-09: the pointer names the newest list that is signed",
            "SELECT 1 FROM crl_shard WHERE published_number IS NOT (SELECT max(number) FROM crl WHERE \
             crl.issuer_id = crl_shard.issuer_id AND crl.shard = crl_shard.shard AND der IS NOT NULL)",
        )
        .await;
        none(
            memory,
            "I-09: no number was taken twice or given back",
            "SELECT 1 FROM crl JOIN crl_shard USING (issuer_id, shard) WHERE crl.number > crl_shard.last_number",
        )
        .await;
        let query = "SELECT issuer_id, shard, number, der, this_update, next_update, tbs_hash FROM crl \
             WHERE der IS NOT NULL ORDER BY issuer_id, shard, number";
        let mut before: Option<List> = None;
        for row in memory.rows(query).await {
            let list = List {
                issuer: row.get(0),
                shard: row.get(1),
                number: row.get(2),
                der: row.get(3),
                this_update: row.get(4),
                next_update: row.get(5),
            };
            self.assert_list(&list, &row.get::<Vec<u8>, _>(6));
            if let Some(before) =
                before.filter(|before| (&before.issuer, before.shard) == (&list.issuer, list.shard))
            {
                assert!(before.number < list.number, "I-09: numbers rise");
                assert!(
                    before.this_update <= list.this_update,
                    "I-09: thisUpdate never goes back"
                );
            }
            before = Some(list);
        }
        self.assert_complete().await;
    }

    fn assert_list(&self, list: &List, tbs_hash: &[u8]) {
        let (rest, crl) = CertificateRevocationList::from_der(&list.der).expect("I-39: a list");
        assert!(rest.is_empty(), "I-39: octets after a list");
        let authority = self.authorities.get(&list.issuer).expect("an issuer");
        let issuer = read(&authority.certificate);
        assert_eq!(
            crl.issuer().as_raw(),
            issuer.subject().as_raw(),
            "I-10: the issuer's name, byte for byte"
        );
        crl.verify_signature(issuer.public_key())
            .expect("I-23: the list's signature verifies");
        assert_eq!(
            sha256(crl.tbs_cert_list.as_ref()),
            tbs_hash,
            "I-03: the bytes of the list's intent"
        );
        let number = crl.crl_number().expect("I-09: a number").to_string();
        assert_eq!(number, list.number.to_string(), "I-39: the list's number");
        let micros = |time: ASN1Time| time.timestamp() * 1_000_000;
        assert_eq!(micros(crl.last_update()), list.this_update, "I-39: thisUpdate");
        assert_eq!(
            crl.next_update().map(micros),
            Some(list.next_update),
            "I-39: nextUpdate"
        );
        assert!(list.this_update < list.next_update, "I-09: a list's life");
        assert!(
            list.next_update - list.this_update <= LONGEST,
            "I-09: no longer than the policy"
        );
        let own: HashSet<&[u8]> = self
            .certificates
            .iter()
            .filter(|row| row.issuer == list.issuer && row.shard == list.shard)
            .map(|row| row.serial.as_slice())
            .collect();
        let mut last: Option<Vec<u8>> = None;
        for entry in crl.iter_revoked_certificates() {
            assert!(
                own.contains(entry.raw_serial()),
                "I-10: a list names a serial its issuer never gave"
            );
            assert!(
                last.as_deref() < Some(entry.raw_serial()),
                "I-10: each serial once, in order"
            );
            last = Some(entry.raw_serial().to_vec());
        }
    }

    /// Every revoked certificate stands on each list made after its revocation, until one made after its expiry.
    async fn assert_complete(&self) {
        let query = "SELECT crl.issuer_id, crl.shard, crl.der, crl.this_update, marks = published_marks FROM crl \
             JOIN crl_shard ON crl_shard.issuer_id = crl.issuer_id AND crl_shard.shard = crl.shard \
             AND crl_shard.published_number = crl.number";
        let mut newest = HashMap::new();
        for row in self.evidence.memory.rows(query).await {
            let der: Vec<u8> = row.get(2);
            let crl = CertificateRevocationList::from_der(&der).expect("a list").1;
            let serials: HashSet<Vec<u8>> = crl
                .iter_revoked_certificates()
                .map(|entry| entry.raw_serial().to_vec())
                .collect();
            let place: (Vec<u8>, i64) = (row.get(0), row.get(1));
            newest.insert(place, (serials, row.get::<i64, _>(3), row.get::<bool, _>(4)));
        }
        for row in self.certificates.iter().filter(|row| row.state == "revoked") {
            assert!(
                row.revoked_at.is_some() && row.revoked_reason.is_some(),
                "I-39: when and why it was revoked"
            );
            let Some((serials, this_update, clean)) = newest.get(&(row.issuer.clone(), row.shard)) else {
                panic!("I-08: no list of {:02x?} was ever published", row.issuer)
            };
            // A marked shard's next list is on its way.
            let covered = *clean && row.not_after > *this_update;
            assert!(
                !covered || serials.contains(&row.serial),
                "I-08: a revoked certificate is not listed: {:02x?}",
                row.id
            );
        }
    }
}

/// Seven days, the house's default.
const LONGEST: i64 = 7 * 86_400 * 1_000_000;
