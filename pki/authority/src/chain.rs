// SPDX-License-Identifier: Apache-2.0
//! The five types a device certificate passes through. Each is made only from the one before, inside this crate.

use std::sync::Arc;

use tamga_attestation::Evidence;
use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::device::{BoundCredential, Device, RegistrationId, Tombstone};
use tamga_registry::enrollment::Terms;
use tamga_registry::id::CertificateId;
use tamga_registry::lineage::KeyFacts;
use tamga_registry::order::{OperationId, Order, OrderKind};
use tamga_registry::organization::IdScope;
use tamga_registry::profile::ProfileRevision;
use tamga_registry::store::{Expected, NewDevice};
use tamga_x509::certificate::Validity;
use tamga_x509::key::SpkiHash;
use tamga_x509::request::Request;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::ToBeSigned;

use crate::enroll::Ground;
use crate::policy::{IssuerPolicy, Policy};
use crate::request::RequestContext;
use crate::signers::Signable;
use crate::word::StationWord;

/// What a front end understood of a request. Nothing in it is believed yet.
#[derive(Debug)]
pub struct Claim {
    /// The scope it was sent to.
    pub scope: IdScope,
    /// Who it says it is.
    pub registration_id: RegistrationId,
    /// What speaks for it.
    pub testimony: Testimony,
    /// DER of a certificate request; read only once the device has proved itself.
    pub csr: Option<Vec<u8>>,
    /// Of which request it is part.
    pub context: RequestContext,
    /// When it was received: its evidence is judged as of this instant.
    pub received_at: Timestamp,
    /// What the device was told to poll, where an earlier door has told it; an order made from the claim takes it.
    pub operation: Option<OperationId>,
}

/// What speaks for a device.
#[derive(Debug)]
pub enum Testimony {
    /// What it proves itself with.
    Own(Evidence),
    /// The word of the station it stands at.
    Station(StationWord),
}

impl From<Evidence> for Testimony {
    fn from(evidence: Evidence) -> Self {
        Self::Own(evidence)
    }
}

/// Attestation's verdict: the device is who it says it is. Whether it may have anything is not yet asked.
#[derive(Debug)]
pub struct Proven {
    pub(crate) registration_id: RegistrationId,
    pub(crate) context: RequestContext,
    pub(crate) policy: Arc<Policy>,
    pub(crate) credential: BoundCredential,
    pub(crate) birth_facts: Option<KeyFacts>,
    pub(crate) group: Option<String>,
    pub(crate) terms: Terms,
    pub(crate) device: Option<Device>,
    pub(crate) tombstone: Option<Tombstone>,
    pub(crate) received_at: Timestamp,
    pub(crate) ground: Ground,
}

impl Proven {
    /// The birth key the device proved itself by, if it did.
    pub(crate) fn birth(&self) -> Option<SpkiHash> {
        self.ground.birth()
    }
}

/// The registry's admission: a new order, judged in a state that the intent names again.
#[derive(Debug)]
pub struct Admitted {
    pub(crate) proven: Proven,
    pub(crate) request: Request,
    pub(crate) revision: ProfileRevision,
    pub(crate) issuer: Arc<IssuerPolicy>,
    pub(crate) device: Device,
    pub(crate) new_device: Option<NewDevice>,
    pub(crate) epoch: i64,
    pub(crate) kind: OrderKind,
    pub(crate) operation: OperationId,
    pub(crate) expected: Expected,
}

/// Bytes that passed lint and whose intent is kept: the only thing the hand signs.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) to_be_signed: ToBeSigned,
    pub(crate) order: Order,
    pub(crate) certificate: CertificateRecord,
    pub(crate) issuer: Arc<IssuerPolicy>,
}

impl Signable for Prepared {
    fn to_be_signed(&self) -> &ToBeSigned {
        &self.to_be_signed
    }
}

/// A recorded certificate, with the chain above it.
#[derive(Debug, Clone)]
pub struct Issued {
    certificate: CertificateId,
    serial: Serial,
    validity: Validity,
    chain: Vec<Arc<[u8]>>,
}

impl Issued {
    /// What memory recorded as issued; `None` for anything that may not be handed out.
    pub(crate) fn recorded(record: &CertificateRecord, issuer: &IssuerPolicy) -> Option<Self> {
        let CertificateState::Issued { der, .. } = &record.state else {
            return None;
        };
        let leaf: Arc<[u8]> = der.as_slice().into();
        Some(Self {
            certificate: record.id,
            serial: record.serial,
            validity: record.validity,
            chain: std::iter::once(leaf)
                .chain(issuer.chain.iter().cloned())
                .collect(),
        })
    }

    /// Its id.
    pub fn certificate(&self) -> CertificateId {
        self.certificate
    }

    /// Its serial.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// From when to when.
    pub fn validity(&self) -> &Validity {
        &self.validity
    }

    /// DER: the certificate first, its root last.
    pub fn chain(&self) -> &[Arc<[u8]>] {
        &self.chain
    }
}
