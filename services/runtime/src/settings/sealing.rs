// SPDX-License-Identifier: Apache-2.0
//! The section `[sealing]`: the keys that processes may have in it. Each process is given only those it needs.

use super::SecretFile;
use super::reference::{Key, key};

/// Seals what devices prove themselves with.
pub const DEVICE_SECRETS: Key = key(
    "sealing.device_secrets",
    "secret file",
    "",
    "The root key that seals what devices prove themselves with. Required.",
);
/// Seals issuers' private keys.
pub const ISSUER_KEYS: Key = key(
    "sealing.issuer_keys",
    "secret file",
    "",
    "The root key that seals issuers' private keys. Required.",
);
/// Seals the keys of TLS certificates.
pub const SERVICE_KEYS: Key = key(
    "sealing.service_keys",
    "secret file",
    "",
    "The root key that seals the keys of Tamga's own TLS certificates. Required.",
);

/// What is wrong where a root key is not named.
#[must_use]
pub fn missing(key: &Key, file: Option<&SecretFile>) -> Option<String> {
    let name = key.name.rsplit('.').next().unwrap_or_default();
    file.is_none().then(|| {
        let path = format!("/etc/tamga/secrets/{name}.key");
        format!(
            "{}: name the file of the root key, such as \"credential:{name}\" or \"{path}\"",
            key.name
        )
    })
}
