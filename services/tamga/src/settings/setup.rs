// SPDX-License-Identifier: Apache-2.0
//! The settings file of `tamga setup` and `tamga migrate`: what is decided once, and where it is kept.

use serde::{Deserialize, Serialize};
use tamga_registry::issuer::StatusUrl;
use tamga_registry::organization::OrganizationSlug;
use tamga_runtime::listener::ListenerConfig;
use tamga_runtime::settings::reference::{Key, key};
use tamga_runtime::settings::{DatabaseSettings, ProcessSettings, database};
use tamga_runtime::telemetry::{self, TelemetrySettings};
use tamga_signer::settings::{SEALING, Sealing};

use super::{FIRST_ORGANIZATION, trust_domain_fault};
use crate::founding::Foundation;

/// The settings of `tamga setup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetupSettings {
    /// The SPIFFE trust domain of device certificates.
    pub trust_domain: String,
    /// The base of the status URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_url: Option<String>,
    /// The slug of the first organization.
    pub organization: String,
    /// Memory, as its owner.
    pub database: DatabaseSettings,
    /// Root sealing keys; made where they are not there.
    pub sealing: Sealing,
    /// Logs.
    pub telemetry: TelemetrySettings,
}

impl Default for SetupSettings {
    fn default() -> Self {
        Self {
            trust_domain: "tamga.internal".to_owned(),
            status_url: None,
            organization: FIRST_ORGANIZATION.to_owned(),
            database: DatabaseSettings::default(),
            sealing: Sealing::default(),
            telemetry: TelemetrySettings::default(),
        }
    }
}

impl SetupSettings {
    /// What is decided once.
    ///
    /// # Errors
    /// A sentence that names the key at fault.
    pub fn foundation(&self) -> Result<Foundation, String> {
        let status_url = self.status_url.as_deref().ok_or(NO_STATUS_URL)?;
        let status_url = status_url.parse::<StatusUrl>();
        let organization = self.organization.parse::<OrganizationSlug>();
        Ok(Foundation {
            trust_domain: self.trust_domain.clone(),
            status_url: status_url.map_err(|fault| format!("status_url: {fault}"))?,
            organization: organization.map_err(|fault| format!("organization: {fault}"))?,
        })
    }
}

impl ProcessSettings for SetupSettings {
    fn telemetry(&self) -> &TelemetrySettings {
        &self.telemetry
    }

    fn listeners(&self) -> &[ListenerConfig] {
        &[]
    }

    fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = trust_domain_fault(&self.trust_domain).into_iter().collect();
        match self.status_url.as_deref().map(str::parse::<StatusUrl>) {
            None => faults.push(NO_STATUS_URL.to_owned()),
            Some(Err(fault)) => faults.push(format!("status_url: {fault}")),
            Some(Ok(_)) => {}
        }
        let organization = self.organization.parse::<OrganizationSlug>();
        faults.extend(organization.err().map(|fault| format!("organization: {fault}")));
        faults.extend(self.database.faults());
        faults.extend(self.sealing.faults());
        faults
    }
}

const NO_STATUS_URL: &str = "status_url: give the URL under which status servers are reached from outside, such as \"http://pki.example\"; it stands in every certificate and never changes";

/// The keys of `setup.toml`, in the order of the file.
#[must_use]
pub fn keys() -> Vec<Key> {
    [
        &[
            super::reference::TRUST_DOMAIN,
            super::reference::STATUS_URL,
            ORGANIZATION,
        ],
        database::KEYS,
        SEALING,
        telemetry::KEYS,
    ]
    .concat()
}

const ORGANIZATION: Key = key(
    "organization",
    "name",
    "\"default\"",
    "The slug of the first organization, made once. It stands in every certificate of its devices and never changes.",
);
