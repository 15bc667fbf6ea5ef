// SPDX-License-Identifier: Apache-2.0
//! The tables of a house, read beside it by SQL of our own.

mod row;

use std::collections::BTreeMap;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::patience::eventually;
pub use row::{Cell, FromCell, Place, Row};

/// The database of one house.
#[derive(Clone)]
pub struct Memory {
    pool: Pool,
}

/// Connections of our own, of either engine.
#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
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
    /// Opens the database file beside the house that has it open.
    pub async fn beside(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false);
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(options)
            .await;
        Self {
            pool: Pool::Sqlite(pool.expect("the database is there")),
        }
    }

    /// Opens the database on a server, as its superuser.
    pub async fn at(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(2).connect(url).await;
        Self {
            pool: Pool::Postgres(pool.expect("the database answers")),
        }
    }

    /// What an engine calls something, where the two differ.
    pub fn either<T>(&self, sqlite: T, postgres: T) -> T {
        match self.pool {
            Pool::Sqlite(_) => sqlite,
            Pool::Postgres(_) => postgres,
        }
    }

    /// Rows of a query of the story's own.
    pub async fn rows(&self, query: &str) -> Vec<Row> {
        let text = AssertSqlSafe(query.to_owned());
        let rows = match &self.pool {
            Pool::Sqlite(pool) => {
                let rows = sqlx::query(text).fetch_all(pool).await;
                rows.map(|rows| rows.iter().map(Row::from).collect())
            }
            Pool::Postgres(pool) => {
                let rows = sqlx::query(text).fetch_all(pool).await;
                rows.map(|rows| rows.iter().map(Row::from).collect())
            }
        };
        rows.unwrap_or_else(|error: sqlx::Error| panic!("{error}: {query}"))
    }

    /// One number.
    pub async fn number(&self, query: &str) -> i64 {
        let rows = self.rows(query).await;
        rows.first().unwrap_or_else(|| panic!("no row: {query}")).get(0)
    }

    /// Writes where no road of the house leads yet. Every use says which road that will be.
    pub async fn writes(&self, statement: &str, octets: &[u8]) {
        let text = AssertSqlSafe(statement.to_owned());
        let bound = (!octets.is_empty()).then(|| octets.to_vec());
        let done = match &self.pool {
            Pool::Sqlite(pool) => {
                let query = sqlx::query(text);
                let query = bound.into_iter().fold(query, sqlx::query::Query::bind);
                query.execute(pool).await.map(|done| done.rows_affected())
            }
            Pool::Postgres(pool) => {
                let query = sqlx::query(text);
                let query = bound.into_iter().fold(query, sqlx::query::Query::bind);
                query.execute(pool).await.map(|done| done.rows_affected())
            }
        };
        let done = done.unwrap_or_else(|error| panic!("{error}: {statement}"));
        assert!(done > 0, "changed nothing: {statement}");
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

    /// The columns of a table, each as a text that is never nothing.
    async fn columns(&self, table: &str) -> Vec<String> {
        let query = self.either(
            format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
            format!(
                "SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '{table}' \
                 ORDER BY ordinal_position"
            ),
        );
        let rows = self.rows(&query).await;
        let names = rows.iter().map(|row| row.get::<String, _>("name"));
        // Written down beside what happens, whether it is refused or not.
        let names = names.filter(|name| name != "last_used_at");
        names
            .map(|name| self.either(format!("quote({name})"), format!("quote_nullable({name}::text)")))
            .collect()
    }

    /// Journal rows of one request, in order.
    pub async fn journal_of(&self, request: [u8; 16]) -> Vec<Journalled> {
        let id = data_encoding::HEXLOWER.encode(&request);
        let hex = self.either("lower(hex(request_id))", "encode(request_id, 'hex')");
        self.journal(&format!("WHERE {hex} = '{id}'")).await
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
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

/// Tables, and which of their rows: the house's own TLS certificate is renewed whatever devices are refused.
const WATCHED: &[(&str, &str)] = &[
    ("organization", ""),
    ("id_scope", ""),
    ("account", ""),
    ("role_assignment", ""),
    ("api_token", ""),
    ("client_certificate", ""),
    ("data_key", ""),
    ("approval", ""),
    ("mass_revocation", ""),
    ("issuer", ""),
    ("issuer_grant", ""),
    ("profile", ""),
    ("profile_revision", ""),
    ("profile_grant", ""),
    ("enrollment_group", ""),
    ("individual_enrollment", ""),
    ("anchor", ""),
    ("anchor_grant", ""),
    ("enrollment_anchor", ""),
    ("enrollment_certificate", ""),
    ("enrollment_symmetric_key", ""),
    ("enrollment_tombstone", ""),
    ("station", ""),
    ("rework", ""),
    ("repetition", ""),
    ("device", ""),
    ("device_tombstone", ""),
    ("device_release", ""),
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
