// SPDX-License-Identifier: Apache-2.0
//! Profile revisions. One never changes, so each is read and parsed once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tamga_registry::id::OrganizationId;
use tamga_registry::profile::{ProfileRevision, RevisionId};
use tamga_registry::store::StoreFault;
use tamga_x509::profile::Profile;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::{Connection, Row};

/// Revisions that were read before.
#[derive(Clone, Default)]
pub(super) struct Revisions(Arc<RwLock<HashMap<RevisionId, ProfileRevision>>>);

impl Revisions {
    /// A revision; damage when there is none, since rows refer to it.
    pub(super) async fn get(
        &self,
        id: RevisionId,
        connection: &mut Connection,
    ) -> Result<ProfileRevision, StoreFault> {
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let row = sqlx::query(concat!(
            "SELECT r.profile_id, r.revision, p.name, r.config",
            " FROM profile_revision r JOIN profile p ON p.id = r.profile_id",
            " WHERE r.profile_id = $1 AND r.revision = $2"
        ))
        .bind(id.profile.octets().as_slice())
        .bind(id.revision)
        .fetch_optional(connection)
        .await
        .map_err(fault("profile revision"))?;
        let row = row.ok_or_else(|| missing(id))?;
        self.read(&row)
    }

    /// A revision that was read before.
    pub(super) fn known(&self, id: RevisionId) -> Option<ProfileRevision> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).cloned()
    }

    /// Reads id, revision, name and rules.
    fn read(&self, row: &Row) -> Result<ProfileRevision, StoreFault> {
        let mut cells = Cells::of(row, "profile_revision");
        let id = RevisionId {
            profile: cells.id()?,
            revision: cells.integer()?,
        };
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let (name, config) = (cells.text()?, cells.text()?);
        let rules = Profile::from_json(&config).map_err(|error| cells.damaged(error))?;
        let revision = ProfileRevision {
            id,
            name,
            rules: Arc::new(rules),
        };
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, revision.clone());
        Ok(revision)
    }
}

pub(super) fn missing(id: RevisionId) -> StoreFault {
    StoreFault::Damaged {
        table: "profile_revision",
        row: format!("{} {}", id.profile, id.revision),
        what: "rows refer to it, and it is not there".to_owned(),
    }
}

macro_rules! current_revisions {
    ($tail:literal) => {
        concat!(
            "SELECT r.profile_id, r.revision, p.name, r.config FROM profile p
             JOIN profile_revision r ON r.profile_id = p.id AND r.revision = p.revision ",
            $tail
        )
    };
}

/// The current revisions of the profiles an organization may use, oldest profile first.
pub(super) async fn granted(
    organization: OrganizationId,
    revisions: &Revisions,
    connection: &mut Connection,
) -> Result<Vec<ProfileRevision>, StoreFault> {
    let rows = sqlx::query(current_revisions!(
        "JOIN profile_grant g ON g.profile_id = p.id WHERE g.organization_id = $1 ORDER BY p.created_at, p.id"
    ))
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("granted profiles"))?;
    rows.iter().map(|row| revisions.read(row)).collect()
}

/// The current revision of a profile of an organization, by name.
pub(super) async fn named(
    organization: OrganizationId,
    name: &str,
    revisions: &Revisions,
    connection: &mut Connection,
) -> Result<Option<ProfileRevision>, StoreFault> {
    let row = sqlx::query(current_revisions!("WHERE p.organization_id = $1 AND p.name = $2"))
        .bind(organization.octets().as_slice())
        .bind(name)
        .fetch_optional(connection)
        .await
        .map_err(fault("profile"))?;
    row.map(|row| revisions.read(&row)).transpose()
}

/// Adds a profile with its first revision and its owner's grant.
pub(super) async fn add(
    revision: &ProfileRevision,
    organization: OrganizationId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let (id, owner, at) = (revision.id.profile, organization, at.as_micros());
    sqlx::query(
        "INSERT INTO profile (id, organization_id, name, revision, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id.octets().as_slice())
    .bind(owner.octets().as_slice())
    .bind(revision.name.as_str())
    .bind(revision.id.revision)
    .bind(at)
    .execute(&mut *connection)
    .await
    .map_err(fault("adding a profile"))?;
    sqlx::query(
        "INSERT INTO profile_revision (profile_id, revision, config, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(id.octets().as_slice())
    .bind(revision.id.revision)
    .bind(revision.rules.to_json())
    .bind(at)
    .execute(&mut *connection)
    .await
    .map_err(fault("adding a profile revision"))?;
    sqlx::query("INSERT INTO profile_grant (profile_id, organization_id, created_at) VALUES ($1, $2, $3)")
        .bind(id.octets().as_slice())
        .bind(owner.octets().as_slice())
        .bind(at)
        .execute(connection)
        .await
        .map_err(fault("granting a profile"))?;
    Ok(())
}
