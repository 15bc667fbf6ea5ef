// SPDX-License-Identifier: Apache-2.0
//! What is known of a request before anything in it is believed: its id, and where it came from.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tamga_authority::request::RequestContext;
use tamga_registry::id::RequestId;
use tamga_registry::repetition::Once;
use tamga_runtime::listener::{Peer, PeerAddress};
use tamga_runtime::request_id;

/// A request as the listener handed it over. Headers that claim another origin are never consulted.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    id: Option<request_id::RequestId>,
    /// The other end of the connection; absent where no listener of ours accepted it.
    peer: Option<Peer>,
    /// What tells the request when it is sent again, where it has a key.
    once: Option<Once>,
}

impl Arrival {
    pub(crate) fn of(parts: &Parts) -> Self {
        Self {
            id: parts.extensions.get::<request_id::RequestId>().copied(),
            peer: parts.extensions.get::<Peer>().cloned(),
            once: parts.extensions.get::<Once>().copied(),
        }
    }

    /// What is left of a request the listener answers for: its id.
    pub(crate) fn interrupted(id: Option<request_id::RequestId>) -> Self {
        Self {
            id,
            peer: None,
            once: None,
        }
    }

    /// The id under which the journal keeps the request.
    fn request(&self) -> RequestId {
        // Without a listener there is no id to keep: all zeros, which no fresh id ever is.
        RequestId::from_octets(self.id.map_or([0; 16], |id| *id.as_bytes()))
    }

    /// The id as the caller is told it: the same UUID as in the listener's header.
    pub(crate) fn tracking_id(&self) -> String {
        self.id.map_or_else(
            || "00000000-0000-0000-0000-000000000000".to_owned(),
            |id| id.to_string(),
        )
    }

    /// Where the other end of the connection is.
    pub(crate) fn address(&self) -> Option<PeerAddress> {
        self.peer.as_ref().map(|peer| peer.address)
    }

    /// The certificates shown in the TLS handshake, DER, the other end's own first. It holds the key of that one;
    /// nothing else about them has been checked.
    pub(crate) fn certificates(&self) -> &[impl AsRef<[u8]> + use<>] {
        self.peer.as_ref().map_or(&[], |peer| &*peer.chain)
    }

    /// The network address of the other end.
    pub(crate) fn source(&self) -> Option<IpAddr> {
        match self.address() {
            Some(PeerAddress::Tcp(address)) => Some(address.ip()),
            Some(PeerAddress::Unix { .. }) | None => None,
        }
    }

    pub(crate) fn context(&self) -> RequestContext {
        RequestContext {
            request: self.request(),
            source: self.source(),
            once: self.once,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}
