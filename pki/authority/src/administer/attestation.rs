// SPDX-License-Identifier: Apache-2.0
//! How the devices of a new enrollment will prove themselves: keys sealed for their place, certificates, anchors.

use secrecy::{ExposeSecret, SecretString};
use tamga_attestation::SymmetricKey;
use tamga_attestation::certificate_chain::PresentedCertificate;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{AnchorPair, Attestation, PinnedPair};
use tamga_registry::id::{AnchorId, OrganizationId};
use tamga_registry::organization::Organization;
use tamga_registry::secret::{SealedPair, SealingPurpose, WrappedDataKey};
use tamga_registry::store::Change;
use tamga_x509::time::Timestamp;

use super::{Administration, RevealedKeys};
use crate::policy::Policy;
use crate::refusal::{Failure, Fault, Refusal};
use crate::secrets::symmetric_key_place;

/// How the devices of a group or individual enrollment to be made prove themselves.
#[derive(Debug)]
pub enum NewAttestation {
    /// By primary and secondary key, base64; made from chance when absent.
    SymmetricKey(Option<(SecretString, SecretString)>),
    /// By these very certificates, DER. For individual enrollments; self-signed ones too.
    Pinned {
        /// The one in use.
        primary: Vec<u8>,
        /// Another, for when the first is rolled.
        secondary: Option<Vec<u8>>,
    },
    /// By a certificate that one of these anchors vouches for, by name. For groups.
    Anchors {
        /// The one in use.
        primary: RegistrationId,
        /// Another, for when the first is rolled.
        secondary: Option<RegistrationId>,
    },
}

/// What an enrollment holds, the data key that had to be made for it, and the keys to show once.
pub(super) struct Furnished {
    pub(super) attestation: Attestation,
    new_data_key: Option<WrappedDataKey>,
    pub(super) revealed: Option<RevealedKeys>,
}

impl Furnished {
    fn without_keys(attestation: Attestation) -> Self {
        Self {
            attestation,
            new_data_key: None,
            revealed: None,
        }
    }

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

impl Administration {
    /// What a group holds.
    pub(super) async fn furnish_group(
        &self,
        organization: &Organization,
        group: &[u8; 16],
        new: &NewAttestation,
    ) -> Result<Furnished, Failure> {
        match new {
            NewAttestation::SymmetricKey(keys) => {
                self.seal_keys(organization, group, keys.as_ref()).await
            }
            NewAttestation::Anchors { primary, secondary } => {
                let policy = self.policy_of(organization).await?;
                let pair = anchors_named(&policy, primary, secondary.as_ref())?;
                Ok(Furnished::without_keys(Attestation::Anchors(pair)))
            }
            NewAttestation::Pinned { .. } => Err(invalid(
                "attestation",
                "a group refers to trust anchors: pin a certificate in an individual enrollment of its device",
            )
            .into()),
        }
    }

    /// What an individual enrollment holds.
    pub(super) async fn furnish_individual(
        &self,
        organization: &Organization,
        enrollment: &[u8; 16],
        new: &NewAttestation,
    ) -> Result<Furnished, Failure> {
        match new {
            NewAttestation::SymmetricKey(keys) => {
                self.seal_keys(organization, enrollment, keys.as_ref()).await
            }
            NewAttestation::Pinned { primary, secondary } => {
                let now = self.means.now();
                check_pin("primary", primary, now)?;
                if let Some(secondary) = secondary {
                    check_pin("secondary", secondary, now)?;
                    if secondary == primary {
                        let reason = "it is the primary: give another certificate, or none";
                        return Err(invalid("secondary", reason).into());
                    }
                }
                Ok(Furnished::without_keys(Attestation::Pinned(PinnedPair {
                    primary: primary.clone(),
                    secondary: secondary.clone(),
                })))
            }
            NewAttestation::Anchors { .. } => Err(invalid(
                "attestation",
                "an individual enrollment pins certificates: trust anchors admit by groups",
            )
            .into()),
        }
    }

    async fn seal_keys(
        &self,
        organization: &Organization,
        enrollment: &[u8; 16],
        keys: Option<&(SecretString, SecretString)>,
    ) -> Result<Furnished, Failure> {
        let (primary, secondary) = match keys {
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
            None => Some(self.new_data_key(organization.id)?),
        };
        let key = kept.or_else(|| new_data_key.clone());
        let key = key.ok_or_else(|| Fault::new("sealing keys", "there is no data key"))?;
        let pair = self.seal_pair(&key, enrollment, (&primary, &secondary))?;
        Ok(Furnished {
            attestation: Attestation::SymmetricKey(pair),
            new_data_key,
            revealed: Some(RevealedKeys {
                primary: primary.to_base64(),
                secondary: secondary.to_base64(),
            }),
        })
    }

    /// The keys of an enrollment, each sealed for its place.
    pub(super) fn seal_pair(
        &self,
        key: &WrappedDataKey,
        enrollment: &[u8; 16],
        (primary, secondary): (&SymmetricKey, &SymmetricKey),
    ) -> Result<SealedPair, Fault> {
        let seal = |column, plain: &SymmetricKey| {
            let place = symmetric_key_place(enrollment, column);
            self.vault
                .seal(key, &place, plain.expose_octets())
                .map_err(Fault::during_act("sealing keys"))
        };
        Ok(SealedPair {
            primary: seal("primary_key", primary)?,
            secondary: seal("secondary_key", secondary)?,
            data_key: key.version,
        })
    }

    /// The first data key of an organization.
    pub(crate) fn new_data_key(&self, organization: OrganizationId) -> Result<WrappedDataKey, Fault> {
        let purpose = SealingPurpose::DeviceSecrets;
        let wrapped = self
            .vault
            .new_data_key(purpose, organization)
            .map_err(Fault::during_act("making a data key"))?;
        Ok(WrappedDataKey {
            purpose,
            organization,
            version: 1,
            wrapped,
            created_at: self.means.now(),
        })
    }
}

/// The anchors of a group, by their names.
pub(super) fn anchors_named(
    policy: &Policy,
    primary: &RegistrationId,
    secondary: Option<&RegistrationId>,
) -> Result<AnchorPair, Refusal> {
    let pair = AnchorPair {
        primary: anchor_named(policy, primary)?,
        secondary: secondary.map(|name| anchor_named(policy, name)).transpose()?,
    };
    if pair.secondary == Some(pair.primary) {
        return Err(invalid(
            "secondary",
            "it is the primary: name another trust anchor",
        ));
    }
    Ok(pair)
}

/// An anchor the organization may use: its own of this name before one that was granted to it.
fn anchor_named(policy: &Policy, name: &RegistrationId) -> Result<AnchorId, Refusal> {
    let mut fit: Vec<_> = policy
        .granted_anchors
        .iter()
        .filter(|anchor| anchor.name == *name)
        .collect();
    fit.sort_by_key(|anchor| anchor.owner != policy.organization.id);
    fit.first()
        .map(|anchor| anchor.id)
        .ok_or(Refusal::NotFound("trust anchor"))
}

/// A pinned certificate must be readable, of a key that proves something, and not over.
fn check_pin(field: &'static str, der: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let certificate = PresentedCertificate::parse(der)
        .map_err(|unreadable| invalid(field, &format!("{unreadable}: give an X.509 certificate")))?;
    certificate
        .public_key()
        .map_err(|refusal| invalid(field, &refusal.to_string()))?;
    if certificate.not_after() < now {
        return Err(invalid(field, "it has expired: give one that is valid"));
    }
    Ok(())
}

fn given(field: &'static str, key: &SecretString) -> Result<SymmetricKey, Refusal> {
    SymmetricKey::from_base64(key.expose_secret()).map_err(|refusal| invalid(field, &refusal.to_string()))
}

pub(super) fn invalid(field: &'static str, reason: &str) -> Refusal {
    Refusal::Invalid {
        field,
        reason: reason.to_owned(),
    }
}
