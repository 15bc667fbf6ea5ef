// SPDX-License-Identifier: Apache-2.0
//! Gives the tests of this crate keys, issuers, identities and a signing key in software.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature as aws;
use aws_lc_rs::signature::KeyPair;
use std::path::PathBuf;

use crate::authority_certificate::AuthorityDraft;
use crate::certificate::{IssuerCertificate, StatusLocations, Validity};
use crate::key::{KeyAlgorithm, PublicKey, SignatureAlgorithm};
use crate::name::{AuthorityName, DeviceIdentity};
use crate::profile::{DeviceDraft, Profile, ProfileConfig};
use crate::request::Request;
use crate::serial::Serial;
use crate::signer::{Signature, Signer, SignerFault};
use crate::time::Timestamp;
use crate::to_be_signed::ToBeSigned;

/// 2026-11-22T01:02:03.456789Z.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_309_323_456_789);

/// A file below `testdata`.
pub(crate) fn file(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A request below `testdata/requests`.
pub(crate) fn csr(name: &str) -> Vec<u8> {
    file(&format!("requests/{name}.der"))
}

/// A request that must be good.
pub(crate) fn request(name: &str) -> Request {
    Request::parse(&csr(name)).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

/// The device of the fixtures.
pub(crate) fn identity() -> DeviceIdentity {
    DeviceIdentity::new("pump-1", "acme", "tamga.example", "dev_01jd2y").unwrap()
}

/// A serial number whose random part ends in `last`.
pub(crate) fn serial(last: u8) -> Serial {
    let mut random = [0x11; 16];
    random[15] = last;
    Serial::compose(0, NOW, random).unwrap()
}

/// Where the fixtures' status would be.
pub(crate) fn locations() -> StatusLocations {
    StatusLocations {
        crl: Some("http://status.tamga.example/c/iss_1/0.crl".to_owned()),
        issuer: Some("http://status.tamga.example/i/iss_1.cer".to_owned()),
    }
}

/// The profile for devices.
pub(crate) fn device_profile() -> Profile {
    Profile::try_from(ProfileConfig::device()).unwrap()
}

/// A key of the fixtures that signs.
pub(crate) struct TestKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Ecdsa(aws::EcdsaKeyPair),
    Rsa(aws::RsaKeyPair),
    Ed25519(aws::Ed25519KeyPair),
}

impl TestKey {
    /// Loads `testdata/keys/<name>.pk8`.
    pub(crate) fn load(name: &str) -> Self {
        let pkcs8 = file(&format!("keys/{name}.pk8"));
        let (pair, spki) = if name.contains("rsa") {
            let pair = aws::RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
            let spki = spki(
                &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
                &[5, 0],
                pair.public_key().as_ref(),
            );
            (Pair::Rsa(pair), spki)
        } else if name.contains("ed25519") {
            let pair = aws::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8).unwrap();
            let spki = spki(&[0x2b, 0x65, 0x70], &[], pair.public_key().as_ref());
            (Pair::Ed25519(pair), spki)
        } else {
            let p384 = name.contains("p384");
            let algorithm = if p384 {
                &aws::ECDSA_P384_SHA384_ASN1_SIGNING
            } else {
                &aws::ECDSA_P256_SHA256_ASN1_SIGNING
            };
            let pair = aws::EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8).unwrap();
            let curve: &[u8] = if p384 {
                &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]
            } else {
                &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
            };
            let spki = spki(
                &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
                curve,
                pair.public_key().as_ref(),
            );
            (Pair::Ecdsa(pair), spki)
        };
        Self {
            pair,
            public: PublicKey::from_spki_der(&spki).unwrap(),
        }
    }

    /// Signs bare octets, which a real signer never does.
    pub(crate) fn sign_octets(&self, message: &[u8]) -> Vec<u8> {
        #[expect(
            clippy::disallowed_methods,
            reason = "signing in tests may draw from the system"
        )]
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&aws::RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// Signs and assembles.
    pub(crate) fn finish(&self, sealed: &ToBeSigned) -> Vec<u8> {
        let signature = self.sign(sealed).unwrap();
        sealed.verify(&self.public, &signature).unwrap();
        sealed.assemble(&signature)
    }
}

impl Signer for TestKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::default_for(self.public.algorithm())
    }

    fn sign(&self, what: &ToBeSigned) -> Result<Signature, SignerFault> {
        if what.algorithm() != self.algorithm() {
            return Err(SignerFault::Algorithm {
                wanted: what.algorithm(),
                offered: self.algorithm(),
            });
        }
        Ok(Signature::new(self.sign_octets(what.bytes())))
    }
}

/// A self-signed root over the key of this name, valid 2026-11-01 to 2051-11-01.
pub(crate) fn root(key: &TestKey) -> (Vec<u8>, IssuerCertificate) {
    let name = AuthorityName::new("Acme Root", "Acme Pumps").unwrap();
    let validity = Validity::new(
        Timestamp::from_seconds(1_793_491_200),
        Timestamp::from_seconds(2_582_409_600),
    );
    let draft = AuthorityDraft {
        name: &name,
        key: key.public_key(),
        issuer: None,
        serial: serial(1),
        validity: validity.unwrap(),
        locations: &StatusLocations::default(),
    };
    finish(key, draft)
}

/// An issuing authority below the root, valid 2026-11-01 to 2031-11-01.
pub(crate) fn issuer(key: &TestKey) -> (Vec<u8>, IssuerCertificate) {
    let root_key = TestKey::load("root-p256");
    let (_, root) = root(&root_key);
    let name = AuthorityName::new("Acme Devices 1", "Acme Pumps").unwrap();
    let validity = Validity::new(
        Timestamp::from_seconds(1_793_491_200),
        Timestamp::from_seconds(1_951_257_599),
    );
    let draft = AuthorityDraft {
        name: &name,
        key: key.public_key(),
        issuer: Some(&root),
        serial: serial(2),
        validity: validity.unwrap(),
        locations: &StatusLocations {
            crl: Some("http://status.tamga.example/c/iss_0/0.crl".to_owned()),
            issuer: Some("http://status.tamga.example/i/iss_0.cer".to_owned()),
        },
    };
    finish(&root_key, draft)
}

/// The issuer most tests use.
pub(crate) fn p256_issuer() -> (TestKey, IssuerCertificate) {
    let key = TestKey::load("issuer-p256");
    let (_, issuer) = issuer(&key);
    (key, issuer)
}

/// An order for the device of the fixtures.
pub(crate) fn order<'a>(
    request: &'a Request,
    identity: &'a DeviceIdentity,
    issuer: &'a IssuerCertificate,
    locations: &'a StatusLocations,
) -> DeviceDraft<'a> {
    DeviceDraft {
        request,
        identity,
        issuer,
        serial: serial(7),
        now: NOW,
        locations,
    }
}

/// Whether a fixture's kind of key is what its name says.
pub(crate) fn algorithm_of(name: &str) -> KeyAlgorithm {
    match name {
        _ if name.contains("p256") => KeyAlgorithm::EcP256,
        _ if name.contains("p384") => KeyAlgorithm::EcP384,
        _ if name.contains("rsa2048") => KeyAlgorithm::Rsa { bits: 2048 },
        _ if name.contains("rsa3072") => KeyAlgorithm::Rsa { bits: 3072 },
        _ if name.contains("rsa4096") => KeyAlgorithm::Rsa { bits: 4096 },
        _ => KeyAlgorithm::Ed25519,
    }
}

fn finish(key: &TestKey, draft: AuthorityDraft<'_>) -> (Vec<u8>, IssuerCertificate) {
    let sealed = ToBeSigned::certificate(draft.draft().unwrap()).unwrap();
    let der = key.finish(&sealed);
    let certificate = IssuerCertificate::parse(&der).unwrap();
    (der, certificate)
}

/// A SubjectPublicKeyInfo from its parts.
pub(crate) fn spki(kind: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    crate::write::sequence(&mut out, |out| {
        crate::write::sequence(out, |out| {
            crate::write::oid(out, kind);
            out.extend_from_slice(parameters);
        });
        crate::write::bits(out, key);
    });
    out
}
