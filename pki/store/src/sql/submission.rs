// SPDX-License-Identifier: Apache-2.0
//! Submissions: kept by doors, taken and settled by signers, forgotten when nobody asks any more.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{OrganizationId, SubmissionId};
use tamga_registry::order::OperationId;
use tamga_registry::store::{
    LeasedSubmission, Posted, Settled, StoreFault, TakenSubmissions, UnreadableSubmission,
};
use tamga_registry::submission::{Filed, Settlement, Submission, SubmissionState};
use tamga_x509::time::Timestamp;

use super::batch::{Among, Binds, Script, among, script};
use super::cells::Cells;
use super::fault::{fault, miscounted};
use super::record::is_state;
use super::writer::Keep;
use super::{Connection, integer_at};

/// None is leased for longer. A lease that ends further ahead is of a clock that stepped back since, and has ended.
const LEASED_AT_MOST: Duration = Duration::from_secs(600);

/// A submission on its way in.
pub(super) struct Post {
    pub(super) submission: Submission,
    pub(super) most_waiting: u32,
}

/// Kept as waiting, under no lease: the table says so, for a door may not.
pub(super) const POST: Script = script!(
    @order "$2, $1";
    @apart "$1";
    @apart "$9";
    "INSERT INTO submission (id, organization_id, id_scope, registration_id, presented, csr,
                             evidence, data_key, operation, request_id, source, received_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
     /*rows*/
     WHERE /*once $2*/(SELECT COUNT(*) FROM submission WHERE organization_id = $2 AND state = 'waiting') + 0/*before*/ < $13
     ON CONFLICT DO NOTHING"
);

/// The same of a station that gave its word.
pub(super) const POST_AT_STATION: Script = script!(
    @order "$2, $1";
    @apart "$1";
    @apart "$9";
    "INSERT INTO submission (id, organization_id, id_scope, registration_id, presented, csr, evidence, data_key,
                             operation, request_id, source, received_at, station_id)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14
     /*rows*/
     WHERE /*once $2*/(SELECT COUNT(*) FROM submission WHERE organization_id = $2 AND state = 'waiting') + 0/*before*/ < $13
     ON CONFLICT DO NOTHING"
);

#[async_trait]
impl Keep for Post {
    type Verdict = Posted;

    /// Nothing of it is kept, and its door waits for room.
    fn spoiled() -> Option<Posted> {
        Some(Posted::Crowded)
    }

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let submission = &self.submission;
        let script = match submission.station {
            None => &POST,
            Some(_) => &POST_AT_STATION,
        };
        let query = script
            .query()
            .bind(submission.id.octets().as_slice())
            .bind(submission.organization.octets().as_slice())
            .bind(submission.scope.canonical())
            .bind(submission.registration_id.canonical())
            .bind(submission.registration_id.presented())
            .bind(submission.csr.as_deref())
            .bind(submission.evidence.as_slice())
            .bind(submission.data_key)
            .bind(submission.operation.octets().as_slice())
            .bind(submission.request.octets().as_slice())
            .bind(submission.source.map(|source| source.to_string()))
            .bind(submission.received_at.as_micros())
            .bind(i64::from(self.most_waiting));
        Some(Ok(match &submission.station {
            None => query,
            Some(station) => query.bind(station.octets().as_slice()),
        }))
    }

    /// Whether one that was not written is there already, [`posted`] tells.
    fn verdict(&self, written: u64) -> Result<Posted, StoreFault> {
        match written {
            0 => Ok(Posted::Crowded),
            1 => Ok(Posted::Kept),
            rows => Err(miscounted("keeping a submission", rows)),
        }
    }
}

pub(super) const POSTED: &str = concat!("SELECT id FROM submission WHERE id IN ", among!("$1"));

/// Those of these submissions that are there.
pub(super) async fn posted(
    ids: impl Iterator<Item = SubmissionId> + Send,
    connection: &mut Connection,
) -> Result<HashSet<SubmissionId>, StoreFault> {
    let rows = sqlx::query(POSTED)
        .bind(Among::of(ids.map(|id| *id.octets())).into_bind())
        .fetch_all(connection)
        .await
        .map_err(fault("keeping submissions"))?;
    rows.iter().map(|row| Cells::of(row, "submission").id()).collect()
}

/// Asks for submissions that wait.
pub(super) struct Take {
    pub(super) now: Timestamp,
    pub(super) lease_until: Timestamp,
    pub(super) limit: u32,
}

/// In the order of their arrival, which no door chooses, through the index of those that wait.
pub(super) const TAKE: &str = concat!(
    "WITH ended AS (SELECT s.id FROM submission s
                    WHERE s.state = 'waiting' AND (s.lease_until < $1 OR s.lease_until > $4)
                    ORDER BY s.arrival LIMIT $3",
    skip_locked!("s"),
    ") UPDATE submission SET lease_epoch = lease_epoch + 1, lease_until = $2
     WHERE id IN (SELECT ended.id FROM ended)
     RETURNING arrival, id, organization_id, lease_epoch, id_scope, registration_id, presented, csr, evidence,
                 data_key, operation, request_id, source, received_at, station_id"
);

#[async_trait]
impl Keep for Take {
    type Verdict = TakenSubmissions;

    /// Rows that contradict themselves must not stop the others: they are taken as well, for an end of their own.
    async fn keep(&self, connection: &mut Connection) -> Result<TakenSubmissions, StoreFault> {
        let mut rows = sqlx::query(TAKE)
            .bind(self.now.as_micros())
            .bind(self.lease_until.as_micros())
            .bind(i64::from(self.limit))
            .bind(self.now.saturating_add(LEASED_AT_MOST).as_micros())
            .fetch_all(connection)
            .await
            .map_err(fault("taking submissions"))?;
        // A row whose place cannot be read is the last.
        rows.sort_by_key(|row| integer_at(row, 0).unwrap_or(i64::MAX));
        let mut taken = TakenSubmissions::default();
        for row in &rows {
            let mut cells = Cells::of(row, "submission");
            match Head::read(&mut cells) {
                Ok(head) => head.take(cells, &mut taken),
                // Not even its name: the table's own checks let none such in.
                Err(damage) => tracing::error!(%damage, "a submission cannot be read"),
            }
        }
        Ok(taken)
    }
}

/// What is needed to settle a submission, whatever else it holds.
struct Head {
    id: SubmissionId,
    organization: OrganizationId,
    lease_epoch: i64,
}

impl Head {
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreFault> {
        cells.integer()?;
        Ok(Self {
            id: cells.id()?,
            organization: cells.id()?,
            lease_epoch: cells.integer()?,
        })
    }

    /// Puts it where it belongs.
    fn take(self, cells: Cells<'_>, taken: &mut TakenSubmissions) {
        let lease_epoch = self.lease_epoch;
        match self.submission(cells) {
            Ok(submission) => taken.leased.push(LeasedSubmission {
                submission,
                lease_epoch,
            }),
            Err(damage) => taken.unreadable.push(UnreadableSubmission {
                id: self.id,
                organization: self.organization,
                lease_epoch,
                damage,
            }),
        }
    }

    fn submission(&self, mut cells: Cells<'_>) -> Result<Submission, StoreFault> {
        let scope = cells.word()?;
        let canonical = cells.text()?;
        let registration_id: RegistrationId = cells.word()?;
        if registration_id.canonical() != canonical {
            return Err(cells.damaged("its registration id is not the one it was presented with"));
        }
        let (csr, evidence) = (cells.maybe_bytes()?, cells.maybe_bytes()?);
        Ok(Submission {
            id: self.id,
            organization: self.organization,
            scope,
            registration_id,
            csr,
            evidence: cells.owed(evidence, "evidence")?,
            data_key: cells.integer()?,
            operation: OperationId::from_octets(cells.octets()?),
            request: cells.id()?,
            source: cells.maybe_word()?,
            received_at: cells.time()?,
            station: cells.maybe_id()?,
        })
    }
}

/// Prolongs one lease.
pub(super) struct Hold {
    pub(super) id: SubmissionId,
    pub(super) lease_epoch: i64,
    pub(super) lease_until: Timestamp,
}

pub(super) const HOLD: Script = script!(
    @order "$1";
    @apart "$1";
    concat!(
        "UPDATE submission SET lease_until = $3 /*rows*/ WHERE id = $1 AND lease_epoch = $2 AND ",
        is_state!("waiting")
    )
);

#[async_trait]
impl Keep for Hold {
    /// Nothing to tell: whoever lost a lease learns it when it settles.
    type Verdict = ();

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let query = HOLD
            .query()
            .bind(self.id.octets().as_slice())
            .bind(self.lease_epoch)
            .bind(self.lease_until.as_micros());
        Some(Ok(query))
    }

    fn verdict(&self, _written: u64) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// What was sealed is cleared: it has served.
pub(super) const SETTLE: Script = script!(
    @order "$1";
    @apart "$1";
    concat!(
        "UPDATE submission
         SET state = $4, order_id = $5, slug = $6, sentence = $7, settled_at = $3, csr = NULL, evidence = NULL
         /*rows*/ WHERE id = $1 AND lease_epoch = $2 AND ",
        is_state!("waiting")
    )
);

#[async_trait]
impl Keep for Settled {
    /// Nothing to tell: where somebody else has taken it, it is theirs to settle.
    type Verdict = ();

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let (order, slug, sentence) = match &self.settlement {
            Settlement::Registered => (None, None, None),
            Settlement::Order(order) => (Some(order.octets().as_slice()), None, None),
            Settlement::Refused { slug, sentence } => (None, Some(slug.as_str()), Some(sentence.as_str())),
        };
        let query = SETTLE
            .query()
            .bind(self.id.octets().as_slice())
            .bind(self.lease_epoch)
            .bind(self.at.as_micros())
            .bind(SubmissionState::Settled(self.settlement.clone()).word())
            .bind(order)
            .bind(slug)
            .bind(sentence);
        Some(Ok(query))
    }

    fn verdict(&self, _written: u64) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// What waits beyond the first of its organization, by its arrival.
pub(super) struct Crowd {
    pub(super) most_waiting: u32,
    pub(super) slug: String,
    pub(super) sentence: String,
    pub(super) at: Timestamp,
}

pub(super) const CROWD: &str = "UPDATE submission
     SET state = 'refused', slug = $2, sentence = $3, settled_at = $4, csr = NULL, evidence = NULL,
         lease_epoch = lease_epoch + 1
     WHERE state = 'waiting'
       AND id IN (SELECT ranked.id
                  FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY organization_id ORDER BY arrival) AS place
                        FROM submission WHERE state = 'waiting') ranked
                  WHERE ranked.place > $1)";

#[async_trait]
impl Keep for Crowd {
    type Verdict = u64;

    async fn keep(&self, connection: &mut Connection) -> Result<u64, StoreFault> {
        let done = sqlx::query(CROWD)
            .bind(i64::from(self.most_waiting))
            .bind(self.slug.as_str())
            .bind(self.sentence.as_str())
            .bind(self.at.as_micros())
            .execute(connection)
            .await
            .map_err(fault("refusing a crowd"))?;
        Ok(done.rows_affected())
    }
}

/// What nobody asks for any more.
pub(super) struct Forget {
    pub(super) settled_before: Timestamp,
}

/// A bounded number in one go: a commit that takes long makes everybody else wait.
pub(super) const FORGET: &str = "DELETE FROM submission
     WHERE id IN (SELECT id FROM submission WHERE settled_at < $1 ORDER BY settled_at LIMIT 2000)";

#[async_trait]
impl Keep for Forget {
    type Verdict = u64;

    async fn keep(&self, connection: &mut Connection) -> Result<u64, StoreFault> {
        let done = sqlx::query(FORGET)
            .bind(self.settled_before.as_micros())
            .execute(connection)
            .await
            .map_err(fault("forgetting submissions"))?;
        Ok(done.rows_affected())
    }
}

pub(super) const SETTLEMENTS: &str = concat!(
    "SELECT id, state, order_id, slug, sentence FROM submission WHERE state <> 'waiting' AND id IN ",
    among!("$1")
);

/// What became of these.
pub(super) async fn settlements(
    ids: &[SubmissionId],
    connection: &mut Connection,
) -> Result<Vec<(SubmissionId, Settlement)>, StoreFault> {
    let rows = sqlx::query(SETTLEMENTS)
        .bind(Among::of(ids.iter().map(|id| *id.octets())).into_bind())
        .fetch_all(connection)
        .await
        .map_err(fault("settlements"))?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut cells = Cells::of(row, "submission");
        let id = cells.id()?;
        if let SubmissionState::Settled(settlement) = read_state(&mut cells)? {
            found.push((id, settlement));
        }
    }
    Ok(found)
}

pub(super) const FILED: &str = "SELECT id, received_at, state, order_id, slug, sentence FROM submission
     WHERE operation = $3 AND organization_id = $1 AND registration_id = $2";

/// The submission of this registration id, and of no other, that an operation id names.
pub(super) async fn find(
    organization: OrganizationId,
    id: &RegistrationId,
    operation: OperationId,
    connection: &mut Connection,
) -> Result<Option<Filed>, StoreFault> {
    let row = sqlx::query(FILED)
        .bind(organization.octets().as_slice())
        .bind(id.canonical())
        .bind(operation.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("submission"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "submission");
        Ok(Filed {
            id: cells.id()?,
            received_at: cells.time()?,
            state: read_state(&mut cells)?,
        })
    })
    .transpose()
}

/// Reads `state`, `order_id`, `slug` and `sentence`.
pub(super) fn read_state(cells: &mut Cells<'_>) -> Result<SubmissionState, StoreFault> {
    let (state, order) = (cells.text()?, cells.maybe_id()?);
    let (slug, sentence) = (cells.maybe_text()?, cells.maybe_text()?);
    match state.as_str() {
        "waiting" => Ok(SubmissionState::Waiting),
        "registered" => Ok(SubmissionState::Settled(Settlement::Registered)),
        "ordered" => {
            let order = cells.owed(order, "order_id")?;
            Ok(SubmissionState::Settled(Settlement::Order(order)))
        }
        "refused" => Ok(SubmissionState::Settled(Settlement::Refused {
            slug: cells.owed(slug, "slug")?,
            sentence: cells.owed(sentence, "sentence")?,
        })),
        other => Err(cells.damaged(format_args!("`{other}` is not the state of a submission"))),
    }
}
