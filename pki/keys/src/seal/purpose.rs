// SPDX-License-Identifier: Apache-2.0
//! What a sealing key is for: each process receives only the root keys of the purposes it serves.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// What the secrets under one root key are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// What devices prove themselves with: the symmetric keys of groups and enrollments.
    DeviceSecrets,
    /// Private keys of issuers kept in software.
    IssuerKeys,
    /// Delegated status keys and the service's own TLS keys.
    ServiceKeys,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 3] = [Self::DeviceSecrets, Self::IssuerKeys, Self::ServiceKeys];

    /// Stable name, in files and under seals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeviceSecrets => "device_secrets",
            Self::IssuerKeys => "issuer_keys",
            Self::ServiceKeys => "service_keys",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no purpose. It is not repeated, for it may come from a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a purpose: name device_secrets, issuer_keys or service_keys")]
pub struct UnknownPurpose;

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or(UnknownPurpose)
    }
}
