// SPDX-License-Identifier: Apache-2.0
//! How devices are to prove themselves, in the words of the DPS: symmetric keys, pinned certificates, or anchors.

use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use tamga_authority::administer::{NewAttestation, RevealedKeys};
use tamga_registry::enrollment::{Attestation, Method};

use super::malformed;
use crate::admin::certificate_text::{CertificateText, CertificateView};
use crate::admin::problem::RimRefusal;

/// How the devices are to prove themselves.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub(in crate::admin) enum AttestationRequest {
    /// By symmetric keys: these, or ones made from chance.
    SymmetricKey {
        primary_key: Option<SecretText>,
        secondary_key: Option<SecretText>,
    },
    /// By certificates: pinned ones for an individual enrollment, or below anchors for a group.
    X509 {
        client_certificates: Option<Pair<PinnedText>>,
        ca_references: Option<Pair<String>>,
    },
}

/// One that is in use, and perhaps another for when it is rolled.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Pair<T> {
    primary: T,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    secondary: Option<T>,
}

const fn none<T>() -> Option<T> {
    None
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct PinnedText {
    certificate: CertificateText,
}

impl AttestationRequest {
    pub(super) fn asked(self) -> Result<NewAttestation, RimRefusal> {
        match self {
            Self::SymmetricKey {
                primary_key: Some(primary),
                secondary_key: Some(secondary),
            } => Ok(NewAttestation::SymmetricKey(Some((primary.0, secondary.0)))),
            Self::SymmetricKey {
                primary_key: None,
                secondary_key: None,
            } => Ok(NewAttestation::SymmetricKey(None)),
            Self::SymmetricKey { .. } => Err(malformed(
                "give both primaryKey and secondaryKey, or neither to have them made",
            )),
            Self::X509 {
                client_certificates: Some(pins),
                ca_references: None,
            } => Ok(NewAttestation::Pinned {
                primary: pins.primary.certificate.der("primary.certificate")?,
                secondary: pins
                    .secondary
                    .map(|pin| pin.certificate.der("secondary.certificate"))
                    .transpose()?,
            }),
            Self::X509 {
                client_certificates: None,
                ca_references: Some(names),
            } => Ok(NewAttestation::Anchors {
                primary: names.primary.parse()?,
                secondary: names.secondary.map(|name| name.parse()).transpose()?,
            }),
            Self::X509 { .. } => Err(malformed(
                "x509 needs either clientCertificates, for an individual enrollment, or caReferences, which names the trust anchors of a group",
            )),
        }
    }
}

/// How devices prove themselves, as a filter says it: the `type` of an attestation.
pub(super) struct MethodWord(pub(super) Method);

impl FromStr for MethodWord {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "symmetricKey" => Ok(Self(Method::SymmetricKey)),
            "x509" => Ok(Self(Method::CertificateChain)),
            _ => Err("it is symmetricKey or x509"),
        }
    }
}

/// Text that is never shown, not even by mistake.
#[derive(Debug)]
pub(in crate::admin) struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// How the devices prove themselves, as it is shown.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum AttestationView {
    SymmetricKey {
        #[serde(skip_serializing_if = "Option::is_none")]
        primary_key: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        secondary_key: Option<String>,
    },
    #[serde(rename = "x509")]
    Pinned {
        client_certificates: Box<Pair<InfoView>>,
    },
    /// Anchors are shown by their ids, which outlive their names.
    #[serde(rename = "x509")]
    Anchored { ca_references: Pair<String> },
}

#[derive(Debug, Serialize)]
pub(super) struct InfoView {
    info: CertificateView,
}

impl AttestationView {
    pub(super) fn new(attestation: &Attestation, keys: Option<&RevealedKeys>) -> Self {
        let info = |der: &Vec<u8>| InfoView {
            info: CertificateView::of(der),
        };
        match attestation {
            Attestation::SymmetricKey(_) => Self::SymmetricKey {
                primary_key: keys.map(|keys| keys.primary.expose_secret().to_owned()),
                secondary_key: keys.map(|keys| keys.secondary.expose_secret().to_owned()),
            },
            Attestation::Pinned(pins) => Self::Pinned {
                client_certificates: Box::new(Pair {
                    primary: info(&pins.primary),
                    secondary: pins.secondary.as_ref().map(info),
                }),
            },
            Attestation::Anchors(anchors) => Self::Anchored {
                ca_references: Pair {
                    primary: anchors.primary.to_string(),
                    secondary: anchors.secondary.map(|id| id.to_string()),
                },
            },
        }
    }
}
