// SPDX-License-Identifier: Apache-2.0
//! What holds for every certificate and list a house ever made. Asked at the end of every story.
//!
//! By SQL of our own over the tables, and by another parser than the house's over every DER in them.

use std::collections::HashMap;

use sqlx::Row as _;

use crate::device::Ledger;
use crate::memory::Memory;
use crate::watch::Asked;

mod certificates;
mod issuance;
mod lists;

/// What the invariants are asked of.
pub struct Evidence<'a> {
    /// The tables.
    pub memory: &'a Memory,
    /// What devices were handed.
    pub ledger: &'a Ledger,
    /// Everything the issuers' keys were asked to sign since the house was founded.
    pub asked: &'a [Asked],
    /// Now, in microseconds.
    pub now: i64,
}

/// A row of `certificate`.
struct Row {
    id: Vec<u8>,
    issuer: Vec<u8>,
    device: Option<Vec<u8>>,
    serial: Vec<u8>,
    spki: Vec<u8>,
    shard: i64,
    state: String,
    tbs_hash: Vec<u8>,
    der: Option<Vec<u8>>,
    not_before: i64,
    not_after: i64,
    intended_at: i64,
    issued_at: Option<i64>,
    revoked_at: Option<i64>,
    revoked_reason: Option<String>,
}

/// A row of `issuer`.
struct Authority {
    id: Vec<u8>,
    role: String,
    certificate: Vec<u8>,
    status_url: String,
}

struct Seen<'a> {
    evidence: &'a Evidence<'a>,
    certificates: Vec<Row>,
    authorities: HashMap<Vec<u8>, Authority>,
}

impl Evidence<'_> {
    /// Asks them all; panics by the number of the first that does not hold.
    pub async fn assert_lawful(&self) {
        let seen = Seen {
            evidence: self,
            certificates: certificates_of(self.memory).await,
            authorities: authorities_of(self.memory).await,
        };
        seen.assert_rows().await;
        seen.assert_certificates().await;
        seen.assert_lists().await;
    }
}

/// Asserts that a query finds nothing.
async fn none(memory: &Memory, invariant: &str, query: &str) {
    let found = memory.rows(query).await.len();
    assert_eq!(found, 0, "{invariant}: {found} rows of {query}");
}

async fn certificates_of(memory: &Memory) -> Vec<Row> {
    let query = "SELECT id, issuer_id, device_id, serial, spki_hash, shard, state, tbs_hash, der, not_before, not_after, \
         intended_at, issued_at, revoked_at, revoked_reason FROM certificate";
    let rows = memory.rows(query).await;
    rows.iter()
        .map(|row| Row {
            id: row.get(0),
            issuer: row.get(1),
            device: row.get(2),
            serial: row.get(3),
            spki: row.get(4),
            shard: row.get(5),
            state: row.get(6),
            tbs_hash: row.get(7),
            der: row.get(8),
            not_before: row.get(9),
            not_after: row.get(10),
            intended_at: row.get(11),
            issued_at: row.get(12),
            revoked_at: row.get(13),
            revoked_reason: row.get(14),
        })
        .collect()
}

async fn authorities_of(memory: &Memory) -> HashMap<Vec<u8>, Authority> {
    let query = "SELECT id, role, certificate, status_url FROM issuer";
    let rows = memory.rows(query).await;
    rows.iter()
        .map(|row| {
            let authority = Authority {
                id: row.get(0),
                role: row.get(1),
                certificate: row.get(2),
                status_url: row.get(3),
            };
            (authority.id.clone(), authority)
        })
        .collect()
}

fn sha256(octets: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets)
        .as_ref()
        .to_vec()
}
