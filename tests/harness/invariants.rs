// SPDX-License-Identifier: Apache-2.0
//! What holds for every certificate and list a house ever made. Asked at the end of every story, of the verifier.

use tamga_registry::store::Inspection;
use tamga_verify::{Question, Report, Signed, SignedKind, verify};
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::Kind;

use crate::device::Ledger;
use crate::watch::Asked;

/// What the invariants are asked of.
pub struct Evidence<'a> {
    /// What devices were handed.
    pub ledger: &'a Ledger,
    /// Everything the issuers' keys were asked to sign since the house was founded.
    pub asked: &'a [Asked],
    /// Now.
    pub now: Timestamp,
}

impl Evidence<'_> {
    /// Asks them all of what memory holds by now; panics with what was found.
    pub async fn assert_lawful(&self, memory: &dyn Inspection) {
        let report = self.report(memory).await;
        let found: Vec<String> = report.findings.iter().map(told).collect();
        assert!(report.is_clean(), "{}", found.join("\n"));
        assert!(report.counts.authorities > 0, "something was looked at");
    }

    /// Asks them all.
    pub async fn report(&self, memory: &dyn Inspection) -> Report {
        let question = Question {
            without: ASKED_OF_THE_QUIET.map(str::to_owned).to_vec(),
            handed_out: self.ledger.handed_out(),
            signed: self.asked.iter().map(signed).collect(),
            ..Question::as_of(self.now)
        };
        verify(memory, &question, &|_| {})
            .await
            .expect("memory is verified to its end")
    }
}

fn told(finding: &tamga_verify::Finding) -> String {
    let law = finding.law;
    format!(
        "{} {}: {} {} ({})",
        law.invariant, law.name, finding.object, finding.detail, law.holds
    )
}

fn signed(asked: &Asked) -> Signed {
    Signed {
        issuer: asked.issuer.octets().to_vec(),
        digest: asked.digest,
        kind: match asked.kind {
            Kind::Certificate { .. } => SignedKind::Certificate,
            Kind::RevocationList { number } => SignedKind::List { number },
        },
    }
}

/// Promises about time, which a story that lets years pass in a moment cannot keep: intents finished, lists fresh,
/// issuers replaced.
const ASKED_OF_THE_QUIET: [&str; 3] = ["I-06", "I-11", "I-38"];
