// SPDX-License-Identifier: Apache-2.0
//! Composes the whole house in one process: memory, authority, signer, planes. Time and chance are arguments.
//!
//! `House::start` returns when everything answers: the first lists are published and TLS has its certificate. The order
//! is that of need: memory (which excludes a second process), secrets, listening places, the installation itself,
//! keys, duties, planes.

mod anchors;
mod fault;
mod settings;

use std::sync::Arc;

use tamga_authority::Means;
use tamga_authority::administer::Administration;
use tamga_authority::signers::Signers;
use tamga_gateway::process::admin::{Operations, admin, administration};
use tamga_gateway::process::device::device;
use tamga_gateway::process::presence::presence;
use tamga_gateway::process::{Reception, Shown};
use tamga_registry::organization::{IdScope, OrganizationSlug};
use tamga_registry::process::ProcessRole;
use tamga_registry::store::Store;
use tamga_runtime::drain::Drain;
pub use tamga_runtime::listener::Addresses;
use tamga_runtime::listener::bind_all;
use tamga_runtime::ops::Readiness;
use tamga_runtime::process::{Living, Part, Process};
use tamga_signer::process::clerk::{Bureau, clerk};
use tamga_signer::process::{Keyring, signer};
use tamga_status::process::status;
use tamga_x509::chance::Chance;
use tamga_x509::time::Clock;

pub use anchors::Anchors;
pub use fault::StartFault;
pub use settings::HouseSettings;

use crate::files::private_directory;
use crate::founding::Founder;
use crate::roots::{Places, Stage, Vaults};

/// The way in: see [`House::start`].
#[derive(Debug)]
pub struct House;

/// A house that answers. Dropped, it ends as in a crash; [`RunningHouse::stop`] ends it well.
pub struct RunningHouse {
    living: Living,
    readiness: Readiness,
    anchors: Anchors,
    scope: IdScope,
    organization: OrganizationSlug,
    first_start: bool,
    administration: Arc<Administration>,
}

impl House {
    /// Opens the house in a data directory; founds the installation when there is none.
    ///
    /// Must be called inside a multi-threaded Tokio runtime. A listener on port 0 gets a port of the system's choice.
    ///
    /// # Errors
    /// [`StartFault`], one sentence for the operator. A second house on the same data directory is one of them.
    pub async fn start(
        settings: HouseSettings,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<RunningHouse, StartFault> {
        Self::start_with(settings, (clock, chance), |signers| signers).await
    }

    /// As [`Self::start`], with something between the house and its signers: whoever counts what keys are asked, or
    /// lets them fail.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        settings: HouseSettings,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
        between: impl FnOnce(Arc<dyn Signers>) -> Arc<dyn Signers>,
    ) -> Result<RunningHouse, StartFault> {
        private_directory(&settings.data)?;
        let store = tamga_store::open_sqlite(settings.data.join(DATABASE)).await?;
        Self::over(Arc::new(store), settings, (clock, chance), between).await
    }

    /// As [`Self::start_with`], over a memory of the caller's. The data directory keeps the root keys alone then.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn over(
        store: Arc<dyn Store>,
        settings: HouseSettings,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
        between: impl FnOnce(Arc<dyn Signers>) -> Arc<dyn Signers>,
    ) -> Result<RunningHouse, StartFault> {
        private_directory(&settings.data)?;
        let places = bind_all(&settings.listeners).await?;
        let foundation = settings.foundation(&places)?;
        let stage = match store.installation().await? {
            None => Stage::Founding,
            Some(_) => Stage::Founded,
        };
        let secrets = settings.data.join(SECRETS);
        private_directory(&secrets)?;
        let vaults = Places::within(&secrets).open(stage, &chance)?;
        let founder = Founder {
            store: &*store,
            vaults: &vaults,
            clock: &*clock,
            chance: &*chance,
        };
        let first_start = founder.ensure(&foundation).await?;
        let process = Process::new(Drain::new(), clock.clone(), chance.clone())?;
        let means = Means::over(store, clock, chance).await?;
        let (part, administration) = whole(&means, &vaults, &settings, process.readiness(), between).await?;
        let known = Known::of(&*means.store).await?;
        let readiness = process.readiness().clone();
        Ok(RunningHouse {
            living: process.live(part, places).await?,
            readiness,
            anchors: known.anchors,
            scope: known.scope,
            organization: known.organization,
            first_start,
            administration,
        })
    }
}

/// Every part there is, over one memory: the signer first, for it makes what the door shows.
async fn whole(
    means: &Means,
    vaults: &Vaults,
    settings: &HouseSettings,
    readiness: &Readiness,
    between: impl FnOnce(Arc<dyn Signers>) -> Arc<dyn Signers>,
) -> Result<(Part, Arc<Administration>), StartFault> {
    let mut ring = Keyring::load(means, vaults.own_keys.clone()).await?;
    ring.signers = between(ring.signers);
    let (signer, hand) = signer(means, ring, settings.signer()).await?;
    let (reception, duties) = Reception::new(means, vaults.device_secrets.clone(), readiness);
    let bureau = Bureau {
        policies: reception.policies.clone(),
        denials: reception.denials.clone(),
        door: settings.door.clone(),
        rules: settings.clerk,
    };
    // What the door could not keep in time waits as a submission.
    let duties =
        duties
            .and(clerk(means, hand.clone(), bureau)?)
            .and(presence(means, ProcessRole::House, readiness)?);
    let shown = Shown::new(means, vaults.own_keys.clone()).await?;
    let door = device(&reception, hand.clone().into(), shown.clone(), settings.device())?;
    let acts = administration(&reception, settings.tokens, settings.approvals);
    let owner = rustix::process::geteuid().as_raw();
    let operations = Operations {
        administration: acts.clone(),
        hands: hand.into(),
        door: settings.door.clone(),
        owner,
    };
    let operators = admin(&reception, operations, Some(shown))?;
    let store = means.store.clone();
    let shared = Part {
        duties,
        farewell: Some(Box::pin(async move { store.close().await })),
        ..Part::default()
    };
    // Works end in this order: refusals are journalled before the hand goes.
    let part = shared
        .and(signer)
        .and(door)
        .and(operators)
        .and(status(means, settings.status));
    Ok((part, acts))
}

/// What everybody who comes needs to know of an installation.
#[derive(Clone, Debug)]
pub struct Known {
    /// The roots above what it issues.
    pub anchors: Anchors,
    /// The id scope of the first organization.
    pub scope: IdScope,
    /// The slug of the first organization.
    pub organization: OrganizationSlug,
}

impl Known {
    /// As memory tells.
    ///
    /// # Errors
    /// [`StartFault::Incomplete`] when it lacks something.
    pub async fn of(store: &dyn Store) -> Result<Self, StartFault> {
        let organization = store.first_organization().await?;
        let organization = organization.ok_or(StartFault::Incomplete("it has no organization"))?;
        let scopes = store.id_scopes(organization.id).await?;
        let scope = scopes.into_iter().next();
        Ok(Self {
            anchors: Anchors::of(&store.issuers().await?),
            scope: scope.ok_or(StartFault::Incomplete("it has no id scope"))?,
            organization: organization.slug,
        })
    }
}

impl RunningHouse {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        self.living.addresses()
    }

    /// The roots above what it issues, for devices and for itself.
    pub fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// The id scope of the first organization.
    pub fn id_scope(&self) -> &IdScope {
        &self.scope
    }

    /// The slug of the first organization.
    pub fn organization(&self) -> &OrganizationSlug {
        &self.organization
    }

    /// Whether this start founded the installation.
    pub fn is_first_start(&self) -> bool {
        self.first_start
    }

    /// The acts of operators, for who is in the same process.
    pub fn administration(&self) -> &Arc<Administration> {
        &self.administration
    }

    /// Where readiness checks are added.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Ends the listeners, in two stages; [`Self::stop`] does the rest.
    pub fn drain(&self) -> &Drain {
        self.living.drain()
    }

    /// Resolves when the house cannot go on: a duty that cannot be begun a second time has ended.
    pub async fn lost(&self) {
        self.living.lost().await;
    }

    /// Ends it well: listeners first, then what was begun is finished, then memory is closed.
    pub async fn stop(self) {
        self.living.stop().await;
    }
}

impl std::fmt::Debug for RunningHouse {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RunningHouse")
            .field("addresses", self.addresses())
            .finish_non_exhaustive()
    }
}

/// The directory of the root keys within the data directory.
pub(crate) const SECRETS: &str = "secrets";
/// The file of the database within the data directory.
pub(crate) const DATABASE: &str = "tamga.db";
