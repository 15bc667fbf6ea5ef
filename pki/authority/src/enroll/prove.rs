// SPDX-License-Identifier: Apache-2.0
//! Step one: whose claim is it, and does attestation believe it?

use std::sync::Arc;

use tamga_attestation::{Context, Doubt, Judgement, Proof, Reference, judge, judge_unknown};
use tamga_registry::device::{BoundCredential, Device};
use tamga_registry::enrollment::{EnrollmentRef, Terms};
use tamga_registry::role::{Assignment, Permission, Principal, Role};
use tamga_registry::store::{Enrollee, EnrolleeQuestion};

use super::{Claim, Door, Proven, unproven};
use crate::guard::{Caller, permit};
use crate::policy::{GroupPolicy, Policy};
use crate::refusal::{Failure, Fault};

impl Door {
    /// Judges a claim's evidence by the enrollment it belongs to.
    ///
    /// An individual enrollment goes before any group, also when it is disabled. A symmetric-key device names no
    /// group: the group whose key proves it is the one it belongs to, and the one it is bound to is tried first.
    pub async fn prove(&self, claim: &Claim) -> Result<Proven, Failure> {
        let Some(policy) = self.policies.of(&claim.scope).await? else {
            return Err(self.doubted(claim, self.dummy(claim)));
        };
        let store = &self.means.store;
        let enrollee = store
            .enrollee(&EnrolleeQuestion::of(
                policy.organization.id,
                &claim.registration_id,
            ))
            .await?;
        let device = enrollee.device.as_ref();
        let found = match &enrollee.individual {
            // A refusal costs the same whether the id is enrolled by itself, by a group, or not at all: one judgement
            // of its own and one of each group.
            Some(_) => self.by_individual(claim, &policy, &enrollee)?.inspect_err(|_| {
                drop(self.by_groups(claim, &policy, device));
            }),
            None => self.by_groups(claim, &policy, device).inspect_err(|_| {
                let _ = self.dummy(claim);
            }),
        };
        let believed = found.map_err(|doubt| self.doubted(claim, doubt))?;
        let proven = believed.proven(claim, policy, enrollee.device);
        self.permitted(&proven)?;
        Ok(proven)
    }

    fn by_individual(
        &self,
        claim: &Claim,
        policy: &Policy,
        enrollee: &Enrollee,
    ) -> Result<Result<Believed, Doubt>, Fault> {
        let Some(individual) = &enrollee.individual else {
            return Ok(Err(self.dummy(claim)));
        };
        let terms = &individual.terms;
        let reference =
            self.policies
                .individual_reference(policy, individual.id.octets(), &terms.attestation)?;
        Ok(self.judged(claim, &reference).map(|proof| Believed {
            enrollment: EnrollmentRef::Individual(individual.id),
            group: None,
            terms: terms.clone(),
            proof,
        }))
    }

    fn by_groups(&self, claim: &Claim, policy: &Policy, device: Option<&Device>) -> Result<Believed, Doubt> {
        let bound = device.map(|device| device.bound.enrollment);
        let is_bound = |group: &&GroupPolicy| Some(EnrollmentRef::Group(group.group.id)) == bound;
        let first = policy.groups.iter().filter(is_bound);
        let rest = policy.groups.iter().filter(|group| !is_bound(group));
        let mut doubt = None;
        for group in first.chain(rest) {
            match self.judged(claim, &group.reference) {
                Ok(proof) => {
                    return Ok(Believed {
                        enrollment: EnrollmentRef::Group(group.group.id),
                        group: Some(group.group.name.presented().to_owned()),
                        terms: group.group.terms.clone(),
                        proof,
                    });
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
            now: self.means.now(),
            limits: &self.rules.sas,
        }
    }

    fn doubted(&self, claim: &Claim, doubt: Doubt) -> Failure {
        self.turned_away(doubt.slug(), claim.context.source);
        unproven(doubt)
    }
}

/// Which enrollment proved the device.
struct Believed {
    enrollment: EnrollmentRef,
    group: Option<String>,
    terms: Terms,
    proof: Proof,
}

impl Believed {
    fn proven(self, claim: &Claim, policy: Arc<Policy>, device: Option<Device>) -> Proven {
        Proven {
            registration_id: claim.registration_id.clone(),
            context: claim.context,
            policy,
            credential: BoundCredential {
                method: self.terms.attestation.method(),
                enrollment: self.enrollment,
            },
            birth_facts: None,
            group: self.group,
            terms: self.terms,
            device,
            proof: self.proof,
        }
    }
}
