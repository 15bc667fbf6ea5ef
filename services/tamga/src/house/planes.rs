// SPDX-License-Identifier: Apache-2.0
//! The planes: takes their places first, serves them last.

use std::sync::Arc;

use axum::Router;
use tamga_gateway::admin::{self, AdminPlane};
use tamga_gateway::dps::{self, DevicePlane};
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::{Bound, ListenerConfig, Plane, bind, serve};
use tamga_runtime::ops::{self, Readiness};
use tamga_runtime::request_id::RequestIds;
use tamga_runtime::telemetry::Metrics;
use tamga_runtime::tls::TlsPolicy;
use tamga_status::{self as status, StatusPlane};
use tokio::task::JoinHandle;

use super::fault::StartFault;
use super::tls::Shown;

/// Takes every place: from here on nobody else can, and nobody is served yet.
pub(super) async fn take(listeners: &[ListenerConfig]) -> Result<Vec<Bound>, StartFault> {
    let mut places = Vec::with_capacity(listeners.len());
    for listener in listeners {
        places.push(bind(listener).await?);
    }
    Ok(places)
}

/// What is served.
pub(super) struct Planes {
    pub(super) device: DevicePlane,
    pub(super) admin: AdminPlane,
    pub(super) status: StatusPlane,
    pub(super) readiness: Readiness,
    pub(super) metrics: Metrics,
    pub(super) ids: RequestIds,
    pub(super) shown: Shown,
}

impl Planes {
    /// Serves each place until the drain begins.
    pub(super) fn serve(&self, places: Vec<Bound>, drain: &Drain) -> Result<Vec<JoinHandle<()>>, StartFault> {
        let mut listening = Vec::with_capacity(places.len());
        for place in places {
            let (front, tls) = match place.plane() {
                Plane::Device => (dps::front(self.device.clone()), Some(self.tls()?)),
                Plane::Admin => (admin::front(self.admin.clone()), None),
                Plane::Status => (status::router(self.status.clone()).into(), None),
                Plane::Ops => (self.ops(drain).into(), None),
            };
            listening.push(serve(place, tls, front, &self.ids, drain));
        }
        Ok(listening)
    }

    fn tls(&self) -> Result<TlsPolicy, StartFault> {
        let identity = self.shown.identity().ok_or(StartFault::NoCertificate)?;
        Ok(TlsPolicy::new(Arc::clone(&identity))?)
    }

    fn ops(&self, drain: &Drain) -> Router {
        ops::router(self.readiness.clone(), self.metrics.clone(), drain.clone())
    }
}
