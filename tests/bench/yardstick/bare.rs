// SPDX-License-Identifier: Apache-2.0
//! The bare yardstick: verify the request, sign, group-commit one row.

use anyhow::{Context, Result};

use super::group_commit::GroupCommit;
use super::place::Place;
use super::press::Press;
use super::row::Statement;

pub(super) struct Bench {
    press: Press,
    memory: GroupCommit,
}

static KEPT: Statement = Statement {
    sqlite: "INSERT INTO kept (serial, der) VALUES ($1, $2)",
    postgres: "INSERT INTO kept (serial, der) SELECT * FROM {rows}",
};

impl Bench {
    pub(super) async fn open(place: &Place) -> Result<Self> {
        let founded = place.found().await?;
        place
            .make("CREATE TABLE kept (serial BYTEA PRIMARY KEY, der BYTEA NOT NULL)")
            .await?;
        Ok(Self {
            press: Press::new(&founded)?,
            memory: GroupCommit::start(place, &[&KEPT]).await?,
        })
    }

    pub(super) async fn enroll(&self, registration_id: &str, csr: &[u8]) -> Result<Vec<u8>> {
        let drafted = self.press.draft(registration_id, csr)?;
        let signature = self.press.sign(&drafted.to_be_signed)?;
        let leaf = drafted.to_be_signed.assemble(&signature);
        let serial = drafted.to_be_signed.serial().context("no serial")?;
        let row = vec![serial.as_bytes().as_slice().into(), leaf.clone().into()];
        self.memory.keep(&KEPT, row).await?;
        Ok(self.press.chain(&leaf))
    }
}
