// SPDX-License-Identifier: Apache-2.0
//! Key pairs of devices, and the requests they sign; by rcgen, which the house does not use for its own.

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair as Rcgen, PublicKeyData as _, SigningKey as _,
};

/// A key pair that never left its device.
pub struct KeyPair(Rcgen);

impl KeyPair {
    /// A new one on P-256.
    pub fn new() -> Self {
        Self::by(&rcgen::PKCS_ECDSA_P256_SHA256)
    }

    /// A new one of some kind.
    pub fn by(kind: &'static rcgen::SignatureAlgorithm) -> Self {
        Self(Rcgen::generate_for(kind).expect("a key pair is made"))
    }

    pub(crate) fn rcgen(&self) -> &Rcgen {
        &self.0
    }

    /// A request with `CN=<registration id>`.
    pub fn request(&self, registration_id: &str) -> Vec<u8> {
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, registration_id);
        self.request_of(name)
    }

    /// A request with an empty subject.
    pub fn request_without_subject(&self) -> Vec<u8> {
        self.request_of(DistinguishedName::new())
    }

    /// A request with `CN=<registration id>` and these attributes, put together and signed by hand.
    pub fn request_with(&self, registration_id: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
        let name = tlv(
            0x30,
            &[
                tlv(0x06, &[vec![0x55, 0x04, 0x03]]),
                tlv(0x0c, &[registration_id.into()]),
            ],
        );
        let subject = tlv(0x30, &[tlv(0x31, &[name])]);
        let version = tlv(0x02, &[vec![0]]);
        let info = tlv(
            0x30,
            &[
                version,
                subject,
                self.0.subject_public_key_info(),
                tlv(0xa0, attributes),
            ],
        );
        let signature = self.0.sign(&info).expect("a signature");
        // ecdsa-with-SHA256, the only one these keys use.
        let algorithm = tlv(
            0x30,
            &[tlv(0x06, &[vec![0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]])],
        );
        tlv(0x30, &[info, algorithm, tlv(0x03, &[vec![0], signature])])
    }

    fn request_of(&self, name: DistinguishedName) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        params
            .serialize_request(&self.0)
            .expect("a request is written")
            .der()
            .to_vec()
    }

    /// SHA-256 of the SubjectPublicKeyInfo.
    pub fn spki_hash(&self) -> [u8; 32] {
        let spki = self.0.subject_public_key_info();
        digest(&SHA256, &spki)
            .as_ref()
            .try_into()
            .expect("SHA-256 has 32 octets")
    }

    /// PKCS #8, PEM.
    pub fn to_pem(&self) -> String {
        self.0.serialize_pem()
    }

    /// PKCS #8, DER.
    pub fn to_der(&self) -> Vec<u8> {
        self.0.serialize_der()
    }
}

/// DER of one element: tag, length, contents one after the other.
pub fn tlv(tag: u8, contents: &[Vec<u8>]) -> Vec<u8> {
    let contents = contents.concat();
    let length = contents.len();
    let octet = |number: usize| u8::try_from(number).expect("an octet");
    let head = match length {
        0..128 => vec![tag, octet(length)],
        128..256 => vec![tag, 0x81, octet(length)],
        _ => vec![tag, 0x82, octet(length >> 8), octet(length & 0xff)],
    };
    [head, contents].concat()
}

impl Default for KeyPair {
    fn default() -> Self {
        Self::new()
    }
}
