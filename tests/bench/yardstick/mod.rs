// SPDX-License-Identifier: Apache-2.0
//! Two programs that are no products: what can be had on this stack for little, and for what the law asks.
//!
//! Both listen with the house's own listener and TLS, read requests with its parser, draft through its profile, and
//! sign with its keys. Neither knows who asks, what is allowed, or what happened before.

mod bare;
mod group_commit;
mod lawful;
mod place;
mod postgres;
mod press;
mod row;
mod sqlite;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use data_encoding::BASE64;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::{Address, Limits, ListenerConfig, Plane, bind, serve};
use tamga_runtime::request_id::RequestIds;
use tamga_runtime::tls::{ServerIdentity, TlsPolicy};

use self::place::Place;
use crate::order::{Ready, Target};
use crate::role::announce;

/// Verify the request, sign, keep one row: one group commit.
pub(crate) async fn serve_bare(data: &Path, database: Option<String>) -> Result<()> {
    let bench = Arc::new(bare::Bench::open(&place(data, database)).await?);
    stand(Router::new().route(
        "/enroll",
        post(async move |headers: HeaderMap, csr: Bytes| {
            answered(bench.enroll(device(&headers), &csr).await)
        }),
    ))
    .await
}

/// Verify the request, keep the intent, sign, verify the signature, keep the record: two group commits, over the
/// product's schema with as many rows.
pub(crate) async fn serve_lawful(data: &Path, database: Option<String>) -> Result<()> {
    let bench = Arc::new(lawful::Bench::open(&place(data, database)).await?);
    stand(Router::new().route(
        "/enroll",
        post(async move |headers: HeaderMap, csr: Bytes| {
            answered(bench.enroll(device(&headers), &csr).await)
        }),
    ))
    .await
}

/// At the URL, where there is one; else in a file of its own.
fn place(data: &Path, database: Option<String>) -> Place {
    database.map_or_else(|| Place::Sqlite(data.join("yardstick.sqlite")), Place::Postgres)
}

fn device(headers: &HeaderMap) -> &str {
    headers
        .get("x-device")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn answered(chain: Result<Vec<u8>>) -> Response {
    match chain {
        Ok(chain) => chain.into_response(),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{fault:#}")).into_response(),
    }
}

/// Serves until a signal comes.
async fn stand(router: Router) -> Result<()> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.self_signed(&key)?;
    let identity = ServerIdentity::new(
        vec![certificate.der().clone()],
        PrivatePkcs8KeyDer::from(key.serialize_der()),
    )?;
    let policy = TlsPolicy::new(Arc::new(identity))?;
    let bound = bind(&ListenerConfig {
        plane: Plane::Device,
        address: Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 0))),
        limits: Limits::default(),
    })
    .await?;
    let Address::Tcp(address) = bound.local_address().clone() else {
        bail!("a TCP address was asked for");
    };
    let ids = RequestIds::new(Arc::new(SystemClock), Arc::new(SystemChance::new()));
    let drain = Drain::on_signals()?;
    let task = serve(bound, Some(policy), router, &ids, &drain);
    announce(&Ready {
        processes: vec![std::process::id()],
        address: address.to_string(),
        anchor: BASE64.encode(certificate.der()),
        target: Target::Yardstick,
    })?;
    task.await.context("serving")
}
