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

impl Refusal {
    /// What the refusals of a slug say, where they always say the same, or nearly so.
    pub(crate) fn sentence_of(slug: &str) -> Option<String> {
        let told = told_later().chain(told_to_operators());
        let known = told.into_iter().find(|refusal| refusal.slug() == slug);
        let known = known.map(|refusal| refusal.to_string());
        known.or_else(|| {
            let (_, sentence) = ENDS.iter().find(|(known, _)| *known == slug)?;
            Some((*sentence).to_owned())
        })
    }
}

/// What only operators are refused by, and that says all by itself.
fn told_to_operators() -> impl Iterator<Item = Refusal> {
    [
        Refusal::BeyondOwnRights,
        Refusal::OwnRole,
        Refusal::RoleHeld,
        Refusal::LastAdministrator,
        Refusal::AnchorInUse,
        Refusal::CertificateInUse,
        Refusal::ListNotNewer,
        Refusal::KeyReused,
        Refusal::CertificateExpired,
    ]
    .into_iter()
}

/// Slugs whose sentences hold more than is written down of them, and the ends of orders that were given up.
const ENDS: &[(&str, &str)] = &[
    (
        "not_found",
        "there is no such thing in this organization, or the caller may not see it: check its name or id",
    ),
    (
        "invalid",
        "a member of the body says something impossible: the answer named which one, and what is expected",
    ),
    (
        "forbidden",
        "the caller's roles in this organization do not hold what the act needs: an administrator can give one that does",
    ),
    (
        "device_rekeyed",
        "before it was signed, its device was bound to another credential: by that one the device asks again by itself",
    ),
    (
        "unit_reworked",
        "before it was signed, the unit was reworked: it may have one more certificate at a station, under a new key",
    ),
    (
        "name_taken",
        "there is already one of this name: choose another name",
    ),
    (
        "intent_too_old",
        "nobody could sign in time what was promised, and its serial is revoked: the device asks again by itself",
    ),
    (
        "no_longer_allowed",
        "before it was signed, its device, enrollment, organization or issuer was disabled, suspended or revoked: undo that, \
         and the device asks again by itself",
    ),
    (
        "csr_malformed",
        "the certificate request is not one PKCS #10 request in DER: the device must send exactly one, as RFC 2986 says",
    ),
    (
        "csr_too_large",
        "the certificate request is too large: the device must send the key and at most what the profile grants",
    ),
    (
        "csr_signature",
        "the signature of the certificate request does not verify: the device must sign with the key that is in it",
    ),
    (
        "csr_algorithm",
        "the certificate request is signed in a way that is not taken: ECDSA or RSA PKCS #1 v1.5 with SHA-2, or Ed25519",
    ),
    (
        "key_type_refused",
        "the profile takes no keys of this kind: the device must make one of another kind, or the profile must take it",
    ),
    (
        "key_invalid",
        "the public key is none, or no sound one: the device must make another",
    ),
    (
        "weak_key",
        "the public key is too weak: the device must make a stronger one",
    ),
    (
        "csr_duplicate",
        "the certificate request asks for something twice: the device must ask once",
    ),
    (
        "csr_ca_requested",
        "the certificate request asks for an authority: devices are none",
    ),
    (
        "csr_key_usage",
        "the certificate request asks for key usages beyond the profile: ask for less, or let the profile grant them",
    ),
    (
        "csr_extended_key_usage",
        "the certificate request asks for purposes beyond the profile: ask for less, or let the profile grant them",
    ),
    (
        "csr_foreign_extension",
        "the certificate request asks for an extension that the authority alone decides: leave it out",
    ),
    (
        "csr_subject",
        "the certificate request asks for another subject than the device's own: leave it empty",
    ),
    (
        "unit_number",
        "a birth certificate cannot number this unit: its serialNumber has 1 to 64 letters, digits, '-', '.' or ':'; give the unit \
         such a registration id",
    ),
    (
        "csr_names",
        "the certificate request asks for other names than the device's own: leave them out",
    ),
];

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

    #[test]
    fn an_operator_is_told_what_a_slug_means() {
        let slugs = told_later()
            .chain(told_to_operators())
            .map(|refusal| refusal.slug());
        for slug in slugs
            .chain(CSR_SLUGS)
            .chain(["not_found", "invalid", "name_taken", "no_longer_allowed"])
        {
            assert!(
                Refusal::sentence_of(slug).is_some(),
                "write a sentence for {slug}"
            );
        }
        assert_eq!(Refusal::sentence_of("unheard_of"), None);
    }
}
