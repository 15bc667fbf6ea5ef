// SPDX-License-Identifier: Apache-2.0
//! The settings files of gateways: one type a plane, so that what does not belong to a plane is refused.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tamga_attestation::SasLimits;
use tamga_authority::administer::{ApprovalRules, TokenRules, Wanted};
use tamga_authority::enroll::DoorRules;
use tamga_authority::secrets::{RootedVault, Vault};
use tamga_registry::secret::SealingPurpose;
use tamga_runtime::duty::Ailment;
use tamga_runtime::listener::{self, Address, ListenerConfig, Plane};
use tamga_runtime::settings::approvals::{self, Required};
use tamga_runtime::settings::reference::{Key, key};
use tamga_runtime::settings::sealing::{DEVICE_SECRETS, SERVICE_KEYS, missing};
use tamga_runtime::settings::submission::MOST_WAITING;
use tamga_runtime::settings::{
    ApprovalSettings, DatabaseSettings, HumanDuration, ProcessSettings, SecretFile, SubmissionSettings,
    TokenSettings, database, listener_faults, token,
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
    /// What is handed to signers.
    pub submission: SubmissionSettings,
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
    /// Acts that wait for a second person.
    pub approvals: ApprovalSettings,
    /// Memory.
    pub database: DatabaseSettings,
    /// Root sealing keys.
    pub sealing: AdminSealing,
    /// Tokens of people and programs.
    pub api_token: ApiTokenSettings,
    /// What stations have made, and is handed to signers.
    pub submission: SubmissionSettings,
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

/// The section `[api_token]`: how long the tokens of people and programs are good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiTokenSettings {
    /// Where nothing is asked for.
    pub usual_lifetime: HumanDuration,
    /// The most that may be asked for.
    pub maximum_lifetime: HumanDuration,
}

impl Default for ApiTokenSettings {
    fn default() -> Self {
        let rules = TokenRules::default();
        Self {
            usual_lifetime: HumanDuration(rules.usual),
            maximum_lifetime: HumanDuration(rules.longest),
        }
    }
}

impl ApiTokenSettings {
    /// As the acts take them.
    #[must_use]
    pub fn rules(&self) -> TokenRules {
        TokenRules {
            usual: self.usual_lifetime.0,
            longest: self.maximum_lifetime.0,
        }
    }

    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.maximum_lifetime.0 < A_DAY {
            faults.push(
                "api_token.maximum_lifetime: tokens are asked for by days; give at least 1d".to_owned(),
            );
        }
        if self.usual_lifetime.0.is_zero() || self.usual_lifetime.0 > self.maximum_lifetime.0 {
            faults.push(
                "api_token.usual_lifetime: give a duration of at most api_token.maximum_lifetime".to_owned(),
            );
        }
        faults
    }
}

const A_DAY: Duration = Duration::from_hours(24);

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
                most_waiting: self.submission.most_waiting,
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
            tokens: self.api_token.rules(),
            door: DoorRules {
                most_waiting: self.submission.most_waiting,
                ..DoorRules::default()
            },
            approvals: approval_rules(&self.approvals),
            owner,
        }
    }
}

/// When acts wait for a second person, as settings say it.
#[must_use]
pub fn approval_rules(settings: &ApprovalSettings) -> ApprovalRules {
    ApprovalRules {
        wanted: match settings.required {
            Required::WhenPossible => Wanted::WhenPossible,
            Required::Always => Wanted::Always,
            Required::Never => Wanted::Never,
        },
        lifetime: settings.lifetime.0,
        revocations_above: settings.revocations_above,
        ..ApprovalRules::default()
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
        faults.extend(self.submission.faults());
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
        faults.extend(self.api_token.faults());
        faults.extend(self.submission.faults());
        faults.extend(self.approvals.faults());
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
        &[MOST_WAITING],
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
        API_TOKEN,
        &[MOST_WAITING],
        approvals::KEYS,
        telemetry::KEYS,
        listener::KEYS,
    ]
    .concat()
}

/// The keys of the section `[api_token]`.
pub const API_TOKEN: &[Key] = &[
    key(
        "api_token.usual_lifetime",
        "duration",
        "\"90d\"",
        "How long an API token is good whose maker names no time.",
    ),
    key(
        "api_token.maximum_lifetime",
        "duration",
        "\"366d\"",
        "The most that may be asked for, at least `1d`. Tokens that were made before keep their end.",
    ),
];

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
    fn tokens_of_people_are_good_for_some_time_and_not_beyond_the_most() {
        let faults = |text: &str| {
            let settings = parse::<AdminGatewaySettings>(text, Path::new("x")).unwrap();
            settings.api_token.faults().join("\n")
        };
        assert_eq!(faults(""), "");
        assert_eq!(
            faults("[api_token]\nusual_lifetime = \"7d\"\nmaximum_lifetime = \"7d\""),
            ""
        );
        let longer = faults("[api_token]\nusual_lifetime = \"8d\"\nmaximum_lifetime = \"7d\"");
        assert!(longer.contains("usual_lifetime"), "{longer}");
        let short = faults("[api_token]\nusual_lifetime = \"0s\"\nmaximum_lifetime = \"1h\"");
        assert!(
            short.contains("usual_lifetime") && short.contains("maximum_lifetime"),
            "{short}"
        );
    }

    #[test]
    fn the_defaults_of_what_waits_are_those_of_the_door() {
        let (rules, door) = (DeviceGatewaySettings::default().rules(), DoorRules::default());
        assert_eq!(rules.door.most_waiting, door.most_waiting);
    }

    #[test]
    fn the_defaults_of_approvals_are_those_of_authority() {
        let settings = ApprovalSettings::default();
        assert_eq!(approval_rules(&settings), ApprovalRules::default());
        let text = "[approvals]\nrequired = \"always\"\nlifetime = \"0s\"\n";
        let settings = parse::<AdminGatewaySettings>(text, Path::new("x")).unwrap();
        assert_eq!(approval_rules(&settings.approvals).wanted, Wanted::Always);
        assert!(settings.faults().join("\n").contains("approvals.lifetime"));
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
