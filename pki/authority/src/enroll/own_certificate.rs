// SPDX-License-Identifier: Apache-2.0
//! A device's own current or provisional certificate proves it, whatever its enrollment asks for.
//!
//! Its status is the row's, read with the request: a certificate revoked since the handshake proves nothing, and one
//! of ours that memory does not know never does. That the device holds its key is the word of the handshake.

use tamga_attestation::Doubt;
use tamga_attestation::certificate_chain::PresentedChain;
use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::device::Device;
use tamga_registry::enrollment::{EnrollmentRef, Terms};
use tamga_registry::lineage::Place;
use tamga_registry::store::Enrollee;
use tamga_x509::certificate::Certificate;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::ground::Ground;
use super::judge::Believed;
use crate::policy::Policy;

/// The serial of a certificate that could be one of ours.
pub(super) fn serial_of(chain: &PresentedChain) -> Option<Serial> {
    let leaf = Certificate::parse(chain.leaf().der()).ok()?;
    Some(leaf.serial())
}

/// Judges a certificate of ours; nothing, when it is none. `at` is when it was presented.
pub(super) fn judge(
    chain: &PresentedChain,
    policy: &Policy,
    enrollee: &Enrollee,
    at: Timestamp,
) -> Option<Result<Believed, Doubt>> {
    let presented = chain.leaf().der();
    let recorded = enrollee.certificate.as_ref();
    // A look-alike with the serial of one of ours is somebody else's.
    match recorded.filter(|(record, _)| record.state.der() == Some(presented)) {
        Some((record, place)) => Some(judge_recorded(record, *place, policy, enrollee, at)),
        None if is_signed_here(presented, policy) => Some(Err(Doubt::CertificateUntrusted)),
        None => None,
    }
}

fn judge_recorded(
    record: &CertificateRecord,
    place: Option<Place>,
    policy: &Policy,
    enrollee: &Enrollee,
    at: Timestamp,
) -> Result<Believed, Doubt> {
    let device = enrollee.device.as_ref();
    let device = device.filter(|device| record.device == Some(device.id));
    let Some(device) = device else {
        return Err(Doubt::CertificateName);
    };
    match record.state {
        CertificateState::Revoked { .. } => return Err(Doubt::ChainRevoked),
        CertificateState::Superseded { .. } => return Err(Doubt::CertificateReplaced),
        CertificateState::Intended { .. } => return Err(Doubt::CertificateUntrusted),
        CertificateState::Issued { .. } => {}
    }
    let validity = &record.validity;
    if at < validity.not_before() || at.floor_to_second() > validity.not_after() {
        return Err(Doubt::ChainExpired);
    }
    if place.is_none() {
        return Err(Doubt::CertificateReplaced);
    }
    let (group, terms) = bound_terms(device, policy, enrollee).ok_or(Doubt::CertificateUntrusted)?;
    Ok(Believed {
        credential: device.bound,
        group,
        terms,
        ground: Ground::OwnCertificate {
            certificate: record.id,
        },
    })
}

/// The terms of the enrollment the device is bound to, and the group's name if it is a group.
fn bound_terms(device: &Device, policy: &Policy, enrollee: &Enrollee) -> Option<(Option<String>, Terms)> {
    match device.bound.enrollment {
        EnrollmentRef::Group(id) => {
            let group = policy.group(id)?;
            Some((Some(group.name.presented().to_owned()), group.terms.clone()))
        }
        EnrollmentRef::Individual(id) => {
            let individual = enrollee.individual.as_ref()?;
            (individual.id == id).then(|| (None, individual.terms.clone()))
        }
    }
}

/// Whether one of the organization's issuers signed it.
fn is_signed_here(der: &[u8], policy: &Policy) -> bool {
    Certificate::parse(der).is_ok_and(|certificate| {
        policy
            .issuers
            .values()
            .any(|issuer| certificate.verify(&issuer.issuer.certificate).is_ok())
    })
}
