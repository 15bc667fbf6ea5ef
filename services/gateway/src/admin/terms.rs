// SPDX-License-Identifier: Apache-2.0
//! What groups and individual enrollments have in common on the wire: how devices prove themselves, and what they get.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use tamga_authority::administer::{NewAttestation, NewEnrollment, RevealedKeys};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{Attestation, RekeyPolicy, Terms};

use super::json::dated;
use super::problem::RimRefusal;

/// The terms a creation asks for; what it leaves out is the house's default.
#[derive(Debug, Default)]
pub(super) struct TermsRequest {
    pub(super) attestation: Option<AttestationRequest>,
    pub(super) profile: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) rekey: Option<RekeyWord>,
    pub(super) rekeys_per_day: Option<i64>,
    pub(super) assigned_hub: Option<String>,
}

impl TermsRequest {
    pub(super) fn named(self, name: RegistrationId) -> Result<NewEnrollment, RimRefusal> {
        Ok(NewEnrollment {
            name,
            attestation: NewAttestation::SymmetricKey(
                self.attestation.map_or(Ok(None), AttestationRequest::keys)?,
            ),
            profile: self.profile,
            issuer: self.issuer,
            rekey: self.rekey.map_or(RekeyPolicy::Allow, Into::into),
            rekeys_per_day: self.rekeys_per_day,
            assigned_hub: self.assigned_hub.map(hub).transpose()?,
        })
    }
}

/// How the devices are to prove themselves.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub(super) enum AttestationRequest {
    /// By symmetric keys: these, or ones made from chance.
    SymmetricKey {
        primary_key: Option<SecretText>,
        secondary_key: Option<SecretText>,
    },
}

impl AttestationRequest {
    fn keys(self) -> Result<Option<(SecretString, SecretString)>, RimRefusal> {
        let Self::SymmetricKey {
            primary_key,
            secondary_key,
        } = self;
        match (primary_key, secondary_key) {
            (Some(primary), Some(secondary)) => Ok(Some((primary.0, secondary.0))),
            (None, None) => Ok(None),
            (Some(_), None) | (None, Some(_)) => Err(RimRefusal::BodyMalformed(
                "give both primaryKey and secondaryKey, or neither to have them made".to_owned(),
            )),
        }
    }
}

/// Text that is never shown, not even by mistake.
#[derive(Debug)]
pub(super) struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// What becomes of a new key inside one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RekeyWord {
    Allow,
    Refuse,
}

impl From<RekeyWord> for RekeyPolicy {
    fn from(word: RekeyWord) -> Self {
        match word {
            RekeyWord::Allow => Self::Allow,
            RekeyWord::Refuse => Self::Refuse,
        }
    }
}

/// Devices connect to it: a host name, perhaps with a port.
fn hub(text: String) -> Result<String, RimRefusal> {
    let plain = text
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b"-.:[]".contains(&octet));
    if plain && (1..=LONGEST_HUB).contains(&text.len()) {
        Ok(text)
    } else {
        Err(RimRefusal::BodyMalformed(
            "assignedHub must be a host name, perhaps with a port".to_owned(),
        ))
    }
}

/// The terms, as they are shown. Keys are never part of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TermsView {
    state: &'static str,
    attestation: AttestationView,
    profile_id: String,
    issuer_id: String,
    rekey: &'static str,
    rekeys_per_day: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_hub: Option<String>,
    created_at: String,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum AttestationView {
    SymmetricKey {
        #[serde(skip_serializing_if = "Option::is_none")]
        primary_key: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        secondary_key: Option<String>,
    },
    X509,
}

impl TermsView {
    pub(super) fn new(terms: &Terms) -> Self {
        Self::with(terms, None)
    }

    /// With the keys, for the one answer that shows them.
    pub(super) fn revealing(terms: &Terms, keys: Option<&RevealedKeys>) -> Self {
        Self::with(terms, keys)
    }

    fn with(terms: &Terms, keys: Option<&RevealedKeys>) -> Self {
        let attestation = match &terms.attestation {
            Attestation::SymmetricKey(_) => AttestationView::SymmetricKey {
                primary_key: keys.map(|keys| keys.primary.expose_secret().to_owned()),
                secondary_key: keys.map(|keys| keys.secondary.expose_secret().to_owned()),
            },
            Attestation::Pinned(_) | Attestation::Anchors(_) => AttestationView::X509,
        };
        Self {
            state: terms.state.word(),
            attestation,
            profile_id: terms.profile.to_string(),
            issuer_id: terms.issuer.to_string(),
            rekey: terms.rekey.word(),
            rekeys_per_day: terms.rekeys_per_day,
            assigned_hub: terms.assigned_hub.clone(),
            created_at: dated(terms.created_at),
        }
    }
}

/// RFC 1035 §2.3.4, a colon and a port.
const LONGEST_HUB: usize = 253 + 6;
