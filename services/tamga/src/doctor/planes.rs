// SPDX-License-Identifier: Apache-2.0
//! Who answers at the addresses of an installation, and what they show.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::listener::{Address, ListenerConfig};
use tamga_x509::certificate::Certificate;
use tamga_x509::time::Timestamp;
use tokio::net::{TcpStream, UnixStream};

use super::Findings;
use crate::device::{Endpoint, ServerAnchor};
use crate::exchange::ask;
use crate::exit::chain;

/// Whether the places a process listens at answer; where none does, whether they are free to be listened at.
pub async fn look_at_listeners(listeners: &[ListenerConfig], findings: &mut Findings) {
    for listener in listeners {
        let place = format!("{} at {}", listener.plane, listener.address);
        match &listener.address {
            Address::Tcp(address) => match (connects(*address).await, TcpListener::bind(address)) {
                (true, _) => findings.ok("ports", format!("somebody answers for {place}")),
                (false, Ok(_)) => findings.warning(
                    "ports",
                    format!("nobody answers for {place}; the port is free"),
                    "start the process",
                ),
                (false, Err(fault)) => findings.failed(
                    "ports",
                    format!("nobody answers for {place}, and it cannot be listened at: {fault}"),
                    "free the port, give the machine the address, or name another in the settings; ports below 1024 need CAP_NET_BIND_SERVICE",
                ),
            },
            Address::Unix(path) => match UnixStream::connect(path).await {
                Ok(_) => findings.ok("ports", format!("somebody answers for {place}")),
                Err(fault) => findings.warning(
                    "ports",
                    format!("nobody answers for {place}: {fault}"),
                    "start the process, or run this as a user who may open the socket",
                ),
            },
        }
    }
}

async fn connects(address: SocketAddr) -> bool {
    let connecting = tokio::time::timeout(PATIENCE, TcpStream::connect(address));
    matches!(connecting.await, Ok(Ok(_)))
}

/// Whether the TLS certificate at an endpoint is vouched for by an anchor, and for how long it is good.
pub async fn look_at_certificate(
    (what, endpoint): (&str, &Endpoint),
    anchor: &ServerAnchor,
    now: Timestamp,
    findings: &mut Findings,
) {
    let stream = match anchor.connect(endpoint, None, Arc::new(SystemClock)).await {
        Ok(stream) => stream,
        Err(fault) => {
            let fix = "a signer makes the certificate and renews it: see `tls_certificate` at /readyz; names that are missing in it go into [tls] of the signer's settings";
            return findings.failed("certificates", format!("{what}: {}", chain(&fault)), fix);
        }
    };
    let (_, session) = stream.get_ref();
    let shown = session
        .peer_certificates()
        .and_then(<[CertificateDer<'_>]>::first);
    let shown = shown.and_then(|der| Certificate::parse(der).ok());
    let Some(shown) = shown else {
        return findings.skipped(
            "certificates",
            format!("{what} shows a certificate this program cannot read"),
        );
    };
    let end = shown.validity().not_after();
    if end.duration_since(now) < SOON {
        findings.warning(
            "certificates",
            format!("the certificate {what} shows ends at {end}"),
            "a signer should have renewed it by now: see `tls_certificate` at /readyz and the signer's log",
        );
    } else {
        findings.ok(
            "certificates",
            format!("the certificate {what} shows is good until {end}"),
        );
    }
}

/// What the service says of itself at `/readyz`.
pub async fn look_at_readiness(ops_url: &str, findings: &mut Findings) {
    let answer = match ask(&format!("{ops_url}/readyz")).await {
        Ok((_, body)) => serde_json::from_slice::<Value>(&body).unwrap_or_default(),
        Err(failure) => return findings.failed("service", failure.to_string(), "start the service"),
    };
    let Some(checks) = answer["checks"].as_object() else {
        return findings.failed(
            "service",
            format!("{ops_url}/readyz says nothing that is understood"),
            "is this the ops plane?",
        );
    };
    for (name, said) in checks {
        match said.as_str() {
            Some("ok") => findings.ok("service", format!("{name} is well")),
            said => findings.failed(
                "service",
                format!("{name}: {}", said.unwrap_or("not well")),
                "docs/operations.md says what each word at /readyz means and what mends it",
            ),
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(3);
/// The signer renews long before.
const SOON: Duration = Duration::from_secs(24 * 60 * 60);
