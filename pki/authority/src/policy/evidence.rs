// SPDX-License-Identifier: Apache-2.0
//! Seals what a device proved itself with for the row it is kept in, together with what it proved it for.
//!
//! Evidence is a credential: on its own, whoever can write rows could give it another request to prove. So the seal
//! holds the request as well, and opens only beside the very same one.

use tamga_attestation::Evidence;
use tamga_registry::submission::Submission;
use zeroize::Zeroizing;

use super::{Policies, Policy};
use crate::chain::Testimony;
use crate::refusal::{Failure, Fault, Refusal};
use crate::secrets::SecretPlace;
use crate::word::StationWord;

impl Policies {
    /// The submission with its evidence, sealed under the organization's newest data key.
    pub(crate) fn seal_evidence(
        &self,
        policy: &Policy,
        submission: Submission,
        testimony: &Testimony,
    ) -> Result<Submission, Fault> {
        let during = "sealing evidence";
        let key = policy.data_keys.iter().max_by_key(|key| key.version);
        let key =
            key.ok_or_else(|| Fault::new(during, "the organization has no data key for device secrets"))?;
        let asked = spelled(&submission);
        let kept = match testimony {
            Testimony::Own(evidence) => evidence.to_kept(),
            Testimony::Station(word) => Zeroizing::new(word.to_kept()),
        };
        let mut plain = Zeroizing::new(Vec::with_capacity(asked.len().saturating_add(kept.len())));
        plain.extend_from_slice(&asked);
        plain.extend_from_slice(&kept);
        let sealed = self
            .vault
            .seal(key, &place(submission.id.octets()), &plain)
            .map_err(Fault::during_act(during))?;
        Ok(Submission {
            evidence: sealed,
            data_key: key.version,
            ..submission
        })
    }

    /// Opens the evidence of a submission. One that no door of ours sealed for this request is refused: it will never
    /// open.
    pub(crate) fn open_evidence(
        &self,
        policy: &Policy,
        submission: &Submission,
    ) -> Result<Testimony, Failure> {
        let unreadable = |why: String| {
            tracing::error!(submission = %submission.id, why, "evidence does not open; it is refused");
            Failure::from(Refusal::SubmissionUnreadable)
        };
        let version = submission.data_key;
        let key = policy.data_keys.iter().find(|key| key.version == version);
        let key = key.ok_or_else(|| unreadable(format!("there is no data key {version}")))?;
        let place = place(submission.id.octets());
        let plain = match self.vault.open(key, &place, &submission.evidence) {
            Ok(plain) => plain,
            Err(fault) => {
                // Where the data key itself does not open, nothing can be said of the evidence: that is ours.
                let tried = self.vault.seal(key, &place, &[]);
                tried.map_err(Fault::during_act("opening evidence"))?;
                return Err(unreadable(fault.to_string()));
            }
        };
        let kept = plain
            .strip_prefix(spelled(submission).as_slice())
            .ok_or_else(|| unreadable("it was sealed for another request".to_owned()))?;
        let Some(station) = submission.station else {
            let evidence = Evidence::from_kept(kept).map_err(|error| unreadable(error.to_string()))?;
            return Ok(evidence.into());
        };
        let word = StationWord::from_kept(kept).filter(|word| word.station() == station);
        let word = word.ok_or_else(|| unreadable("it is not the word of its station".to_owned()))?;
        Ok(Testimony::Station(word))
    }
}

fn place(row: &[u8; 16]) -> SecretPlace<'_> {
    SecretPlace {
        table: "submission",
        row,
        column: "evidence",
    }
}

/// What the evidence is to prove, each part behind its length, so that no two requests spell the same.
fn spelled(submission: &Submission) -> Vec<u8> {
    let received_at = submission.received_at.as_micros().to_be_bytes();
    let csr = submission.csr.as_deref();
    let parts: [&[u8]; 6] = [
        submission.scope.canonical().as_bytes(),
        submission.registration_id.presented().as_bytes(),
        submission.operation.octets(),
        &received_at,
        &[u8::from(csr.is_some())],
        csr.unwrap_or_default(),
    ];
    let mut spelled = vec![if submission.station.is_some() {
        FORM_AT_STATION
    } else {
        FORM
    }];
    for part in parts {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        spelled.extend_from_slice(&length.to_be_bytes());
        spelled.extend_from_slice(part);
    }
    spelled
}

/// The first octet of what is sealed: a process of another version that spells otherwise is told so.
const FORM: u8 = 1;
/// The same where a station gave its word: evidence of the one kind is never taken for the other.
const FORM_AT_STATION: u8 = 2;
