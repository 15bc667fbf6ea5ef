// SPDX-License-Identifier: Apache-2.0
//! The lawful yardstick: verify the request, keep the intent, sign, verify the signature, keep the record.
//!
//! A first enrollment of the product writes seven rows with its intent and four with its record: the same rows are
//! written here, into the same tables, but nothing is looked up, compared again, or guarded.

use std::path::Path;

use anyhow::{Context, Result};
use tamga_registry::id::{CertificateId, JournalRowId, OrderId, RequestId};
use tamga_registry::journal::{Event, JournalRow, Outcome};
use tamga_registry::role::Principal;
use tamga_x509::chance::octets;

use super::group_commit::{GroupCommit, Query, connect};
use super::press::{Drafted, Press};
use crate::database::founding::Founded;

pub(super) struct Bench {
    press: Press,
    memory: GroupCommit,
    /// The only profile, as its rows are named.
    profile: [u8; 16],
}

/// The names of the rows of one enrollment.
struct Names {
    order: OrderId,
    certificate: CertificateId,
    request: RequestId,
}

/// Device, order, certificate, serial, key, lineage, journal.
const INTENT: &str = "
INSERT INTO device (id, organization_id, registration_id, presented, state, generation, bound_method, bound_kind,
                    bound_to, operation, created_at, updated_at)
VALUES ($1, $2, $3, $3, 'active', 1, 'symmetric_key', 'group', $4, $5, $6, $6);
INSERT INTO issuance_order (id, organization_id, device_id, profile_id, profile_revision, issuer_id, spki_hash, csr,
                            epoch, kind, state, certificate_id, operation, evidence, request_id, line_version,
                            lease_epoch, lease_until, created_at)
VALUES ($7, $2, $1, $4, 1, $8, $9, $10, 0, 'first', 'open', $11, $5, 'symmetric_key group primary', $12, 1,
        1, $6 + 60000000, $6);
INSERT INTO certificate (id, organization_id, issuer_id, order_id, device_id, profile_id, profile_revision, epoch,
                         serial, spki_hash, shard, state, tbs, tbs_hash, not_before, not_after, intended_at)
VALUES ($11, $2, $8, $7, $1, $4, 1, 0, $13, $9, 0, 'intended', $14, $15, $16, $17, $6);
INSERT INTO serial (serial, issuer_id, certificate_id) VALUES ($13, $8, $11);
INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
VALUES ($9, $2, $1, 'operational', $6);
INSERT INTO lineage (device_id, profile_id, organization_id, epoch, rise_pending, version)
VALUES ($1, $4, $2, 0, 0, 1);
INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, entry, salt)
VALUES ($18, $2, $6, 'device.register', $19, $20, $12, 'done', $21, $22);
";

/// Certificate, lineage, journal, order.
const RECORD: &str = "
UPDATE certificate SET state = 'issued', der = $2, tbs = NULL, issued_at = $3 WHERE id = $1;
UPDATE lineage SET current_id = $1, version = 2 WHERE device_id = $4 AND profile_id = $5;
INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, reason, entry, salt)
VALUES ($6, $7, $3, 'certificate.issue', $8, $9, $10, 'done', 'first', $11, $12);
UPDATE issuance_order SET state = 'fulfilled' WHERE id = $13;
";

impl Bench {
    pub(super) async fn open(data: &Path) -> Result<Self> {
        let path = data.join("lawful.sqlite");
        let founded = Founded::fresh(&path).await?;
        let mut connection = connect(&path).await?;
        let (profile,): (Vec<u8>,) = sqlx::query_as("SELECT id FROM profile WHERE name = 'device'")
            .fetch_one(&mut connection)
            .await?;
        Ok(Self {
            press: Press::new(&founded)?,
            memory: GroupCommit::start(connection),
            profile: profile.as_slice().try_into()?,
        })
    }

    pub(super) async fn enroll(&self, registration_id: &str, csr: &[u8]) -> Result<Vec<u8>> {
        let drafted = self.press.draft(registration_id, csr)?;
        let names = Names {
            order: OrderId::fresh(drafted.at, &self.press.chance)?,
            certificate: CertificateId::fresh(drafted.at, &self.press.chance)?,
            request: RequestId::fresh(drafted.at, &self.press.chance)?,
        };
        self.memory
            .keep(self.intent(registration_id, &drafted, &names)?)
            .await?;
        let signature = self.press.sign(&drafted.to_be_signed)?;
        self.press.verify(&drafted.to_be_signed, &signature)?;
        let leaf = drafted.to_be_signed.assemble(&signature);
        self.memory.keep(self.record(&drafted, &names, &leaf)?).await?;
        Ok(self.press.chain(&leaf))
    }

    fn intent(&self, registration_id: &str, drafted: &Drafted, names: &Names) -> Result<Query> {
        let device = drafted.device.to_string();
        let row = self.journal(drafted, names, ("device.register", device))?;
        let validity = drafted.to_be_signed.validity().context("no validity")?;
        let serial = drafted.to_be_signed.serial().context("no serial")?;
        let key = drafted.request.public_key().spki_hash();
        Ok(sqlx::query(INTENT)
            .bind(drafted.device.octets().to_vec())
            .bind(self.press.issuer.organization.octets().to_vec())
            .bind(registration_id.to_owned())
            .bind(self.profile.to_vec())
            .bind(octets::<16>(&self.press.chance)?.to_vec())
            .bind(drafted.at.as_micros())
            .bind(names.order.octets().to_vec())
            .bind(self.press.issuer.id.octets().to_vec())
            .bind(key.0.to_vec())
            .bind(drafted.request.der().to_vec())
            .bind(names.certificate.octets().to_vec())
            .bind(names.request.octets().to_vec())
            .bind(serial.as_bytes().to_vec())
            .bind(drafted.to_be_signed.bytes().to_vec())
            .bind(drafted.to_be_signed.digest().to_vec())
            .bind(validity.not_before().as_micros())
            .bind(validity.not_after().as_micros())
            .bind(row.event.id.octets().to_vec())
            .bind(row.event.actor.to_string())
            .bind(row.event.object)
            .bind(row.entry)
            .bind(row.salt.to_vec()))
    }

    fn record(&self, drafted: &Drafted, names: &Names, leaf: &[u8]) -> Result<Query> {
        let certificate = names.certificate.to_string();
        let row = self.journal(drafted, names, ("certificate.issue", certificate))?;
        Ok(sqlx::query(RECORD)
            .bind(names.certificate.octets().to_vec())
            .bind(leaf.to_vec())
            .bind(drafted.at.as_micros())
            .bind(drafted.device.octets().to_vec())
            .bind(self.profile.to_vec())
            .bind(row.event.id.octets().to_vec())
            .bind(self.press.issuer.organization.octets().to_vec())
            .bind(row.event.actor.to_string())
            .bind(row.event.object)
            .bind(names.request.octets().to_vec())
            .bind(row.entry)
            .bind(row.salt.to_vec())
            .bind(names.order.octets().to_vec()))
    }

    fn journal(
        &self,
        drafted: &Drafted,
        names: &Names,
        (act, object): (&'static str, String),
    ) -> Result<JournalRow> {
        let at = drafted.at;
        let event = Event {
            id: JournalRowId::fresh(at, &self.press.chance)?,
            at,
            organization: Some(self.press.issuer.organization),
            act,
            actor: Principal::Device {
                registration_id: String::new(),
                device: Some(drafted.device),
            },
            object,
            request: names.request,
            outcome: Outcome::Done(None),
            digests: vec![[0; 32], [0; 32]],
            source: None,
        };
        Ok(JournalRow::new(event, octets::<16>(&self.press.chance)?)?)
    }
}
