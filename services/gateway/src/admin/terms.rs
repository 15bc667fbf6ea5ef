// SPDX-License-Identifier: Apache-2.0
//! What groups and individual enrollments have in common on the wire: how devices prove themselves, what they get.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use tamga_authority::administer::{NewTerms, RevealedKeys};
use tamga_registry::enrollment::{Attestation, RekeyPolicy, Terms};

use super::json::dated;

/// What a creation may say of the terms; what it leaves out is the house's default.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AttestationRequest {
    r#type: AttestationType,
    primary_key: Option<SecretText>,
    secondary_key: Option<SecretText>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum AttestationType {
    #[default]
    SymmetricKey,
}
