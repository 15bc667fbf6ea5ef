// SPDX-License-Identifier: Apache-2.0
//! The settings files of gateways: one type a plane, so that what does not belong to a plane is refused.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tamga_attestation::SasLimits;
use tamga_authority::enroll::DoorRules;
use tamga_authority::secrets::{RootedVault, Vault};
use tamga_registry::secret::SealingPurpose;
use tamga_runtime::duty::Ailment;
use tamga_runtime::listener::{self, Address, ListenerConfig, Plane};
use tamga_runtime::settings::reference::{Key, key};
use tamga_runtime::settings::sealing::{DEVICE_SECRETS, SERVICE_KEYS, missing};
use tamga_runtime::settings::{
    DatabaseSettings, ProcessSettings, SecretFile, TokenSettings, database, listener_faults, token,
};
use tamga_runtime::telemetry::{self, TelemetrySettings};
use tamga_x509::chance::Chance;

use crate::process::device::DeviceRules;
use crate::process::start::{AdminGateway, DeviceGateway};

/// The settings of `tamga-gateway --plane device`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceGatewaySettings {
    /// Answered as `assignedHub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_hub: Option<String>,
    /// Memory.
    pub database: DatabaseSettings,
    /// Root sealing keys.
    pub sealing: DeviceSealing,
    /// Tokens of devices.
    pub token: TokenSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where to listen.
    #[serde(rename = "listener")]
    pub listeners: Vec<ListenerConfig>,
}

/// The settings of `tamga-gateway --plane admin`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminGatewaySettings {
    /// Memory.
    pub database: DatabaseSettings,
    /// Root sealing keys.
    pub sealing: AdminSealing,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where to listen.
    #[serde(rename = "listener")]
    pub listeners: Vec<ListenerConfig>,
}

/// The section `[sealing]` of the device plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceSealing {
    /// Unseals what devices prove themselves with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_secrets: Option<SecretFile>,
    /// Unseals the key of the TLS certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_keys: Option<SecretFile>,
}

/// The section `[sealing]` of the admin plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminSealing {
    /// Seals what devices prove themselves with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_secrets: Option<SecretFile>,
    /// Unseals the key of the TLS certificate, for a listener on the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_keys: Option<SecretFile>,
}

impl DeviceGatewaySettings {
    /// What the plane is told.
    pub fn rules(&self) -> DeviceRules {
        let sas = SasLimits {
            skew: self.token.skew.0,
            maximum_lifetime: self.token.maximum_lifetime.0,
        };
        DeviceRules {
            door: DoorRules {
                sas,
                ..DoorRules::default()
            },
            assigned_hub: self.assigned_hub.clone(),
        }
    }
}

impl DeviceGatewaySettings {
    /// The gateway they describe.
    pub fn gateway(&self) -> DeviceGateway {
        DeviceGateway {
            listeners: self.listeners.clone(),
            sealing: self.sealing.clone(),
            rules: self.rules(),
        }
    }
}

impl AdminGatewaySettings {
    /// The gateway they describe. `owner` is the operating-system user that administers, beside root.
    pub fn gateway(&self, owner: u32) -> AdminGateway {
        AdminGateway {
            listeners: self.listeners.clone(),
            sealing: self.sealing.clone(),
            owner,
        }
    }
}

/// The vault over one root.
///
/// # Errors
/// A sentence when the root is not named, not in reach, or another one.
pub(crate) fn vault(
    purpose: SealingPurpose,
    file: Option<&SecretFile>,
    chance: &Arc<dyn Chance>,
) -> Result<Arc<dyn Vault>, Ailment> {
    let file = file.ok_or_else(|| format!("sealing.{}: name the file of the root key", purpose.word()))?;
    let vault = RootedVault::from_texts([(purpose, file.read()?)], chance.clone())?;
    Ok(Arc::new(vault))
}

impl ProcessSettings for DeviceGatewaySettings {
    fn telemetry(&self) -> &TelemetrySettings {
        &self.telemetry
    }

    fn listeners(&self) -> &[ListenerConfig] {
        &self.listeners
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        let Self { sealing, .. } = self;
        faults.extend(missing(&DEVICE_SECRETS, sealing.device_secrets.as_ref()));
        faults.extend(missing(&SERVICE_KEYS, sealing.service_keys.as_ref()));
        faults.extend(self.token.faults());
        faults.extend(listener_faults(
            &self.listeners,
            &[Plane::Device],
            &[Plane::Device],
        ));
        faults
    }
}

impl ProcessSettings for AdminGatewaySettings {
    fn telemetry(&self) -> &TelemetrySettings {
        &self.telemetry
    }

    fn listeners(&self) -> &[ListenerConfig] {
        &self.listeners
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        faults.extend(missing(&DEVICE_SECRETS, self.sealing.device_secrets.as_ref()));
        faults.extend(listener_faults(&self.listeners, &[Plane::Admin], &[Plane::Admin]));
        let open = |listener: &&ListenerConfig| {
            listener.plane == Plane::Admin && matches!(listener.address, Address::Tcp(_))
        };
        if self.listeners.iter().any(|listener| open(&listener)) {
            faults.extend(missing(&SERVICE_KEYS, self.sealing.service_keys.as_ref()));
        }
        faults
    }
}

/// The keys of `gateway-device.toml`, in the order of the file.
#[must_use]
pub fn device_keys() -> Vec<Key> {
    [
        &[ASSIGNED_HUB],
        database::KEYS,
        &[DEVICE_SECRETS, SERVICE_KEYS],
        token::KEYS,
        telemetry::KEYS,
        listener::KEYS,
    ]
    .concat()
}

/// The keys of `gateway-admin.toml`, in the order of the file.
#[must_use]
pub fn admin_keys() -> Vec<Key> {
    [
        database::KEYS,
        &[DEVICE_SECRETS, SERVICE_KEYS],
        telemetry::KEYS,
        listener::KEYS,
    ]
    .concat()
}

/// Documented once, for every process that answers devices.
pub const ASSIGNED_HUB: Key = key(
    "assigned_hub",
    "host name",
    "",
    "Answered to devices as `assignedHub` where their enrollment names none. Absent: the host name the device asked for.",
);
#[cfg(test)]
mod tests {
    use std::path::Path;

    use tamga_runtime::settings::parse;

    use super::*;

    #[test]
    fn each_plane_refuses_what_belongs_to_the_other() {
        let text = "[token]\nskew = \"1m\"\n[sealing]\nservice_keys = \"/x\"\n";
        parse::<DeviceGatewaySettings>(text, Path::new("x")).unwrap();
        let refused = parse::<AdminGatewaySettings>(text, Path::new("x"))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("token"), "{refused}");
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let faults = DeviceGatewaySettings::default().faults().join("\n");
        for key in [
            "database.url",
            "sealing.device_secrets",
            "sealing.service_keys",
            "plane device",
        ] {
            assert!(faults.contains(key), "{key} in {faults}");
        }
        let text = "[[listener]]\nplane = \"admin\"\naddress = \"0.0.0.0:443\"\n[[listener]]\nplane = \"device\"\naddress = \"0.0.0.0:444\"";
        let faults = parse::<AdminGatewaySettings>(text, Path::new("x"))
            .unwrap()
            .faults()
            .join("\n");
        assert!(
            faults.contains("sealing.service_keys") && faults.contains("listener[1].plane"),
            "{faults}"
        );
    }

    #[test]
    fn the_defaults_of_tokens_are_those_of_attestation() {
        let limits = SasLimits::default();
        let rules = DeviceGatewaySettings::default().rules();
        assert_eq!(
            (rules.door.sas.skew, rules.door.sas.maximum_lifetime),
            (limits.skew, limits.maximum_lifetime)
        );
    }
}
