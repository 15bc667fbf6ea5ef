// SPDX-License-Identifier: Apache-2.0
//! What an operator can set: one TOML file, every key with a default, unknown keys refused, all faults told at once.
//!
//! [`mod@reference`] is the one place that documents every key; `docs/reference/settings.md` is written from it.

pub mod reference;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tamga_attestation::SasLimits;
use tamga_authority::enroll::DoorRules;
use tamga_authority::fulfil::HandRules;
use tamga_authority::publish::PublishRules;
use tamga_registry::issuer::StatusUrl;
use tamga_runtime::listener::{ListenerConfig, Plane};
use tamga_runtime::settings::{HumanDuration, SettingsFault, load};
use tamga_runtime::telemetry::TelemetrySettings;
use tamga_x509::name::{DeviceIdentity, ServerNames};

use crate::exit::{End, Failure};
use crate::house::HouseSettings;

/// The settings file as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The SPIFFE trust domain of device certificates.
    pub trust_domain: String,
    /// The base of the status URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_url: Option<String>,
    /// Answered as `assignedHub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_hub: Option<String>,
    /// The TLS certificate.
    pub tls: Tls,
    /// Tokens of devices.
    pub token: Token,
    /// Certificate revocation lists.
    pub revocation_list: RevocationList,
    /// The hand.
    pub hand: HandSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where to listen; empty = what the command listens at by itself.
    #[serde(rename = "listener")]
    pub listeners: Vec<ListenerConfig>,
}

/// The section `[tls]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// DNS names and IP addresses devices reach the service by.
    pub names: Vec<String>,
}

/// The section `[token]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Token {
    /// Tolerated difference of clocks.
    pub skew: HumanDuration,
    /// How far ahead a token may end.
    pub maximum_lifetime: HumanDuration,
}

/// The section `[revocation_list]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RevocationList {
    /// From thisUpdate to nextUpdate.
    pub validity: HumanDuration,
    /// How often a list is published when nothing is revoked.
    pub period: HumanDuration,
}

/// The section `[hand]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandSettings {
    /// Orders committed at once, at most.
    pub batch: usize,
    /// Orders that may wait before the door has to.
    pub queue: usize,
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// [`SettingsFault`] with everything that is wrong in it.
    pub fn load(path: &Path) -> Result<Self, SettingsFault> {
        load(path)
    }

    /// The settings of a house in a data directory, with these listeners where the file names none.
    ///
    /// # Errors
    /// A failure that names every value that makes no sense, one a line.
    pub fn house(&self, data: PathBuf, listeners: Vec<ListenerConfig>) -> Result<HouseSettings, Failure> {
        let mut faults = self.faults();
        let names = self
            .server_names()
            .inspect_err(|fault| faults.push(fault.clone()));
        let status_url = self
            .status_url
            .as_deref()
            .map(str::parse::<StatusUrl>)
            .transpose();
        let status_url = status_url.inspect_err(|fault| faults.push(format!("status_url: {fault}")));
        let organization = FIRST_ORGANIZATION.parse();
        let (Ok(server_names), Ok(status_url), Ok(organization), true) =
            (names, status_url, organization, faults.is_empty())
        else {
            return Err(Failure::new(
                End::Usage,
                format!("the settings are refused:\n  {}", faults.join("\n  ")),
            ));
        };
        let listeners = if self.listeners.is_empty() {
            listeners
        } else {
            self.listeners.clone()
        };
        Ok(HouseSettings {
            data,
            listeners,
            status_url,
            trust_domain: self.trust_domain.clone(),
            organization,
            server_names,
            assigned_hub: self.assigned_hub.clone(),
            door: self.door(),
            hand: HandRules {
                batch: self.hand.batch,
                queue: self.hand.queue,
                ..HandRules::default()
            },
            lists: PublishRules {
                validity: self.revocation_list.validity.0,
                period: self.revocation_list.period.0,
                ..PublishRules::default()
            },
            status: tamga_status::StatusSettings::default(),
        })
    }

    fn door(&self) -> DoorRules {
        let sas = SasLimits {
            skew: self.token.skew.0,
            maximum_lifetime: self.token.maximum_lifetime.0,
        };
        DoorRules {
            sas,
            ..DoorRules::default()
        }
    }

    fn server_names(&self) -> Result<ServerNames, String> {
        let (mut dns, mut ip) = (Vec::new(), Vec::new());
        for name in &self.tls.names {
            match name.parse::<IpAddr>() {
                Ok(address) => ip.push(address),
                Err(_) => dns.push(name.clone()),
            }
        }
        ServerNames::new(&dns, &ip).map_err(|fault| format!("tls.names: {fault}"))
    }

    /// What is well-formed and makes no sense.
    fn faults(&self) -> Vec<String> {
        let lists = &self.revocation_list;
        let socketless =
            |plane| !self.listeners.is_empty() && !self.listeners.iter().any(|one| one.plane == plane);
        let checks = [
            (
                DeviceIdentity::new("x", FIRST_ORGANIZATION, &self.trust_domain, SOME_DEVICE).is_err(),
                "trust_domain: give a DNS-like name in lower case, such as \"devices.example\"",
            ),
            (
                self.hand.batch == 0,
                "hand.batch: nothing would ever be committed; give at least 1",
            ),
            (
                self.hand.queue == 0,
                "hand.queue: nobody could ever wait; give at least 1",
            ),
            (
                lists.period.0 < SHORTEST_PERIOD,
                "revocation_list.period: give at least 1m; revocations are published at once whatever it is",
            ),
            (
                lists.validity.0 < lists.period.0.saturating_mul(2),
                "revocation_list.validity: give at least twice revocation_list.period, so that one late list does no harm",
            ),
            (
                self.token.maximum_lifetime.0.is_zero(),
                "token.maximum_lifetime: every token would be refused; give a duration such as \"1d\"",
            ),
            (
                self.token.skew.0 > LONGEST_SKEW,
                "token.skew: give at most 1d; a longer one would make tokens live that much longer",
            ),
            (
                socketless(Plane::Device) || socketless(Plane::Status),
                "listener: name at least one of plane device and one of plane status, or none at all",
            ),
        ];
        checks
            .into_iter()
            .filter(|(wrong, _)| *wrong)
            .map(|(_, sentence)| sentence.to_owned())
            .collect()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trust_domain: "tamga.internal".to_owned(),
            status_url: None,
            assigned_hub: None,
            tls: Tls::default(),
            token: Token::default(),
            revocation_list: RevocationList::default(),
            hand: HandSettings::default(),
            telemetry: TelemetrySettings::default(),
            listeners: Vec::new(),
        }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            names: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        let limits = SasLimits::default();
        Self {
            skew: HumanDuration(limits.skew),
            maximum_lifetime: HumanDuration(limits.maximum_lifetime),
        }
    }
}

impl Default for RevocationList {
    fn default() -> Self {
        let rules = PublishRules::default();
        Self {
            validity: HumanDuration(rules.validity),
            period: HumanDuration(rules.period),
        }
    }
}

impl Default for HandSettings {
    fn default() -> Self {
        let rules = HandRules::default();
        Self {
            batch: rules.batch,
            queue: rules.queue,
        }
    }
}

/// The slug of the organization that the first start makes.
pub const FIRST_ORGANIZATION: &str = "default";
/// Stands in for a device when only the trust domain is judged.
const SOME_DEVICE: &str = "dev_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const SHORTEST_PERIOD: Duration = Duration::from_secs(60);
const LONGEST_SKEW: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests;
