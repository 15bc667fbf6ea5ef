// SPDX-License-Identifier: Apache-2.0
//! Approvals, who could give one, and what only an approval changes.

use tamga_registry::approval::{Approval, AskedAct, Decision, Fate, FateWord, Standing};
use tamga_registry::id::{ApprovalId, IssuerId, OrganizationId};
use tamga_registry::issuer::IssuerState;
use tamga_registry::page::Page;
use tamga_registry::role::{Assignment, Role};
use tamga_registry::store::{PersonWithRole, StoreFault};
use tamga_x509::certificate::Fingerprint;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::credential::{good_account, sound, what_it_hangs_on};
use super::fault::fault;
use super::listing::{self, Pages, pages};
use super::{Connection, Row, locks};

macro_rules! approvals {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.organization_id, a.act, a.request, a.digest, a.object, a.generation, a.author, a.state,
                    a.decided_by, a.decided_at, a.reason, a.created_at, a.expires_at
             FROM approval a ",
            $tail
        )
    };
}

fn read(row: &Row) -> Result<Approval, StoreFault> {
    let mut cells = Cells::of(row, "approval");
    Ok(Approval {
        id: cells.id()?,
        organization: cells.id()?,
        asked: AskedAct {
            act: cells.text()?,
            request: cells.text()?,
            digest: Fingerprint(cells.octets()?),
            object: cells.text()?,
            generation: cells.integer()?,
        },
        author: cells.text()?,
        fate: read_fate(&mut cells)?,
        created_at: cells.time()?,
        expires_at: cells.time()?,
    })
}

fn read_fate(cells: &mut Cells<'_>) -> Result<Fate, StoreFault> {
    let state: FateWord = cells.word()?;
    let (by, at, reason) = (cells.maybe_text()?, cells.maybe_time()?, cells.maybe_text()?);
    let decision = || {
        Ok(Decision {
            by: cells.owed(by.clone(), "decided_by")?,
            at: cells.owed(at, "decided_at")?,
        })
    };
    Ok(match state {
        FateWord::Waiting => Fate::Waiting,
        FateWord::Approved => Fate::Approved(decision()?),
        FateWord::Withdrawn => Fate::Withdrawn(decision()?),
        FateWord::Refused => Fate::Refused {
            decision: decision()?,
            reason: cells.owed(reason, "reason")?,
        },
    })
}

/// The approvals of organization $1 that stand as $2 says at $3; all, where it says nothing.
pub(super) const LIST: Pages = pages! {
    rows [approvals!(
        "WHERE a.organization_id = $1
         AND (CASE WHEN a.state = 'waiting' AND a.expires_at < $3 THEN 'expired' ELSE a.state END = $2 OR $2 IS NULL)"
    )]
    binds ["$4", "$5", "$6"]
    name ["a.object"] time ["a.created_at", "a.id"]
};

/// A page of those of an organization.
pub(super) async fn page(
    organization: OrganizationId,
    (standing, now): (Option<Standing>, Timestamp),
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Approval>, StoreFault> {
    let query = sqlx::query(LIST.of(page))
        .bind(organization.octets().to_vec())
        .bind(standing.map(Standing::word))
        .bind(now.as_micros());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    rows.map_err(fault("approvals"))?.iter().map(read).collect()
}

/// One of an organization.
pub(super) async fn find(
    organization: OrganizationId,
    id: ApprovalId,
    connection: &mut Connection,
) -> Result<Option<Approval>, StoreFault> {
    let row = sqlx::query(approvals!("WHERE a.organization_id = $1 AND a.id = $2"))
        .bind(organization.octets().as_slice())
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("an approval"))?;
    row.as_ref().map(read).transpose()
}

/// Writes down what is asked.
pub(super) async fn add(approval: &Approval, connection: &mut Connection) -> Result<(), StoreFault> {
    let decision = approval.fate.decision();
    sqlx::query(
        "INSERT INTO approval (id, organization_id, act, request, digest, object, generation, author, state,
                               decided_by, decided_at, reason, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(approval.id.octets().as_slice())
    .bind(approval.organization.octets().as_slice())
    .bind(approval.asked.act.as_str())
    .bind(approval.asked.request.as_str())
    .bind(approval.asked.digest.0.as_slice())
    .bind(approval.asked.object.as_str())
    .bind(approval.asked.generation)
    .bind(approval.author.as_str())
    .bind(approval.fate.word().word())
    .bind(decision.map(|decision| decision.by.as_str()))
    .bind(decision.map(|decision| decision.at.as_micros()))
    .bind(approval.fate.reason())
    .bind(approval.created_at.as_micros())
    .bind(approval.expires_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("asking for an approval"))?;
    Ok(())
}

/// Settles one that waits and has not expired. False otherwise.
pub(super) async fn settle(
    organization: OrganizationId,
    id: ApprovalId,
    fate: &Fate,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let Some(decision) = fate.decision() else {
        return Ok(false);
    };
    let done = sqlx::query(
        "UPDATE approval SET state = $3, decided_by = $4, decided_at = $5, reason = $6
         WHERE id = $1 AND organization_id = $2 AND state = 'waiting' AND expires_at >= $5",
    )
    .bind(id.octets().as_slice())
    .bind(organization.octets().as_slice())
    .bind(fate.word().word())
    .bind(decision.by.as_str())
    .bind(decision.at.as_micros())
    .bind(fate.reason())
    .execute(connection)
    .await
    .map_err(fault("settling an approval"))?;
    Ok(done.rows_affected() == 1)
}

/// The persons who have a role that was given in organization $1, and may come in at $2, each by every credential that is
/// good, as whoever comes is judged. A pinned certificate leaves its holder what $3 holds.
const PERSONS: &str = concat!(
    "SELECT a.id, r.role, w.role, w.organization_id
     FROM role_assignment r JOIN account a ON a.id = r.account_id JOIN organization o ON o.id = a.organization_id
     JOIN (
         SELECT t.account_id, t.role, t.organization_id FROM api_token t
         WHERE t.revoked_at IS NULL AND t.expires_at >= $2
         UNION
         SELECT c.account_id, $3, c.organization_id FROM client_certificate c ",
    what_it_hangs_on!(),
    " WHERE c.not_before <= $2 AND c.not_after >= $2 AND ",
    sound!(),
    "
     ) w ON w.account_id = a.id
     WHERE r.organization_id = $1 AND a.kind = 'person' AND ",
    good_account!("$3")
);

/// The persons who have a role that was given in an organization, and may come in now.
pub(super) async fn persons(
    organization: OrganizationId,
    now: Timestamp,
    connection: &mut Connection,
) -> Result<Vec<PersonWithRole>, StoreFault> {
    let rows = sqlx::query(PERSONS)
        .bind(organization.octets().as_slice())
        .bind(now.as_micros())
        .bind(Role::Administrator.word())
        .fetch_all(connection)
        .await
        .map_err(fault("persons with roles"))?;
    let read = |row| {
        let mut cells = Cells::of(row, "account");
        Ok(PersonWithRole {
            person: cells.id()?,
            role: cells.word()?,
            limit: Assignment {
                role: cells.word()?,
                organization: cells.maybe_id()?,
            },
        })
    };
    rows.iter().map(read).collect()
}

/// Gives an issuer of this generation another state. Nothing is judged meanwhile anywhere: it may be used by many.
pub(super) async fn set_issuer_state(
    (issuer, generation): (IssuerId, i64),
    state: IssuerState,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    locks::policies(&mut *connection).await?;
    let done = sqlx::query(
        "UPDATE issuer SET state = $3, generation = generation + 1 WHERE id = $1 AND generation = $2",
    )
    .bind(issuer.octets().as_slice())
    .bind(generation)
    .bind(state.word())
    .execute(connection)
    .await
    .map_err(fault("setting the state of an issuer"))?;
    Ok(done.rows_affected() == 1)
}
