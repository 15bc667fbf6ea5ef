// SPDX-License-Identifier: Apache-2.0
//! The frame every process lives in: what its parts serve, what they do unasked, and how both begin and end.
//!
//! A [`Part`] is what one room of the house brings along. A process of one part is a `tamga-gateway`, a `tamga-status`
//! or a `tamga-signer`; a process of all parts is `tamga dev`. Either way the frame is this one:
//! [`Process::live`] for whoever fails at once when something is missing, [`Process::wake`] for whoever waits for it.

mod waking;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tamga_x509::chance::Chance;
use tamga_x509::time::Clock;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::drain::Drain;
use crate::duty::{Duties, RunningDuties};
use crate::listener::{Address, Addresses, BindFault, Bound, Front, Plane, serve};
use crate::ops::{self, Readiness};
use crate::request_id::RequestIds;
use crate::telemetry::{Metrics, TelemetryFault};
use crate::tls::TlsPolicy;
pub use waking::{Ending, Waking};

/// What a room brings into a process.
#[derive(Default)]
pub struct Part {
    /// What it serves, by plane.
    pub fronts: Vec<Served>,
    /// What it does unasked.
    pub duties: Duties,
    /// What is let go last, such as memory.
    pub farewell: Option<BoxFuture<'static, ()>>,
}

/// What a plane serves.
pub struct Served {
    /// The plane.
    pub plane: Plane,
    /// Its answers.
    pub front: Front,
    /// Its TLS; absent = plain. The admin plane is plain on a Unix socket, and served on the network with TLS alone.
    pub tls: Option<TlsPolicy>,
}

impl Part {
    /// Both, in one process. The first farewell is kept: parts of one process share what they let go.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.fronts.extend(other.fronts);
        self.duties = self.duties.and(other.duties);
        self.farewell = self.farewell.or(other.farewell);
        self
    }
}

/// A process before it lives: nobody is served.
#[derive(Clone)]
pub struct Process {
    readiness: Readiness,
    drain: Drain,
    metrics: Metrics,
    ids: RequestIds,
}

/// Why a process cannot live.
#[derive(Debug, thiserror::Error)]
pub enum LifeFault {
    /// A listener.
    #[error(transparent)]
    Bind(#[from] BindFault),
    /// A listener for what this process does not have.
    #[error("this process serves nothing on the plane {0}: take its listener out of the settings")]
    NothingToServe(Plane),
    /// An admin plane on the network without a certificate to show.
    #[error(
        "the admin plane speaks TLS on the network, and this process has no certificate to show: name sealing.service_keys"
    )]
    NoIdentity,
}

impl Process {
    /// A process that ends by this drain.
    ///
    /// # Errors
    /// [`TelemetryFault`] when metrics cannot be kept.
    pub fn new(drain: Drain, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<Self, TelemetryFault> {
        Ok(Self {
            readiness: Readiness::default(),
            drain,
            metrics: Metrics::start()?,
            ids: RequestIds::new(clock, chance),
        })
    }

    /// Where readiness checks are added.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Begins the duties, lets each come round once, and opens the doors.
    ///
    /// # Errors
    /// [`LifeFault::NothingToServe`]; then nothing was begun.
    pub async fn live(&self, part: Part, places: Vec<Bound>) -> Result<Living, LifeFault> {
        let addresses = Addresses::of(&places);
        let fronts = places.into_iter().map(|place| {
            let served = self.served(&place, &part.fronts);
            served.map(|(front, tls)| (place, front, tls))
        });
        let fronts = fronts.collect::<Result<Vec<_>, _>>()?;
        let duties = part.duties.start(&self.readiness, self.drain.begun());
        duties.come_round().await;
        let listening = fronts
            .into_iter()
            .map(|(place, front, tls)| serve(place, tls, front, &self.ids, &self.drain));
        let listening = listening.collect();
        tokio::spawn(self.metrics.clone().keep_up(self.drain.begun().clone()));
        Ok(Living {
            addresses,
            drain: self.drain.clone(),
            listening,
            lost: duties.lost().clone(),
            duties: Some(duties),
            farewell: Mutex::new(part.farewell),
        })
    }

    fn served(&self, place: &Bound, fronts: &[Served]) -> Result<(Front, Option<TlsPolicy>), LifeFault> {
        let plane = place.plane();
        if plane == Plane::Ops {
            return Ok((self.ops(), None));
        }
        let served = fronts.iter().find(|served| served.plane == plane);
        let served = served.ok_or(LifeFault::NothingToServe(plane))?;
        let tls = match (plane, place.local_address()) {
            // The kernel says who is there, and nobody listens in.
            (Plane::Admin, Address::Unix(_)) => None,
            (Plane::Admin, Address::Tcp(_)) => Some(served.tls.clone().ok_or(LifeFault::NoIdentity)?),
            (Plane::Device | Plane::Status | Plane::Ops, _) => served.tls.clone(),
        };
        Ok((served.front.clone(), tls))
    }

    fn ops(&self) -> Front {
        ops::router(self.readiness.clone(), self.metrics.clone(), self.drain.clone()).into()
    }
}

/// A process that serves. Dropped, its duties end as in a crash; [`Self::stop`] ends it well.
pub struct Living {
    addresses: Addresses,
    drain: Drain,
    listening: Vec<JoinHandle<()>>,
    /// Taken when it is stopped well.
    duties: Option<RunningDuties>,
    lost: CancellationToken,
    farewell: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Living {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Ends the listeners, in two stages; [`Self::stop`] does the rest.
    pub fn drain(&self) -> &Drain {
        &self.drain
    }

    /// Resolves when the process cannot go on: a work that cannot be begun a second time has ended.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        self.lost.clone().cancelled_owned()
    }

    /// Ends it well: listeners first, then what was begun is finished, then memory is let go.
    pub async fn stop(mut self) {
        self.drain.begin();
        for listener in std::mem::take(&mut self.listening) {
            if let Err(fault) = listener.await {
                tracing::error!(%fault, "a listener did not end well");
            }
        }
        if let Some(duties) = self.duties.take() {
            duties.stop().await;
        }
        let farewell = self
            .farewell
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(farewell) = farewell {
            farewell.await;
        }
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        if self.duties.is_some() {
            self.drain.cut();
        }
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let planes: Vec<Plane> = self.fronts.iter().map(|served| served.plane).collect();
        out.debug_struct("Part")
            .field("planes", &planes)
            .field("duties", &self.duties)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Living {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Living")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}
