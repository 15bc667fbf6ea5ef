// SPDX-License-Identifier: Apache-2.0
//! Seals what a device proved itself with for the row it is kept in, and opens it there.

use tamga_attestation::Evidence;
use tamga_registry::id::SubmissionId;
use tamga_registry::submission::Submission;

use super::{Policies, Policy};
use crate::refusal::Fault;
use crate::secrets::SecretPlace;

impl Policies {
    /// Seals evidence under the organization's newest data key: the sealed octets, and the key's version.
    pub(crate) fn seal_evidence(
        &self,
        policy: &Policy,
        row: SubmissionId,
        evidence: &Evidence,
    ) -> Result<(Vec<u8>, i64), Fault> {
        let during = "sealing evidence";
        let key = policy.data_keys.iter().max_by_key(|key| key.version);
        let key =
            key.ok_or_else(|| Fault::new(during, "the organization has no data key for device secrets"))?;
        let sealed = self
            .vault
            .seal(key, &place(row.octets()), &evidence.to_kept())
            .map_err(Fault::during_act(during))?;
        Ok((sealed, key.version))
    }

    /// Opens the evidence of a submission.
    pub(crate) fn open_evidence(&self, policy: &Policy, submission: &Submission) -> Result<Evidence, Fault> {
        let during = "opening evidence";
        let version = submission.data_key;
        let key = policy.data_keys.iter().find(|key| key.version == version);
        let key = key.ok_or_else(|| Fault::new(during, format!("data key {version} is missing")))?;
        let kept = self
            .vault
            .open(key, &place(submission.id.octets()), &submission.evidence)
            .map_err(Fault::during_act(during))?;
        Evidence::from_kept(&kept).map_err(Fault::during_act(during))
    }
}

fn place(row: &[u8; 16]) -> SecretPlace<'_> {
    SecretPlace {
        table: "submission",
        row,
        column: "evidence",
    }
}
