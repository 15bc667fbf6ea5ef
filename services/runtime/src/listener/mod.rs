// SPDX-License-Identifier: Apache-2.0
//! Serves a router on an address or a Unix socket, within limits, until the process is asked to end.
//!
//! [`bind`] takes the place, [`serve`] accepts. What happens to a connection, in the order it happens:
//!
//! - `accept` takes it from the kernel and backs off when the machine is out of descriptors;
//! - `admission` counts it, in all and per address;
//! - `connection` shakes hands (TLS) and lets the HTTP library talk, under the deadlines of `course`;
//! - `framing` reads along and refuses requests whose end two parsers could see in different places;
//! - `answer` puts the router behind the request's deadline and the body's limit;
//! - `words` says why a listener answers in its router's place; the plane says how.

mod accept;
mod address;
mod addresses;
mod admission;
mod answer;
mod bind;
mod connection;
mod course;
mod framing;
mod limits;
mod peer;
mod unix;
mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::settings::reference::{Key, key};

pub use accept::serve;
pub use address::{Address, AddressRefusal};
pub use addresses::Addresses;
pub use answer::Streamed;
pub use bind::{BindFault, Bound, bind, bind_all};
pub use framing::Abuse;
pub use limits::Limits;
pub use peer::{Peer, PeerAddress};
pub use words::{Front, Interruption, Words};

/// One listener, as the settings describe it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerConfig {
    /// Which routes it serves: `device`, `admin`, `status` or `ops`.
    pub plane: Plane,
    /// `127.0.0.1:8443`, `[::]:8443` or `unix:/run/tamga/admin.sock`. Port 0 lets the system choose.
    pub address: Address,
    /// What it grants; see [`Limits`].
    #[serde(default)]
    pub limits: Limits,
}

/// The keys of a section `[[listener]]`, for the reference.
pub const KEYS: &[Key] = &[
    key(
        "listener[].plane",
        "`device`, `admin`, `status` or `ops`",
        "",
        "What is served there. The device plane speaks TLS, and so does the admin plane on the network, where it answers API tokens and client certificates; on a Unix socket it answers users of the operating system: the one that runs the service, root, and whoever was given a role.",
    ),
    key(
        "listener[].address",
        "address",
        "",
        "`127.0.0.1:8443`, `[::]:8443` or `unix:/run/tamga/admin.sock`.",
    ),
    key(
        "listener[].limits.connections",
        "number",
        "4096",
        "Connections at one time; new ones wait when they are used up.",
    ),
    key(
        "listener[].limits.connections_per_address",
        "number",
        "1024",
        "Connections at one time from one IPv4 address or one IPv6 /64; more are closed at once.",
    ),
    key(
        "listener[].limits.handshake",
        "duration",
        "\"10s\"",
        "From the accepted connection to the finished TLS handshake.",
    ),
    key(
        "listener[].limits.header",
        "duration",
        "\"10s\"",
        "From the first byte of a request to the end of its headers.",
    ),
    key(
        "listener[].limits.request",
        "duration",
        "\"30s\"",
        "From the end of the headers to the answer, the body included.",
    ),
    key(
        "listener[].limits.response",
        "duration",
        "\"2m\"",
        "From the answer until the client has taken it all; of a batch, from each sign of life to the next.",
    ),
    key(
        "listener[].limits.idle",
        "duration",
        "\"75s\"",
        "Between two requests on one connection.",
    ),
    key(
        "listener[].limits.drain",
        "duration",
        "\"30s\"",
        "For what is in flight when the process is asked to end.",
    ),
    key(
        "listener[].limits.header_size",
        "size",
        "\"16KiB\"",
        "Bytes of the request line and headers together; at least `8KiB`.",
    ),
    key("listener[].limits.header_lines", "number", "100", "Header lines."),
    key(
        "listener[].limits.body_size",
        "size",
        "\"128KiB\"",
        "Bytes of a request body.",
    ),
    key(
        "listener[].limits.stream_size",
        "size",
        "\"1GiB\"",
        "Bytes of a request body that is read as it comes: a batch of a factory, or a revocation list, of which at most 16 MiB are read.",
    ),
];

/// A set of routes with its own audience; planes share no routes.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Plane {
    /// For devices: enrollment protocols.
    Device,
    /// For operators and factory stations.
    Admin,
    /// For everybody: revocation lists and issuers.
    Status,
    /// For monitoring.
    Ops,
}

/// A text that names no plane.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a plane: write one of device, admin, status, ops")]
pub struct PlaneRefusal(String);

impl Plane {
    const ALL: [Self; 4] = [Self::Device, Self::Admin, Self::Status, Self::Ops];

    /// The name in settings, logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Admin => "admin",
            Self::Status => "status",
            Self::Ops => "ops",
        }
    }
}

impl fmt::Display for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Plane {
    type Err = PlaneRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|plane| plane.as_str() == text)
            .ok_or_else(|| PlaneRefusal(text.to_owned()))
    }
}

impl TryFrom<String> for Plane {
    type Error = PlaneRefusal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Plane> for String {
    fn from(plane: Plane) -> Self {
        plane.as_str().to_owned()
    }
}
