// SPDX-License-Identifier: Apache-2.0
//! The terms of a new enrollment, checked against the policy.

use std::sync::Arc;

use tamga_registry::enrollment::{Attestation, DEFAULT_REKEYS_PER_DAY, EnrollmentState, Terms};
use tamga_registry::issuer::{IssuerRole, IssuerState};
use tamga_registry::organization::Organization;
use tamga_x509::profile::Usage;

use super::{Administration, DEFAULT_PROFILE, NewEnrollment};
use crate::policy::{IssuerPolicy, Policy};
use crate::refusal::{Failure, Fault, Refusal};

impl Administration {
    /// The organization's policy.
    pub(super) async fn policy_of(&self, organization: &Organization) -> Result<Arc<Policy>, Failure> {
        let scopes = self.means.store.id_scopes(organization.id).await?;
        let scope = scopes
            .first()
            .ok_or_else(|| Fault::new("reading an organization", "it has no id scope"))?;
        let policy = self.policies.of(scope).await?;
        Ok(policy.ok_or_else(|| Fault::new("reading an organization", "its scope is gone"))?)
    }

    pub(super) async fn terms(
        &self,
        organization: &Organization,
        new: &NewEnrollment,
        attestation: Attestation,
    ) -> Result<Terms, Failure> {
        let policy = self.policy_of(organization).await?;
        let name = new.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
        let profile = policy.profiles.values().find(|profile| profile.name == name);
        let profile = profile.ok_or(Refusal::NotFound("profile"))?;
        if profile.rules.usage() != Usage::Device {
            let reason = format!("{name} is not a profile for devices: name another");
            return Err(Refusal::Invalid {
                field: "profile",
                reason,
            }
            .into());
        }
        let issuer = issuer_of(&policy, new.issuer.as_deref())?;
        let rekeys_per_day = new.rekeys_per_day.unwrap_or(DEFAULT_REKEYS_PER_DAY);
        if !(0..=MOST_REKEYS).contains(&rekeys_per_day) {
            let reason = format!("give a number from 0 to {MOST_REKEYS}");
            return Err(Refusal::Invalid {
                field: "rekeysPerDay",
                reason,
            }
            .into());
        }
        Ok(Terms {
            state: EnrollmentState::Enabled,
            generation: crate::enroll::FIRST_GENERATION,
            attestation,
            profile: profile.id.profile,
            issuer: issuer.issuer.id,
            rekey: new.rekey,
            rekeys_per_day,
            assigned_hub: new.assigned_hub.clone(),
            created_at: self.means.now(),
        })
    }
}

/// The issuer that is named, or the only one there is.
fn issuer_of<'a>(policy: &'a Policy, name: Option<&str>) -> Result<&'a Arc<IssuerPolicy>, Refusal> {
    let mut fit = policy.issuers.values().filter(|issuer| {
        let issuer = &issuer.issuer;
        let named = name.is_none_or(|name| name == issuer.name);
        named && issuer.role == IssuerRole::Device && issuer.state == IssuerState::Active
    });
    let first = fit.next().ok_or(Refusal::NotFound("issuer"))?;
    match fit.next() {
        None => Ok(first),
        Some(_) => Err(Refusal::Invalid {
            field: "issuer",
            reason: "the organization has several active device issuers: name one".to_owned(),
        }),
    }
}

const MOST_REKEYS: i64 = 1_000_000;
