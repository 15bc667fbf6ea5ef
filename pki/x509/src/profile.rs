// SPDX-License-Identifier: Apache-2.0
//! Says what a kind of certificate looks like, judges requests against it, and drafts.

mod birth;
mod config;
mod draft;
mod judge;
mod span;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::certificate::{ExtendedKeyUsage, KeyUsage};
use crate::key::KeyAlgorithm;

pub use config::{ProfileConfig, ProfileFault, ProfileFaults, RenewalConfig};
pub use draft::{DeviceDraft, DraftRefusal, ServerDraft};

/// A profile: a configuration that was checked as a whole. Revisions never change; a new one is a new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    config: ProfileConfig,
    usage: Usage,
    life: Lifetime,
    backdate: Duration,
    key_algorithms: Vec<KeyAlgorithm>,
    key_usage: Vec<KeyUsage>,
    extended_key_usage: Vec<ExtendedKeyUsage>,
    rotation: Rotation,
}

/// Whom a profile is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Devices, named by their SPIFFE ID.
    Device,
    /// Servers of ours, named by DNS names and addresses.
    Server,
    /// Units on a line, numbered once for all their life (IDevID, IEEE 802.1AR §8).
    Birth,
}

/// How long what a profile grants lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifetime {
    /// This long, its last second included.
    Span(Duration),
    /// Without a well-defined end.
    Unlimited,
}

impl Lifetime {
    /// What it is at most, to be compared with.
    const fn longest(self) -> Duration {
        match self {
            Self::Span(span) => span,
            Self::Unlimited => Duration::MAX,
        }
    }
}

/// Whether a renewal must bring a new key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The same key may be certified again, as keys in a TPM usually are.
    Optional,
    /// It may not.
    Required,
}

/// When the renewal window opens, in percent of the life that has passed, and by how many percent the opening
/// is spread among devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenewalPolicy {
    /// 1 to 99.
    pub opens_at_percent: u8,
    /// 0 to 50.
    pub jitter_percent: u8,
}

impl Profile {
    /// Reads a profile from the JSON of its configuration.
    ///
    /// # Errors
    /// [`ProfileFaults`] with every fault at once; unreadable JSON and unknown keys come alone.
    pub fn from_json(json: &str) -> Result<Self, ProfileFaults> {
        let config: ProfileConfig = serde_json::from_str(json).map_err(|error| {
            ProfileFaults(vec![ProfileFault::Unreadable {
                reason: error.to_string(),
            }])
        })?;
        Self::try_from(config)
    }

    /// The JSON of its configuration: the same for equal profiles, fit to be stored and digested.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, integers and booleans under fixed keys: there is nothing in it that could fail.
        serde_json::to_string(&self.config).unwrap_or_default()
    }

    /// The configuration it was made from.
    #[must_use]
    pub const fn config(&self) -> &ProfileConfig {
        &self.config
    }

    /// Whom it is for.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.usage
    }

    /// Whether a renewal must bring a new key.
    #[must_use]
    pub const fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// When renewal windows open.
    #[must_use]
    pub const fn renewal_policy(&self) -> RenewalPolicy {
        let renewal = self.config.renewal;
        RenewalPolicy {
            opens_at_percent: renewal.opens_at_percent,
            jitter_percent: renewal.jitter_percent,
        }
    }

    /// How long after its notBefore the renewal window of a certificate of this length opens at the earliest.
    fn earliest_opening(&self, length: Duration) -> Duration {
        let renewal = self.config.renewal;
        let share = renewal.opens_at_percent.saturating_sub(renewal.jitter_percent);
        length
            .checked_mul(u32::from(share))
            .and_then(|hundredfold| hundredfold.checked_div(100))
            .unwrap_or(length)
    }

    /// The longest life of a certificate, its last second included; absent where it has no well-defined end.
    #[must_use]
    pub const fn maximum_validity(&self) -> Option<Duration> {
        match self.life {
            Lifetime::Span(span) => Some(span),
            Lifetime::Unlimited => None,
        }
    }

    /// How far back a certificate's life begins, for devices whose clock is late.
    #[must_use]
    pub const fn backdate(&self) -> Duration {
        self.backdate
    }

    /// Whether the key of a birth certificate may be certified as an operational key.
    #[must_use]
    pub const fn birth_key_as_operational(&self) -> bool {
        self.config.birth_key_as_operational
    }

    /// Whether it takes keys of this kind.
    #[must_use]
    pub fn accepts(&self, key: KeyAlgorithm) -> bool {
        self.key_algorithms.contains(&key)
    }

    /// The usages a certificate over a key of this kind gets: what the profile grants, as far as the key can.
    fn usages_for(&self, key: KeyAlgorithm) -> Vec<KeyUsage> {
        self.key_usage
            .iter()
            .copied()
            .filter(|usage| usage.suits(key))
            .collect()
    }
}
