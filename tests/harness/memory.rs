// SPDX-License-Identifier: Apache-2.0
//! The tables of a house, read beside it by SQL of our own.

use std::collections::BTreeMap;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, SqlitePool};

use crate::patience::eventually;

/// The database of one house.
#[derive(Clone)]
pub struct Memory {
    pool: SqlitePool,
}

/// A journal row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journalled {
    /// What was done.
    pub act: String,
    /// By whom.
    pub actor: String,
    /// To what.
    pub object: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Slug or detail.
    pub reason: Option<String>,
    /// Of which request.
    pub request: [u8; 16],
}

impl Memory {
    /// Opens the database beside the house that has it open.
    pub async fn beside(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false);
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(options)
            .await;
        Self {
            pool: pool.expect("the database is there"),
        }
    }

    /// Rows of a query of the story's own.
    pub async fn rows(&self, query: &str) -> Vec<SqliteRow> {
        let rows = sqlx::query(AssertSqlSafe(query.to_owned()))
            .fetch_all(&self.pool)
            .await;
        rows.unwrap_or_else(|error| panic!("{error}: {query}"))
    }

    /// One number.
    pub async fn number(&self, query: &str) -> i64 {
        let rows = self.rows(query).await;
        rows.first().unwrap_or_else(|| panic!("no row: {query}")).get(0)
    }

    /// Writes where no road of the house leads yet. Every use says which road that will be.
    pub async fn writes(&self, statement: &str, octets: &[u8]) {
        let query = sqlx::query(AssertSqlSafe(statement.to_owned()));
        let query = if octets.is_empty() {
            query
        } else {
            query.bind(octets)
        };
        let done = query.execute(&self.pool).await;
        let done = done.unwrap_or_else(|error| panic!("{error}: {statement}"));
        assert!(done.rows_affected() > 0, "changed nothing: {statement}");
    }

    /// What may not change when a device is refused: a digest of each table that tells of identities and certificates.
    pub async fn picture(&self) -> BTreeMap<&'static str, String> {
        let mut picture = BTreeMap::new();
        for (table, only) in WATCHED {
            let columns = self.columns(table).await.join(" || '|' || ");
            let query = format!("SELECT {columns} AS line FROM {table} {only} ORDER BY line");
            let lines = self.rows(&query).await;
            let lines: Vec<String> = lines.iter().map(|row| row.get(0)).collect();
            let hash = digest(&SHA256, lines.join("\n").as_bytes());
            let hash = data_encoding::HEXLOWER.encode(hash.as_ref());
            picture.insert(*table, format!("{} rows, {hash}", lines.len()));
        }
        picture
    }

    async fn columns(&self, table: &str) -> Vec<String> {
        let rows = self.rows(&format!("PRAGMA table_info({table})")).await;
        let names = rows.iter().map(|row| row.get::<String, _>("name"));
        names.map(|name| format!("quote({name})")).collect()
    }

    /// Journal rows of one request, in order.
    pub async fn journal_of(&self, request: [u8; 16]) -> Vec<Journalled> {
        let id = data_encoding::HEXLOWER.encode(&request);
        self.journal(&format!("WHERE hex(request_id) = upper('{id}')"))
            .await
    }

    /// Journal rows that fit, in order.
    pub async fn journal(&self, only: &str) -> Vec<Journalled> {
        let query = format!(
            "SELECT act, actor, object, outcome, reason, request_id FROM journal {only} ORDER BY commit_order"
        );
        let rows = self.rows(&query).await;
        rows.iter()
            .map(|row| Journalled {
                act: row.get(0),
                actor: row.get(1),
                object: row.get(2),
                outcome: row.get(3),
                reason: row.get(4),
                request: row.get::<Vec<u8>, _>(5).try_into().expect("16 octets"),
            })
            .collect()
    }

    /// Waits for the one row that tells of a refused request: refusals are journalled beside the answer, not before it.
    pub async fn refusal_of(&self, request: [u8; 16]) -> Journalled {
        let what = "the journal tells of the refusal";
        let mut rows = eventually(what, || async move {
            let rows = self.journal_of(request).await;
            (!rows.is_empty()).then_some(rows)
        })
        .await;
        assert_eq!(rows.len(), 1, "one refusal, one row: {rows:?}");
        rows.remove(0)
    }

    /// Ends the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Tables, and which of their rows: the house's own TLS certificate is renewed whatever devices are refused.
const WATCHED: &[(&str, &str)] = &[
    ("organization", ""),
    ("enrollment_group", ""),
    ("individual_enrollment", ""),
    ("anchor", ""),
    ("enrollment_anchor", ""),
    ("enrollment_certificate", ""),
    ("device", ""),
    ("issuance_order", ""),
    ("certificate", "WHERE device_id IS NOT NULL"),
    (
        "serial",
        "WHERE certificate_id IN (SELECT id FROM certificate WHERE device_id IS NOT NULL)",
    ),
    ("subject_key", "WHERE role <> 'service'"),
    ("lineage", ""),
    ("revocation", ""),
];
