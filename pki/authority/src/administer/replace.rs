// SPDX-License-Identifier: Apache-2.0
//! Groups and individual enrollments, put as they are to be: made where there is none, given other terms where there is one.
//!
//! State, method and key material are no part of it: the first has its own calls, and devices are bound to the others.

use secrecy::{ExposeSecret as _, SecretString};
use tamga_attestation::SymmetricKey;
use tamga_registry::enrollment::{Attestation, Group, IndividualEnrollment, Terms};
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::secret::{SealedPair, SealingPurpose, WrappedDataKey};

use super::attestation::{anchors_named, invalid};
use super::entry::Entry;
use super::{Administration, NewAttestation, NewEnrollment, RevealedKeys};
use crate::guard::{Caller, Permit};
use crate::policy::{Policy, open_pair};
use crate::refusal::{Failure, Fault, Refusal};

/// What became of something that was put.
#[derive(Debug)]
pub enum Put<T> {
    /// There was none: it is made. Its keys are shown this once.
    Made(T, Option<RevealedKeys>),
    /// It is as it was asked for: changed, or as it was before.
    There(T),
}

impl Administration {
    /// Puts a group.
    pub async fn put_group(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<Put<Group>, Failure> {
        self.put(caller, organization, new).await
    }

    /// Puts an individual enrollment.
    pub async fn put_enrollment(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<Put<IndividualEnrollment>, Failure> {
        self.put(caller, organization, new).await
    }

    async fn put<E: Entry>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<Put<E>, Failure> {
        self.witnessed(caller, E::UPDATE, new.name.to_string(), async {
            let (here, permit) = self.enter(caller, E::UPDATE, organization).await?;
            for _ in 0..ATTEMPTS {
                let there = E::find(&*self.means.store, here.id, &new.name).await?.is_some();
                let put = if there {
                    self.replaced(caller, (&here, &permit), &new).await?
                } else {
                    self.made(caller, organization, &new).await?
                };
                if let Some(put) = put {
                    return Ok(put);
                }
            }
            let what = "it was made and removed again and again meanwhile: send the request again";
            Err(Fault::new("putting an enrollment", what).into())
        })
        .await
    }

    /// Nothing, where another made it meanwhile.
    async fn made<E: Entry>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: &NewEnrollment,
    ) -> Result<Option<Put<E>>, Failure> {
        let (here, permit) = self.enter(caller, E::CREATE, organization).await?;
        match self.make(caller, (&here, &permit), new).await {
            Ok((made, keys)) => Ok(Some(Put::Made(made, keys))),
            Err(Failure::Refused(Refusal::NameTaken(_))) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Nothing, where another removed it meanwhile.
    async fn replaced<E: Entry>(
        &self,
        caller: &Caller,
        (here, permit): (&Organization, &Permit),
        new: &NewEnrollment,
    ) -> Result<Option<Put<E>>, Failure> {
        let policy = self.policy_of(here).await?;
        let purpose = SealingPurpose::DeviceSecrets;
        let data_keys = self.means.store.data_keys(purpose, here.id).await?;
        let act = self.act_that(
            caller,
            permit,
            here,
            (new.name.to_string(), Some("terms".to_owned())),
        )?;
        let mut change = self.means.store.change(act).await?;
        let Some(mut entry) = E::find_in(&mut *change, here.id, &new.name).await? else {
            return Ok(None);
        };
        if !caller.expects.is_met_by(Some(&entry.version())) {
            return Err(Refusal::PreconditionFailed.into());
        }
        let attestation = self.attestation_after(&entry, (new, &policy), &data_keys)?;
        let asked = self.terms_of(&policy, new, attestation)?;
        let terms = Terms {
            state: entry.terms().state,
            generation: entry.terms().generation.saturating_add(1),
            created_at: entry.terms().created_at,
            ..asked
        };
        if says_the_same(&terms, entry.terms()) {
            return Ok(Some(Put::There(entry)));
        }
        let replaced = change.replace_terms(here.id, entry.reference(), &terms).await?;
        Refusal::unless_replaced(replaced)?;
        self.keep(change).await?;
        *entry.terms_mut() = terms;
        Ok(Some(Put::There(entry)))
    }

    /// What it holds from now on: what it held, but for the anchors of a group.
    fn attestation_after<E: Entry>(
        &self,
        entry: &E,
        (new, policy): (&NewEnrollment, &Policy),
        data_keys: &[WrappedDataKey],
    ) -> Result<Attestation, Failure> {
        let held = &entry.terms().attestation;
        match (held, &new.attestation) {
            (_, None) | (Attestation::SymmetricKey(_), Some(NewAttestation::SymmetricKey(None))) => {
                Ok(held.clone())
            }
            (Attestation::SymmetricKey(pair), Some(NewAttestation::SymmetricKey(Some(given)))) => {
                let id = entry.reference();
                if self.are_these((id.octets(), pair), given, data_keys)? {
                    Ok(held.clone())
                } else {
                    Err(invalid("attestation", OTHER_KEYS).into())
                }
            }
            (Attestation::Anchors(_), Some(NewAttestation::Anchors { primary, secondary })) => Ok(
                Attestation::Anchors(anchors_named(policy, primary, secondary.as_ref())?),
            ),
            (Attestation::Pinned(pins), Some(NewAttestation::Pinned { primary, secondary })) => {
                if pins.primary == *primary && pins.secondary == *secondary {
                    Ok(held.clone())
                } else {
                    Err(invalid("attestation", OTHER_CERTIFICATES).into())
                }
            }
            (
                Attestation::SymmetricKey(_) | Attestation::Anchors(_) | Attestation::Pinned(_),
                Some(
                    NewAttestation::SymmetricKey(_)
                    | NewAttestation::Anchors { .. }
                    | NewAttestation::Pinned { .. },
                ),
            ) => Err(invalid("attestation", OTHER_METHOD).into()),
        }
    }

    /// Whether these are the keys that are sealed there.
    fn are_these(
        &self,
        (id, sealed): (&[u8; 16], &SealedPair),
        (primary, secondary): &(SecretString, SecretString),
        data_keys: &[WrappedDataKey],
    ) -> Result<bool, Failure> {
        let held = open_pair(&*self.vault, data_keys, id, sealed)?;
        let same = |held: &SymmetricKey, given: &SecretString| {
            SymmetricKey::from_base64(given.expose_secret()).is_ok_and(|given| held.matches(&given))
        };
        Ok(same(&held.0, primary) & same(&held.1, secondary))
    }
}

fn says_the_same(one: &Terms, other: &Terms) -> bool {
    let anchors = |terms: &Terms| match &terms.attestation {
        Attestation::Anchors(pair) => Some(*pair),
        Attestation::SymmetricKey(_) | Attestation::Pinned(_) => None,
    };
    let says = |terms: &Terms| {
        let (profile, issuer) = (terms.profile, terms.issuer);
        (anchors(terms), profile, issuer, terms.rekey, terms.rekeys_per_day)
    };
    says(one) == says(other) && one.assigned_hub == other.assigned_hub
}

/// How often it may come and go while it is put.
const ATTEMPTS: usize = 5;
const OTHER_KEYS: &str = "these are not its keys, and keys do not change so: leave attestation out, and call regenerate-key for a new key in one slot";
const OTHER_CERTIFICATES: &str = "these are not its certificates, and a device stays bound to those it was enrolled with: leave attestation out";
const OTHER_METHOD: &str = "how devices prove themselves does not change, as they are bound to it: leave attestation out, or make another group or enrollment";
