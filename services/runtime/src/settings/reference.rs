// SPDX-License-Identifier: Apache-2.0
//! How settings are documented: each key once, beside the section it belongs to; pages and tests are made from that.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::listener::Limits;

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its place in the file, `section.key`.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// Its default, as TOML; empty = none.
    pub default: &'static str,
    /// What it does.
    pub does: &'static str,
}

/// A key.
#[must_use]
pub const fn key(name: &'static str, takes: &'static str, default: &'static str, does: &'static str) -> Key {
    Key {
        name,
        takes,
        default,
        does,
    }
}

/// The rows of a table of keys, in Markdown.
#[must_use]
pub fn rows(keys: &[Key]) -> String {
    let default = |key: &Key| match key.default {
        "" => "–".to_owned(),
        default => format!("`{default}`"),
    };
    let rows = keys.iter().map(|key| {
        format!(
            "| `{}` | {} | {} | {} |\n",
            key.name,
            key.takes,
            default(key),
            key.does
        )
    });
    std::iter::once("| key | takes | default | what it does |\n|---|---|---|---|\n".to_owned())
        .chain(rows)
        .collect()
}

/// Every key that settings have by default, with its default: what documented keys are compared with.
///
/// Keys without a default are not among them, but for those of a listener.
#[must_use]
pub fn defaults(settings: &impl Serialize) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(toml::Value::Table(mut table)) = toml::Value::try_from(settings) {
        if table.remove("listener").is_some() {
            let limits = toml::Value::try_from(Limits::default());
            limits
                .iter()
                .for_each(|limits| flat("listener[].limits", limits, &mut found));
            for key in ["listener[].plane", "listener[].address"] {
                found.insert(key.to_owned(), String::new());
            }
        }
        flat("", &toml::Value::Table(table), &mut found);
    }
    found
}

fn flat(prefix: &str, value: &toml::Value, found: &mut BTreeMap<String, String>) {
    let Some(table) = value.as_table() else {
        found.insert(prefix.to_owned(), value.to_string());
        return;
    };
    for (key, value) in table {
        let place = match prefix {
            "" => key.clone(),
            prefix => format!("{prefix}.{key}"),
        };
        flat(&place, value, found);
    }
}
