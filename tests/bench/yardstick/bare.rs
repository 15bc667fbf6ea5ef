// SPDX-License-Identifier: Apache-2.0
//! The bare yardstick: verify the request, sign, group-commit one row.

use std::path::Path;

use anyhow::{Context, Result};
use sqlx::Executor;

use super::group_commit::{GroupCommit, connect};
use super::press::Press;
use crate::database::founding::Founded;

pub(super) struct Bench {
    press: Press,
    memory: GroupCommit,
}

impl Bench {
    pub(super) async fn open(data: &Path) -> Result<Self> {
        let founded = Founded::fresh(&data.join("founding.sqlite")).await?;
        let mut connection = connect(&data.join("bare.sqlite")).await?;
        connection
            .execute("CREATE TABLE certificate (serial BYTEA PRIMARY KEY, der BYTEA NOT NULL)")
            .await?;
        Ok(Self {
            press: Press::new(&founded)?,
            memory: GroupCommit::start(connection),
        })
    }

    pub(super) async fn enroll(&self, registration_id: &str, csr: &[u8]) -> Result<Vec<u8>> {
        let drafted = self.press.draft(registration_id, csr)?;
        let signature = self.press.sign(&drafted.to_be_signed)?;
        let leaf = drafted.to_be_signed.assemble(&signature);
        let serial = drafted.to_be_signed.serial().context("no serial")?;
        let row = sqlx::query("INSERT INTO certificate (serial, der) VALUES ($1, $2)")
            .bind(serial.as_bytes().to_vec())
            .bind(leaf.clone());
        self.memory.keep(row).await?;
        Ok(self.press.chain(&leaf))
    }
}
