// SPDX-License-Identifier: Apache-2.0
//! Reads a profile's configuration as people write it, and reports everything wrong with it at once.

use core::fmt;
use core::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Lifetime, Profile, Rotation, Usage, span};
use crate::certificate::{ExtendedKeyUsage, KeyUsage};

/// A profile as written down. Everything that has a grammar is text here, so that one reading can report all
/// faults together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    /// The version of this form: 1.
    pub schema: u32,
    /// `device`, `server`, or `birth`: for the birth certificates of units on a line.
    pub usage: String,
    /// The longest life, its last second included: `90d`, `12h`, `30m`, `45s`; of a birth certificate also `unlimited`.
    pub validity: String,
    /// How far before the moment of issuing a life begins.
    pub backdate: String,
    /// The kinds of keys it takes: `P-256`, `P-384`, `RSA-2048`, `RSA-3072`, `RSA-4096`, `Ed25519`.
    pub key_algorithms: Vec<String>,
    /// What the key may do: `digitalSignature`, `nonRepudiation`, `keyEncipherment`, `keyAgreement`; each is
    /// granted only to keys that can.
    pub key_usage: Vec<String>,
    /// What for: `clientAuth`, `serverAuth`; a birth certificate may leave it open.
    pub extended_key_usage: Vec<String>,
    /// `optional`, or `required`: a renewal must bring a new key.
    pub rotation: String,
    /// When renewal windows open.
    pub renewal: RenewalConfig,
    /// Whether the key of a birth certificate may be certified as an operational key.
    pub birth_key_as_operational: bool,
    /// The model of the units, written into their birth certificates; for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// When renewal windows open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewalConfig {
    /// Percent of the life passed, 1 to 99.
    pub opens_at_percent: u8,
    /// Percent of the life over which openings are spread, 0 to 50.
    pub jitter_percent: u8,
}

impl ProfileConfig {
    /// The profile for devices that is right unless there is a reason: ninety days, clients.
    #[must_use]
    pub fn device() -> Self {
        Self {
            schema: SCHEMA,
            usage: "device".to_owned(),
            validity: "90d".to_owned(),
            backdate: "1h".to_owned(),
            key_algorithms: texts(&["P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"]),
            key_usage: texts(&["digitalSignature"]),
            extended_key_usage: texts(&["clientAuth"]),
            rotation: "optional".to_owned(),
            renewal: RenewalConfig {
                opens_at_percent: 67,
                jitter_percent: 5,
            },
            birth_key_as_operational: false,
            model: None,
        }
    }

    /// The profile for birth certificates: as long as the unit lives.
    #[must_use]
    pub fn birth() -> Self {
        Self {
            usage: "birth".to_owned(),
            validity: UNLIMITED.to_owned(),
            ..Self::device()
        }
    }

    /// The profile for servers of the house itself: thirty days, servers.
    #[must_use]
    pub fn server() -> Self {
        Self {
            usage: "server".to_owned(),
            validity: "30d".to_owned(),
            key_algorithms: texts(&["P-256", "P-384"]),
            extended_key_usage: texts(&["serverAuth"]),
            ..Self::device()
        }
    }
}

impl Default for ProfileConfig {
    fn default() -> Self {
        Self::device()
    }
}

impl TryFrom<ProfileConfig> for Profile {
    type Error = ProfileFaults;

    fn try_from(config: ProfileConfig) -> Result<Self, ProfileFaults> {
        let mut faults = Vec::new();
        let usage = USAGES.choose(&config.usage, &mut faults);
        let rotation = ROTATIONS.choose(&config.rotation, &mut faults);
        let life = match &*config.validity {
            UNLIMITED => Lifetime::Unlimited,
            validity => Lifetime::Span(span("validity", validity, &mut faults)),
        };
        let backdate = span("backdate", &config.backdate, &mut faults);
        let key_algorithms = list("key_algorithms", &config.key_algorithms, &mut faults);
        let key_usage = list("key_usage", &config.key_usage, &mut faults);
        let extended_key_usage = list("extended_key_usage", &config.extended_key_usage, &mut faults);
        let profile = Self {
            usage,
            life,
            backdate,
            key_algorithms,
            key_usage,
            extended_key_usage,
            rotation,
            config,
        };
        profile.check(&mut faults);
        if faults.is_empty() {
            Ok(profile)
        } else {
            Err(ProfileFaults(faults))
        }
    }
}

impl Profile {
    /// What no part of the configuration can tell alone.
    fn check(&self, faults: &mut Vec<ProfileFault>) {
        let mut require = |holds: bool, field: &'static str, wanted: &'static str| {
            if !holds && !faults.iter().any(|fault| fault.field() == field) {
                faults.push(ProfileFault::Unfit { field, wanted });
            }
        };
        require(
            self.config.schema == SCHEMA,
            "schema",
            "1, the only version there is",
        );
        match self.life {
            Lifetime::Span(span) => require(
                (SHORTEST..=LONGEST).contains(&span),
                "validity",
                "from 5m to 36500d",
            ),
            Lifetime::Unlimited => require(
                self.usage == Usage::Birth,
                "validity",
                "from 5m to 36500d: unlimited are birth certificates only",
            ),
        }
        require(
            self.backdate <= LONGEST_BACKDATE
                && self
                    .backdate
                    .checked_mul(2)
                    .is_some_and(|double| double <= self.life.longest()),
            "backdate",
            "at most half the validity, and at most 3650d",
        );
        require(
            !self.key_algorithms.is_empty(),
            "key_algorithms",
            "a list of one item at least",
        );
        let signs = self.key_usage.contains(&KeyUsage::DigitalSignature);
        require(
            signs,
            "key_usage",
            "digitalSignature among others, or TLS cannot be spoken",
        );
        let has = |purpose| self.extended_key_usage.contains(&purpose);
        let (fits, wanted) = match self.usage {
            Usage::Device => (
                has(ExtendedKeyUsage::ClientAuth),
                "clientAuth among others for devices",
            ),
            Usage::Server => (
                has(ExtendedKeyUsage::ServerAuth),
                "serverAuth among others for servers",
            ),
            Usage::Birth => (
                has(ExtendedKeyUsage::ClientAuth) || self.config.extended_key_usage.is_empty(),
                "clientAuth among others for birth certificates, or an empty list",
            ),
        };
        require(fits, "extended_key_usage", wanted);
        let named = self.config.model.as_deref();
        require(
            named.is_none_or(|model| self.usage == Usage::Birth && is_model(model)),
            "model",
            "1 to 64 characters without control characters or space around them, and only in profiles for birth certificates",
        );
        let renewal = self.config.renewal;
        require(
            (1..=99).contains(&renewal.opens_at_percent),
            "renewal.opens_at_percent",
            "from 1 to 99",
        );
        require(
            renewal.jitter_percent <= 50
                && (renewal.opens_at_percent == 0
                    || self.earliest_opening(self.life.longest()) > self.backdate),
            "renewal.jitter_percent",
            "from 0 to 50, and so small that a window never opens before its certificate is issued",
        );
    }
}

/// Everything wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFaults(pub Vec<ProfileFault>);

impl fmt::Display for ProfileFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the profile is not valid:")?;
        self.0.iter().try_for_each(|fault| write!(f, " {fault};"))
    }
}

impl core::error::Error for ProfileFaults {}

impl ProfileFaults {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        "profile_invalid"
    }
}

/// One thing wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileFault {
    /// Not JSON of this form.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// What the reader said.
        reason: String,
    },
    /// A word that is not among those allowed.
    #[error("{field}: '{found}' is none of {allowed}")]
    Unknown {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What may.
        allowed: &'static str,
    },
    /// A value that does not fit with the others.
    #[error("{field}: must be {wanted}")]
    Unfit {
        /// Where.
        field: &'static str,
        /// What would fit.
        wanted: &'static str,
    },
}

impl ProfileFault {
    /// Where the fault is; empty for the whole.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "",
            Self::Unknown { field, .. } | Self::Unfit { field, .. } => field,
        }
    }
}

/// The words of a field, and what each means.
struct Choices<T: 'static> {
    field: &'static str,
    words: &'static [(&'static str, T)],
    allowed: &'static str,
    /// What is gone on with after a fault, to find the others.
    fallback: T,
}

impl<T: Copy> Choices<T> {
    fn choose(&self, found: &str, faults: &mut Vec<ProfileFault>) -> T {
        let chosen = self.words.iter().find(|(word, _)| *word == found);
        chosen.map_or_else(
            || {
                faults.push(ProfileFault::Unknown {
                    field: self.field,
                    found: found.to_owned(),
                    allowed: self.allowed,
                });
                self.fallback
            },
            |(_, choice)| *choice,
        )
    }
}

fn span(field: &'static str, found: &str, faults: &mut Vec<ProfileFault>) -> Duration {
    span::parse(found).unwrap_or_else(|| {
        let allowed = "a number and one of d, h, m, s, such as 90d";
        faults.push(ProfileFault::Unknown {
            field,
            found: found.to_owned(),
            allowed,
        });
        Duration::ZERO
    })
}

fn list<T: FromStr + PartialEq>(
    field: &'static str,
    found: &[String],
    faults: &mut Vec<ProfileFault>,
) -> Vec<T> {
    let allowed = match field {
        "key_algorithms" => "P-256, P-384, RSA-2048, RSA-3072, RSA-4096, Ed25519",
        "key_usage" => "digitalSignature, nonRepudiation, keyEncipherment, keyAgreement",
        _ => "clientAuth, serverAuth",
    };
    let mut known: Vec<T> = Vec::new();
    for word in found {
        match word.parse() {
            Ok(item) if known.contains(&item) => {
                faults.push(ProfileFault::Unfit {
                    field,
                    wanted: "without repetitions",
                });
            }
            Ok(item) => known.push(item),
            Err(_) => faults.push(ProfileFault::Unknown {
                field,
                found: word.clone(),
                allowed,
            }),
        }
    }
    known
}

/// As an organizational unit can say it (RFC 5280 appendix A.1).
fn is_model(text: &str) -> bool {
    (1..=64).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(char::is_control)
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

const SCHEMA: u32 = 1;
const USAGES: Choices<Usage> = Choices {
    field: "usage",
    words: &[
        ("device", Usage::Device),
        ("server", Usage::Server),
        ("birth", Usage::Birth),
    ],
    allowed: "device, server, birth",
    fallback: Usage::Device,
};
const ROTATIONS: Choices<Rotation> = Choices {
    field: "rotation",
    words: &[("optional", Rotation::Optional), ("required", Rotation::Required)],
    allowed: "optional, required",
    fallback: Rotation::Optional,
};
/// A life without a well-defined end.
const UNLIMITED: &str = "unlimited";
const SHORTEST: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(36_500 * 86_400);
/// What has no end has no half either; nobody's clock is this late.
const LONGEST_BACKDATE: Duration = Duration::from_secs(3_650 * 86_400);
