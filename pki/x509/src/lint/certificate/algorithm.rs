// SPDX-License-Identifier: Apache-2.0
//! The signature algorithm is the one of the issuer's key, with the parameters its RFC wants.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use const_oid::db::rfc8410::ID_ED_25519;

use super::CertificateReading;
use crate::key::SignatureAlgorithm;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "algorithm",
    source: "RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    matches(reading.tbs.signature(), reading.expectation.algorithm)
}

/// Revocation lists obey the same rule.
pub(in crate::lint) fn matches(
    found: &x509_cert::spki::AlgorithmIdentifierOwned,
    wanted: SignatureAlgorithm,
) -> Result<(), String> {
    let (oid, has_null): (ObjectIdentifier, bool) = match wanted {
        SignatureAlgorithm::EcdsaSha256 => (ECDSA_WITH_SHA_256, false),
        SignatureAlgorithm::EcdsaSha384 => (ECDSA_WITH_SHA_384, false),
        SignatureAlgorithm::EcdsaSha512 => (ECDSA_WITH_SHA_512, false),
        SignatureAlgorithm::RsaSha256 => (SHA_256_WITH_RSA_ENCRYPTION, true),
        SignatureAlgorithm::RsaSha384 => (SHA_384_WITH_RSA_ENCRYPTION, true),
        SignatureAlgorithm::RsaSha512 => (SHA_512_WITH_RSA_ENCRYPTION, true),
        SignatureAlgorithm::Ed25519 => (ID_ED_25519, false),
    };
    same(&found.oid, &oid)?;
    match &found.parameters {
        None if !has_null => Ok(()),
        Some(parameters) if has_null && parameters.is_null() => Ok(()),
        _ => Err("the parameters are not those of the algorithm".to_owned()),
    }
}
