// SPDX-License-Identifier: Apache-2.0
//! The same first step where a station speaks for a device: is it the station's to say, and is it its time?
//!
//! What a station proves a device by is the credential of its group: with that, or with a certificate of its own, the
//! device comes back once it has left the line.

use std::sync::Arc;

use tamga_registry::admission::Denial;
use tamga_registry::device::BoundCredential;
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::station::{admit_one_more, admit_station};
use tamga_registry::store::EnrolleeQuestion;

use super::judge::Believed;
use super::{Claim, Door, Ground, Proven, Witness, missing};
use crate::policy::Policy;
use crate::refusal::{Failure, Fault, Refusal};
use crate::word::StationWord;

impl Door {
    /// Takes a station at its word. Its caller is known, so that a refusal is journalled at once.
    pub(super) async fn prove_by_word(&self, claim: &Claim, word: &StationWord) -> Result<Proven, Failure> {
        let policy = self.policies.of(&claim.scope).await?;
        let policy = policy.ok_or_else(|| missing("organization of the scope", &claim.scope))?;
        let taken = self.take_word(claim, word, &policy).await;
        self.witnessed(Witness::of_word(claim, word, &policy), taken)
            .await
    }

    async fn take_word(
        &self,
        claim: &Claim,
        word: &StationWord,
        policy: &Arc<Policy>,
    ) -> Result<Proven, Failure> {
        let station = policy.stations.iter().find(|one| one.id == word.station());
        let station = station.ok_or(Refusal::NotFound("station"))?;
        admit_station(station, claim.received_at)?;
        let group = policy.group(station.group).ok_or_else(|| {
            let what = format!("the group {} of {} admits nobody", station.group, station.id);
            Fault::new("reading a station's group", what)
        })?;
        let question = EnrolleeQuestion::of(policy.organization.id, &claim.registration_id);
        let enrollee = self.means.store.enrollee(&question).await?;
        // Who is named in advance is bound to that, also where the enrollment is disabled.
        if enrollee.individual.is_some() {
            return Err(Denial::IdentityBound.into());
        }
        let believed = Believed {
            credential: BoundCredential {
                method: group.terms.attestation.method(),
                enrollment: EnrollmentRef::Group(group.id),
            },
            group: Some(group.name.presented().to_owned()),
            terms: group.terms.clone(),
            ground: Ground::Station {
                word: word.clone(),
                generation: station.generation,
            },
        };
        Ok(believed.proven(claim, policy.clone(), enrollee))
    }

    /// Why what was asked at a station could not be kept, where there was no room for it: its counts are read only then.
    pub(super) async fn room_at_station(&self, claim: &Claim, word: &StationWord) -> Result<(), Failure> {
        let station = self.means.store.station_by_id(word.station()).await?;
        let Some(station) = station else { return Ok(()) };
        let admitted = admit_one_more(station.limits, station.count, self.means.now());
        let Err(denial) = admitted else { return Ok(()) };
        let Some(policy) = self.policies.of(&claim.scope).await? else {
            return Ok(());
        };
        let witness = Witness::of_word(claim, word, &policy);
        self.witnessed(witness, Err(denial.into())).await
    }
}
