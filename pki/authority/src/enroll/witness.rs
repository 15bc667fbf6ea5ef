// SPDX-License-Identifier: Apache-2.0
//! Who a refusal is journalled of: the device that proved itself, or whoever spoke for it.

use tamga_registry::id::OrganizationId;
use tamga_registry::journal::HotAct;
use tamga_registry::role::Principal;

use super::{Claim, Proven};
use crate::policy::Policy;
use crate::request::RequestContext;
use crate::word::StationWord;

/// Of whom, and what, a refusal is told.
pub(super) struct Witness {
    pub(super) organization: OrganizationId,
    pub(super) act: HotAct,
    pub(super) actor: Principal,
    pub(super) registration_id: String,
    pub(super) context: RequestContext,
}

impl Witness {
    pub(super) fn of(proven: &Proven) -> Self {
        let registration_id = proven.registration_id.presented().to_owned();
        let (act, actor) = match proven.ground.word() {
            Some((word, _)) => (HotAct::CertificateIssue, word.principal()),
            None => {
                let device = Principal::Device {
                    registration_id: registration_id.clone(),
                    device: proven.device.as_ref().map(|device| device.id),
                };
                (HotAct::DeviceRefuse, device)
            }
        };
        Self {
            organization: proven.policy.organization.id,
            act,
            actor,
            registration_id,
            context: proven.context,
        }
    }

    /// Of a station that is not believed.
    pub(super) fn of_word(claim: &Claim, word: &StationWord, policy: &Policy) -> Self {
        Self {
            organization: policy.organization.id,
            act: HotAct::CertificateIssue,
            actor: word.principal(),
            registration_id: claim.registration_id.presented().to_owned(),
            context: claim.context,
        }
    }
}
