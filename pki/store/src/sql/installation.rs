// SPDX-License-Identifier: Apache-2.0
//! The installation: its one row, its making, and the version of its policy.

use async_trait::async_trait;
use tamga_registry::store::{Installation, NewInstallation, PolicyVersion, StoreFault};

use super::batch::{Script, script};
use super::cells::Cells;
use super::fault::{fault, miscounted};
use super::questions::Questions;
use super::writer::Keep;
use super::{Connection, Row, issuer, journal, organization, profile, secret};

/// The installation, once made.
pub(super) async fn find(connection: &mut Connection) -> Result<Option<Installation>, StoreFault> {
    let row = sqlx::query("SELECT trust_domain, restore_epoch, created_at FROM installation")
        .fetch_optional(connection)
        .await
        .map_err(fault("installation"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "installation");
        Ok(Installation {
            trust_domain: cells.text()?,
            restore_epoch: cells.number()?,
            created_at: cells.time()?,
        })
    })
    .transpose()
}

macro_rules! policy_version {
    () => {
        "SELECT i.policy_version /*number*/ FROM (SELECT 1 AS one) one JOIN installation i ON 1 = 1"
    };
}

const VERSION: Script = script!(policy_version!());

/// The policy's version; zero before there is an installation.
pub(super) async fn policy_version(questions: &Questions) -> Result<PolicyVersion, StoreFault> {
    read_policy_version(questions.ask(VERSION.query()).await?.as_ref())
}

/// The same by this connection.
pub(super) async fn policy_version_by(connection: &mut Connection) -> Result<PolicyVersion, StoreFault> {
    let row = sqlx::query(policy_version!())
        .fetch_optional(connection)
        .await
        .map_err(fault("policy version"))?;
    read_policy_version(row.as_ref())
}

fn read_policy_version(row: Option<&Row>) -> Result<PolicyVersion, StoreFault> {
    let version = row
        .map(|row| Cells::of(row, "installation").integer())
        .transpose()?;
    Ok(PolicyVersion(version.unwrap_or(0)))
}

/// Raises the policy's version: caches of policy are stale from the commit on.
pub(super) async fn raise_policy_version(connection: &mut Connection) -> Result<(), StoreFault> {
    let done = sqlx::query("UPDATE installation SET policy_version = policy_version + 1")
        .execute(connection)
        .await
        .map_err(fault("policy version"))?;
    match done.rows_affected() {
        1 => Ok(()),
        rows => Err(miscounted("policy version", rows)),
    }
}

#[async_trait]
impl Keep for NewInstallation {
    /// False when there is one already.
    type Verdict = bool;

    async fn keep(&self, connection: &mut Connection) -> Result<bool, StoreFault> {
        let at = self.installation.created_at;
        let made = sqlx::query(
            "INSERT INTO installation (only_one, trust_domain, restore_epoch, policy_version, created_at)
             VALUES (1, $1, $2, 1, $3) ON CONFLICT DO NOTHING",
        )
        .bind(self.installation.trust_domain.as_str())
        .bind(i64::from(self.installation.restore_epoch))
        .bind(at.as_micros())
        .execute(&mut *connection)
        .await
        .map_err(fault("making the installation"))?;
        if made.rows_affected() == 0 {
            return Ok(false);
        }
        organization::add(&self.organization, connection).await?;
        organization::add_scope(&self.scope, &self.organization, connection).await?;
        for key in &self.data_keys {
            secret::add_data_key(key, connection).await?;
        }
        for authority in &self.authorities {
            secret::add_software_key(&authority.key, connection).await?;
            issuer::add(&authority.issuer, at, connection).await?;
        }
        for revision in &self.profiles {
            profile::add(revision, at, connection).await?;
        }
        for row in &self.journal {
            journal::add(row, connection).await?;
        }
        Ok(true)
    }
}
