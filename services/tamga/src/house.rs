// SPDX-License-Identifier: Apache-2.0
//! Composes the whole house in one process: memory, authority, signer, planes. Time and chance are arguments.
//!
//! `House::start` returns when everything answers: the first lists are published and TLS has its certificate. The order
//! is that of need: memory (which excludes a second process), secrets, listening places, the installation itself,
//! keys, duties, planes.

mod addresses;
mod anchors;
mod fault;
mod founding;
mod planes;
mod roots;
mod settings;
mod standing;
mod tls;

use std::sync::Arc;

use tamga_authority::administer::Administration;
use tamga_authority::signers::Signers;
use tamga_registry::organization::{IdScope, OrganizationSlug};
use tamga_runtime::drain::Drain;
use tamga_runtime::ops::Readiness;
use tamga_signer::duties::RunningDuties;
use tamga_store::SqliteStore;
use tamga_x509::chance::Chance;
use tamga_x509::time::Clock;
use tokio::task::JoinHandle;

pub use addresses::Addresses;
pub use anchors::Anchors;
pub use fault::StartFault;
pub use settings::HouseSettings;

use crate::files::private_directory;

/// The way in: see [`House::start`].
#[derive(Debug)]
pub struct House;

/// A house that answers. Dropped, it ends as in a crash; [`RunningHouse::stop`] ends it well.
pub struct RunningHouse {
    addresses: Addresses,
    anchors: Anchors,
    scope: IdScope,
    organization: OrganizationSlug,
    first_start: bool,
    administration: Arc<Administration>,
    readiness: Readiness,
    drain: Drain,
    planes: Vec<JoinHandle<()>>,
    duties: Option<RunningDuties>,
    memory: Arc<SqliteStore>,
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
        let memory = Arc::new(tamga_store::open_sqlite(settings.data.join(DATABASE)).await?);
        let places = planes::take(&settings.listeners).await?;
        let status_url = settings.status_url(&places)?;
        let vaults = roots::vaults(&settings.data, &*memory, &chance).await?;
        let founder = founding::Founder {
            store: &*memory,
            vaults: &vaults,
            clock: &*clock,
            chance: &*chance,
        };
        let first_start = founder.ensure(&settings, &status_url).await?;
        let standing = standing::Standing::new(memory.clone(), vaults, (clock, chance), &settings, between);
        let standing = standing.await?;
        standing.begin(first_start, settings, places, memory).await
    }
}

impl RunningHouse {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
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
        &self.drain
    }

    /// Returns when the house cannot go on: a duty that cannot be begun a second time has ended.
    pub async fn lost(&self) {
        match &self.duties {
            Some(duties) => duties.lost().cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Ends it well: listeners first, then what was begun is finished, then memory is closed.
    pub async fn stop(mut self) {
        self.drain.begin();
        for plane in std::mem::take(&mut self.planes) {
            if let Err(fault) = plane.await {
                tracing::error!(%fault, "a listener did not end well");
            }
        }
        if let Some(duties) = self.duties.take() {
            duties.stop().await;
        }
        self.memory.close().await;
    }
}

impl Drop for RunningHouse {
    fn drop(&mut self) {
        self.drain.cut();
        if let Some(duties) = &self.duties {
            duties.cut();
        }
    }
}

impl std::fmt::Debug for RunningHouse {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RunningHouse")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// The file of the database within the data directory.
const DATABASE: &str = "tamga.db";
