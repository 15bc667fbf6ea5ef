// SPDX-License-Identifier: Apache-2.0
//! The Postgres of a course: private, every commit on the disk that is meant, a fresh database for each run.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tamga_store::{Role, migrate_postgres};
use tamga_test_postgres::{Cluster, Database, Lasting, is_installed};
use tokio::runtime::{Builder, Runtime};

use crate::role::Core;

/// A server of ours. It ends when this is dropped.
pub(crate) struct Server {
    cluster: Cluster,
    runtime: Runtime,
}

/// One database with the product's schema, by the URLs of who comes to it.
pub(crate) struct Fresh {
    database: Database,
    /// Who owns it, and may do everything.
    pub(crate) owner: String,
    /// A member of the role of device gateways.
    pub(crate) device: String,
    /// A member of the role of signers.
    pub(crate) signer: String,
}

impl Server {
    /// Starts it on this core, with its data in a directory below `data`.
    pub(crate) fn start(data: &Path, core: Core) -> Result<Self> {
        ensure!(
            is_installed(),
            "no Postgres 15 or newer is installed: `make setup-test` brings it in (Debian: apt-get install \
             postgresql-15); or leave it out with --engine sqlite"
        );
        let cluster = Cluster::start_lasting(&Lasting {
            data: data.join("postgres"),
            started_by: core.words(),
        });
        Ok(Self {
            cluster,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// The process from which all of its processes descend.
    pub(crate) fn process(&self) -> Option<u32> {
        self.cluster.process()
    }

    /// What it says of itself; asked whether it waits for the disk.
    pub(crate) fn version(&self) -> Result<String> {
        self.runtime.block_on(async {
            let database = self.cluster.database().await;
            let mut connection = database.connect().await;
            for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
                let (value,): (String,) = sqlx::query_as("SELECT current_setting($1)")
                    .bind(setting)
                    .fetch_one(&mut connection)
                    .await?;
                ensure!(
                    value == "on",
                    "{setting} is {value}: what it commits is not on disk"
                );
            }
            let (version,): (String,) = sqlx::query_as("SELECT current_setting('server_version')")
                .fetch_one(&mut connection)
                .await?;
            connection.close().await?;
            Ok(version)
        })
    }

    /// Makes a database.
    pub(crate) fn fresh(&self) -> Result<Fresh> {
        self.runtime.block_on(async {
            let database = self.cluster.database().await;
            migrate_postgres(&database.url().into()).await?;
            Ok(Fresh {
                owner: database.url(),
                device: database.login(Role::Device.name()).await,
                signer: database.login(Role::Signer.name()).await,
                database,
            })
        })
    }

    /// Puts on disk what is only in the log: no run pays for the one before.
    pub(crate) fn settle(&self, fresh: &Fresh) -> Result<()> {
        self.runtime.block_on(async {
            fresh.database.connect().await.execute("CHECKPOINT").await?;
            Ok(())
        })
    }

    /// Lets a database go, whoever may still be in it.
    pub(crate) fn forget(&self, fresh: &Fresh) -> Result<()> {
        self.runtime.block_on(async {
            let elsewhere = fresh
                .owner
                .replace(&format!("/{}", fresh.database.name()), "/postgres");
            let mut connection = PgConnection::connect(&elsewhere).await.context("the server")?;
            let statement = format!("DROP DATABASE {} WITH (FORCE)", fresh.database.name());
            connection.execute(AssertSqlSafe(statement)).await?;
            Ok(())
        })
    }
}
