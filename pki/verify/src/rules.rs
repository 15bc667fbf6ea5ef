// SPDX-License-Identifier: Apache-2.0
//! Reads a profile revision from its JSON: as much as certificates are held to, and by a reading of our own.

use serde::Deserialize;

/// What a profile allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Whose certificates.
    pub(crate) usage: Usage,
    /// The longest life, its last second included, in seconds; none has no end.
    pub(crate) validity: Option<i64>,
    /// How far a life begins before its intent, in seconds.
    pub(crate) backdate: i64,
    /// Kinds of keys.
    pub(crate) keys: Vec<String>,
    /// Key usages.
    pub(crate) usages: Vec<String>,
    /// Extended key usages.
    pub(crate) purposes: Vec<String>,
    /// The model that birth certificates name.
    pub(crate) model: Option<String>,
}

/// Whose certificates a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// What devices work with.
    Device,
    /// The house itself.
    Server,
    /// What units are born with.
    Birth,
}

#[derive(Deserialize)]
struct Written {
    schema: u32,
    usage: String,
    validity: String,
    backdate: String,
    key_algorithms: Vec<String>,
    key_usage: Vec<String>,
    extended_key_usage: Vec<String>,
    model: Option<String>,
}

impl Rules {
    /// Of a stored revision, or why not.
    pub(crate) fn read(config: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(config).map_err(|error| error.to_string())?;
        if written.schema != 1 {
            return Err(format!("schema {} is unknown", written.schema));
        }
        let usage = match written.usage.as_str() {
            "device" => Usage::Device,
            "server" => Usage::Server,
            "birth" => Usage::Birth,
            other => return Err(format!("usage {other} is unknown")),
        };
        Ok(Self {
            usage,
            validity: match written.validity.as_str() {
                "unlimited" => None,
                span => Some(seconds(span)?),
            },
            backdate: seconds(&written.backdate)?,
            keys: written.key_algorithms,
            usages: written.key_usage,
            purposes: written.extended_key_usage,
            model: written.model,
        })
    }
}

/// `90d`, `12h`, `30m`, `45s`.
fn seconds(span: &str) -> Result<i64, String> {
    let unit = match span.chars().next_back() {
        Some('d') => 86_400,
        Some('h') => 3_600,
        Some('m') => 60,
        Some('s') => 1,
        _ => return Err(format!("{span} is no span of time")),
    };
    let count = span.get(..span.len().saturating_sub(1)).unwrap_or_default();
    let count: u32 = count.parse().map_err(|_| format!("{span} is no span of time"))?;
    Ok(i64::from(count).saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_that_is_right_for_devices_is_read() {
        let profile = tamga_x509::profile::Profile::try_from(tamga_x509::profile::ProfileConfig::device());
        let rules = Rules::read(&profile.unwrap().to_json()).unwrap();
        assert_eq!((rules.validity, rules.backdate), (Some(7_776_000), 3_600));
        assert_eq!(rules.purposes, ["clientAuth"]);
        assert!(rules.usage == Usage::Device && rules.keys.contains(&"P-256".to_owned()));
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for wrong in ["", "{}", "[]"] {
            assert!(Rules::read(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "d", "9", "90w", "-1d", "1.5h"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
