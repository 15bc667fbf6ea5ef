// SPDX-License-Identifier: Apache-2.0
//! Names the reasons for a revocation (RFC 5280 §5.3.1).

use core::fmt;
use core::str::FromStr;

/// Why a certificate was revoked. Holding is for later: a hold can be lifted, these cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevocationReason {
    /// Nothing is said.
    Unspecified,
    /// The private key is or may be in other hands.
    KeyCompromise,
    /// The device changed hands.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// The device is no more.
    CessationOfOperation,
    /// It lost its right.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// The number of CRLReason.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The reason of a number, as rows keep it.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The stable word for it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key_compromise",
            Self::AffiliationChanged => "affiliation_changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation_of_operation",
            Self::PrivilegeWithdrawn => "privilege_withdrawn",
        }
    }

    /// The number to write, if one is written.
    pub(super) const fn written_code(self) -> Option<u8> {
        match self {
            Self::Unspecified => None,
            Self::KeyCompromise
            | Self::AffiliationChanged
            | Self::Superseded
            | Self::CessationOfOperation
            | Self::PrivilegeWithdrawn => Some(self.code()),
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for RevocationReason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.slug() == text)
            .ok_or(UnknownReason)
    }
}

/// The text names no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "reasons are unspecified, key_compromise, affiliation_changed, superseded, cessation_of_operation and privilege_withdrawn"
)]
pub struct UnknownReason;
