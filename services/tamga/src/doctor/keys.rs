// SPDX-License-Identifier: Apache-2.0
//! The root sealing keys: there, private, of the right kind, and those that sealed what is kept.

use tamga_keys::seal::{Purpose, RootKey};
use tamga_registry::secret::SealingPurpose;
use tamga_registry::store::Store;
use tamga_runtime::settings::SecretFile;

use super::Findings;
use crate::exit::chain;

/// A root and where it is said to be.
pub struct Place<'a> {
    /// What it seals.
    pub purpose: Purpose,
    /// Where it is; none where the process holds none.
    pub file: Option<&'a SecretFile>,
}

/// Looks at each; returns those that can be read.
pub fn look(places: &[Place<'_>], findings: &mut Findings) -> Vec<(Purpose, RootKey)> {
    let mut found = Vec::new();
    for place in places {
        let Some(file) = place.file else { continue };
        match open(file, place.purpose) {
            Ok(key) => {
                findings.ok(
                    "keys",
                    format!("the root key {} is there, private and whole", place.purpose),
                );
                found.push((place.purpose, key));
            }
            Err(sentence) => findings.failed("keys", sentence, fix(file, place.purpose)),
        }
    }
    found
}

fn open(file: &SecretFile, purpose: Purpose) -> Result<RootKey, String> {
    match file {
        SecretFile::Path(path) => RootKey::load(path, purpose).map_err(|fault| chain(&fault)),
        SecretFile::Credential(_) => {
            let text = file.read().map_err(|fault| chain(&fault))?;
            RootKey::parse(&text, purpose).map_err(|fault| chain(&fault))
        }
    }
}

fn fix(file: &SecretFile, purpose: Purpose) -> String {
    match file {
        SecretFile::Path(path) => format!(
            "bring {} back from where the root keys are kept apart from backups, as the user of the service and with mode 0600; never replace it by a new one: what {purpose} sealed could not be opened any more",
            path.display()
        ),
        SecretFile::Credential(name) => {
            format!("run this within the unit, or let the unit say LoadCredential={name}:PATH")
        }
    }
}

/// Whether the roots are those that sealed what memory keeps for the first organization.
pub async fn prove(roots: &[(Purpose, RootKey)], store: &dyn Store, findings: &mut Findings) {
    let organization = match store.first_organization().await {
        Ok(Some(organization)) => organization.id,
        Ok(None) => return findings.skipped("keys", "nothing is sealed yet: there is no organization"),
        Err(fault) => {
            return findings.skipped(
                "keys",
                format!("what they sealed cannot be read: {}", chain(&fault)),
            );
        }
    };
    for (purpose, root) in roots {
        let kept = store.data_keys(sealing(*purpose), organization).await;
        let Ok(kept) = kept else {
            findings.skipped("keys", format!("this login may not read what {purpose} sealed"));
            continue;
        };
        for key in &kept {
            match root.unwrap_data_key(organization.octets(), &key.wrapped) {
                Ok(_) => findings.ok("keys", format!("{purpose} opens data key {} of the first organization", key.version)),
                Err(fault) => findings.failed(
                    "keys",
                    format!("{purpose} does not open data key {}: {}", key.version, chain(&fault)),
                    "this is the root key of another installation, or an older one: bring back the one this database was sealed with",
                ),
            }
        }
    }
}

fn sealing(purpose: Purpose) -> SealingPurpose {
    match purpose {
        Purpose::DeviceSecrets => SealingPurpose::DeviceSecrets,
        Purpose::IssuerKeys => SealingPurpose::IssuerKeys,
        Purpose::ServiceKeys => SealingPurpose::ServiceKeys,
    }
}
