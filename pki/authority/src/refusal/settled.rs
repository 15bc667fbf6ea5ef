// SPDX-License-Identifier: Apache-2.0
//! Refusals that were told by another process: stored as slug and sentence, read back as what they were.

use tamga_attestation::Doubt;
use tamga_registry::admission::Denial;
use tamga_registry::submission::Settlement;

use super::Refusal;

impl Refusal {
    /// In the form that is stored.
    pub(crate) fn settlement(&self) -> Settlement {
        Settlement::Refused {
            slug: self.slug().to_owned(),
            sentence: self.to_string(),
        }
    }

    /// As it was, from the form that is stored. Some refusals share a slug: then the sentence tells them apart.
    ///
    /// What only another version of this program refuses is answered as an order that failed: asked again, the door at
    /// hand judges for itself.
    pub(crate) fn settled(slug: &str, sentence: &str) -> Self {
        let mut alike = None;
        for refusal in told_later() {
            if refusal.slug() == slug {
                if refusal.to_string() == sentence {
                    return refusal;
                }
                alike.get_or_insert(refusal);
            }
        }
        let overruled = || {
            let slug = CSR_SLUGS.iter().find(|known| **known == slug)?;
            Some(Self::Overruled {
                slug,
                sentence: sentence.to_owned(),
            })
        };
        alike.or_else(overruled).unwrap_or_else(|| {
            tracing::warn!(slug, sentence, "another version of this program refused a device");
            Self::Denied(Denial::OrderFailed)
        })
    }
}

/// Every refusal that may be told after a door has proved a device and read its request, and that says all by itself.
fn told_later() -> impl Iterator<Item = Refusal> {
    let denials = Denial::ALL.into_iter().map(Refusal::Denied);
    let doubts = DOUBTS.into_iter().map(Refusal::Unproven);
    denials.chain(doubts).chain([
        Refusal::CertificateRevoked,
        Refusal::NotFound("station"),
        Refusal::SubmissionTooOld,
        Refusal::SubmissionUnreadable,
        Refusal::SubmissionsCrowded,
    ])
}

const DOUBTS: [Doubt; 15] = [
    Doubt::TokenMissing,
    Doubt::TokenExpired,
    Doubt::TokenLifetime,
    Doubt::TokenScope,
    Doubt::TokenPlane,
    Doubt::TokenSignature,
    Doubt::CertificateMissing,
    Doubt::CertificateKey,
    Doubt::ChainExpired,
    Doubt::CertificateName,
    Doubt::CertificateUntrusted,
    Doubt::ChainRevoked,
    Doubt::CertificateStatusUnknown,
    Doubt::CertificateReplaced,
    Doubt::MethodNotAccepted,
];

/// Refusals of requests that a profile may come to after a door has read the request.
const CSR_SLUGS: [&str; 15] = [
    "csr_malformed",
    "csr_too_large",
    "csr_signature",
    "csr_algorithm",
    "key_type_refused",
    "key_invalid",
    "weak_key",
    "csr_duplicate",
    "csr_ca_requested",
    "csr_key_usage",
    "csr_extended_key_usage",
    "csr_foreign_extension",
    "csr_subject",
    "csr_names",
    "unit_number",
];

#[cfg(test)]
mod tests {
    use tamga_x509::request::CsrRefusal;

    use super::*;

    fn again(refusal: &Refusal) -> Refusal {
        let Settlement::Refused { slug, sentence } = refusal.settlement() else {
            panic!("a refusal is stored as one")
        };
        Refusal::settled(&slug, &sentence)
    }

    #[test]
    fn a_refusal_told_later_is_the_one_that_was_meant() {
        for refusal in told_later() {
            assert_eq!(again(&refusal), refusal);
        }
        for doubt in DOUBTS {
            match doubt {
                // One that is new does not compile here: add it to the list, unless only a parser comes to it.
                Doubt::TokenMalformed(_) | Doubt::CertificateMalformed(_) => {
                    panic!("no stored evidence is malformed")
                }
                Doubt::TokenMissing
                | Doubt::TokenExpired
                | Doubt::TokenLifetime
                | Doubt::TokenScope
                | Doubt::TokenPlane
                | Doubt::TokenSignature
                | Doubt::CertificateMissing
                | Doubt::CertificateKey
                | Doubt::ChainExpired
                | Doubt::CertificateName
                | Doubt::CertificateUntrusted
                | Doubt::ChainRevoked
                | Doubt::CertificateStatusUnknown
                | Doubt::CertificateReplaced
                | Doubt::MethodNotAccepted => {}
            }
        }
    }

    #[test]
    fn what_a_changed_profile_refuses_keeps_its_code_and_its_sentence() {
        let refusal = Refusal::Csr(CsrRefusal::KeyType {
            found: "RSA 2048".to_owned(),
            accepted: "EC P-256".to_owned(),
        });
        let told = again(&refusal);
        assert_eq!(told.slug(), refusal.slug());
        assert_eq!(told.to_string(), refusal.to_string());
    }

    #[test]
    fn what_nobody_here_knows_is_a_failed_order() {
        let told = Refusal::settled("moon_in_the_wrong_house", "wait for the new moon");
        assert_eq!(told, Refusal::Denied(Denial::OrderFailed));
    }
}
