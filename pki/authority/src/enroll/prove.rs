// SPDX-License-Identifier: Apache-2.0
//! Step one: whose claim is it, and does attestation believe it?

use std::sync::Arc;

use tamga_attestation::certificate_chain::{AnchorReference, PresentedChain, nearest};
use tamga_attestation::{
    Context, Doubt, Evidence, Judgement, KeySlot, Proof, Reference, judge, judge_unknown,
};
use tamga_registry::device::{BoundCredential, Device};
use tamga_registry::enrollment::{EnrollmentRef, Group, IndividualEnrollment, Terms};
use tamga_registry::role::{Assignment, Permission, Principal, Role};
use tamga_registry::store::{Enrollee, EnrolleeQuestion};

use super::{Claim, Door, Ground, Proven, own_certificate, unproven};
use crate::guard::{Caller, permit};
use crate::policy::{GroupPolicy, Policy};
use crate::refusal::{Failure, Fault};

impl Door {
    /// Judges a claim's evidence by the enrollment it belongs to.
    ///
    /// A certificate of ours proves its device by itself. Else an individual enrollment goes before any group, also
    /// when it is disabled. A device names no group: the one whose key proves its token is the one it belongs to, and
    /// the one it is bound to is tried first; of certificates, the anchor nearest to the leaf decides.
    pub async fn prove(&self, claim: &Claim) -> Result<Proven, Failure> {
        let Some(policy) = self.policies.of(&claim.scope).await? else {
            return Err(self.doubted(claim, self.dummy(claim)));
        };
        let chain = presented(&claim.evidence);
        let question = EnrolleeQuestion {
            key: chain.map(|chain| *chain.leaf_spki()),
            serial: chain.and_then(own_certificate::serial_of),
            ..EnrolleeQuestion::of(policy.organization.id, &claim.registration_id)
        };
        let enrollee = self.means.store.enrollee(&question).await?;
        let at = self.context(claim).now;
        let own = chain.and_then(|chain| own_certificate::judge(chain, &policy, &enrollee, at));
        let found = match own {
            Some(judged) => judged,
            None => self.by_enrollment(claim, &policy, &enrollee)?,
        };
        let believed = found.map_err(|doubt| self.doubted(claim, doubt))?;
        let proven = believed.proven(claim, policy, enrollee);
        self.permitted(&proven)?;
        Ok(proven)
    }

    /// A refusal costs the same whether the id is enrolled by itself, by a group, or not at all: one judgement of its
    /// own and one of each group.
    fn by_enrollment(
        &self,
        claim: &Claim,
        policy: &Policy,
        enrollee: &Enrollee,
    ) -> Result<Result<Believed, Doubt>, Fault> {
        let device = enrollee.device.as_ref();
        Ok(match &enrollee.individual {
            Some(individual) => self
                .by_individual(claim, policy, individual)?
                .inspect_err(|_| drop(self.by_groups(claim, policy, device))),
            None => self.by_groups(claim, policy, device).inspect_err(|_| {
                let _ = self.dummy(claim);
            }),
        })
    }

    fn by_individual(
        &self,
        claim: &Claim,
        policy: &Policy,
        individual: &IndividualEnrollment,
    ) -> Result<Result<Believed, Doubt>, Fault> {
        let terms = &individual.terms;
        let reference =
            self.policies
                .individual_reference(policy, individual.id.octets(), &terms.attestation)?;
        let believed = |proof| Believed {
            credential: BoundCredential {
                method: terms.attestation.method(),
                enrollment: EnrollmentRef::Individual(individual.id),
            },
            group: None,
            terms: terms.clone(),
            ground: ground_of(proof, &claim.evidence, &reference),
        };
        Ok(match self.judged(claim, &reference) {
            Ok(proof) => Ok(believed(proof)),
            // Which kind of credential an id is enrolled with is nobody's business who does not hold it.
            Err(Doubt::MethodNotAccepted | Doubt::TokenMissing | Doubt::CertificateMissing) => {
                Err(self.dummy(claim))
            }
            Err(doubt) => Err(doubt),
        })
    }

    fn by_groups(&self, claim: &Claim, policy: &Policy, device: Option<&Device>) -> Result<Believed, Doubt> {
        match presented(&claim.evidence) {
            Some(chain) => self.by_anchors(claim, chain, policy),
            None => self.by_group_keys(claim, policy, device),
        }
    }

    /// The anchor nearest to the leaf decides alone: also when its group, or it itself, is disabled.
    fn by_anchors(&self, claim: &Claim, chain: &PresentedChain, policy: &Policy) -> Result<Believed, Doubt> {
        let references: Vec<&AnchorReference> =
            policy.anchors.iter().map(|anchor| &*anchor.reference).collect();
        let decision = nearest(chain, &references, &self.context(claim))?;
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

    fn by_group_keys(
        &self,
        claim: &Claim,
        policy: &Policy,
        device: Option<&Device>,
    ) -> Result<Believed, Doubt> {
        let bound = device.map(|device| device.bound.enrollment);
        let is_bound = |group: &&GroupPolicy| Some(EnrollmentRef::Group(group.group.id)) == bound;
        let first = policy.groups.iter().filter(is_bound);
        let rest = policy.groups.iter().filter(|group| !is_bound(group));
        let mut doubt = None;
        for group in first.chain(rest) {
            let Some(keys) = &group.keys else { continue };
            match self.judged(claim, keys) {
                Ok(proof) => {
                    return Ok(Believed::by_group(
                        &group.group,
                        ground_of(proof, &claim.evidence, keys),
                    ));
                }
                // What the token itself lacks is the same for every group.
                Err(other) if other != Doubt::TokenSignature => return Err(other),
                Err(other) => doubt = Some(other),
            }
        }
        Err(doubt.unwrap_or_else(|| self.dummy(claim)))
    }

    /// A proven device acts as itself, with the one right devices have where they belong.
    fn permitted(&self, proven: &Proven) -> Result<(), Failure> {
        let organization = proven.policy.organization.id;
        let caller = Caller {
            principal: Principal::Device {
                registration_id: proven.registration_id.presented().to_owned(),
                device: proven.device.as_ref().map(|device| device.id),
            },
            assignments: vec![Assignment {
                role: Role::Device,
                organization: Some(organization),
            }],
            context: proven.context,
        };
        permit(&caller, Permission::DeviceEnroll, organization)?;
        Ok(())
    }

    fn judged(&self, claim: &Claim, reference: &Reference) -> Result<Proof, Doubt> {
        judge(&claim.evidence, reference, &self.context(claim)).map(|Judgement::Proven(proof)| proof)
    }

    /// The words and the work of a known device, for one of which nothing is known.
    fn dummy(&self, claim: &Claim) -> Doubt {
        judge_unknown(&claim.evidence, &self.decoy, &self.context(claim))
    }

    fn context<'a>(&'a self, claim: &'a Claim) -> Context<'a> {
        Context {
            id_scope: claim.scope.canonical(),
            registration_id: claim.registration_id.presented(),
            now: claim.received_at,
            limits: &self.rules.sas,
        }
    }

    fn doubted(&self, claim: &Claim, doubt: Doubt) -> Failure {
        self.turned_away(doubt.slug(), claim.context.source);
        unproven(doubt)
    }
}

/// The certificates a claim presents, if it does.
fn presented(evidence: &Evidence) -> Option<&PresentedChain> {
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

    fn proven(self, claim: &Claim, policy: Arc<Policy>, enrollee: Enrollee) -> Proven {
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
            ground: self.ground,
        }
    }
}
