// SPDX-License-Identifier: Apache-2.0
//! Where a yardstick keeps its rows, and the installation that is founded there first.

use std::path::PathBuf;

use anyhow::{Context, Result};
use sqlx::Executor;
use tamga_store::{PostgresSettings, open_postgres};

use super::{postgres, sqlite};
use crate::database::founding::Founded;

/// A database of either engine.
pub(super) enum Place {
    Sqlite(PathBuf),
    /// A schema of the product's stands there.
    Postgres(String),
}

impl Place {
    /// Founds an installation.
    pub(super) async fn found(&self) -> Result<Founded> {
        match self {
            Self::Sqlite(path) => Founded::fresh(path).await,
            Self::Postgres(url) => {
                let store = open_postgres(&PostgresSettings::new(url.clone().into())).await?;
                let founded = Founded::within(&store).await?;
                store.close().await;
                Ok(founded)
            }
        }
    }

    /// Makes a table.
    pub(super) async fn make(&self, table: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(path) => {
                sqlite::connect(path).await?.execute(table).await?;
            }
            Self::Postgres(url) => {
                postgres::connect(url).await?.execute(table).await?;
            }
        }
        Ok(())
    }

    /// The only profile, as its rows are named.
    pub(super) async fn profile(&self) -> Result<[u8; 16]> {
        const PROFILE: &str = "SELECT id FROM profile WHERE name = 'device'";
        let (profile,): (Vec<u8>,) = match self {
            Self::Sqlite(path) => {
                let mut connection = sqlite::connect(path).await?;
                sqlx::query_as(PROFILE).fetch_one(&mut connection).await?
            }
            Self::Postgres(url) => {
                let mut connection = postgres::connect(url).await?;
                sqlx::query_as(PROFILE).fetch_one(&mut connection).await?
            }
        };
        profile.as_slice().try_into().context("an id of another length")
    }
}
