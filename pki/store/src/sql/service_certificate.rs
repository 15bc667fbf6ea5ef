// SPDX-License-Identifier: Apache-2.0
//! The TLS certificate of the house itself.

use async_trait::async_trait;
use tamga_registry::certificate::CertificateState;
use tamga_registry::id::CertificateId;
use tamga_registry::journal::JournalRow;
use tamga_registry::store::{SERVICE_LEASE, ServiceCertificate, StoreFault};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::PublicKey;
use tamga_x509::time::Timestamp;

use super::batch::{self, script};
use super::cells::Cells;
use super::certificate::{self, certificate_columns};
use super::fault::{fault, miscounted};
use super::journal::{self, journal_row};
use super::revocation::{list_revoked, mark_shard};
use super::secret::{self, software_key_columns};
use super::writer::Keep;
use super::{Connection, locks};

/// The service's rows are few: they are walked from the newest, never the certificates.
pub(super) const NEWEST: &str = concat!(
    "SELECT ",
    certificate_columns!(),
    ", ",
    software_key_columns!(),
    " FROM service_certificate s JOIN certificate c ON c.id = s.certificate_id JOIN software_key k ON k.id = s.key_id
      WHERE s.certificate_id = (
          SELECT n.certificate_id FROM service_certificate n
          WHERE EXISTS (SELECT 1 FROM certificate i WHERE i.id = n.certificate_id AND i.state = 'issued')
          ORDER BY n.created_at DESC, n.certificate_id DESC LIMIT 1)"
);

/// The newest recorded one.
pub(super) async fn newest(connection: &mut Connection) -> Result<Option<ServiceCertificate>, StoreFault> {
    let row = sqlx::query(NEWEST)
        .fetch_optional(connection)
        .await
        .map_err(fault("service certificate"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "certificate");
        Ok(ServiceCertificate {
            certificate: certificate::read(&mut cells)?,
            key: secret::read_software_key(&mut cells)?,
        })
    })
    .transpose()
}

/// The intent of one, with its key.
pub(super) struct KeepIntent {
    pub(super) service: ServiceCertificate,
    pub(super) tbs_hash: [u8; 32],
    /// The newest recorded one, as whoever made this saw it.
    pub(super) instead_of: Option<CertificateId>,
}

/// An earlier intent $1 that was never completed, given up at $2 for $3: it may have been signed.
pub(super) const GIVE_UP: batch::Script = script!(
    "UPDATE certificate SET state = 'revoked', revoked_at = $2, revoked_reason = $3
     WHERE id = $1 AND state = 'intended'",
    list_revoked!("c.state = 'revoked'"),
    mark_shard!("1 = 1")
);

/// Certificate $1 to $15, then serial, key, and the row that names both.
pub(super) const INTEND: batch::Script = script!(
    "INSERT INTO certificate (id, organization_id, issuer_id, profile_id, profile_revision, epoch, serial, spki_hash,
                              shard, state, tbs, tbs_hash, not_before, not_after, intended_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'intended', $10, $11, $12, $13, $14)",
    "INSERT INTO serial (serial, issuer_id, certificate_id) VALUES ($7, $3, $1)",
    "INSERT INTO subject_key (spki_hash, organization_id, role, created_at) VALUES ($8, $2, 'service', $14)",
    "INSERT INTO service_certificate (certificate_id, key_id, created_at) VALUES ($1, $15, $14)"
);

#[async_trait]
impl Keep for KeepIntent {
    /// False when somebody else saw to it.
    type Verdict = bool;

    async fn keep(&self, connection: &mut Connection) -> Result<bool, StoreFault> {
        let during = "keeping the intent of a service certificate";
        let (certificate, key) = (&self.service.certificate, &self.service.key);
        let contradiction = |what: &'static str| StoreFault::Broken {
            during,
            source: what.into(),
        };
        let CertificateState::Intended { tbs } = &certificate.state else {
            return Err(contradiction("it is not an intent"));
        };
        let named =
            PublicKey::from_spki_der(&key.spki).is_ok_and(|public| public.spki_hash() == certificate.spki);
        if !named {
            return Err(contradiction("its key is not the key of its certificate"));
        }
        locks::service(connection).await?;
        let newest = newest(connection).await?.map(|newest| newest.certificate.id);
        if newest != self.instead_of || !give_up_earlier(certificate.intended_at, connection).await? {
            return Ok(false);
        }
        secret::add_software_key(key, connection).await?;
        let query = INTEND
            .query()
            .bind(certificate.id.octets().as_slice())
            .bind(certificate.organization.octets().as_slice())
            .bind(certificate.issuer.octets().as_slice())
            .bind(certificate.revision.profile.octets().as_slice())
            .bind(certificate.revision.revision)
            .bind(certificate.epoch)
            .bind(certificate.serial.as_bytes().as_slice())
            .bind(certificate.spki.0.as_slice())
            .bind(i64::from(certificate.shard))
            .bind(tbs.as_slice())
            .bind(self.tbs_hash.as_slice())
            .bind(certificate.validity.not_before().as_micros())
            .bind(certificate.validity.not_after().as_micros())
            .bind(certificate.intended_at.as_micros())
            .bind(key.id.octets().as_slice());
        match batch::run(&INTEND, query, during, connection).await? {
            4 => Ok(true),
            rows => Err(miscounted(during, rows)),
        }
    }
}

/// Those that were never completed, through the index of unfinished certificates.
pub(super) const UNFINISHED: &str = "SELECT c.id, c.intended_at FROM certificate c
     WHERE c.state = 'intended' AND c.id IN (SELECT s.certificate_id FROM service_certificate s)";

/// False, and nothing is given up, while one of them may still be completed by whoever made it.
async fn give_up_earlier(at: Timestamp, connection: &mut Connection) -> Result<bool, StoreFault> {
    let during = "giving up the intent of a service certificate";
    let rows = sqlx::query(UNFINISHED)
        .fetch_all(&mut *connection)
        .await
        .map_err(fault(during))?;
    let mut ended = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut cells = Cells::of(row, "certificate");
        let (id, intended_at): (CertificateId, Timestamp) = (cells.id()?, cells.time()?);
        // One from far ahead is of a clock that stepped back since, and has ended.
        let apart = at.duration_since(intended_at).max(intended_at.duration_since(at));
        if apart < SERVICE_LEASE {
            return Ok(false);
        }
        ended.push(id);
    }
    for id in ended {
        let query = GIVE_UP
            .query()
            .bind(id.octets().as_slice())
            .bind(at.as_micros())
            .bind(RevocationReason::Unspecified.slug());
        match batch::run(&GIVE_UP, query, during, connection).await? {
            3 => {}
            rows => return Err(miscounted(during, rows)),
        }
    }
    Ok(true)
}

/// The certificate of such an intent.
pub(super) struct KeepRecord {
    pub(super) certificate: CertificateId,
    pub(super) der: Vec<u8>,
    pub(super) at: Timestamp,
    pub(super) journal: JournalRow,
}

pub(super) const RECORD: batch::Script = script!(
    journal_row!(
        [
            "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14"
        ],
        "EXISTS (SELECT 1 FROM service_certificate s JOIN certificate c ON c.id = s.certificate_id
                 WHERE s.certificate_id = $1 AND c.state = 'intended')"
    ),
    "UPDATE certificate SET state = 'issued', der = $2, tbs = NULL, issued_at = $3
     WHERE id = $1 AND state = 'intended'
       AND EXISTS (SELECT 1 FROM service_certificate s WHERE s.certificate_id = $1)"
);

#[async_trait]
impl Keep for KeepRecord {
    /// False when it is no longer intended.
    type Verdict = bool;

    async fn keep(&self, connection: &mut Connection) -> Result<bool, StoreFault> {
        let during = "keeping a service certificate";
        let query = RECORD
            .query()
            .bind(self.certificate.octets().as_slice())
            .bind(self.der.as_slice())
            .bind(self.at.as_micros());
        match batch::run(&RECORD, journal::bind(query, &self.journal), during, connection).await? {
            0 => Ok(false),
            2 => Ok(true),
            rows => Err(miscounted(during, rows)),
        }
    }
}
