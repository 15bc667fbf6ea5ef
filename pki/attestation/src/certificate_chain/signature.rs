// SPDX-License-Identifier: Apache-2.0
//! Verifies the signature of a certificate or list, whoever made it, by the algorithms paths are validated with.

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Reader, Sequence, SliceReader};
use rustls_pki_types::SignatureVerificationAlgorithm;

/// No SHA-1, no RSA below 2048 bits, no curve but P-256, P-384, P-521 and Ed25519.
pub(super) static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = webpki::ALL_VERIFICATION_ALGS;

/// Something signed, as RFC 5280 §4.1.1 and §5.1.1 wrap it.
pub(super) struct Signed<'a> {
    /// What the signature is over, header included.
    message: &'a [u8],
    /// Contents of the AlgorithmIdentifier.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        Self::parse(der).ok().flatten()
    }

    fn parse(der: &'a [u8]) -> der::Result<Option<Self>> {
        let outer = AnyRef::from_der(der)?;
        let mut fields = SliceReader::new(outer.value())?;
        let message = fields.tlv_bytes()?;
        let algorithm = AnyRef::decode(&mut fields)?.value();
        let signature = BitStringRef::decode(&mut fields)?.as_bytes();
        Ok(signature.map(|signature| Self {
            message,
            algorithm,
            signature,
        }))
    }

    /// Whether the key of this SubjectPublicKeyInfo made the signature.
    pub(super) fn verifies(&self, spki: &[u8]) -> bool {
        let Ok(key) = Key::from_der(spki) else {
            return false;
        };
        let Some(point) = key.bits.as_bytes() else {
            return false;
        };
        ALGORITHMS
            .iter()
            .filter(|candidate| {
                candidate.signature_alg_id().as_ref() == self.algorithm
                    && candidate.public_key_alg_id().as_ref() == key.algorithm.value()
            })
            .any(|candidate| {
                candidate
                    .verify_signature(point, self.message, self.signature)
                    .is_ok()
            })
    }
}

/// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
#[derive(Sequence)]
struct Key<'a> {
    algorithm: AnyRef<'a>,
    bits: BitStringRef<'a>,
}
