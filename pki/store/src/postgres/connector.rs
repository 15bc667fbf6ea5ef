// SPDX-License-Identifier: Apache-2.0
//! Connects to the server, with a session's limits set, and with readers that are asked whether they still answer.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgPool};

use super::open::PostgresSettings;
use super::{Connection, DEADLINE};

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    options: PgConnectOptions,
    /// What every session is told first.
    session: String,
    readers: u32,
    acquire: Duration,
}

impl Connector {
    pub(super) fn new(options: PgConnectOptions, settings: &PostgresSettings) -> Self {
        Self {
            options: options
                .application_name("tamga")
                .statement_cache_capacity(256)
                .disable_statement_logging(),
            session: session(settings),
            readers: settings.readers.max(1),
            acquire: settings.acquire_timeout.min(DEADLINE),
        }
    }

    /// A connection that writes.
    pub(super) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            sqlx::raw_sql(AssertSqlSafe(self.session.clone()))
                .execute(&mut connection)
                .await?;
            Ok(connection)
        };
        tokio::time::timeout(self.acquire, connecting)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// Connections that read. They are made when they are needed.
    pub(super) fn readers(&self) -> PgPool {
        self.pool(self.readers)
    }

    /// A connection that listens.
    pub(super) fn messenger(&self) -> PgPool {
        self.pool(1)
    }

    fn pool(&self, size: u32) -> PgPool {
        let session = self.session.clone();
        PgPoolOptions::new()
            .max_connections(size)
            .min_connections(0)
            .acquire_timeout(self.acquire)
            .idle_timeout(IDLE_AT_MOST)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let session = session.clone();
                Box::pin(async move {
                    sqlx::raw_sql(AssertSqlSafe(session)).execute(connection).await?;
                    Ok(())
                })
            })
            // One used just now answers. After a while the server may have restarted, or be a standby by now.
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for < TRUSTED_FOR {
                        return Ok(true);
                    }
                    still_leads(connection).await
                })
            })
            // A caller that went away leaves an answer behind. Where it does not come, the place in the pool is freed.
            .after_release(|connection, _| {
                Box::pin(async move { in_time(connection.ping()).await.map(|()| true) })
            })
            .connect_lazy_with(self.options.clone())
    }
}

/// Whether it answers, and is of a server that takes writes.
pub(super) async fn still_leads(connection: &mut Connection) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query_as("SELECT pg_is_in_recovery()").fetch_one(connection);
    let (standby,): (bool,) = in_time(asked).await?;
    Ok(!standby)
}

pub(super) async fn in_time<T>(
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(ANSWERS_WITHIN, asked)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// The server ends what takes too long, and notices peers that are gone. Every query of ours looks rows up by a key: a
/// plan made while a table was small must not walk it when it has grown, nor collect and sort what lies in order. None reads
/// enough for helpers to be worth their start, which takes longer than the whole page of a list.
fn session(settings: &PostgresSettings) -> String {
    let millis = |duration: Duration| duration.as_millis().clamp(1, 86_400_000);
    let role = settings
        .role
        .as_ref()
        .map(|role| format!("SET ROLE \"{}\";", role.replace('"', "\"\"")));
    format!(
        "{}
         SET search_path = public, pg_temp;
         SET statement_timeout = {};
         SET lock_timeout = {};
         SET idle_in_transaction_session_timeout = {};
         SET tcp_keepalives_idle = 30;
         SET tcp_keepalives_interval = 10;
         SET tcp_keepalives_count = 3;
         SET tcp_user_timeout = 30000;
         SET client_min_messages = warning;
         SET jit = off;
         SET enable_seqscan = off;
         SET enable_bitmapscan = off;
         SET enable_hashjoin = off;
         SET enable_mergejoin = off;
         SET max_parallel_workers_per_gather = 0;
         SET plan_cache_mode = force_generic_plan",
        role.unwrap_or_default(),
        millis(settings.statement_timeout.min(STATEMENT_AT_MOST)),
        millis(settings.lock_timeout),
        millis(settings.idle_in_transaction_timeout),
    )
}

/// The server ends a statement before we give its connection up.
const STATEMENT_AT_MOST: Duration = Duration::from_secs(6);

/// How long a connection that rests is believed to answer.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long it may take to answer that it is there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// A connection that rests longer is given back to the server.
const IDLE_AT_MOST: Duration = Duration::from_secs(300);
