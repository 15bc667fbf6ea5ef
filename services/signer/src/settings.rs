// SPDX-License-Identifier: Apache-2.0
//! The settings file of `tamga-signer`, and the sections that `tamga dev` shares with it.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tamga_attestation::SasLimits;
use tamga_authority::clerk::ClerkRules;
use tamga_authority::enroll::DoorRules;
use tamga_authority::fulfil::HandRules;
use tamga_authority::publish::PublishRules;
use tamga_runtime::listener::{self, Address, ListenerConfig};
use tamga_runtime::settings::reference::{Key, key};
use tamga_runtime::settings::sealing::{DEVICE_SECRETS, ISSUER_KEYS, SERVICE_KEYS, missing};
use tamga_runtime::settings::submission::{MOST_WAITING, most_waiting_fault};
use tamga_runtime::settings::{
    DatabaseSettings, HumanDuration, ProcessSettings, SecretFile, TokenSettings, database, listener_faults,
    token,
};
use tamga_runtime::telemetry::{self, TelemetrySettings};
use tamga_x509::name::ServerNames;

use crate::process::SignerRules;
use crate::process::start::SignerProcess;

/// The settings of `tamga-signer`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignerSettings {
    /// Memory.
    pub database: DatabaseSettings,
    /// Root sealing keys.
    pub sealing: Sealing,
    /// The TLS certificate.
    pub tls: Tls,
    /// Tokens of devices.
    pub token: TokenSettings,
    /// Certificate revocation lists.
    pub revocation_list: RevocationList,
    /// The hand.
    pub hand: HandSettings,
    /// What doors hand in.
    pub submission: Submissions,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where the monitoring comes in.
    #[serde(rename = "listener")]
    pub listeners: Vec<ListenerConfig>,
}

/// The section `[sealing]`: a signer needs every root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sealing {
    /// Unseals what devices prove themselves with: a signer judges again what doors hand in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_secrets: Option<SecretFile>,
    /// Unseals issuers' keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_keys: Option<SecretFile>,
    /// Seals the keys of TLS certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_keys: Option<SecretFile>,
}

/// The section `[tls]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// DNS names and IP addresses devices reach the service by.
    pub names: Vec<String>,
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
    /// How far this machine's clock and the database's may be apart.
    pub clock_tolerance: HumanDuration,
}

/// The section `[submission]`, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Submissions {
    /// Requests of one organization that may wait.
    pub most_waiting: u32,
    /// How old a request may be and still be signed.
    pub oldest: HumanDuration,
}

impl Sealing {
    /// What is missing, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let Self {
            device_secrets,
            issuer_keys,
            service_keys,
        } = self;
        let named = [
            (&DEVICE_SECRETS, device_secrets),
            (&ISSUER_KEYS, issuer_keys),
            (&SERVICE_KEYS, service_keys),
        ];
        named
            .into_iter()
            .filter_map(|(key, file)| missing(key, file.as_ref()))
            .collect()
    }
}

impl Tls {
    /// The names, apart.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn server_names(&self) -> Result<ServerNames, String> {
        let (mut dns, mut ip) = (Vec::new(), Vec::new());
        for name in &self.names {
            match name.parse::<IpAddr>() {
                Ok(address) => ip.push(address),
                Err(_) => dns.push(name.clone()),
            }
        }
        ServerNames::new(&dns, &ip).map_err(|fault| format!("tls.names: {fault}"))
    }
}

impl RevocationList {
    /// As the publisher takes them.
    #[must_use]
    pub fn rules(&self) -> PublishRules {
        PublishRules {
            validity: self.validity.0,
            period: self.period.0,
            ..PublishRules::default()
        }
    }

    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.period.0 < SHORTEST_PERIOD {
            faults.push(
                "revocation_list.period: give at least 1m; revocations are published at once whatever it is"
                    .to_owned(),
            );
        }
        if self.validity.0 < self.period.0.saturating_mul(2) {
            faults.push(
                "revocation_list.validity: give at least twice revocation_list.period, so that one late list does no harm".to_owned(),
            );
        }
        faults
    }
}

impl HandSettings {
    /// As the hand takes them.
    #[must_use]
    pub fn rules(&self) -> HandRules {
        HandRules {
            batch: self.batch,
            queue: self.queue,
            clock_tolerance: Some(self.clock_tolerance.0),
            ..HandRules::default()
        }
    }

    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.batch == 0 {
            faults.push("hand.batch: nothing would ever be committed; give at least 1".to_owned());
        }
        if self.queue == 0 {
            faults.push("hand.queue: nobody could ever wait; give at least 1".to_owned());
        }
        if !(SHORTEST_TOLERANCE..=LONGEST_TOLERANCE).contains(&self.clock_tolerance.0) {
            faults.push(
                "hand.clock_tolerance: give 1s to 1h; no two clocks agree better, and what is signed would begin or end that much off"
                    .to_owned(),
            );
        }
        faults
    }
}

impl Submissions {
    /// As the clerk takes them.
    #[must_use]
    pub fn rules(&self) -> ClerkRules {
        ClerkRules {
            oldest_submission: self.oldest.0,
            most_waiting: self.most_waiting,
            ..ClerkRules::default()
        }
    }

    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = most_waiting_fault(self.most_waiting).into_iter().collect();
        if !(SHORTEST_WAIT..=LONGEST_WAIT).contains(&self.oldest.0) {
            faults.push(
                "submission.oldest: give 1m to 1d; what devices proved themselves with is judged as of its receipt"
                    .to_owned(),
            );
        }
        faults
    }
}

impl SignerSettings {
    /// The signer they describe.
    ///
    /// # Errors
    /// A sentence that names the key at fault.
    pub fn signer(&self) -> Result<SignerProcess, String> {
        let sas = SasLimits {
            skew: self.token.skew.0,
            maximum_lifetime: self.token.maximum_lifetime.0,
        };
        Ok(SignerProcess {
            listeners: self.listeners.clone(),
            sealing: self.sealing.clone(),
            rules: SignerRules {
                server_names: self.tls.server_names()?,
                hand: self.hand.rules(),
                lists: self.revocation_list.rules(),
            },
            door: DoorRules {
                sas,
                most_waiting: self.submission.most_waiting,
                ..DoorRules::default()
            },
            clerk: self.submission.rules(),
            between: None,
        })
    }
}

impl ProcessSettings for SignerSettings {
    fn telemetry(&self) -> &TelemetrySettings {
        &self.telemetry
    }

    fn listeners(&self) -> &[ListenerConfig] {
        &self.listeners
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        faults.extend(self.sealing.faults());
        faults.extend(self.tls.server_names().err());
        faults.extend(self.token.faults());
        faults.extend(self.revocation_list.faults());
        faults.extend(self.hand.faults());
        faults.extend(self.submission.faults());
        faults.extend(listener_faults(&self.listeners, &[], &[]));
        if self
            .listeners
            .iter()
            .any(|listener| matches!(listener.address, Address::Tcp(_)))
        {
            faults.push(
                "listener: a signer listens at no network address; give a Unix socket, such as \"unix:/run/tamga-signer/ops.sock\"".to_owned(),
            );
        }
        faults
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            names: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
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
            clock_tolerance: HumanDuration(rules.clock_tolerance.unwrap_or(USUAL_TOLERANCE)),
        }
    }
}

impl Default for Submissions {
    fn default() -> Self {
        let rules = ClerkRules::default();
        Self {
            most_waiting: rules.most_waiting,
            oldest: HumanDuration(rules.oldest_submission),
        }
    }
}

const SHORTEST_PERIOD: Duration = Duration::from_secs(60);
const SHORTEST_TOLERANCE: Duration = Duration::from_secs(1);
const USUAL_TOLERANCE: Duration = Duration::from_mins(5);
const LONGEST_TOLERANCE: Duration = Duration::from_hours(1);
const SHORTEST_WAIT: Duration = Duration::from_mins(1);
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The keys of `signer.toml`, in the order of the file.
#[must_use]
pub fn keys() -> Vec<Key> {
    [
        database::KEYS,
        SEALING,
        TLS,
        token::KEYS,
        LISTS,
        HAND,
        SUBMISSION,
        telemetry::KEYS,
        listener::KEYS,
    ]
    .concat()
}

/// The keys of the section `[sealing]` with every root.
pub const SEALING: &[Key] = &[DEVICE_SECRETS, ISSUER_KEYS, SERVICE_KEYS];

/// The keys of the section `[tls]`.
pub const TLS: &[Key] = &[key(
    "tls.names",
    "list of names",
    "[\"localhost\", \"127.0.0.1\", \"::1\"]",
    "The DNS names and IP addresses devices reach the service by. Changed names get a new certificate at once.",
)];

/// The keys of the section `[revocation_list]`.
pub const LISTS: &[Key] = &[
    key(
        "revocation_list.validity",
        "duration",
        "\"7d\"",
        "From `thisUpdate` to `nextUpdate`: how long relying parties may go on with one list. At least twice the period.",
    ),
    key(
        "revocation_list.period",
        "duration",
        "\"1d\"",
        "How often a list is published when nothing is revoked. Revocations are published at once.",
    ),
];

/// The keys of the section `[hand]`.
pub const HAND: &[Key] = &[
    key(
        "hand.batch",
        "number",
        "256",
        "How many orders are committed at once, at most. Batches form by themselves under load.",
    ),
    key(
        "hand.queue",
        "number",
        "1024",
        "How many admitted orders may wait before devices have to.",
    ),
    key(
        "hand.clock_tolerance",
        "duration",
        "\"5m\"",
        "How far this machine's clock and the database's may be apart; further, nothing is signed. Not asked over SQLite, which has no clock of its own.",
    ),
];

/// The keys of the section `[submission]`.
pub const SUBMISSION: &[Key] = &[
    MOST_WAITING,
    key(
        "submission.oldest",
        "duration",
        "\"15m\"",
        "How long a request may wait to be signed, and be judged as of its receipt; older, it is given up, and the device asks again.",
    ),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tamga_runtime::settings::parse;

    use super::*;

    #[test]
    fn a_signer_has_no_network_socket() {
        let text = "[[listener]]\nplane = \"ops\"\naddress = \"127.0.0.1:8490\"\n[[listener]]\nplane = \"device\"\naddress = \"unix:/run/x.sock\"\n";
        let faults = parse::<SignerSettings>(text, Path::new("x"))
            .unwrap()
            .faults()
            .join("\n");
        assert!(
            faults.contains("no network address") && faults.contains("listener[1].plane"),
            "{faults}"
        );
    }

    #[test]
    fn everything_that_makes_no_sense_is_told_at_once() {
        let text = "[hand]\nbatch = 0\nclock_tolerance = \"2h\"\n[submission]\nmost_waiting = 0\noldest = \"1s\"\n[revocation_list]\nvalidity = \"1h\"\nperiod = \"1h\"\n[tls]\nnames = []\n";
        let faults = parse::<SignerSettings>(text, Path::new("x"))
            .unwrap()
            .faults()
            .join("\n");
        for key in [
            "database.url",
            "sealing.device_secrets",
            "sealing.issuer_keys",
            "sealing.service_keys",
            "hand.batch",
            "hand.clock_tolerance",
            "submission.most_waiting",
            "submission.oldest",
            "revocation_list.validity",
            "tls.names",
        ] {
            assert!(faults.contains(key), "{key} in {faults}");
        }
    }
}
