// SPDX-License-Identifier: Apache-2.0
//! Which enrollment believes the evidence? The same work is done for an id that is enrolled and for one nobody knows.

use std::cell::Cell;
use std::sync::Arc;

use tamga_attestation::certificate_chain::{AnchorReference, PresentedChain, nearest};
use tamga_attestation::{
    Context, Doubt, Evidence, Judgement, KeySlot, Proof, Reference, judge, judge_unknown,
};
use tamga_registry::device::{BoundCredential, Device};
use tamga_registry::enrollment::{EnrollmentRef, Group, IndividualEnrollment, Terms};
use tamga_registry::store::Enrollee;

use super::{Claim, Ground, Proven};
use crate::policy::{GroupPolicy, Policy};

/// An individual enrollment and what its device is measured by.
type Named<'a> = (&'a IndividualEnrollment, Reference);

/// Judges one piece of evidence, and counts how often it did.
pub(super) struct Judge<'a> {
    evidence: &'a Evidence,
    context: Context<'a>,
    policy: &'a Policy,
    decoy: &'a Reference,
    judgements: Cell<u32>,
}

impl<'a> Judge<'a> {
    /// Over this evidence, by the enrollments of this policy.
    pub(super) fn new(
        evidence: &'a Evidence,
        context: Context<'a>,
        policy: &'a Policy,
        decoy: &'a Reference,
    ) -> Self {
        Self {
            evidence,
            context,
            policy,
            decoy,
            judgements: Cell::new(0),
        }
    }

    /// How often something was measured so far.
    pub(super) fn judgements(&self) -> u32 {
        self.judgements.get()
    }

    /// A refusal costs the same whether the id is enrolled by itself, by a group, or not at all: one judgement of its
    /// own and one of each group.
    pub(super) fn judge(
        &self,
        named: Option<&Named<'_>>,
        device: Option<&Device>,
    ) -> Result<Believed, Doubt> {
        match named {
            Some(named) => self
                .by_individual(named)
                .inspect_err(|_| drop(self.by_groups(device))),
            None => self.by_groups(device).inspect_err(|_| {
                let _ = self.dummy();
            }),
        }
    }

    fn by_individual(&self, (individual, reference): &Named<'_>) -> Result<Believed, Doubt> {
        let terms = &individual.terms;
        match self.judged(reference) {
            Ok(proof) => Ok(Believed {
                credential: BoundCredential {
                    method: terms.attestation.method(),
                    enrollment: EnrollmentRef::Individual(individual.id),
                },
                group: None,
                terms: terms.clone(),
                ground: ground_of(proof, self.evidence, reference),
            }),
            // Which kind of credential an id is enrolled with is nobody's business who does not hold it. Evidence of
            // another kind was not measured yet.
            Err(Doubt::MethodNotAccepted | Doubt::TokenMissing | Doubt::CertificateMissing) => {
                self.judgements.update(|judgements| judgements.saturating_sub(1));
                Err(self.dummy())
            }
            Err(doubt) => Err(doubt),
        }
    }

    fn by_groups(&self, device: Option<&Device>) -> Result<Believed, Doubt> {
        match presented(self.evidence) {
            Some(chain) => self.by_anchors(chain),
            None => self.by_group_keys(device),
        }
    }

    /// The anchor nearest to the leaf decides alone: also when its group, or it itself, is disabled.
    fn by_anchors(&self, chain: &PresentedChain) -> Result<Believed, Doubt> {
        let policy = self.policy;
        self.count();
        let references: Vec<&AnchorReference> =
            policy.anchors.iter().map(|anchor| &*anchor.reference).collect();
        let decision = nearest(chain, &references, &self.context)?;
        let anchor = policy.anchors.get(decision.reference);
        let group = anchor.and_then(|anchor| Some((anchor.id, policy.group(anchor.admits?)?)));
        let Some((anchor, group)) = group else {
            return Err(Doubt::CertificateUntrusted);
        };
        let depth = match decision.verdict? {
            Proof::CertificateChain { depth, .. } => depth,
            Proof::SymmetricKey { .. } => return Err(Doubt::CertificateUntrusted),
        };
        let leaf = *chain.leaf_spki();
        Ok(Believed::by_group(
            group,
            Ground::Anchored { anchor, depth, leaf },
        ))
    }

    fn by_group_keys(&self, device: Option<&Device>) -> Result<Believed, Doubt> {
        let policy = self.policy;
        let bound = device.map(|device| device.bound.enrollment);
        let is_bound = |group: &&GroupPolicy| Some(EnrollmentRef::Group(group.group.id)) == bound;
        let first = policy.groups.iter().filter(is_bound);
        let rest = policy.groups.iter().filter(|group| !is_bound(group));
        let mut doubt = None;
        for group in first.chain(rest) {
            let Some(keys) = &group.keys else { continue };
            match self.judged(keys) {
                Ok(proof) => {
                    return Ok(Believed::by_group(
                        &group.group,
                        ground_of(proof, self.evidence, keys),
                    ));
                }
                // What the token itself lacks is the same for every group.
                Err(other) if other != Doubt::TokenSignature => return Err(other),
                Err(other) => doubt = Some(other),
            }
        }
        Err(doubt.unwrap_or_else(|| self.dummy()))
    }

    fn judged(&self, reference: &Reference) -> Result<Proof, Doubt> {
        self.count();
        judge(self.evidence, reference, &self.context).map(|Judgement::Proven(proof)| proof)
    }

    /// The words and the work of a known device, for one of which nothing is known.
    fn dummy(&self) -> Doubt {
        self.count();
        judge_unknown(self.evidence, self.decoy, &self.context)
    }

    fn count(&self) {
        self.judgements.update(|judgements| judgements.saturating_add(1));
    }
}

/// The certificates a claim presents, if it does.
pub(super) fn presented(evidence: &Evidence) -> Option<&PresentedChain> {
    match evidence {
        Evidence::CertificateChain(chain) => Some(chain),
        Evidence::SymmetricKey(_) | Evidence::None => None,
    }
}

/// What the proof of an individual enrollment, or of a group's keys, rests on.
fn ground_of(proof: Proof, evidence: &Evidence, reference: &Reference) -> Ground {
    match proof {
        Proof::SymmetricKey { slot, derived } => Ground::SymmetricKey { slot, derived },
        Proof::CertificateChain { leaf, .. } => {
            let slot = match (presented(evidence), reference) {
                (Some(chain), Reference::Pinned(pins)) => pins.holds(chain),
                (_, Reference::SymmetricKey(_) | Reference::Pinned(_) | Reference::Anchors(_)) => None,
            };
            let slot = slot.unwrap_or(KeySlot::Primary);
            Ground::Pinned { slot, leaf }
        }
    }
}

/// Which enrollment proved the device, and by what.
pub(super) struct Believed {
    pub(super) credential: BoundCredential,
    pub(super) group: Option<String>,
    pub(super) terms: Terms,
    pub(super) ground: Ground,
}

impl Believed {
    fn by_group(group: &Group, ground: Ground) -> Self {
        Self {
            credential: BoundCredential {
                method: group.terms.attestation.method(),
                enrollment: EnrollmentRef::Group(group.id),
            },
            group: Some(group.name.presented().to_owned()),
            terms: group.terms.clone(),
            ground,
        }
    }

    pub(super) fn proven(self, claim: &Claim, policy: Arc<Policy>, enrollee: Enrollee) -> Proven {
        Proven {
            registration_id: claim.registration_id.clone(),
            context: claim.context,
            policy,
            credential: self.credential,
            // The key asked about is the one presented; that of our own certificate is no birth key.
            birth_facts: self.ground.birth().and(enrollee.key),
            group: self.group,
            terms: self.terms,
            device: enrollee.device,
            tombstone: enrollee.tombstone,
            received_at: claim.received_at,
            ground: self.ground,
        }
    }
}

#[cfg(test)]
#[path = "judge/tests.rs"]
mod tests;
