// SPDX-License-Identifier: Apache-2.0
//! The key a device's certificate is for: made once, kept in a file of mode 0600, used again ever after.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use tamga_registry::device::RegistrationId;
use zeroize::Zeroizing;

use crate::files::{Audience, FileFault, put, read_secret};

/// The kinds of key a device makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyType {
    /// ECDSA over P-256.
    #[default]
    P256,
    /// ECDSA over P-384.
    P384,
    /// RSA of 2048 bits.
    Rsa2048,
    /// Ed25519.
    Ed25519,
}

/// A device's key pair.
pub struct DeviceKey(KeyPair);

/// Why there is no usable key pair.
#[derive(Debug, thiserror::Error)]
pub enum KeyPairFault {
    /// Its file.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The file holds no private key.
    #[error(
        "{0} holds no private key in PEM: choose another --out, or move the file away to have a new key made"
    )]
    NotAKey(String),
    /// The file holds a key of another type than was asked for.
    #[error(
        "{path} holds a key of another type than {wanted}: leave --key-type out to use it, or choose another --out"
    )]
    OtherType {
        /// The file.
        path: String,
        /// What was asked for.
        wanted: KeyType,
    },
    /// The cryptographic library failed.
    #[error("no key or request could be made: {0}")]
    Library(#[from] rcgen::Error),
}

impl DeviceKey {
    /// The key in the file; a new one, durable when this returns, when there is none.
    ///
    /// # Errors
    /// [`KeyPairFault`], also when the key there is of another type than the one asked for.
    pub fn kept_in(path: &Path, wanted: Option<KeyType>) -> Result<Self, KeyPairFault> {
        if !path.exists() {
            let key = wanted.unwrap_or_default().generate()?;
            put(
                path,
                Zeroizing::new(key.serialize_pem()).as_bytes(),
                Audience::Owner,
            )?;
            return Ok(Self(key));
        }
        let octets = read_secret(path)?;
        let shown = path.display().to_string();
        let pem = std::str::from_utf8(&octets).map_err(|_| KeyPairFault::NotAKey(shown.clone()))?;
        let key = KeyPair::from_pem(pem).map_err(|_| KeyPairFault::NotAKey(shown.clone()))?;
        match wanted {
            Some(wanted) if !wanted.is_type_of(&key) => Err(KeyPairFault::OtherType { path: shown, wanted }),
            Some(_) | None => Ok(Self(key)),
        }
    }

    /// A request for a certificate (PKCS #10), DER. An id too long for a common name stays out of it.
    ///
    /// # Errors
    /// [`KeyPairFault::Library`].
    pub fn request(&self, registration_id: &RegistrationId) -> Result<Vec<u8>, KeyPairFault> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        if registration_id.presented().len() <= LONGEST_COMMON_NAME {
            parameters
                .distinguished_name
                .push(DnType::CommonName, registration_id.presented());
        }
        Ok(parameters.serialize_request(&self.0)?.der().to_vec())
    }
}

impl DeviceKey {
    /// A certificate about the key, signed by itself, DER.
    ///
    /// # Errors
    /// [`KeyPairFault::Library`].
    pub fn self_signed(&self, parameters: &CertificateParams) -> Result<Vec<u8>, KeyPairFault> {
        Ok(parameters.self_signed(&self.0)?.der().to_vec())
    }
}

impl KeyType {
    /// Every type, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::P256, Self::P384, Self::Rsa2048, Self::Ed25519];

    fn algorithm(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            Self::Rsa2048 => &rcgen::PKCS_RSA_SHA256,
            Self::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }

    /// The library makes RSA keys of 2048 bits unless told otherwise.
    fn generate(self) -> Result<KeyPair, rcgen::Error> {
        KeyPair::generate_for(self.algorithm())
    }

    fn is_type_of(self, key: &KeyPair) -> bool {
        key.algorithm() == self.algorithm()
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Rsa2048 => "RSA-2048",
            Self::Ed25519 => "Ed25519",
        })
    }
}

impl FromStr for KeyType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL
            .into_iter()
            .find(|kind| kind.to_string().eq_ignore_ascii_case(text));
        found.ok_or_else(|| "choose one of P-256, P-384, RSA-2048, Ed25519".to_owned())
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DeviceKey(secret)")
    }
}

/// X.520's upper bound of a common name.
const LONGEST_COMMON_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use tamga_x509::key::PublicKey;
    use tamga_x509::request::Request;

    #[test]
    fn a_key_of_every_type_is_made_once_and_its_request_is_sound() {
        let folder = tempfile::tempdir().unwrap();
        let id: RegistrationId = "Pump-1".parse().unwrap();
        for kind in KeyType::ALL {
            let file = folder.path().join(kind.to_string());
            let first = DeviceKey::kept_in(&file, Some(kind))
                .unwrap()
                .request(&id)
                .unwrap();
            let again = DeviceKey::kept_in(&file, None).unwrap().request(&id).unwrap();
            let keys = [first, again].map(|der| spki(&Request::parse(&der).unwrap()));
            assert_eq!(keys[0], keys[1], "{kind}: the same key");
        }
    }

    fn spki(request: &Request) -> Vec<u8> {
        PublicKey::spki_der(request.public_key()).to_vec()
    }

    #[test]
    fn a_key_of_another_type_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.pem");
        DeviceKey::kept_in(&file, None).unwrap();
        let fault = DeviceKey::kept_in(&file, Some(KeyType::Ed25519)).unwrap_err();
        assert!(matches!(fault, KeyPairFault::OtherType { .. }), "{fault}");
        put(&file, b"nothing", Audience::Owner).unwrap();
        assert!(matches!(
            DeviceKey::kept_in(&file, None),
            Err(KeyPairFault::NotAKey(_))
        ));
    }

    #[test]
    fn a_long_id_stays_out_of_the_subject() {
        let folder = tempfile::tempdir().unwrap();
        let key = DeviceKey::kept_in(&folder.path().join("key.pem"), None).unwrap();
        let id: RegistrationId = "x".repeat(128).parse().unwrap();
        Request::parse(&key.request(&id).unwrap()).unwrap();
    }
}
