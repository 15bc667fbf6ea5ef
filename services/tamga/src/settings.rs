// SPDX-License-Identifier: Apache-2.0
//! What an operator can set: one TOML file, every key with a default, unknown keys refused, all faults told at once.
//!
//! Sections that processes of their own have as well are theirs; `docs/reference/settings.md` is written from [`mod@reference`].

pub mod reference;
pub mod setup;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tamga_attestation::SasLimits;
use tamga_authority::enroll::DoorRules;
use tamga_gateway::settings::{ApiTokenSettings, approval_rules};
use tamga_registry::issuer::StatusUrl;
use tamga_runtime::listener::{ListenerConfig, Plane};
use tamga_runtime::settings::{
    ApprovalSettings, ProcessSettings, SettingsFault, TokenSettings, listener_faults, load,
};
use tamga_runtime::telemetry::TelemetrySettings;
use tamga_signer::settings::{HandSettings, RevocationList, Submissions, Tls};
use tamga_status::settings::CacheSettings;
use tamga_x509::name::DeviceIdentity;

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
    pub token: TokenSettings,
    /// Acts that wait for a second person.
    pub approvals: ApprovalSettings,
    /// Certificate revocation lists.
    pub revocation_list: RevocationList,
    /// The hand.
    pub hand: HandSettings,
    /// What waits for the hand.
    pub submission: Submissions,
    /// Tokens of people and programs.
    pub api_token: ApiTokenSettings,
    /// Caches.
    pub cache: CacheSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where to listen; empty = what the command listens at by itself.
    #[serde(rename = "listener")]
    pub listeners: Vec<ListenerConfig>,
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
        let faults = self.faults();
        let refused = |faults: &[String]| {
            Failure::new(
                End::Usage,
                format!("the settings are refused:\n  {}", faults.join("\n  ")),
            )
        };
        if !faults.is_empty() {
            return Err(refused(&faults));
        }
        let server_names = self.tls.server_names().map_err(|fault| refused(&[fault]))?;
        let status_url = self
            .status_url
            .as_deref()
            .map(str::parse::<StatusUrl>)
            .transpose();
        let status_url = status_url.map_err(|fault| refused(&[fault.to_string()]))?;
        let organization = FIRST_ORGANIZATION.parse();
        let organization = organization.map_err(|fault| Failure::fault(&fault))?;
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
            hand: self.hand.rules(),
            clerk: self.submission.rules(),
            tokens: self.api_token.rules(),
            lists: self.revocation_list.rules(),
            status: self.cache.ages(),
            approvals: approval_rules(&self.approvals),
        })
    }

    fn door(&self) -> DoorRules {
        let sas = SasLimits {
            skew: self.token.skew.0,
            maximum_lifetime: self.token.maximum_lifetime.0,
        };
        DoorRules {
            sas,
            most_waiting: self.submission.most_waiting,
            ..DoorRules::default()
        }
    }
}

/// What is wrong with a trust domain.
pub(crate) fn trust_domain_fault(trust_domain: &str) -> Option<String> {
    let judged = DeviceIdentity::new("x", FIRST_ORGANIZATION, trust_domain, SOME_DEVICE);
    judged
        .is_err()
        .then(|| "trust_domain: give a DNS-like name in lower case, such as \"devices.example\"".to_owned())
}

impl ProcessSettings for Settings {
    fn telemetry(&self) -> &TelemetrySettings {
        &self.telemetry
    }

    fn listeners(&self) -> &[ListenerConfig] {
        &self.listeners
    }

    fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = trust_domain_fault(&self.trust_domain).into_iter().collect();
        let status_url = self.status_url.as_deref().map(str::parse::<StatusUrl>);
        if let Some(Err(fault)) = status_url {
            faults.push(format!("status_url: {fault}"));
        }
        faults.extend(self.tls.server_names().err());
        faults.extend(self.token.faults());
        faults.extend(self.approvals.faults());
        faults.extend(self.revocation_list.faults());
        faults.extend(self.hand.faults());
        faults.extend(self.submission.faults());
        faults.extend(self.api_token.faults());
        if !self.listeners.is_empty() {
            let serves = [Plane::Device, Plane::Admin, Plane::Status];
            faults.extend(listener_faults(
                &self.listeners,
                &serves,
                &[Plane::Device, Plane::Status],
            ));
        }
        faults
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trust_domain: "tamga.internal".to_owned(),
            status_url: None,
            assigned_hub: None,
            tls: Tls::default(),
            token: TokenSettings::default(),
            approvals: ApprovalSettings::default(),
            revocation_list: RevocationList::default(),
            hand: HandSettings::default(),
            submission: Submissions::default(),
            api_token: ApiTokenSettings::default(),
            cache: CacheSettings::default(),
            telemetry: TelemetrySettings::default(),
            listeners: Vec::new(),
        }
    }
}

/// The slug of the organization that the first start makes.
pub const FIRST_ORGANIZATION: &str = "default";
/// Stands in for a device when only the trust domain is judged.
const SOME_DEVICE: &str = "dev_aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[cfg(test)]
mod tests;
