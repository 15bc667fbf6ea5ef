// SPDX-License-Identifier: Apache-2.0
//! Who is at the other end of a connection, as far as the transport knows.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ProtocolVersion;
use rustls::pki_types::CertificateDer;

/// The other end; among the extensions of every request.
///
/// Headers that claim another address or a client certificate are never consulted.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Where it is.
    pub address: PeerAddress,
    /// The certificates it sent, its own first; empty when it sent none. It holds the key of the first one;
    /// nothing else has been checked.
    pub chain: Arc<[CertificateDer<'static>]>,
    /// The version of TLS spoken; none on plain listeners.
    pub tls_version: Option<ProtocolVersion>,
}

/// Where the other end is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum PeerAddress {
    /// On the network; an IPv4 address mapped into IPv6 is shown as IPv4.
    Tcp(SocketAddr),
    /// On this machine: who ran the process at the time it connected, as the kernel says.
    Unix {
        /// Its effective user.
        uid: u32,
        /// Its effective group.
        gid: u32,
        /// Its process, where the kernel tells.
        pid: Option<i32>,
    },
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix {
                uid,
                gid,
                pid: Some(pid),
            } => write!(f, "unix:uid={uid},gid={gid},pid={pid}"),
            Self::Unix { uid, gid, pid: None } => write!(f, "unix:uid={uid},gid={gid}"),
        }
    }
}
