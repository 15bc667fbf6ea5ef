// SPDX-License-Identifier: Apache-2.0
//! What the hand asks: keep intents, keep records, find what was left unfinished. Closed values, committed in bulk.

use async_trait::async_trait;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::certificate::CertificateRecord;
use crate::device::{BoundCredential, Device, RegistrationId};
use crate::id::{CertificateId, DeviceId, OrderId, OrganizationId};
use crate::journal::JournalRow;
use crate::order::{OperationId, Order};
use crate::organization::OrganizationSlug;
use crate::profile::ProfileRevision;

/// The state an order was judged in. The statement that keeps its intent compares every number again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// `organization.generation`.
    pub organization: i64,
    /// The enrollment that admitted the device, and its generation.
    pub enrollment: (crate::enrollment::EnrollmentRef, i64),
    /// No individual enrollment names the registration id, when a group admitted the device.
    pub no_individual: bool,
    /// `device.generation`; absent when the device is new, and then it must still be.
    pub device: Option<i64>,
    /// The issuer and its generation; absent where nothing is signed.
    pub issuer: Option<(crate::id::IssuerId, i64)>,
    /// `lineage.version`; absent when there was no lineage, and then there must still be none.
    pub lineage: Option<i64>,
    /// `station.generation`; absent where no station gave its word. Then there must be room for one more at it, which is
    /// counted with the order.
    pub station: Option<i64>,
    /// The unit's rework is open, and the order closes it.
    pub rework: bool,
}

/// A device to be made with its first order or registration.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Its id.
    pub id: DeviceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// What it calls itself.
    pub registration_id: RegistrationId,
    /// What it proved itself with.
    pub bound: BoundCredential,
    /// Names its registrations without a CSR.
    pub operation: OperationId,
    /// Now.
    pub at: Timestamp,
}

/// An order with its intent: the serial and the exact bytes that are to be signed.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The device, when it is new.
    pub device: Option<NewDevice>,
    /// What the journal says of the new device.
    pub device_journal: Option<JournalRow>,
    /// The registration id, for the re-check that no individual enrollment appeared.
    pub registration_id: RegistrationId,
    /// The birth key the device proved itself with, if it did: from now on the device's.
    pub birth: Option<SpkiHash>,
    /// The order, open. Its `lease_epoch` is the one its record must name.
    pub order: Order,
    /// The certificate, intended.
    pub certificate: CertificateRecord,
    /// SHA-256 of the to-be-signed bytes.
    pub tbs_hash: [u8; 32],
    /// The state it was judged in.
    pub expected: Expected,
    /// Until when nobody else finishes it.
    pub lease_until: Timestamp,
}

/// What became of an intent or a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentVerdict {
    /// It is kept.
    Kept,
    /// Nothing is kept: something it was judged by has changed (also: its order, key or device now exists). Judge again.
    Stale,
}

/// A signed certificate, to complete its intent.
#[derive(Debug, Clone)]
pub struct Record {
    /// The intent.
    pub certificate: CertificateId,
    /// Its order.
    pub order: OrderId,
    /// Whose it is.
    pub device: DeviceId,
    /// The epoch under which the order was leased.
    pub lease_epoch: i64,
    /// The certificate, its signature verified.
    pub der: Vec<u8>,
    /// Now.
    pub at: Timestamp,
    /// What the journal says when it is recorded.
    pub journal: JournalRow,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordVerdict {
    /// It is the certificate of its order, placed in its lineage: current when no other certificate of the line is
    /// valid, else provisional; an unseen provisional it replaces is superseded.
    Recorded,
    /// It is recorded, and superseded from the start: a valid certificate of the line was intended after it, and it must
    /// not displace what the device asked for last. It is good until it expires, and is never handed out.
    Overtaken,
    /// Somebody else finished the order, or took its lease; or its device or certificate was revoked meanwhile, and the
    /// order failed with it. Nothing is written; read what is recorded.
    Lost,
}

/// An intent whose lease ended without a record.
#[derive(Debug, Clone)]
pub struct Finish {
    /// The order, leased anew: its `lease_epoch` is the new one.
    pub order: Order,
    /// The intent.
    pub certificate: CertificateRecord,
    /// The device it is for.
    pub device: Device,
    /// Its organization's slug.
    pub organization: OrganizationSlug,
    /// The profile revision it was judged by.
    pub revision: ProfileRevision,
    /// Whether its device, its enrollment, organization and issuer still allow a signature.
    pub may_sign: bool,
}

/// What the hand asks of memory.
#[async_trait]
pub trait Issuance: Send + Sync {
    /// Keeps intents in one commit, each with what is new of its device, key, serial and lineage.
    ///
    /// Preconditions are checked again inside the transaction. A row that fails them leaves its neighbours alone.
    /// A verdict per row, in order. A row that cannot be kept at all is `Stale` when others were handed in with it (memory
    /// logs why), and a fault when it was alone. After a fault the caller knows nothing: the rows may be kept, and
    /// recovery finds them.
    async fn keep_intents(&self, rows: Vec<Intent>) -> Result<Vec<IntentVerdict>, StoreFault>;

    /// Completes intents in one commit, each with its journal row. A verdict per row, in order. Idempotent: a record
    /// that was kept before is `Lost` the second time. A row that cannot be kept at all is `Lost` when others were handed
    /// in with it (memory logs why), and a fault when it was alone.
    async fn keep_records(&self, rows: Vec<Record>) -> Result<Vec<RecordVerdict>, StoreFault>;

    /// Takes over up to `limit` orders whose lease ended before `now`, under new lease epochs, oldest first. A lease that
    /// ends more than 10 minutes after `now` has ended: the clock stepped back since. Rows that cannot be read are logged
    /// and passed over.
    async fn take_unfinished(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Finish>, StoreFault>;

    /// Prolongs the leases of orders still in hand. One that somebody else has taken over since stays theirs.
    async fn hold_orders(&self, held: Vec<(OrderId, i64)>, lease_until: Timestamp) -> Result<(), StoreFault>;

    /// Gives an intent up: its serial is recorded as revoked, its order fails with the slug, its lineage's next order
    /// raises the epoch. For intents that may not be signed any more.
    async fn abandon(
        &self,
        finish: &Finish,
        slug: &'static str,
        journal: JournalRow,
    ) -> Result<(), StoreFault>;

    /// A certificate row.
    async fn certificate(&self, id: CertificateId) -> Result<Option<CertificateRecord>, StoreFault>;

    /// An order and its certificate row.
    async fn order(&self, id: OrderId) -> Result<Option<(Order, CertificateRecord)>, StoreFault>;
}
