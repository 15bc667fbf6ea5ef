// SPDX-License-Identifier: Apache-2.0
//! The settings file of `tamga-status`.

use serde::{Deserialize, Serialize};
use tamga_runtime::listener::{self, ListenerConfig, Plane};
use tamga_runtime::settings::reference::{Key, key};
use tamga_runtime::settings::{DatabaseSettings, HumanDuration, ProcessSettings, database, listener_faults};
use tamga_runtime::telemetry::{self, TelemetrySettings};

use crate::StatusSettings;
use crate::process::StatusServer;

/// The settings of `tamga-status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusProcessSettings {
    /// Memory.
    pub database: DatabaseSettings,
    /// Caches.
    pub cache: CacheSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where to listen.
    #[serde(rename = "listener")]
    pub listeners: Vec<ListenerConfig>,
}

/// The section `[cache]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheSettings {
    /// How long a list may be kept.
    pub lists: HumanDuration,
    /// How long the bundle may be kept.
    pub bundle: HumanDuration,
    /// How long an issuer's certificate may be kept.
    pub issuers: HumanDuration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        let ages = StatusSettings::default();
        Self {
            lists: HumanDuration(ages.list_age),
            bundle: HumanDuration(ages.bundle_age),
            issuers: HumanDuration(ages.issuer_age),
        }
    }
}

impl CacheSettings {
    /// As the plane takes them.
    #[must_use]
    pub fn ages(&self) -> StatusSettings {
        StatusSettings {
            list_age: self.lists.0,
            bundle_age: self.bundle.0,
            issuer_age: self.issuers.0,
        }
    }
}

impl StatusProcessSettings {
    /// The server they describe.
    #[must_use]
    pub fn server(&self) -> StatusServer {
        StatusServer {
            listeners: self.listeners.clone(),
            ages: self.cache.ages(),
        }
    }
}

impl ProcessSettings for StatusProcessSettings {
    fn telemetry(&self) -> &TelemetrySettings {
        &self.telemetry
    }

    fn listeners(&self) -> &[ListenerConfig] {
        &self.listeners
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        faults.extend(listener_faults(
            &self.listeners,
            &[Plane::Status],
            &[Plane::Status],
        ));
        faults
    }
}

/// The keys of `status.toml`, in the order of the file.
#[must_use]
pub fn keys() -> Vec<Key> {
    [database::KEYS, CACHE, telemetry::KEYS, listener::KEYS].concat()
}

/// The keys of the section `[cache]`, for every process that serves status.
pub const CACHE: &[Key] = &[
    key(
        "cache.lists",
        "duration",
        "\"30s\"",
        "How long caches may keep a revocation list, at most; less when the next one is planned sooner. A revocation is seen through a cache this much later.",
    ),
    key(
        "cache.bundle",
        "duration",
        "\"5m\"",
        "How long caches may keep the trust bundle.",
    ),
    key(
        "cache.issuers",
        "duration",
        "\"1d\"",
        "How long caches may keep an issuer's certificate, which never changes.",
    ),
];
