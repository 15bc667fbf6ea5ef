// SPDX-License-Identifier: Apache-2.0
//! Serves what relying parties need to judge a certificate: CRLs, issuer certificates, the trust bundle.
//!
//! Everything here is signed or public, so it is served plain and cacheable to anyone. The URLs are written into
//! certificates and never change.
//!
//! - [`resource`]: which paths name something, parsed strictly from the path as it was sent;
//! - `lists`: published CRLs, kept in memory by number; the pointer is read again for each request;
//! - `bundle`: the anchors, those of devices and those of this house apart, read at most once a second;
//! - [`process`]: the plane in a process, alone or beside others; [`settings`]: its settings file;
//! - `representation`: bytes with their validators and how long a cache may keep them, and the answer to a condition.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tamga_registry::store::{Publication, StoreFault};
use tamga_runtime::telemetry::chain;
use tamga_x509::time::Clock;

mod bundle;
mod lists;
pub mod process;
mod representation;
pub mod resource;
pub mod settings;

use bundle::Bundles;
use lists::Lists;
use representation::{Freshness, Representation};
use resource::{ROUTES, Resource};

/// What the status plane is given.
#[derive(Clone)]
pub struct StatusPlane {
    store: Arc<dyn Publication>,
    clock: Arc<dyn Clock>,
    settings: StatusSettings,
    lists: Arc<Lists>,
    bundles: Arc<Bundles>,
}

/// How long caches may keep what they are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusSettings {
    /// A CRL, at most; less when the next one is planned sooner. A revocation is seen through a cache this much later.
    pub list_age: Duration,
    /// The trust bundle.
    pub bundle_age: Duration,
    /// An issuer's certificate, which never changes.
    pub issuer_age: Duration,
}

impl Default for StatusSettings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            list_age: seconds(30),
            bundle_age: seconds(300),
            issuer_age: seconds(86_400),
        }
    }
}

impl StatusPlane {
    /// A status plane over what is published.
    #[must_use]
    pub fn new(store: Arc<dyn Publication>, clock: Arc<dyn Clock>, settings: StatusSettings) -> Self {
        Self {
            store,
            clock,
            settings,
            lists: Arc::default(),
            bundles: Arc::default(),
        }
    }
}

/// The status plane, ready to be served.
pub fn router(plane: StatusPlane) -> Router {
    let router = ROUTES.iter().fold(Router::new(), |router, route| {
        router.route(route.pattern, get(serve))
    });
    router
        .fallback(no_resource)
        .method_not_allowed_fallback(no_method)
        .with_state(plane)
}

/// One handler for all: the path as it was sent decides. What the router decoded to find it is not looked at.
async fn serve(State(plane): State<StatusPlane>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(resource) = Resource::parse(uri.path()) else {
        return no_resource().await;
    };
    match plane.find(resource).await {
        Ok(Found::Here(representation)) => representation.answer(&headers),
        Ok(Found::Nothing) => no_resource().await,
        Ok(Found::NotYet) => later("the first list of this shard is not published yet\n"),
        Err(fault) => {
            tracing::error!(path = uri.path(), fault = %chain(&fault), "status could not be read");
            later("the status cannot be read just now\n")
        }
    }
}

/// What a resource turned out to be.
enum Found {
    Here(Representation),
    Nothing,
    NotYet,
}

impl StatusPlane {
    async fn find(&self, resource: Resource) -> Result<Found, StoreFault> {
        match resource {
            Resource::List(shard) => match self.lists.current(&*self.store, shard).await? {
                Some(list) => Ok(Found::Here(
                    list.representation(self.clock.now(), self.settings.list_age),
                )),
                None => self.unlisted(shard).await,
            },
            Resource::Issuer(id) => Ok(match self.store.issuer(id).await? {
                Some(issuer) => Found::Here(Representation {
                    media: "application/pkix-cert",
                    tag: representation::tag(issuer.certificate.der()),
                    modified: Some(issuer.certificate.validity().not_before()),
                    freshness: Freshness {
                        age: self.settings.issuer_age,
                        stale_if_error: self.settings.issuer_age,
                    },
                    bytes: issuer.certificate.der().to_vec().into(),
                }),
                None => Found::Nothing,
            }),
            Resource::Bundle(form) => {
                let now = self.clock.now();
                let written = self.bundles.current(&*self.store, now, form).await?;
                Ok(Found::Here(Representation {
                    media: form.media(),
                    tag: written.tag,
                    modified: None,
                    freshness: Freshness {
                        age: self.settings.bundle_age,
                        stale_if_error: self.settings.issuer_age,
                    },
                    bytes: written.bytes,
                }))
            }
        }
    }

    /// A shard without a list: one that waits for its first, or none at all.
    async fn unlisted(&self, shard: tamga_registry::revocation::ShardId) -> Result<Found, StoreFault> {
        let issuer = self.store.issuer(shard.issuer).await?;
        let exists = issuer.is_some_and(|issuer| shard.shard < issuer.shards.get());
        Ok(if exists { Found::NotYet } else { Found::Nothing })
    }
}

async fn no_resource() -> Response {
    (StatusCode::NOT_FOUND, "not found\n").into_response()
}

async fn no_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n").into_response()
}

/// Caches that hold an earlier answer go on with it (RFC 5861 §4).
fn later(sentence: &'static str) -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

#[cfg(test)]
mod tests;
