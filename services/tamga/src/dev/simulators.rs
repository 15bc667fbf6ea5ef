// SPDX-License-Identifier: Apache-2.0
//! The group of simulated devices, and the first of them, enrolled through the same doors as any other.

use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::json;
use tamga_attestation::SymmetricKey;
use tamga_registry::device::RegistrationId;
use tamga_x509::chance::Chance;
use tamga_x509::time::Clock;
use zeroize::Zeroizing;

use super::directory::Directory;
use super::summary::Service;
use crate::admin::AdminPlane;
use crate::device::registration::Registration;
use crate::device::{Credential, CsrDoor, Order, ServerAnchor, Simulated, simulate};
use crate::exit::{End, Failure};
use crate::files::{Audience, put, read_secret};

/// The group's name.
pub const GROUP: &str = "simulators";
/// The first device's registration id.
pub const FIRST: &str = "simulated-1";

/// Makes the group, unless it was made before.
///
/// Its keys are durable before the group exists: a crash in between leaves a file whose keys the next start uses.
///
/// # Errors
/// A failure of the admin plane or of the file.
pub async fn ensure_group(
    plane: &AdminPlane,
    directory: &Directory,
    chance: &dyn Chance,
) -> Result<(), Failure> {
    let file = directory.group_keys();
    let fresh = !file.exists();
    if fresh {
        let made = [SymmetricKey::generate(chance), SymmetricKey::generate(chance)];
        let [primary, secondary] = made.map(|key| key.map(|key| key.to_base64()));
        let (primary, secondary) = (
            primary.map_err(|fault| Failure::fault(&fault))?,
            secondary.map_err(|fault| Failure::fault(&fault))?,
        );
        let keys = json!({
            "name": GROUP,
            "primaryKey": primary.expose_secret(),
            "secondaryKey": secondary.expose_secret(),
        });
        put(
            &file,
            Zeroizing::new(keys.to_string()).as_bytes(),
            Audience::Owner,
        )?;
    }
    let keys: serde_json::Value =
        serde_json::from_slice(&read_secret(&file)?).map_err(|fault| Failure::fault(&fault))?;
    let body = json!({
        "name": GROUP,
        "attestation": {
            "type": "symmetricKey",
            "primaryKey": keys["primaryKey"],
            "secondaryKey": keys["secondaryKey"],
        },
    });
    match plane.act(&["groups"], Some(body)).await {
        // It is there from an earlier start, and so are its keys.
        Err(failure) if is_taken(&failure) && !fresh => Ok(()),
        Err(failure) if is_taken(&failure) => {
            let gone = std::fs::remove_file(&file);
            gone.map_err(|fault| Failure::fault(&fault))?;
            let sentence = format!(
                "the group `{GROUP}` exists, but the file with its keys, {}, is gone: restore it from a backup, or give --no-simulate",
                file.display()
            );
            Err(Failure::new(End::Fault, sentence))
        }
        made => made.map(|_| ()),
    }
}

fn is_taken(failure: &Failure) -> bool {
    failure.end() == End::Refused && failure.to_string().contains("(name_taken,")
}

/// Enrolls the first device, or has it ask again for what it has.
///
/// # Errors
/// A failure of kind refused when an operator has revoked it or disabled its group.
pub async fn first_device(
    service: &Service,
    directory: &Directory,
    clock: Arc<dyn Clock>,
) -> Result<(RegistrationId, Simulated), Failure> {
    let id: RegistrationId = FIRST.parse().map_err(|fault| Failure::fault(&fault))?;
    let registration = Registration {
        endpoint: service.endpoint()?,
        scope: service.id_scope()?,
        anchor: ServerAnchor::from_file(&directory.server_anchor())
            .map_err(|fault| Failure::fault(&fault))?,
        credential: Credential::of_group(&directory.group_keys(), &id)
            .map_err(|fault| Failure::fault(&fault))?,
        registration_id: id.clone(),
        clock,
    };
    let order = Order {
        registration,
        directory: directory.device(&id),
        key_type: None,
        door: CsrDoor::Csr,
    };
    let simulated = simulate(&order).await?;
    Ok((id, simulated))
}
