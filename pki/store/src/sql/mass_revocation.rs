// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates at once: what a query finds, and how far each has come.

use std::collections::BTreeSet;

use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{MassRevocationId, OrganizationId};
use tamga_registry::mass_revocation::{
    Course, CourseState, Looked, MassRevocation, Query, Revocable, Stretch,
};
use tamga_registry::page::{BEYOND_NAMES, NamePrefix, Page};
use tamga_registry::store::StoreFault;
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::{fault, miscounted};
use super::listing::{self, Pages, pages};
use super::{Connection, Row};

/// Whether order o and its certificate c fit: of the evidence $4, issuer $7 and profile $8, if these are ones, intended from
/// $9 to $10, not revoked, and not expired at $11. What certificates were ordered by is written with their order: where
/// the device is bound by now says nothing of them.
macro_rules! fits {
    () => {
        "(o.evidence LIKE $4 OR $4 IS NULL) AND c.state <> 'revoked'
         AND (c.issuer_id = $7 OR $7 IS NULL) AND (c.profile_id = $8 OR $8 IS NULL)
         AND c.intended_at >= $9 AND c.intended_at <= $10 AND (c.state = 'intended' OR c.not_after >= $11)"
    };
}

/// Of organization $1, the next $3 devices after $2 by their registration ids, which are from $5 to below $6; each with its
/// certificates and intents that fit, and whether they do: where $12 is a reason, also with those intended by
/// $10 that are not revoked for it, as [`super::strike::OF_KEY`] finds them.
pub(super) const REVOCABLE: &str = concat!(
    "SELECT d.registration_id, c.id, c.issuer_id, c.shard, c.spki_hash, CASE WHEN ",
    fits!(),
    " THEN 1 ELSE 0 END
     FROM (
         SELECT v.id, v.registration_id FROM device v
         WHERE v.organization_id = $1 AND v.registration_id > $2 AND v.registration_id",
    by_octets!(),
    " >= $5 AND v.registration_id",
    by_octets!(),
    " < $6
         ORDER BY v.registration_id LIMIT $3
     ) d
     LEFT JOIN issuance_order o ON o.device_id = d.id
         AND (o.evidence LIKE $4 OR $4 IS NULL OR CAST($12 AS TEXT) IS NOT NULL)
     LEFT JOIN certificate c ON c.id = o.certificate_id
         AND (",
    fits!(),
    "
              OR c.not_after >= $11
                 AND c.intended_at <= $10
                 AND (c.state <> 'revoked' AND CAST($12 AS TEXT) IS NOT NULL OR c.revoked_reason <> $12))
     ORDER BY d.registration_id, c.id"
);

/// What a query finds of the next devices of an organization.
pub(super) async fn revocable(
    (organization, query, reason): (OrganizationId, &Query, RevocationReason),
    (after, devices): (Option<String>, u32),
    now: Timestamp,
    connection: &mut Connection,
) -> Result<Stretch, StoreFault> {
    let prefix = query.prefix.as_ref();
    let evidence = |id| format!("%{}", EnrollmentRef::Group(id).end_of_evidence());
    let compromise = (reason == RevocationReason::KeyCompromise).then(|| reason.slug());
    let rows = sqlx::query(REVOCABLE)
        .bind(organization.octets().as_slice())
        .bind(after.unwrap_or_default())
        .bind(i64::from(devices))
        .bind(query.group.map(evidence))
        .bind(prefix.map_or_else(String::new, |prefix| prefix.least().to_owned()))
        .bind(prefix.map_or_else(|| BEYOND_NAMES.to_owned(), NamePrefix::beyond))
        .bind(query.issuer.map(|id| id.octets().to_vec()))
        .bind(query.profile.map(|id| id.octets().to_vec()))
        .bind(query.from.map_or(i64::MIN, Timestamp::as_micros))
        .bind(query.until.as_micros())
        .bind(now.as_micros())
        .bind(compromise)
        .fetch_all(connection)
        .await
        .map_err(fault("certificates to be revoked"))?;
    let mut stretch = Stretch::default();
    let mut of_one = Vec::new();
    for row in &rows {
        let mut cells = Cells::of(row, "device");
        let device = cells.text()?;
        if stretch.last() != Some(device.as_str()) {
            close(&mut stretch, &mut of_one);
            stretch.looked.push(Looked {
                device,
                found: Vec::new(),
                keys: 0,
                besides: Vec::new(),
            });
        }
        if !cells.nothing(4)? {
            of_one.push(read_one(&mut cells)?);
        }
    }
    close(&mut stretch, &mut of_one);
    Ok(stretch)
}

/// A certificate of a device, its key, and whether it fits.
type One = (Revocable, SpkiHash, bool);

fn read_one(cells: &mut Cells<'_>) -> Result<One, StoreFault> {
    let one = Revocable {
        certificate: cells.id()?,
        shard: (cells.id()?, cells.number()?),
    };
    Ok((one, cells.key()?, cells.truth()?))
}

/// All certificates of the last device are there.
fn close(stretch: &mut Stretch, of_one: &mut Vec<One>) {
    let Some(looked) = stretch.looked.last_mut() else {
        return;
    };
    let keys: BTreeSet<[u8; 32]> = of_one
        .iter()
        .filter(|(_, _, fits)| *fits)
        .map(|(_, key, _)| key.0)
        .collect();
    looked.keys = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    for (one, key, fits) in of_one.drain(..) {
        match fits {
            true => looked.found.push(one),
            false if keys.contains(&key.0) => looked.besides.push(one),
            false => {}
        }
    }
}

macro_rules! revocations {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.organization_id, r.request, r.author, r.approval_id, r.expected, r.revoked, r.devices, r.steps,
                    r.after_device, r.walk_began_at, r.state, r.created_at, r.finished_at
             FROM mass_revocation r ",
            $tail
        )
    };
}

fn read(row: &Row) -> Result<MassRevocation, StoreFault> {
    let mut cells = Cells::of(row, "mass_revocation");
    let revocation = MassRevocation {
        id: cells.id()?,
        organization: cells.id()?,
        request: cells.text()?,
        author: cells.text()?,
        approval: cells.maybe_id()?,
        expected: cells.number()?,
        course: Course {
            revoked: cells.number()?,
            devices: cells.number()?,
            steps: cells.integer()?,
            after: cells.maybe_text()?,
            walk_began_at: cells.maybe_time()?,
        },
        created_at: {
            let _: CourseState = cells.word()?;
            cells.time()?
        },
        finished_at: cells.maybe_time()?,
    };
    Ok(revocation)
}

pub(super) const LIST: Pages = pages! {
    rows [revocations!("WHERE r.organization_id = $1")]
    binds ["$2", "$3", "$4"]
    name ["r.request"] time ["r.created_at", "r.id"]
};

/// A page of those of an organization.
pub(super) async fn page(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<MassRevocation>, StoreFault> {
    let query = sqlx::query(LIST.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    rows.map_err(fault("mass revocations"))?
        .iter()
        .map(read)
        .collect()
}

/// One of an organization.
pub(super) async fn find(
    organization: OrganizationId,
    id: MassRevocationId,
    connection: &mut Connection,
) -> Result<Option<MassRevocation>, StoreFault> {
    let row = sqlx::query(revocations!("WHERE r.organization_id = $1 AND r.id = $2"))
        .bind(organization.octets().as_slice())
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("a mass revocation"))?;
    row.as_ref().map(read).transpose()
}

pub(super) const RUNNING: &str = revocations!(
    "WHERE r.state = 'running' AND (r.created_at, r.id) > ($1, $2) ORDER BY r.created_at, r.id LIMIT $3"
);

/// The oldest that are not done, or the next after one.
pub(super) async fn running(
    after: Option<&MassRevocation>,
    limit: u32,
    connection: &mut Connection,
) -> Result<Vec<MassRevocation>, StoreFault> {
    let rows = sqlx::query(RUNNING)
        .bind(after.map_or(i64::MIN, |last| last.created_at.as_micros()))
        .bind(after.map_or_else(Vec::new, |last| last.id.octets().to_vec()))
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await;
    rows.map_err(fault("running mass revocations"))?
        .iter()
        .map(read)
        .collect()
}

/// Writes one down.
pub(super) async fn add(revocation: &MassRevocation, connection: &mut Connection) -> Result<(), StoreFault> {
    let during = "adding a mass revocation";
    let course = &revocation.course;
    sqlx::query(
        "INSERT INTO mass_revocation (id, organization_id, request, author, approval_id, state, expected, revoked,
                                      devices, steps, after_device, created_at, finished_at, walk_began_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(revocation.id.octets().as_slice())
    .bind(revocation.organization.octets().as_slice())
    .bind(revocation.request.as_str())
    .bind(revocation.author.as_str())
    .bind(revocation.approval.map(|id| id.octets().to_vec()))
    .bind(revocation.state().word())
    .bind(counted(revocation.expected, during)?)
    .bind(counted(course.revoked, during)?)
    .bind(counted(course.devices, during)?)
    .bind(course.steps)
    .bind(course.after.as_deref())
    .bind(revocation.created_at.as_micros())
    .bind(revocation.finished_at.map(Timestamp::as_micros))
    .bind(course.walk_began_at.map(Timestamp::as_micros))
    .execute(connection)
    .await
    .map_err(fault(during))?;
    Ok(())
}

/// Moves one on, if it stands where it was read.
pub(super) async fn advance(
    id: MassRevocationId,
    (steps, to): (i64, Course),
    finished_at: Option<Timestamp>,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let during = "moving a mass revocation on";
    let state = match finished_at {
        Some(_) => CourseState::Done,
        None => CourseState::Running,
    };
    let done = sqlx::query(
        "UPDATE mass_revocation SET revoked = $3, devices = $4, steps = $5, after_device = $6, state = $7, finished_at = $8,
                walk_began_at = $9
         WHERE id = $1 AND steps = $2 AND state = 'running'",
    )
    .bind(id.octets().as_slice())
    .bind(steps)
    .bind(counted(to.revoked, during)?)
    .bind(counted(to.devices, during)?)
    .bind(to.steps)
    .bind(to.after.as_deref())
    .bind(state.word())
    .bind(finished_at.map(Timestamp::as_micros))
    .bind(to.walk_began_at.map(Timestamp::as_micros))
    .execute(connection)
    .await
    .map_err(fault(during))?;
    match done.rows_affected() {
        0 => Ok(false),
        1 => Ok(true),
        rows => Err(miscounted(during, rows)),
    }
}

fn counted(count: u64, during: &'static str) -> Result<i64, StoreFault> {
    i64::try_from(count).map_err(|error| StoreFault::Broken {
        during,
        source: Box::new(error),
    })
}
