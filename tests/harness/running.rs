// SPDX-License-Identifier: Apache-2.0
//! The processes of a house, started in one topology: one with all parts, or one a part.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tamga::house::{Anchors, House, HouseSettings, Known, RunningHouse};
use tamga_registry::organization::{IdScope, OrganizationSlug};
use tamga_registry::store::Store;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::listener::Plane;
use tamga_runtime::ops::Readiness;

use crate::clock::StoryClock;
use crate::database::Database;
use crate::patience::promptly;
use crate::split::Split;
use crate::watch::Watch;

/// What a start needs.
pub(crate) struct Start<'a> {
    pub(crate) settings: &'a HouseSettings,
    /// On a server; absent = a file in the data directory.
    pub(crate) database: Option<&'a Database>,
    pub(crate) clock: &'a Arc<StoryClock>,
    pub(crate) watch: &'a Arc<Watch>,
}

/// Running processes.
pub(crate) enum Running {
    One(Box<RunningHouse>),
    Split(Box<Split>),
}

/// Why they do not start, as their operator would be told.
pub(crate) type Refused = String;

impl Start<'_> {
    /// One process, with all parts.
    pub(crate) async fn one(&self) -> Result<Running, Refused> {
        let clock = Arc::<StoryClock>::clone(self.clock);
        let watch = Arc::clone(self.watch);
        let (means, settings) = (
            (clock as _, Arc::new(SystemChance::new()) as _),
            self.settings.clone(),
        );
        let between = move |signers| watch.over(signers);
        let house = match self.database {
            None => promptly("a start", House::start_with(settings, means, between)).await,
            Some(database) => {
                let store: Arc<dyn Store> = Arc::new(database.opens_as_owner().await?);
                promptly("a start", House::over(store, settings, means, between)).await
            }
        };
        house.map(|house| Running::One(Box::new(house))).map_err(|fault| {
            let cause = std::error::Error::source(&fault).map(ToString::to_string);
            format!("{fault} {}", cause.unwrap_or_default())
        })
    }

    /// One process a part.
    pub(crate) async fn split(&self) -> Result<Running, Refused> {
        let database = self.database.ok_or("processes of their own want a server")?;
        Split::start(self, database)
            .await
            .map(|split| Running::Split(Box::new(split)))
    }
}

impl Running {
    /// Where devices knock: every gateway's address.
    pub(crate) fn doors(&self) -> Vec<SocketAddr> {
        match self {
            Self::One(house) => house.addresses().tcp(Plane::Device).into_iter().collect(),
            Self::Split(split) => split.doors(),
        }
    }

    pub(crate) fn tcp(&self, plane: Plane) -> Option<SocketAddr> {
        match self {
            Self::One(house) => house.addresses().tcp(plane),
            Self::Split(split) => split.tcp(plane),
        }
    }

    pub(crate) fn admin_socket(&self) -> Option<PathBuf> {
        match self {
            Self::One(house) => house.addresses().unix(Plane::Admin),
            Self::Split(split) => split.admin_socket(),
        }
    }

    pub(crate) fn id_scope(&self) -> &IdScope {
        match self {
            Self::One(house) => house.id_scope(),
            Self::Split(split) => &split.known().scope,
        }
    }

    pub(crate) fn organization(&self) -> &OrganizationSlug {
        match self {
            Self::One(house) => house.organization(),
            Self::Split(split) => &split.known().organization,
        }
    }

    pub(crate) fn anchors(&self) -> &Anchors {
        match self {
            Self::One(house) => house.anchors(),
            Self::Split(split) => {
                let Known { anchors, .. } = split.known();
                anchors
            }
        }
    }

    /// Processes that learn of changes from memory alone.
    pub(crate) fn replicas(&self) -> Vec<Readiness> {
        match self {
            Self::One(_) => Vec::new(),
            Self::Split(split) => split.replicas(),
        }
    }

    /// Ends all of them well.
    pub(crate) async fn stop(self) {
        match self {
            Self::One(house) => promptly("a good end", house.stop()).await,
            Self::Split(split) => promptly("a good end of every process", split.stop()).await,
        }
    }
}
