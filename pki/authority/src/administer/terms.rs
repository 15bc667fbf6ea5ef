// SPDX-License-Identifier: Apache-2.0
//! What a new enrollment is made of: its keys, sealed for their place, and its terms, checked against the policy.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tamga_attestation::SymmetricKey;
use tamga_registry::enrollment::{Attestation, DEFAULT_REKEYS_PER_DAY, EnrollmentState, Terms};
use tamga_registry::issuer::{IssuerRole, IssuerState};
use tamga_registry::organization::Organization;
use tamga_registry::secret::{SealedPair, SealingPurpose, WrappedDataKey};
use tamga_registry::store::Change;
use tamga_x509::profile::Usage;

use super::{Administration, DEFAULT_PROFILE, NewEnrollment, RevealedKeys};
use crate::policy::{IssuerPolicy, Policy};
use crate::refusal::{Failure, Fault, Refusal};
use crate::secrets::symmetric_key_place;

impl Administration {
    pub(super) async fn seal_keys(
        &self,
        organization: &Organization,
        enrollment: &[u8; 16],
        new: &NewEnrollment,
    ) -> Result<SealedKeys, Failure> {
        let (primary, secondary) = match &new.keys {
            Some((primary, secondary)) => (given("primaryKey", primary)?, given("secondaryKey", secondary)?),
            None => {
                let chance = &*self.means.chance;
                (SymmetricKey::generate(chance)?, SymmetricKey::generate(chance)?)
            }
        };
        let store = &self.means.store;
        let kept = store
            .data_key(SealingPurpose::DeviceSecrets, organization.id)
            .await?;
        let new_data_key = match &kept {
            Some(_) => None,
            None => Some(self.new_data_key(organization)?),
        };
        let key = kept.or_else(|| new_data_key.clone());
        let key = key.ok_or_else(|| Fault::new("sealing keys", "there is no data key"))?;
        let seal = |column, plain: &SymmetricKey| {
            let place = symmetric_key_place(enrollment, column);
            self.vault
                .seal(&key, &place, plain.expose_octets())
                .map_err(Fault::during_act("sealing keys"))
        };
        let pair = SealedPair {
            primary: seal("primary_key", &primary)?,
            secondary: seal("secondary_key", &secondary)?,
            data_key: key.version,
        };
        let revealed = RevealedKeys {
            primary: primary.to_base64(),
            secondary: secondary.to_base64(),
        };
        Ok(SealedKeys {
            pair,
            new_data_key,
            revealed,
        })
    }

    fn new_data_key(&self, organization: &Organization) -> Result<WrappedDataKey, Fault> {
        let purpose = SealingPurpose::DeviceSecrets;
        let wrapped = self
            .vault
            .new_data_key(purpose, organization.id)
            .map_err(Fault::during_act("making a data key"))?;
        Ok(WrappedDataKey {
            purpose,
            organization: organization.id,
            version: 1,
            wrapped,
            created_at: self.means.now(),
        })
    }

    pub(super) async fn terms(
        &self,
        organization: &Organization,
        new: &NewEnrollment,
        pair: SealedPair,
    ) -> Result<Terms, Failure> {
        let scopes = self.means.store.id_scopes(organization.id).await?;
        let scope = scopes
            .first()
            .ok_or_else(|| Fault::new("reading an organization", "it has no id scope"))?;
        let policy = self.policies.of(scope).await?;
        let policy = policy.ok_or_else(|| Fault::new("reading an organization", "its scope is gone"))?;
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
            attestation: Attestation::SymmetricKey(pair),
            profile: profile.id.profile,
            issuer: issuer.issuer.id,
            rekey: new.rekey,
            rekeys_per_day,
            assigned_hub: new.assigned_hub.clone(),
            created_at: self.means.now(),
        })
    }
}

impl SealedKeys {
    /// Adds the data key, if one had to be made.
    pub(super) async fn add_data_key(&self, change: &mut dyn Change) -> Result<(), Fault> {
        let Some(key) = &self.new_data_key else {
            return Ok(());
        };
        if change.add_data_key(key).await? {
            return Ok(());
        }
        // What is sealed here was sealed by a key that is not kept: nothing of it may be.
        Err(Fault::new(
            "sealing keys",
            "another request made the organization's data key meanwhile: send it again",
        ))
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

/// Sealed keys, the data key that had to be made for them, and the keys to show once.
pub(super) struct SealedKeys {
    pub(super) pair: SealedPair,
    new_data_key: Option<WrappedDataKey>,
    pub(super) revealed: RevealedKeys,
}

fn given(field: &'static str, key: &SecretString) -> Result<SymmetricKey, Refusal> {
    SymmetricKey::from_base64(key.expose_secret()).map_err(|refusal| Refusal::Invalid {
        field,
        reason: refusal.to_string(),
    })
}

const MOST_REKEYS: i64 = 1_000_000;
