// SPDX-License-Identifier: Apache-2.0
//! Reads a profile's configuration as people write it, and reports everything wrong with it at once.

use core::fmt;
use core::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Profile, Rotation, Usage, span};
use crate::certificate::{ExtendedKeyUsage, KeyUsage};

/// A profile as written down. Everything that has a grammar is text here, so that one reading can report all
/// faults together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    /// The version of this form: 1.
    pub schema: u32,
    /// `device` or `server`.
    pub usage: String,
    /// The longest life, its last second included: `90d`, `12h`, `30m`, `45s`.
    pub validity: String,
    /// How far before the moment of issuing a life begins.
    pub backdate: String,
    /// The kinds of keys it takes: `P-256`, `P-384`, `RSA-2048`, `RSA-3072`, `RSA-4096`, `Ed25519`.
    pub key_algorithms: Vec<String>,
    /// What the key may do: `digitalSignature`, `nonRepudiation`, `keyEncipherment`, `keyAgreement`; each is
    /// granted only to keys that can.
    pub key_usage: Vec<String>,
    /// What for: `clientAuth`, `serverAuth`.
    pub extended_key_usage: Vec<String>,
    /// `optional`, or `required`: a renewal must bring a new key.
    pub rotation: String,
    /// When renewal windows open.
    pub renewal: RenewalConfig,
    /// Whether the key of a birth certificate may be certified as an operational key.
    pub birth_key_as_operational: bool,
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
        let usage = choose("usage", &config.usage, &USAGES, &mut faults);
        let rotation = choose("rotation", &config.rotation, &ROTATIONS, &mut faults);
        let validity = span("validity", &config.validity, &mut faults);
        let backdate = span("backdate", &config.backdate, &mut faults);
        let key_algorithms = list("key_algorithms", &config.key_algorithms, &mut faults);
        let key_usage = list("key_usage", &config.key_usage, &mut faults);
        let extended_key_usage = list("extended_key_usage", &config.extended_key_usage, &mut faults);
        let profile = Self {
            usage,
            validity,
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
        require(
            (SHORTEST..=LONGEST).contains(&self.validity),
            "validity",
            "from 5m to 36500d",
        );
        require(
            self.backdate
                .checked_mul(2)
                .is_some_and(|double| double <= self.validity),
            "backdate",
            "at most half the validity",
        );
        let signs = self.key_usage.contains(&KeyUsage::DigitalSignature);
        require(
            signs,
            "key_usage",
            "digitalSignature among others, or TLS cannot be spoken",
        );
        let (purpose, wanted) = match self.usage {
            Usage::Device => (
                ExtendedKeyUsage::ClientAuth,
                "clientAuth among others for devices",
            ),
            Usage::Server => (
                ExtendedKeyUsage::ServerAuth,
                "serverAuth among others for servers",
            ),
        };
        require(
            self.extended_key_usage.contains(&purpose),
            "extended_key_usage",
            wanted,
        );
        let renewal = self.config.renewal;
        require(
            (1..=99).contains(&renewal.opens_at_percent),
            "renewal.opens_at_percent",
            "from 1 to 99",
        );
        require(
            renewal.jitter_percent <= 50
                && (renewal.opens_at_percent == 0 || self.earliest_opening(self.validity) > self.backdate),
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

fn choose<T: Copy>(
    field: &'static str,
    found: &str,
    choices: &[(&'static str, T); 2],
    faults: &mut Vec<ProfileFault>,
) -> T {
    let [(first, fallback), (second, _)] = choices;
    choices.iter().find(|(word, _)| *word == found).map_or_else(
        || {
            let allowed = if *first == "device" {
                "device, server"
            } else {
                "optional, required"
            };
            debug_assert!(allowed.contains(second));
            faults.push(ProfileFault::Unknown {
                field,
                found: found.to_owned(),
                allowed,
            });
            *fallback
        },
        |(_, choice)| *choice,
    )
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
    if found.is_empty() {
        faults.push(ProfileFault::Unfit {
            field,
            wanted: "a list of one item at least",
        });
    }
    known
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

const SCHEMA: u32 = 1;
const USAGES: [(&str, Usage); 2] = [("device", Usage::Device), ("server", Usage::Server)];
const ROTATIONS: [(&str, Rotation); 2] = [("optional", Rotation::Optional), ("required", Rotation::Required)];
const SHORTEST: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(36_500 * 86_400);
