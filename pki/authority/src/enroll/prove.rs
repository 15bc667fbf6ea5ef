// SPDX-License-Identifier: Apache-2.0
//! Step one: whose claim is it, and does attestation believe it?

use tamga_attestation::{Context, Doubt, Evidence, judge_unknown};
use tamga_registry::role::{Assignment, Permission, Principal, Role};
use tamga_registry::store::{Enrollee, EnrolleeQuestion};

use super::judge::{Believed, Judge, presented};
use super::{Claim, Door, Proven, own_certificate, unproven};
use crate::chain::Testimony;
use crate::guard::{Caller, permit};
use crate::policy::Policy;
use crate::refusal::{Failure, Fault};

impl Door {
    /// Judges a claim's evidence by the enrollment it belongs to.
    ///
    /// A certificate of ours proves its device by itself. Else an individual enrollment goes before any group, also
    /// when it is disabled. A device names no group: the one whose key proves its token is the one it belongs to, and
    /// the one it is bound to is tried first; of certificates, the anchor nearest to the leaf decides.
    pub async fn prove(&self, claim: &Claim) -> Result<Proven, Failure> {
        let evidence = match &claim.testimony {
            Testimony::Own(evidence) => evidence,
            Testimony::Station(word) => return self.prove_by_word(claim, word).await,
        };
        let Some(policy) = self.policies.of(&claim.scope).await? else {
            return Err(self.doubted(claim, self.dummy(claim, evidence)));
        };
        let chain = presented(evidence);
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
            None => self.by_enrollment((claim, evidence), &policy, &enrollee)?,
        };
        let believed = found.map_err(|doubt| self.doubted(claim, doubt))?;
        let proven = believed.proven(claim, policy, enrollee);
        self.permitted(&proven)?;
        Ok(proven)
    }

    fn by_enrollment(
        &self,
        (claim, evidence): (&Claim, &Evidence),
        policy: &Policy,
        enrollee: &Enrollee,
    ) -> Result<Result<Believed, Doubt>, Fault> {
        let named = match &enrollee.individual {
            Some(individual) => Some((
                individual,
                self.policies.individual_reference(
                    policy,
                    individual.id.octets(),
                    &individual.terms.attestation,
                )?,
            )),
            None => None,
        };
        let judge = Judge::new(evidence, self.context(claim), policy, &self.decoy);
        let found = judge.judge(named.as_ref(), enrollee.device.as_ref());
        tracing::trace!(judgements = judge.judgements(), "judged by enrollment");
        Ok(found)
    }

    /// A proven device acts as itself, with the one right devices have where they belong.
    fn permitted(&self, proven: &Proven) -> Result<(), Failure> {
        let organization = proven.policy.organization.id;
        let device = Principal::Device {
            registration_id: proven.registration_id.presented().to_owned(),
            device: proven.device.as_ref().map(|device| device.id),
        };
        let itself = Assignment {
            role: Role::Device,
            organization: Some(organization),
        };
        let caller = Caller::new(device, vec![itself], proven.context);
        permit(&caller, Permission::DeviceEnroll, &[organization])?;
        Ok(())
    }

    /// The words and the work of a known device, where not even the scope is known.
    fn dummy(&self, claim: &Claim, evidence: &Evidence) -> Doubt {
        judge_unknown(evidence, &self.decoy, &self.context(claim))
    }

    fn context<'a>(&'a self, claim: &'a Claim) -> Context<'a> {
        Context {
            id_scope: claim.scope.canonical(),
            registration_id: claim.registration_id.presented(),
            now: claim.received_at,
            judged_at: self.means.now(),
            limits: &self.rules.sas,
        }
    }

    fn doubted(&self, claim: &Claim, doubt: Doubt) -> Failure {
        self.turned_away(doubt.slug(), claim.context.source);
        unproven(doubt)
    }
}
