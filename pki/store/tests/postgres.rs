// SPDX-License-Identifier: Apache-2.0
//! The conformance suite on Postgres, and what is true of Postgres alone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends")]

#[path = "postgres/apart.rs"]
mod apart;
mod conformance;
#[path = "postgres/hole.rs"]
mod hole;
#[path = "postgres/races.rs"]
mod races;
#[path = "postgres/recovery.rs"]
mod recovery;
#[path = "postgres/roles.rs"]
mod roles;
#[path = "postgres/schema.rs"]
mod schema;
#[path = "postgres/waiting.rs"]
mod waiting;

use std::sync::Arc;

use async_trait::async_trait;
use conformance::world::{Ground, Probe};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;
use tamga_store::{PostgresSettings, PostgresStore, migrate_postgres, open_postgres};
use tamga_test_postgres::Database;
use tokio::sync::OnceCell;

conformance::conformance!(crate::fresh);

/// A store over a database of its own. The database is named by the second value.
async fn fresh() -> (Ground, Database) {
    let database = copied().await;
    (over(&database).await, database)
}

/// The same as [`empty`], in less time: a copy of one that is made once.
async fn copied() -> Database {
    static MADE: OnceCell<Database> = OnceCell::const_new();
    let made = MADE.get_or_init(empty).await;
    tamga_test_postgres::shared().copy(made).await
}

/// A database with nothing but its schema.
async fn empty() -> Database {
    let database = tamga_test_postgres::database().await;
    migrate_postgres(&secret(&database.url())).await.unwrap();
    database
}

async fn over(database: &Database) -> Ground {
    let store = Arc::new(open(database).await);
    Ground {
        inspection: Arc::<PostgresStore>::clone(&store),
        store,
        probe: Arc::new(Beside(database.clone())),
    }
}

async fn open(database: &Database) -> PostgresStore {
    open_postgres(&settings(database)).await.unwrap()
}

/// Few connections, as many stories share the server.
fn settings(database: &Database) -> PostgresSettings {
    PostgresSettings {
        readers: 2,
        ..PostgresSettings::new(secret(&database.url()))
    }
}

fn secret(url: &str) -> SecretString {
    SecretString::from(url.to_owned())
}

/// A connection of the superuser for each look.
struct Beside(Database);

#[async_trait]
impl Probe for Beside {
    async fn number(&self, query: &'static str) -> i64 {
        let (number,) = sqlx::query_as(AssertSqlSafe(format!("SELECT ({query})::bigint")))
            .fetch_one(&mut self.0.connect().await)
            .await
            .unwrap();
        number
    }

    async fn run_made(&self, statement: String) {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut self.0.connect().await)
            .await
            .unwrap();
    }

    fn either(&self, _sqlite: &'static str, postgres: &'static str) -> &'static str {
        postgres
    }
}
