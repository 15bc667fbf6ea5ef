// SPDX-License-Identifier: Apache-2.0
//! Where a device's line stands, as far as one key is concerned: one statement, so that it is seen as of one instant.

use tamga_registry::id::{CertificateId, DeviceId, IssuerId};
use tamga_registry::lineage::{CertificateFacts, KeyFacts, Line, Lineage, OrderFacts};
use tamga_registry::profile::RevisionId;
use tamga_registry::store::{LineQuestion, StoreFault};
use tamga_x509::certificate::Validity;
use tamga_x509::key::SpkiHash;

use super::batch::{Script, script};
use super::cells::Cells;
use super::departure::forerunners;
use super::fault::{fault, unavailable};
use super::order;
use super::profile::{self, Revisions};
use super::questions::Questions;
use super::{Connection, Row};

/// The columns of a key `k`, as [`read_key`] takes them.
macro_rules! key_columns {
    () => {
        "k.spki_hash, k.device_id, k.role, k.blocked_at,
         CASE WHEN EXISTS (SELECT 1 FROM issuance_order ko JOIN certificate kc ON kc.id = ko.certificate_id
             WHERE ko.device_id = k.device_id AND ko.spki_hash = k.spki_hash AND kc.der IS NOT NULL) THEN 1 ELSE 0 END"
    };
}
pub(super) use key_columns;

/// $1 device, $2 profile, $3 key, $4 since when orders are recent.
///
/// An order of this epoch for another key counts as a change of key; the first order of the epoch changed none. All orders
/// of the device's forerunners of the same name count, for their limits outlive them. Of lines under other profiles is
/// asked only where there is none under this one.
pub(super) const LINE: Script = script!(concat!(
    "SELECT l.device_id, l.epoch, l.rise_pending, l.version,
            c.id, c.issuer_id, c.epoch, c.spki_hash, c.not_before, c.not_after, c.state, c.profile_id, c.profile_revision,
            p.id, p.issuer_id, p.epoch, p.spki_hash, p.not_before, p.not_after, p.state, p.profile_id, p.profile_revision,
            o.id, o.state, o.failure, o.certificate_id, oc.state,
            ",
    key_columns!(),
    ",
            (SELECT COUNT(*) FROM issuance_order x WHERE x.device_id = $1 AND x.profile_id = $2
               AND x.epoch = l.epoch AND x.spki_hash <> $3 AND x.state = 'open'),
            (SELECT COUNT(*) - CASE WHEN COUNT(*) > 0 AND NOT EXISTS (
                        SELECT 1 FROM issuance_order e WHERE e.device_id = $1 AND e.profile_id = $2
                          AND e.epoch = l.epoch AND e.created_at <= $4) THEN 1 ELSE 0 END
             FROM issuance_order x
             WHERE x.device_id = $1 AND x.profile_id = $2 AND x.epoch = l.epoch AND x.created_at > $4)
            + (SELECT COUNT(*) FROM device n
               JOIN device f ON ",
    forerunners!(),
    "
               JOIN issuance_order x ON x.device_id = f.id AND x.profile_id = $2
               WHERE n.id = $1 AND x.created_at > $4),
            CASE WHEN l.device_id IS NULL AND EXISTS (SELECT 1 FROM lineage e WHERE e.device_id = $1)
                   AND NOT EXISTS (SELECT 1 FROM lineage e
                                   LEFT JOIN certificate ec ON ec.id = COALESCE(e.provisional_id, e.current_id)
                                   WHERE e.device_id = $1
                                     AND CASE WHEN ec.id IS NOT NULL THEN ec.spki_hash = $3
                                              ELSE EXISTS (SELECT 1 FROM issuance_order eo
                                                           WHERE eo.device_id = $1 AND eo.profile_id = e.profile_id
                                                             AND eo.epoch = e.epoch AND eo.spki_hash = $3) END)
                 THEN 1 ELSE 0 END
     /*number*/ FROM (SELECT 1 AS one) one
     LEFT JOIN lineage l ON l.device_id = $1 AND l.profile_id = $2
     LEFT JOIN certificate c ON c.id = l.current_id
     LEFT JOIN certificate p ON p.id = l.provisional_id
     LEFT JOIN issuance_order o
            ON o.device_id = $1 AND o.profile_id = $2 AND o.epoch = l.epoch AND o.spki_hash = $3
     LEFT JOIN certificate oc ON oc.id = o.certificate_id
     LEFT JOIN subject_key k ON k.spki_hash = $3"
));

/// Finds a line.
pub(super) async fn find(question: &LineQuestion, questions: &Questions) -> Result<Found, StoreFault> {
    let asked = LINE
        .query()
        .bind(question.device.as_ref().map(|id| id.octets().as_slice()))
        .bind(question.profile.octets().as_slice())
        .bind(question.spki.0.as_slice())
        .bind(question.recent.as_micros());
    let row = questions.ask(asked).await?;
    Found::read(&row.ok_or_else(|| unavailable("the database did not answer for a line"))?)
}

/// A line, before the profile revisions of its certificates are looked up.
pub(super) struct Found {
    lineage: Option<Start>,
    current: Option<Half>,
    provisional: Option<Half>,
    order: Option<OrderFacts>,
    key: Option<KeyFacts>,
    others_open: i64,
    rekeys: i64,
    elsewhere: bool,
}

struct Start {
    epoch: i64,
    rise_pending: bool,
    version: i64,
}

/// A certificate, before its profile revision is looked up.
struct Half {
    id: CertificateId,
    issuer: IssuerId,
    epoch: i64,
    spki: SpkiHash,
    validity: Validity,
    revoked: bool,
    revision: RevisionId,
}

impl Found {
    /// The revisions its certificates were issued by.
    pub(super) fn revisions(&self) -> Vec<RevisionId> {
        let halves = self.current.iter().chain(&self.provisional);
        halves.map(|half| half.revision).collect()
    }

    /// The line; its revisions were read.
    pub(super) fn line(self, revisions: &Revisions) -> Result<Line, StoreFault> {
        let Some(start) = self.lineage else {
            return Ok(Line {
                key: self.key,
                elsewhere: self.elsewhere,
                ..Line::default()
            });
        };
        let lineage = Lineage {
            epoch: start.epoch,
            rise_pending: start.rise_pending,
            version: start.version,
            current: facts(self.current, revisions)?,
            provisional: facts(self.provisional, revisions)?,
        };
        Ok(Line {
            lineage: Some(lineage),
            order: self.order,
            other_open: self.others_open > 0,
            key: self.key,
            rekeys: self.rekeys,
            elsewhere: self.elsewhere,
        })
    }

    fn read(row: &Row) -> Result<Self, StoreFault> {
        let mut cells = Cells::of(row, "lineage");
        Ok(Self {
            lineage: read_start(&mut cells)?,
            current: read_half(&mut cells)?,
            provisional: read_half(&mut cells)?,
            order: read_order(&mut cells)?,
            key: read_key(&mut cells)?,
            others_open: cells.integer()?,
            rekeys: cells.integer()?,
            elsewhere: cells.truth()?,
        })
    }
}

fn read_start(cells: &mut Cells<'_>) -> Result<Option<Start>, StoreFault> {
    if cells.nothing(4)? {
        return Ok(None);
    }
    cells.octets::<16>()?;
    Ok(Some(Start {
        epoch: cells.integer()?,
        rise_pending: cells.truth()?,
        version: cells.integer()?,
    }))
}

fn read_half(cells: &mut Cells<'_>) -> Result<Option<Half>, StoreFault> {
    cells.enter("certificate");
    if cells.nothing(9)? {
        return Ok(None);
    }
    Ok(Some(Half {
        id: cells.id()?,
        issuer: cells.id()?,
        epoch: cells.integer()?,
        spki: cells.key()?,
        validity: cells.validity()?,
        revoked: cells.text()? == "revoked",
        revision: RevisionId {
            profile: cells.id()?,
            revision: cells.integer()?,
        },
    }))
}

fn read_order(cells: &mut Cells<'_>) -> Result<Option<OrderFacts>, StoreFault> {
    cells.enter("issuance_order");
    if cells.nothing(5)? {
        return Ok(None);
    }
    Ok(Some(OrderFacts {
        id: cells.id()?,
        state: order::read_state(cells)?,
        certificate: cells.id()?,
        // A revoked one that is not the line's newest is not handed out again either.
        superseded: matches!(cells.text()?.as_str(), "superseded" | "revoked"),
    }))
}

/// Reads what is known of a key, if anything is.
pub(super) fn read_key(cells: &mut Cells<'_>) -> Result<Option<KeyFacts>, StoreFault> {
    cells.enter("subject_key");
    if cells.nothing(5)? {
        return Ok(None);
    }
    cells.octets::<32>()?;
    Ok(Some(KeyFacts {
        device: cells.maybe_id()?,
        role: cells.word()?,
        blocked: cells.maybe_time()?.is_some(),
        certified: cells.truth()?,
    }))
}

fn facts(half: Option<Half>, revisions: &Revisions) -> Result<Option<CertificateFacts>, StoreFault> {
    let Some(half) = half else { return Ok(None) };
    let revision = revisions.known(half.revision);
    let revision = revision.ok_or_else(|| profile::missing(half.revision))?;
    Ok(Some(CertificateFacts {
        id: half.id,
        issuer: half.issuer,
        epoch: half.epoch,
        spki: half.spki,
        validity: half.validity,
        revoked: half.revoked,
        renewal: revision.rules.renewal_policy(),
    }))
}

/// The current and the provisional certificates of a device, under all its profiles.
pub(super) async fn newest_of(
    device: DeviceId,
    connection: &mut Connection,
) -> Result<(Vec<CertificateId>, Vec<CertificateId>), StoreFault> {
    let rows = sqlx::query(
        "SELECT device_id, current_id, provisional_id FROM lineage WHERE device_id = $1 ORDER BY profile_id",
    )
    .bind(device.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("lineages of a device"))?;
    let (mut current, mut provisional) = (Vec::new(), Vec::new());
    for row in &rows {
        let mut cells = Cells::of(row, "lineage");
        cells.octets::<16>()?;
        current.extend(cells.maybe_id()?);
        provisional.extend(cells.maybe_id()?);
    }
    Ok((current, provisional))
}
