// SPDX-License-Identifier: Apache-2.0
//! Starts a gateway as a process of its own: over memory that may be out of reach, for one plane.

use std::sync::Arc;

use tamga_authority::means::Origin;
use tamga_registry::secret::SealingPurpose;
use tamga_runtime::drain::Drain;
use tamga_runtime::duty::Ailment;
use tamga_runtime::exit::Failure;
use tamga_runtime::process::{Part, Process, Waking};

use super::Reception;
use super::admin::{admin, administration};
use crate::settings::{AdminGatewaySettings, vault};

/// Starts a gateway for operators: `owner` is the operating-system user that administers, beside root.
///
/// # Errors
/// A failure when a place cannot be taken; everything else is waited for.
pub async fn admin_gateway(
    settings: AdminGatewaySettings,
    owner: u32,
    origin: Origin,
    drain: Drain,
) -> Result<Waking, Failure> {
    let process = Process::new(drain, origin.clock.clone(), origin.chance.clone());
    let process = process.map_err(|fault| Failure::fault(&fault))?;
    let listeners = settings.listeners.clone();
    let settings = Arc::new(settings);
    let awaken = move || awaken_admin(settings.clone(), owner, origin.clone());
    Ok(process.wake(listeners, awaken).await?)
}

async fn awaken_admin(
    settings: Arc<AdminGatewaySettings>,
    owner: u32,
    origin: Origin,
) -> Result<Part, Ailment> {
    let file = settings.sealing.device_secrets.as_ref();
    let device_secrets = vault(SealingPurpose::DeviceSecrets, file, &origin.chance)?;
    let means = origin.means().await?;
    let (reception, duties) = Reception::new(&means, device_secrets);
    let store = means.store.clone();
    let own = Part {
        duties,
        farewell: Some(Box::pin(async move { store.close().await })),
        ..Part::default()
    };
    Ok(own.and(admin(administration(&reception), owner)))
}
