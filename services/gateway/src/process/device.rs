// SPDX-License-Identifier: Apache-2.0
//! The plane for devices, in a process: the door, and the certificate it shows.

use std::sync::Arc;

use tamga_authority::enroll::{Door, DoorRules, Hands};
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

/// The device plane. `hands` take what the door admits, here or elsewhere; `shown` is the TLS certificate.
///
/// # Errors
/// A sentence when TLS cannot be spoken as it should, or chance fails.
pub fn device(
    reception: &Reception,
    hands: Hands,
    shown: Arc<Shown>,
    rules: DeviceRules,
) -> Result<Part, Ailment> {
    let means = &reception.means;
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
        duties: Duties::default().shared(shown),
        farewell: None,
    })
}
