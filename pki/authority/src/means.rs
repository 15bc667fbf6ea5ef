// SPDX-License-Identifier: Apache-2.0
//! What every act works with: memory, time, chance, and what is true of the installation.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use tamga_registry::store::{Installation, Store};
use tamga_x509::chance::Chance;
use tamga_x509::time::{Clock, Timestamp};

use crate::refusal::Fault;

/// Memory, time and chance are arguments of every act; they travel together.
#[derive(Clone)]
pub struct Means {
    /// Memory.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// What is true of the whole installation.
    pub installation: Arc<Installation>,
}

/// How memory is opened; asked again and again while it is out of reach.
pub type Opening = Arc<dyn Fn() -> Opened + Send + Sync>;
/// Memory on its way.
pub type Opened = Pin<Box<dyn Future<Output = Result<Arc<dyn Store>, Box<dyn Error + Send + Sync>>> + Send>>;

/// Where means come from, before memory answers.
#[derive(Clone)]
pub struct Origin {
    /// Memory.
    pub opening: Opening,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
}

impl Origin {
    /// The means of an installation that was founded.
    ///
    /// # Errors
    /// [`Fault`] while memory is out of reach, or holds no installation.
    pub async fn means(&self) -> Result<Means, Fault> {
        let store = (self.opening)()
            .await
            .map_err(|fault| Fault::new("opening the database", fault))?;
        match Means::over(store.clone(), self.clock.clone(), self.chance.clone()).await {
            Ok(means) => Ok(means),
            Err(fault) => {
                store.close().await;
                Err(fault)
            }
        }
    }
}

impl Means {
    /// The means over a memory that holds an installation.
    ///
    /// # Errors
    /// [`Fault`] when it holds none, or does not answer.
    pub async fn over(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Self, Fault> {
        let installation = store.installation().await?;
        let installation = installation.ok_or_else(|| {
            Fault::new(
                "looking for the installation",
                "the database holds none: found it with `tamga setup`",
            )
        })?;
        Ok(Self {
            store,
            clock,
            chance,
            installation: Arc::new(installation),
        })
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl std::fmt::Debug for Means {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Means")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Origin").finish_non_exhaustive()
    }
}
