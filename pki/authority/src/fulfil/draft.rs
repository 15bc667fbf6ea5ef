// SPDX-License-Identifier: Apache-2.0
//! From an admitted order to linted bytes and the intent that says they are about to be signed.

use std::sync::Arc;

use tamga_registry::admission::Denial;
use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::id::{CertificateId, DeviceId, OrderId};
use tamga_registry::order::{Order, OrderState};
use tamga_registry::store::Intent;
use tamga_x509::certificate::CertificateDraft;
use tamga_x509::chance::octets;
use tamga_x509::name::DeviceIdentity;
use tamga_x509::profile::{DeviceDraft, DraftRefusal};
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::ToBeSigned;

use super::{Bench, HandOutcome};
use crate::chain::{Admitted, Prepared};
use crate::enroll::{device_happening, evidence};
use crate::means::Means;
use crate::policy::IssuerPolicy;
use crate::refusal::{Failure, Fault};
use crate::signers::key_missing;

/// Linted bytes and their intent, before the intent is kept.
pub(super) struct Drafted {
    to_be_signed: ToBeSigned,
    intent: Intent,
    issuer: Arc<IssuerPolicy>,
}

impl Drafted {
    pub(super) fn intent(&self) -> Intent {
        self.intent.clone()
    }

    pub(super) fn order(&self) -> &Order {
        &self.intent.order
    }

    /// Memory kept the intent.
    pub(super) fn kept(self) -> Prepared {
        let Intent {
            order, certificate, ..
        } = self.intent;
        Prepared {
            to_be_signed: self.to_be_signed,
            order,
            certificate,
            issuer: self.issuer,
        }
    }
}

/// Drafts and lints one order. Pure work: it runs on the blocking pool, a batch at a time.
pub(super) fn draft(bench: &Bench, admitted: &Admitted) -> Result<Drafted, HandOutcome> {
    let means = &bench.means;
    bench
        .clocks
        .require("drafting a certificate")
        .map_err(HandOutcome::Broken)?;
    // Nothing is promised that nobody can sign.
    if bench.signers.signer(admitted.issuer.issuer.id).is_none() {
        return Err(HandOutcome::Broken(key_missing(&admitted.issuer.issuer)));
    }
    // One instant for the bytes and for their intent: a resumed intent is linted as of it.
    let at = means.now();
    let to_be_signed = to_be_signed(means, admitted, at)?;
    let intent = intent(bench, admitted, &to_be_signed, at).map_err(HandOutcome::Broken)?;
    Ok(Drafted {
        to_be_signed,
        intent,
        issuer: admitted.issuer.clone(),
    })
}

/// Whether the profile would come to a draft, for a door that leaves the drafting to others: what it refuses now is
/// refused at once. Nothing is kept, and nothing is promised.
pub(crate) fn foresee(means: &Means, admitted: &Admitted) -> Result<(), Failure> {
    drafted(means, admitted, means.now()).map(|_| ())
}

fn to_be_signed(means: &Means, admitted: &Admitted, now: Timestamp) -> Result<ToBeSigned, HandOutcome> {
    // A lint hit is our mistake, never the device's: the profile should have refused or never drafted it.
    let draft = drafted(means, admitted, now).map_err(|failure| match failure {
        Failure::Refused(refusal) => HandOutcome::Refused(refusal),
        Failure::Broken(fault) => HandOutcome::Broken(fault),
    })?;
    ToBeSigned::certificate(draft)
        .map_err(|failures| HandOutcome::Broken(Fault::new("linting a certificate", failures)))
}

fn drafted(means: &Means, admitted: &Admitted, now: Timestamp) -> Result<CertificateDraft, Failure> {
    let issuer = &admitted.issuer.issuer;
    let random = octets::<16>(&*means.chance)?;
    let serial = Serial::compose(means.installation.restore_epoch, now, random)
        .map_err(Fault::during_act("composing a serial"))?;
    let identity = identity(means, admitted, admitted.device.id)?;
    let order = DeviceDraft {
        request: &admitted.request,
        identity: &identity,
        issuer: &issuer.certificate,
        serial,
        now,
        locations: &issuer.locations(&serial),
    };
    admitted.revision.rules.draft(&order).map_err(refused)
}

/// Whose it is that there is no draft.
fn refused(refusal: DraftRefusal) -> Failure {
    match refusal {
        DraftRefusal::Request(refusal) => refusal.into(),
        DraftRefusal::IssuerLife { .. } => Denial::IssuerUnavailable.into(),
        DraftRefusal::Usage => Fault::new("drafting a certificate", refusal).into(),
    }
}

fn identity(means: &Means, admitted: &Admitted, device: DeviceId) -> Result<DeviceIdentity, Fault> {
    DeviceIdentity::new(
        admitted.device.registration_id.presented(),
        admitted.proven.policy.organization.slug.as_str(),
        &means.installation.trust_domain,
        &device.to_string(),
    )
    .map_err(Fault::during_act("naming a device"))
}

fn intent(
    bench: &Bench,
    admitted: &Admitted,
    to_be_signed: &ToBeSigned,
    at: Timestamp,
) -> Result<Intent, Fault> {
    let means = &bench.means;
    let chance = &*means.chance;
    let during = "writing an intent";
    let serial = to_be_signed
        .serial()
        .ok_or_else(|| Fault::new(during, "a certificate without a serial"))?;
    let validity = to_be_signed
        .validity()
        .ok_or_else(|| Fault::new(during, "a certificate without a validity"))?;
    let (proven, device, issuer) = (&admitted.proven, &admitted.device, &admitted.issuer.issuer);
    let spki = admitted.request.public_key().spki_hash();
    let order = Order {
        id: OrderId::fresh(at, chance)?,
        organization: device.organization,
        device: device.id,
        revision: admitted.revision.id,
        issuer: issuer.id,
        spki,
        csr: admitted.request.der().to_vec(),
        epoch: admitted.epoch,
        kind: admitted.kind,
        state: OrderState::Open,
        certificate: CertificateId::fresh(at, chance)?,
        operation: admitted.operation,
        evidence: evidence(proven),
        request: proven.context.request,
        lease_epoch: FIRST_LEASE,
        station: proven.ground.word().map(|(word, _)| word.station()),
        created_at: at,
    };
    let certificate = CertificateRecord {
        id: order.certificate,
        organization: order.organization,
        issuer: issuer.id,
        order: Some(order.id),
        device: Some(device.id),
        revision: order.revision,
        epoch: order.epoch,
        serial,
        spki,
        shard: serial.shard(issuer.shards),
        validity,
        state: CertificateState::Intended {
            tbs: to_be_signed.bytes().to_vec(),
        },
        intended_at: at,
    };
    let device_journal = match &admitted.new_device {
        Some(_) => Some(device_happening(proven, device).row(at, chance)?),
        None => None,
    };
    Ok(Intent {
        device: admitted.new_device.clone(),
        device_journal,
        registration_id: proven.registration_id.clone(),
        birth: proven.birth(),
        order,
        certificate,
        tbs_hash: to_be_signed.digest(),
        expected: admitted.expected.clone(),
        lease_until: at.saturating_add(bench.rules.lease),
    })
}

/// The hand that keeps an intent holds its first lease.
const FIRST_LEASE: i64 = 1;
