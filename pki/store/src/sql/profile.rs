// SPDX-License-Identifier: Apache-2.0
//! Profile revisions. One never changes, so each is read and parsed once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tamga_registry::device::RegistrationId;
use tamga_registry::id::{OrganizationId, ProfileId};
use tamga_registry::page::{By, Direction, Mark, Page};
use tamga_registry::profile::{DatedRevision, ProfileRevision, RevisionId, UsableProfile};
use tamga_registry::store::StoreFault;
use tamga_x509::profile::Profile;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::listing::{self, Pages, pages};
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
            "SELECT r.profile_id, r.revision, p.organization_id, p.name, r.config",
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

    fn read(&self, row: &Row) -> Result<ProfileRevision, StoreFault> {
        self.read_last(Cells::of(row, "profile_revision"))
    }

    /// Reads id, revision, owner, name and rules: the last columns of a row.
    fn read_last(&self, mut cells: Cells<'_>) -> Result<ProfileRevision, StoreFault> {
        let id = RevisionId {
            profile: cells.id()?,
            revision: cells.integer()?,
        };
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let (owner, name, config) = (cells.id()?, cells.text()?, cells.text()?);
        let rules = Profile::from_json(&config).map_err(|error| cells.damaged(error))?;
        let revision = ProfileRevision {
            id,
            owner,
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
            "SELECT r.profile_id, r.revision, p.organization_id, p.name, r.config FROM profile p
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

/// The profiles that organization $1 may use.
macro_rules! usable {
    ($tail:literal) => {
        concat!(
            "SELECT o.slug, g.created_at, r.profile_id, r.revision, p.organization_id, p.name, r.config
             FROM profile_grant g JOIN profile p ON p.id = g.profile_id
             JOIN profile_revision r ON r.profile_id = p.id AND r.revision = p.revision
             JOIN organization o ON o.id = p.organization_id
             WHERE g.organization_id = $1",
            $tail
        )
    };
}

pub(super) const USABLE: Pages = pages! {
    rows [usable!("")]
    binds ["$2", "$3", "$4"]
    name ["p.name"] time ["g.created_at", "g.profile_id"]
};

/// A page of those an organization may use.
pub(super) async fn usable(
    organization: OrganizationId,
    page: &Page,
    revisions: &Revisions,
    connection: &mut Connection,
) -> Result<Vec<UsableProfile>, StoreFault> {
    let query = sqlx::query(USABLE.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    let rows = rows.map_err(fault("usable profiles"))?;
    rows.iter().map(|row| read_usable(row, revisions)).collect()
}

/// The one that an organization means by a name: its own before one that was granted to it, and of these the one that was
/// made first. Policies name by the same order.
pub(super) async fn usable_named(
    organization: OrganizationId,
    name: &RegistrationId,
    revisions: &Revisions,
    connection: &mut Connection,
) -> Result<Option<UsableProfile>, StoreFault> {
    let row = sqlx::query(usable!(
        " AND p.name = $2
         ORDER BY CASE WHEN p.organization_id = $1 THEN 0 ELSE 1 END, p.id LIMIT 1"
    ))
    .bind(organization.octets().as_slice())
    .bind(name.canonical())
    .fetch_optional(connection)
    .await
    .map_err(fault("a usable profile"))?;
    row.map(|row| read_usable(&row, revisions)).transpose()
}

fn read_usable(row: &Row, revisions: &Revisions) -> Result<UsableProfile, StoreFault> {
    let mut cells = Cells::of(row, "profile");
    Ok(UsableProfile {
        owner: cells.word()?,
        usable_since: cells.time()?,
        current: revisions.read_last(cells)?,
    })
}

/// The revisions of profile $1.
macro_rules! revisions {
    ($tail:literal) => {
        concat!(
            "SELECT r.created_at, r.profile_id, r.revision, p.organization_id, p.name, r.config
             FROM profile_revision r JOIN profile p ON p.id = r.profile_id WHERE r.profile_id = $1 AND r.revision",
            $tail
        )
    };
}

/// A page of the revisions of a profile, by their numbers.
pub(super) async fn all_revisions(
    profile: ProfileId,
    page: &Page,
    revisions: &Revisions,
    connection: &mut Connection,
) -> Result<Vec<DatedRevision>, StoreFault> {
    let falling = page.sort.direction == Direction::Falling;
    let statement = match falling {
        true => revisions!(" < $2 ORDER BY r.revision DESC LIMIT $3"),
        false => revisions!(" > $2 ORDER BY r.revision LIMIT $3"),
    };
    let after = match (page.sort.by, &page.after) {
        (By::Time, Some(Mark::Time(_, number))) => {
            i64::try_from(u128::from_be_bytes(*number)).unwrap_or(i64::MAX)
        }
        (By::Time | By::End | By::Name, _) if falling => i64::MAX,
        (By::Time | By::End | By::Name, _) => 0,
    };
    let rows = sqlx::query(statement)
        .bind(profile.octets().as_slice())
        .bind(after)
        .bind(i64::from(page.fetched()))
        .fetch_all(connection)
        .await
        .map_err(fault("revisions of a profile"))?;
    rows.iter().map(|row| read_dated(row, revisions)).collect()
}

/// A revision of a profile, with its date.
pub(super) async fn dated(
    id: RevisionId,
    revisions: &Revisions,
    connection: &mut Connection,
) -> Result<Option<DatedRevision>, StoreFault> {
    let row = sqlx::query(revisions!(" = $2"))
        .bind(id.profile.octets().as_slice())
        .bind(id.revision)
        .fetch_optional(connection)
        .await
        .map_err(fault("a revision of a profile"))?;
    row.map(|row| read_dated(&row, revisions)).transpose()
}

fn read_dated(row: &Row, revisions: &Revisions) -> Result<DatedRevision, StoreFault> {
    let mut cells = Cells::of(row, "profile_revision");
    Ok(DatedRevision {
        created_at: cells.time()?,
        revision: revisions.read_last(cells)?,
    })
}

/// Adds a profile with its first revision and its owner's grant. False when the name is taken.
pub(super) async fn add(
    revision: &ProfileRevision,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let (id, owner) = (revision.id.profile, revision.owner);
    let done = sqlx::query(
        "INSERT INTO profile (id, organization_id, name, revision, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, name) DO NOTHING",
    )
    .bind(id.octets().as_slice())
    .bind(owner.octets().as_slice())
    .bind(revision.name.as_str())
    .bind(revision.id.revision)
    .bind(at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault("adding a profile"))?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    add_revision(revision.id, &revision.rules, at, connection).await?;
    sqlx::query("INSERT INTO profile_grant (profile_id, organization_id, created_at) VALUES ($1, $2, $3)")
        .bind(id.octets().as_slice())
        .bind(owner.octets().as_slice())
        .bind(at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("granting a profile"))?;
    Ok(true)
}

/// Gives a profile another revision, which new orders use; its number.
pub(super) async fn revise(
    profile: ProfileId,
    rules: &Profile,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<i64, StoreFault> {
    let row = sqlx::query("UPDATE profile SET revision = revision + 1 WHERE id = $1 RETURNING id, revision")
        .bind(profile.octets().as_slice())
        .fetch_one(&mut *connection)
        .await
        .map_err(fault("revising a profile"))?;
    let mut cells = Cells::of(&row, "profile");
    let id = RevisionId {
        profile: cells.id()?,
        revision: cells.integer()?,
    };
    add_revision(id, rules, at, connection).await?;
    Ok(id.revision)
}

async fn add_revision(
    id: RevisionId,
    rules: &Profile,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "INSERT INTO profile_revision (profile_id, revision, config, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(id.profile.octets().as_slice())
    .bind(id.revision)
    .bind(rules.to_json())
    .bind(at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding a profile revision"))?;
    Ok(())
}
