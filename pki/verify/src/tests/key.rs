// SPDX-License-Identifier: Apache-2.0
//! A key that signs whatever it is given, for damage must be signed well to be found as what it is.
#![expect(clippy::disallowed_methods, reason = "keys of a test are nobody's")]

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512,
    RsaEncoding,
};
use tamga_x509::key::PublicKey;

use super::edit::{node, tlv};

/// A key.
pub(super) enum Key {
    /// P-256, as PKCS#8.
    Elliptic(Vec<u8>),
    /// Of 2048 bits.
    Rsa(RsaKeyPair),
}

impl Key {
    pub(super) fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        Self::Elliptic(pkcs8.unwrap().as_ref().to_vec())
    }

    pub(super) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// Its DER SubjectPublicKeyInfo.
    pub(super) fn spki(&self) -> Vec<u8> {
        match self {
            Self::Elliptic(pkcs8) => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).unwrap();
                let bits = [&[0][..], pair.public_key().as_ref()].concat();
                tlv(0x30, &[P256.to_vec(), tlv(0x03, &bits)].concat())
            }
            Self::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey::from_spki_der(&self.spki()).unwrap()
    }

    /// A signed object, by the usual algorithm.
    pub(super) fn seal(&self, tbs: &[u8]) -> Vec<u8> {
        match self {
            Self::Elliptic(pkcs8) => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).unwrap();
                let signature = pair.sign(&SystemRandom::new(), tbs).unwrap();
                assemble(tbs, ECDSA_SHA256, signature.as_ref())
            }
            Self::Rsa(pair) => assemble(tbs, RSA_SHA256, &rsa(pair, &RSA_PKCS1_SHA256, tbs)),
        }
    }

    /// One by SHA-512, which this house never uses: inside, at this place, and outside it says so.
    pub(super) fn seal_by_sha512(&self, tbs: &[u8], inside: usize) -> Vec<u8> {
        let Self::Rsa(pair) = self else {
            panic!("an RSA key signs by any hash")
        };
        let mut tree = node(tbs);
        tree.children[inside] = node(RSA_SHA512);
        let tbs = tree.der();
        assemble(&tbs, RSA_SHA512, &rsa(pair, &RSA_PKCS1_SHA512, &tbs))
    }

    /// A certificate request without any wish.
    pub(super) fn request(&self) -> Vec<u8> {
        let nothing = [tlv(0x02, &[0]), tlv(0x30, &[]), self.spki(), tlv(0xa0, &[])].concat();
        self.seal(&tlv(0x30, &nothing))
    }
}

fn rsa(pair: &RsaKeyPair, by: &'static dyn RsaEncoding, tbs: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(by, &SystemRandom::new(), tbs, &mut signature).unwrap();
    signature
}

fn assemble(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    let bits = [&[0][..], signature].concat();
    tlv(0x30, &[tbs, algorithm, &tlv(0x03, &bits)].concat())
}

/// id-ecPublicKey over prime256v1.
const P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07,
];
const ECDSA_SHA256: &[u8] = &[
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
];
const RSA_SHA256: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00,
];
/// sha512WithRSAEncryption.
pub(super) const RSA_SHA512: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d, 0x05, 0x00,
];
