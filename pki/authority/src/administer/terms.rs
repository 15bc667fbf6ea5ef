// SPDX-License-Identifier: Apache-2.0
//! The terms of a new enrollment, checked against the policy.

use std::sync::Arc;

use tamga_registry::enrollment::{Attestation, DEFAULT_REKEYS_PER_DAY, EnrollmentState, Terms};
use tamga_registry::issuer::{IssuerRole, IssuerState};
use tamga_registry::organization::Organization;
use tamga_registry::profile::ProfileRevision;
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
        Ok(self.terms_of(&policy, new, attestation)?)
    }

    /// The same, by a policy at hand.
    pub(super) fn terms_of(
        &self,
        policy: &Policy,
        new: &NewEnrollment,
        attestation: Attestation,
    ) -> Result<Terms, Refusal> {
        let name = new.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
        let profile = profile_of(policy, name).ok_or(Refusal::NotFound("profile"))?;
        if profile.rules.usage() != Usage::Device {
            let reason = format!("{name} is not a profile for devices: name another");
            return Err(Refusal::Invalid {
                field: "profile",
                reason,
            });
        }
        let issuer = issuer_of(policy, new.issuer.as_deref())?;
        let rekeys_per_day = new.rekeys_per_day.unwrap_or(DEFAULT_REKEYS_PER_DAY);
        if !(0..=MOST_REKEYS).contains(&rekeys_per_day) {
            let reason = format!("give a number from 0 to {MOST_REKEYS}");
            return Err(Refusal::Invalid {
                field: "rekeysPerDay",
                reason,
            });
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

/// The profile the organization means by a name: its own before one that was granted to it, and of these the one that was
/// made first. Memory names by the same order.
fn profile_of<'a>(policy: &'a Policy, name: &str) -> Option<&'a ProfileRevision> {
    let name = name.to_ascii_lowercase();
    let fit = policy.profiles.values().filter(|profile| profile.name == name);
    fit.min_by_key(|profile| (profile.owner != policy.organization.id, profile.id.profile))
}

/// The issuer the organization means by a name, as [`profile_of`]; or the only one there is.
fn issuer_of<'a>(policy: &'a Policy, name: Option<&str>) -> Result<&'a Arc<IssuerPolicy>, Refusal> {
    let active = |issuer: &&Arc<IssuerPolicy>| {
        issuer.issuer.role == IssuerRole::Device && issuer.issuer.state == IssuerState::Active
    };
    let Some(name) = name.map(str::to_ascii_lowercase) else {
        let fit: Vec<_> = policy.issuers.values().filter(active).collect();
        return match fit.as_slice() {
            [] => Err(Refusal::NotFound("issuer")),
            [only] => Ok(only),
            [_, ..] => Err(Refusal::Invalid {
                field: "issuer",
                reason: "the organization may use several active device issuers: name one".to_owned(),
            }),
        };
    };
    let fit = policy
        .issuers
        .values()
        .filter(|issuer| issuer.issuer.name == name);
    let meant = fit.min_by_key(|issuer| {
        let elsewhere = issuer.issuer.organization != policy.organization.id;
        (elsewhere, issuer.issuer.id)
    });
    // One that cannot be used does not let another come in by its name.
    meant.filter(active).ok_or(Refusal::NotFound("issuer"))
}

const MOST_REKEYS: i64 = 1_000_000;
