// SPDX-License-Identifier: Apache-2.0
//! What is asked of certificates, requests and lists alike: digests, keys, names, locations, all by x509-parser.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension, X509Extension};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// SHA-256.
pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest(&SHA256, octets).as_ref()) {
        *to = *from;
    }
    hash
}

/// For people.
pub(crate) fn hex(octets: &[u8]) -> String {
    HEXLOWER.encode(octets)
}

/// The kind of a key, by the word of a profile; none where no profile has a word for it.
pub(crate) fn key_kind(key: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    let algorithm = &key.algorithm;
    if algorithm.algorithm == OID_SIG_ED25519 {
        return Some("Ed25519".to_owned());
    }
    if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = algorithm.parameters.as_ref()?.as_oid().ok()?;
        let point = key.subject_public_key.data.len();
        // Uncompressed points only (RFC 5480 §2.2).
        return match () {
            () if curve == OID_EC_P256 && point == 65 => Some("P-256".to_owned()),
            () if curve == OID_NIST_EC_P384 && point == 97 => Some("P-384".to_owned()),
            () => None,
        };
    }
    if algorithm.algorithm == OID_PKCS1_RSAENCRYPTION {
        let Ok(PublicKey::RSA(rsa)) = key.parsed() else {
            return None;
        };
        let modulus: &[u8] = match rsa.modulus {
            [0, rest @ ..] => rest,
            whole => whole,
        };
        // An exponent of three octets or more, odd: 65537 is the least that is taken.
        let exponent = rsa.exponent.last().is_some_and(|last| last % 2 == 1) && rsa.exponent.len() > 2;
        let full = modulus.first().is_some_and(|first| *first >= 0x80);
        return (exponent && full).then(|| format!("RSA-{}", modulus.len().saturating_mul(8)));
    }
    None
}

/// The algorithm an issuer's key signs with (RFC 5758 §3.2, RFC 4055 §5, RFC 8410 §3), as dotted numbers.
pub(crate) fn algorithm_of(kind: &str) -> Option<&'static str> {
    match kind {
        "P-256" => Some("1.2.840.10045.4.3.2"),
        "P-384" => Some("1.2.840.10045.4.3.3"),
        "Ed25519" => Some("1.3.101.112"),
        rsa if rsa.starts_with("RSA-") => Some("1.2.840.113549.1.1.11"),
        _ => None,
    }
}

/// The key identifier of RFC 7093 §2 method 1: the leftmost 160 bits of the SHA-256 of the key's bits.
pub(crate) fn key_identifier(key: &SubjectPublicKeyInfo<'_>) -> Vec<u8> {
    let hash = sha256(&key.subject_public_key.data);
    hash.iter().copied().take(20).collect()
}

/// The subject key identifier.
pub(crate) fn subject_key_identifier(extensions: &[X509Extension<'_>]) -> Option<Vec<u8>> {
    extensions.iter().find_map(|extension| {
        let ParsedExtension::SubjectKeyIdentifier(id) = extension.parsed_extension() else {
            return None;
        };
        Some(id.0.to_vec())
    })
}

/// The authority key identifier, where that is all the extension holds.
pub(crate) fn authority_key_identifier(extensions: &[X509Extension<'_>]) -> Option<Vec<u8>> {
    extensions.iter().find_map(|extension| {
        let ParsedExtension::AuthorityKeyIdentifier(id) = extension.parsed_extension() else {
            return None;
        };
        let alone = id.authority_cert_issuer.is_none() && id.authority_cert_serial.is_none();
        id.key_identifier
            .as_ref()
            .filter(|_| alone)
            .map(|id| id.0.to_vec())
    })
}

/// The one URL where the list is, where there is exactly one, and nothing else is said.
pub(crate) fn list_location(extensions: &[X509Extension<'_>]) -> Option<String> {
    extensions.iter().find_map(|extension| {
        let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() else {
            return None;
        };
        let [point] = points.points.as_slice() else {
            return None;
        };
        let alone = point.reasons.is_none() && point.crl_issuer.is_none();
        the_url(point.distribution_point.as_ref()?).filter(|_| alone)
    })
}

/// The one URL of a distribution point.
pub(crate) fn the_url(name: &DistributionPointName<'_>) -> Option<String> {
    let DistributionPointName::FullName(names) = name else {
        return None;
    };
    let [GeneralName::URI(url)] = names.as_slice() else {
        return None;
    };
    Some((*url).to_owned())
}

/// The one URL where the issuer's certificate is (RFC 5280 §4.2.2.1, caIssuers), where nothing else is said.
pub(crate) fn issuer_location(extensions: &[X509Extension<'_>]) -> Option<String> {
    extensions.iter().find_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return None;
        };
        let [one] = access.accessdescs.as_slice() else {
            return None;
        };
        let GeneralName::URI(url) = one.access_location else {
            return None;
        };
        (one.access_method.to_id_string() == CA_ISSUERS).then(|| url.to_owned())
    })
}

const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
