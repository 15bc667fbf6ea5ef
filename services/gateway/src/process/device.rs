// SPDX-License-Identifier: Apache-2.0
//! The plane for devices, in a process: the door, and the certificate it shows.

use std::sync::Arc;

use tamga_authority::enroll::{Door, DoorRules, Hands};
use tamga_authority::secrets::Vault;
use tamga_runtime::duty::{Ailment, Duties};
use tamga_runtime::listener::Plane;
use tamga_runtime::process::{Part, Served};
use tamga_runtime::tls::TlsPolicy;

use super::{Reception, Shown};
use crate::dps::{self, DevicePlane};

/// What the device plane is told.
#[derive(Clone, Debug, Default)]
pub struct DeviceRules {
    /// How the door judges, and how long it waits.
    pub door: DoorRules,
    /// Answered as `assignedHub` where an enrollment names none; absent = the host name the device asked for.
    pub assigned_hub: Option<String>,
}

/// The device plane. `hands` take what the door admits, here or elsewhere; `service_keys` unseals the key of the TLS certificate.
///
/// # Errors
/// A sentence while there is no TLS certificate to show: a signer makes it.
pub async fn device(
    reception: &Reception,
    hands: Hands,
    service_keys: Arc<dyn Vault>,
    rules: DeviceRules,
) -> Result<Part, Ailment> {
    let means = &reception.means;
    let shown = Shown::new(means, service_keys).await?;
    let tls = TlsPolicy::new(shown.identity())?;
    let door = Door::new(
        means.clone(),
        reception.policies.clone(),
        hands,
        reception.denials.clone(),
        rules.door,
    )?;
    let plane = DevicePlane {
        door: Arc::new(door),
        default_hub: rules.assigned_hub,
        clock: means.clock.clone(),
    };
    let served = Served {
        plane: Plane::Device,
        front: dps::front(plane),
        tls: Some(tls),
    };
    Ok(Part {
        fronts: vec![served],
        duties: Duties::default().round(shown),
        farewell: None,
    })
}
