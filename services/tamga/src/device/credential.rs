// SPDX-License-Identifier: Apache-2.0
//! What a device proves itself with: a symmetric key, its own or derived from its group's, and tokens signed with it; or
//! a birth certificate.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tamga_attestation::SymmetricKey;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::IdScope;
use tamga_x509::time::Timestamp;

use super::birth::BirthCertificate;
use crate::files::{FileFault, read_secret};

/// What one device proves itself with.
pub struct Credential(Kind);

enum Kind {
    /// Its own symmetric key.
    Key(SymmetricKey),
    /// A certificate it shows.
    Certificate(BirthCertificate),
}

/// Why a key file holds no key.
#[derive(Debug, thiserror::Error)]
pub enum CredentialFault {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// It holds something else.
    #[error(
        "{path} holds no symmetric key: {what}; it should hold one line of base64, or the JSON that --keys-file wrote"
    )]
    Content {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
}

/// What `--keys-file` writes. Other members are of no use to a device.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeysFile {
    primary_key: String,
}

impl Credential {
    /// The device's key, derived from its group's primary key, which is read from a file of mode 0600.
    ///
    /// # Errors
    /// [`CredentialFault`] when the file is open to others or holds no key.
    pub fn of_group(file: &Path, registration_id: &RegistrationId) -> Result<Self, CredentialFault> {
        Ok(Self::from_key(key_in(file)?.derive(registration_id.presented())))
    }

    /// The device's own key, read from a file of mode 0600.
    ///
    /// # Errors
    /// [`CredentialFault`] when the file is open to others or holds no key.
    pub fn own(file: &Path) -> Result<Self, CredentialFault> {
        key_in(file).map(Self::from_key)
    }

    /// A key that is at hand.
    pub fn from_key(key: SymmetricKey) -> Self {
        Self(Kind::Key(key))
    }

    /// A birth certificate that is at hand.
    pub fn from_certificate(certificate: BirthCertificate) -> Self {
        Self(Kind::Certificate(certificate))
    }

    /// What it shows in the TLS handshake, if it does.
    pub(super) fn certificate(&self) -> Option<&BirthCertificate> {
        match &self.0 {
            Kind::Key(_) => None,
            Kind::Certificate(certificate) => Some(certificate),
        }
    }

    /// The value of an Authorization header for this registration, good for an hour from now, if it signs tokens.
    pub fn token(
        &self,
        scope: &IdScope,
        registration_id: &RegistrationId,
        now: Timestamp,
    ) -> Option<SecretString> {
        let Kind::Key(own) = &self.0 else { return None };
        let resource = format!("{scope}/registrations/{registration_id}");
        let resource = utf8_percent_encode(&resource, RESERVED).to_string();
        let expires = now.saturating_add(TOKEN_LIFE).seconds();
        let key = hmac::Key::new(hmac::HMAC_SHA256, own.expose_octets());
        let tag = hmac::sign(&key, format!("{resource}\n{expires}").as_bytes());
        let signature = BASE64.encode(tag.as_ref());
        let signature = utf8_percent_encode(&signature, RESERVED);
        let token =
            format!("SharedAccessSignature sr={resource}&sig={signature}&se={expires}&skn=registration");
        Some(token.into())
    }
}

fn key_in(file: &Path) -> Result<SymmetricKey, CredentialFault> {
    let octets = read_secret(file)?;
    let fault = |what: String| CredentialFault::Content {
        path: file.display().to_string(),
        what,
    };
    let text = std::str::from_utf8(&octets)
        .map_err(|_| fault("it is not text".to_owned()))?
        .trim();
    let key: SecretString = match text.starts_with('{') {
        // The error of the parser names a place, never what stands there.
        true => serde_json::from_str::<KeysFile>(text)
            .map_err(|error| fault(format!("line {} is not what was expected", error.line())))?
            .primary_key
            .into(),
        false => text.to_owned().into(),
    };
    SymmetricKey::from_base64(key.expose_secret()).map_err(|refusal| fault(refusal.to_string()))
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Credential(secret)")
    }
}

/// As released clients do: everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Audience, put};
    use tamga_attestation::{
        Context, Evidence, Reference, SasLimits, SasToken, SymmetricKeyReference, judge,
    };

    // The documented vector of the derivation.
    const GROUP_KEY: &str =
        "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw==";

    fn key(text: &str) -> SymmetricKey {
        SymmetricKey::from_base64(text).unwrap()
    }

    #[test]
    fn a_token_of_a_group_s_device_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let (scope, id): (IdScope, RegistrationId) =
            ("0tmAB12CD34".parse().unwrap(), "Pump:1".parse().unwrap());
        let now = Timestamp::from_seconds(1_795_000_000);
        for (name, content) in [
            ("plain", format!("{GROUP_KEY}\n")),
            (
                "json",
                format!("{{\"group\":\"x\",\"primaryKey\":\"{GROUP_KEY}\",\"secondaryKey\":\"y\"}}"),
            ),
        ] {
            let file = folder.path().join(name);
            put(&file, content.as_bytes(), Audience::Owner).unwrap();
            let token = Credential::of_group(&file, &id)
                .unwrap()
                .token(&scope, &id, now)
                .unwrap();
            let token = SasToken::parse(token.expose_secret()).unwrap();
            let pair = SymmetricKeyReference {
                primary: key(GROUP_KEY),
                secondary: key(GROUP_KEY),
                derived: true,
            };
            let limits = SasLimits::default();
            let scope = scope.to_string();
            let context = Context {
                id_scope: &scope,
                registration_id: id.presented(),
                now,
                judged_at: now,
                limits: &limits,
            };
            judge(
                &Evidence::SymmetricKey(token),
                &Reference::SymmetricKey(pair),
                &context,
            )
            .unwrap();
        }
    }

    #[test]
    fn a_key_file_without_a_key_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        for wrong in ["", "c2hvcnQ=", "{\"secondaryKey\":\"hidden\"}", "hidden words"] {
            put(&file, wrong.as_bytes(), Audience::Owner).unwrap();
            let fault = Credential::own(&file).unwrap_err().to_string();
            assert!(
                fault.contains("holds no symmetric key") && !fault.contains("hidden"),
                "{fault}"
            );
        }
    }
}
