// SPDX-License-Identifier: Apache-2.0
//! Starts a gateway as a process of its own: over memory that may be out of reach, for one plane.

use std::sync::Arc;

use tamga_authority::Means;
use tamga_authority::administer::{ApprovalRules, TokenRules};
use tamga_authority::desk::{Desk, DeskRules};
use tamga_authority::enroll::DoorRules;
use tamga_authority::means::Origin;
use tamga_authority::secrets::Vault;
use tamga_registry::process::ProcessRole;
use tamga_registry::secret::SealingPurpose;
use tamga_runtime::drain::Drain;
use tamga_runtime::duty::{Ailment, Duties};
use tamga_runtime::exit::Failure;
use tamga_runtime::listener::ListenerConfig;
use tamga_runtime::ops::Readiness;
use tamga_runtime::process::{Part, Process, Waking};

use super::admin::{Operations, admin, administration};
use super::device::{DeviceRules, device};
use super::presence::presence;
use super::{Reception, Shown};
use crate::settings::{AdminSealing, DeviceSealing, vault};

/// A gateway for devices. It holds no issuer's key: what its door admits is handed in for a signer.
#[derive(Clone, Debug)]
pub struct DeviceGateway {
    /// Where it listens.
    pub listeners: Vec<ListenerConfig>,
    /// Its root keys.
    pub sealing: DeviceSealing,
    /// How it answers.
    pub rules: DeviceRules,
}

/// A gateway for operators.
#[derive(Clone, Debug)]
pub struct AdminGateway {
    /// Where it listens.
    pub listeners: Vec<ListenerConfig>,
    /// Its root keys.
    pub sealing: AdminSealing,
    /// How long API tokens are good.
    pub tokens: TokenRules,
    /// How many requests of stations may wait, and for how long.
    pub door: DoorRules,
    /// The operating-system user that administers, beside root.
    pub owner: u32,
    /// When acts wait for a second person.
    pub approvals: ApprovalRules,
}

impl DeviceGateway {
    /// Starts it.
    ///
    /// # Errors
    /// A failure when a place cannot be taken; everything else is waited for.
    pub async fn start(self, origin: Origin, drain: Drain) -> Result<Waking, Failure> {
        let process = Process::new(drain, origin.clock.clone(), origin.chance.clone());
        let process = process.map_err(|fault| Failure::fault(&fault))?;
        let (listeners, readiness) = (self.listeners.clone(), process.readiness().clone());
        let awaken = move || {
            let (own, origin, readiness) = (self.clone(), origin.clone(), readiness.clone());
            async move { own.part(&origin, &readiness).await }
        };
        Ok(process.wake(listeners, awaken).await?)
    }

    async fn part(self, origin: &Origin, readiness: &Readiness) -> Result<Part, Ailment> {
        let DeviceSealing {
            device_secrets,
            service_keys,
        } = &self.sealing;
        let device_secrets = vault(
            SealingPurpose::DeviceSecrets,
            device_secrets.as_ref(),
            &origin.chance,
        )?;
        let service_keys = vault(SealingPurpose::ServiceKeys, service_keys.as_ref(), &origin.chance)?;
        let means = origin.means().await?;
        let (reception, duties) = Reception::new(&means, device_secrets, readiness);
        let (desk, work) = Desk::new(&means, DeskRules::default());
        let shown = Shown::new(&means, service_keys).await;
        let door = shown.and_then(|shown| device(&reception, desk.into(), shown, self.rules));
        let Ok(door) = door else {
            means.store.close().await;
            return door;
        };
        let duties = duties
            .and(presence(&means, ProcessRole::DeviceGateway, readiness)?)
            .work("desk", |stop| work.run(stop));
        Ok(over(&means, duties).and(door))
    }
}

impl AdminGateway {
    /// Starts it.
    ///
    /// # Errors
    /// A failure when a place cannot be taken; everything else is waited for.
    pub async fn start(self, origin: Origin, drain: Drain) -> Result<Waking, Failure> {
        let process = Process::new(drain, origin.clock.clone(), origin.chance.clone());
        let process = process.map_err(|fault| Failure::fault(&fault))?;
        let (listeners, readiness) = (self.listeners.clone(), process.readiness().clone());
        let awaken = move || {
            let (own, origin, readiness) = (self.clone(), origin.clone(), readiness.clone());
            async move { own.part(&origin, &readiness).await }
        };
        Ok(process.wake(listeners, awaken).await?)
    }

    async fn part(self, origin: &Origin, readiness: &Readiness) -> Result<Part, Ailment> {
        let AdminSealing {
            device_secrets,
            service_keys,
        } = &self.sealing;
        let device_secrets = vault(
            SealingPurpose::DeviceSecrets,
            device_secrets.as_ref(),
            &origin.chance,
        )?;
        let service_keys = match service_keys {
            Some(_) => Some(vault(
                SealingPurpose::ServiceKeys,
                service_keys.as_ref(),
                &origin.chance,
            )?),
            None => None,
        };
        let means = origin.means().await?;
        let (reception, duties) = Reception::new(&means, device_secrets, readiness);
        let duties = duties.and(presence(&means, ProcessRole::AdminGateway, readiness)?);
        let (desk, work) = Desk::new(&means, DeskRules::default());
        let duties = duties.work("desk", |stop| work.run(stop));
        let operations = Operations {
            administration: administration(&reception, self.tokens, self.approvals),
            hands: desk.into(),
            door: self.door,
            owner: self.owner,
        };
        let plane = plane(&reception, service_keys, operations).await;
        let Ok(plane) = plane else {
            means.store.close().await;
            return plane;
        };
        Ok(over(&means, duties).and(plane))
    }
}

/// The admin plane, on the network where there is a key for its certificate.
async fn plane(
    reception: &Reception,
    service_keys: Option<Arc<dyn Vault>>,
    operations: Operations,
) -> Result<Part, Ailment> {
    let shown = match service_keys {
        Some(service_keys) => Some(Shown::new(&reception.means, service_keys).await?),
        None => None,
    };
    admin(reception, operations, shown)
}

/// What every process over a memory of its own has: duties, and memory to be let go.
fn over(means: &Means, duties: Duties) -> Part {
    let store = means.store.clone();
    Part {
        duties,
        farewell: Some(Box::pin(async move { store.close().await })),
        ..Part::default()
    }
}
