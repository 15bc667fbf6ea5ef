// SPDX-License-Identifier: Apache-2.0
//! Takes the place a listener listens at, and says clearly when it cannot.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::{TcpListener, TcpSocket, UnixListener};

use super::unix::{self, SocketFile};
use super::{Address, Limits, ListenerConfig, Plane};

/// A place taken: the kernel queues connections for it, nobody serves them yet.
#[derive(Debug)]
pub struct Bound {
    pub(super) plane: Plane,
    pub(super) limits: Limits,
    pub(super) socket: Socket,
    address: Address,
}

/// The two kinds of listening socket.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix {
        listener: UnixListener,
        /// Goes when the listener goes.
        _file: SocketFile,
    },
}

impl Bound {
    /// Where it listens, with the port the system chose.
    #[must_use]
    pub fn local_address(&self) -> &Address {
        &self.address
    }

    /// What it serves.
    #[must_use]
    pub fn plane(&self) -> Plane {
        self.plane
    }
}

/// Why a listener cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindFault {
    /// The limits would refuse everybody.
    #[error("the {plane} listener at {address}: {}", faults.join("; "))]
    Limits {
        /// The plane.
        plane: Plane,
        /// Where it should listen.
        address: Address,
        /// One sentence a limit.
        faults: Vec<String>,
    },
    /// The address cannot be taken.
    #[error("cannot listen at {address}: {source}{}", hint(source))]
    Tcp {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The socket cannot be made.
    #[error("cannot make the Unix socket {path}: {source}{}", hint(source), path = path.display())]
    Socket {
        /// The path asked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The kernel has no room for the path.
    #[error("the path of the Unix socket {path} is too long: the system allows at most {most} bytes for it, so choose a shorter directory", path = path.display())]
    PathTooLong {
        /// The path asked for.
        path: PathBuf,
        /// The longest a path of this form may be, in bytes.
        most: usize,
    },
    /// Something else is there.
    #[error("{path} is in the way of the Unix socket and is no socket itself: move it, or choose another path", path = .0.display())]
    NotASocket(PathBuf),
    /// Somebody else is there.
    #[error("another process listens at the Unix socket {path}: stop it, or choose another path", path = .0.display())]
    InUse(PathBuf),
}

impl BindFault {
    /// Whether somebody else listens there.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        match self {
            Self::Tcp { source, .. } => source.kind() == io::ErrorKind::AddrInUse,
            Self::InUse(_) => true,
            Self::Limits { .. } | Self::Socket { .. } | Self::PathTooLong { .. } | Self::NotASocket(_) => {
                false
            }
        }
    }
}

fn hint(error: &io::Error) -> &'static str {
    let hints = [
        (
            io::ErrorKind::AddrInUse,
            "; stop the process that listens there, or choose another port",
        ),
        (
            io::ErrorKind::AddrNotAvailable,
            "; this machine has no such address",
        ),
        (
            io::ErrorKind::PermissionDenied,
            "; ports below 1024 and foreign directories need a privilege (CAP_NET_BIND_SERVICE for ports)",
        ),
        (io::ErrorKind::NotFound, "; make its directory first"),
    ];
    hints
        .iter()
        .find(|(kind, _)| *kind == error.kind())
        .map_or("", |(_, hint)| hint)
}

/// Connections the kernel holds while we are busy.
const BACKLOG: u32 = 1024;

/// Takes the place `config` asks for. Must be called inside a Tokio runtime.
///
/// # Errors
/// See [`BindFault`]; each is one sentence for the operator.
pub async fn bind(config: &ListenerConfig) -> Result<Bound, BindFault> {
    let faults = config.limits.faults();
    if !faults.is_empty() {
        return Err(BindFault::Limits {
            plane: config.plane,
            address: config.address.clone(),
            faults,
        });
    }
    let (socket, address) = match &config.address {
        Address::Tcp(address) => {
            let fault = |source| BindFault::Tcp {
                address: *address,
                source,
            };
            let listener = listen(*address).map_err(fault)?;
            let local = listener.local_addr().map_err(fault)?;
            (Socket::Tcp(listener), Address::Tcp(local))
        }
        Address::Unix(path) => {
            let (listener, file) = unix::bind(path).await?;
            (
                Socket::Unix {
                    listener,
                    _file: file,
                },
                config.address.clone(),
            )
        }
    };
    Ok(Bound {
        plane: config.plane,
        limits: config.limits.clone(),
        socket,
        address,
    })
}

/// Takes every place: from here on nobody else can, and nobody is served yet.
///
/// # Errors
/// As [`bind`]; then none is taken.
pub async fn bind_all(listeners: &[ListenerConfig]) -> Result<Vec<Bound>, BindFault> {
    let mut places = Vec::with_capacity(listeners.len());
    for listener in listeners {
        places.push(bind(listener).await?);
    }
    Ok(places)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restarted process takes its port back while old connections linger in TIME-WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
