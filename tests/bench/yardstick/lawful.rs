// SPDX-License-Identifier: Apache-2.0
//! The lawful yardstick: verify the request, keep the intent, sign, verify the signature, keep the record.
//!
//! A first enrollment of the product writes seven rows with its intent and four with its record: the same rows are
//! written here, into the same tables, but nothing is looked up, compared again, or guarded.

use anyhow::{Context, Result};
use tamga_registry::id::{CertificateId, JournalRowId, OrderId, RequestId};
use tamga_registry::journal::{Event, JournalRow, Outcome};
use tamga_registry::role::Principal;
use tamga_x509::chance::octets;

use super::group_commit::GroupCommit;
use super::place::Place;
use super::press::{Drafted, Press};
use super::row::{Row, Statement};

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
static INTENT: Statement = Statement {
    sqlite: "
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
",
    postgres: "
WITH given (device, organization, registration, profile, operation, at, ordered, issuer, spki, csr, certificate, request,
            serial, tbs, tbs_hash, not_before, not_after, journal, actor, object, entry, salt)
AS (SELECT * FROM {rows}),
devices AS (
    INSERT INTO device (id, organization_id, registration_id, presented, state, generation, bound_method, bound_kind,
                        bound_to, operation, created_at, updated_at)
    SELECT device, organization, registration, registration, 'active', 1, 'symmetric_key', 'group', profile, operation,
           at, at FROM given),
orders AS (
    INSERT INTO issuance_order (id, organization_id, device_id, profile_id, profile_revision, issuer_id, spki_hash, csr,
                                epoch, kind, state, certificate_id, operation, evidence, request_id, line_version,
                                lease_epoch, lease_until, created_at)
    SELECT ordered, organization, device, profile, 1, issuer, spki, csr, 0, 'first', 'open', certificate, operation,
           'symmetric_key group primary', request, 1, 1, at + 60000000, at FROM given),
certificates AS (
    INSERT INTO certificate (id, organization_id, issuer_id, order_id, device_id, profile_id, profile_revision, epoch,
                             serial, spki_hash, shard, state, tbs, tbs_hash, not_before, not_after, intended_at)
    SELECT certificate, organization, issuer, ordered, device, profile, 1, 0, serial, spki, 0, 'intended', tbs, tbs_hash,
           not_before, not_after, at FROM given),
serials AS (
    INSERT INTO serial (serial, issuer_id, certificate_id) SELECT serial, issuer, certificate FROM given),
keys AS (
    INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
    SELECT spki, organization, device, 'operational', at FROM given),
lines AS (
    INSERT INTO lineage (device_id, profile_id, organization_id, epoch, rise_pending, version)
    SELECT device, profile, organization, 0, 0, 1 FROM given)
INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, entry, salt)
SELECT journal, organization, at, 'device.register', actor, object, request, 'done', entry, salt FROM given
",
};

/// Certificate, lineage, journal, order.
static RECORD: Statement = Statement {
    sqlite: "
UPDATE certificate SET state = 'issued', der = $2, tbs = NULL, issued_at = $3 WHERE id = $1;
UPDATE lineage SET current_id = $1, version = 2 WHERE device_id = $4 AND profile_id = $5;
INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, reason, entry, salt)
VALUES ($6, $7, $3, 'certificate.issue', $8, $9, $10, 'done', 'first', $11, $12);
UPDATE issuance_order SET state = 'fulfilled' WHERE id = $13;
",
    postgres: "
WITH given (certificate, der, at, device, profile, journal, organization, actor, object, request, entry, salt, ordered)
AS (SELECT * FROM {rows}),
certificates AS (
    UPDATE certificate c SET state = 'issued', der = g.der, tbs = NULL, issued_at = g.at
    FROM given g WHERE c.id = g.certificate),
lines AS (
    UPDATE lineage l SET current_id = g.certificate, version = 2
    FROM given g WHERE l.device_id = g.device AND l.profile_id = g.profile),
orders AS (
    UPDATE issuance_order o SET state = 'fulfilled' FROM given g WHERE o.id = g.ordered)
INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, reason, entry, salt)
SELECT journal, organization, at, 'certificate.issue', actor, object, request, 'done', 'first', entry, salt FROM given
",
};

impl Bench {
    pub(super) async fn open(place: &Place) -> Result<Self> {
        let founded = place.found().await?;
        Ok(Self {
            press: Press::new(&founded)?,
            memory: GroupCommit::start(place, &[&INTENT, &RECORD]).await?,
            profile: place.profile().await?,
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
            .keep(&INTENT, self.intent(registration_id, &drafted, &names)?)
            .await?;
        let signature = self.press.sign(&drafted.to_be_signed)?;
        self.press.verify(&drafted.to_be_signed, &signature)?;
        let leaf = drafted.to_be_signed.assemble(&signature);
        self.memory
            .keep(&RECORD, self.record(&drafted, &names, &leaf)?)
            .await?;
        Ok(self.press.chain(&leaf))
    }

    fn intent(&self, registration_id: &str, drafted: &Drafted, names: &Names) -> Result<Row> {
        let device = drafted.device.to_string();
        let row = self.journal(drafted, names, ("device.register", device))?;
        let validity = drafted.to_be_signed.validity().context("no validity")?;
        let serial = drafted.to_be_signed.serial().context("no serial")?;
        let key = drafted.request.public_key().spki_hash();
        Ok(vec![
            drafted.device.octets().into(),
            self.press.issuer.organization.octets().into(),
            registration_id.to_owned().into(),
            (&self.profile).into(),
            (&octets::<16>(&self.press.chance)?).into(),
            drafted.at.as_micros().into(),
            names.order.octets().into(),
            self.press.issuer.id.octets().into(),
            (&key.0).into(),
            drafted.request.der().into(),
            names.certificate.octets().into(),
            names.request.octets().into(),
            serial.as_bytes().as_slice().into(),
            drafted.to_be_signed.bytes().into(),
            (&drafted.to_be_signed.digest()).into(),
            validity.not_before().as_micros().into(),
            validity.not_after().as_micros().into(),
            row.event.id.octets().into(),
            row.event.actor.to_string().into(),
            row.event.object.into(),
            row.entry.into(),
            (&row.salt).into(),
        ])
    }

    fn record(&self, drafted: &Drafted, names: &Names, leaf: &[u8]) -> Result<Row> {
        let certificate = names.certificate.to_string();
        let row = self.journal(drafted, names, ("certificate.issue", certificate))?;
        Ok(vec![
            names.certificate.octets().into(),
            leaf.into(),
            drafted.at.as_micros().into(),
            drafted.device.octets().into(),
            (&self.profile).into(),
            row.event.id.octets().into(),
            self.press.issuer.organization.octets().into(),
            row.event.actor.to_string().into(),
            row.event.object.into(),
            names.request.octets().into(),
            row.entry.into(),
            (&row.salt).into(),
            names.order.octets().into(),
        ])
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
