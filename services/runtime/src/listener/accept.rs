// SPDX-License-Identifier: Apache-2.0
//! Takes connections from the kernel, as many as there is room for, until the process is asked to end.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::admission::{Admission, Place};
use super::answer::guarded;
use super::bind::{Bound, Socket};
use super::connection::Hall;
use super::{Front, PeerAddress, Plane};
use crate::drain::Drain;
use crate::request_id::RequestIds;
use crate::tls::TlsPolicy;

/// Serves `front`, a router or a [`Front`], at the place taken, over TLS when there is a policy for it, until `drain` begins.
///
/// Handlers find the [`Peer`](super::Peer) and the [`RequestId`](crate::request_id::RequestId) among the
/// request's extensions. The task ends when everything in flight has ended, the drain limit has passed, or
/// the drain cuts; the place is given up as soon as the drain begins.
pub fn serve(
    bound: Bound,
    tls: Option<TlsPolicy>,
    front: impl Into<Front>,
    ids: &RequestIds,
    drain: &Drain,
) -> JoinHandle<()> {
    let router = guarded(front.into(), bound.plane, &bound.limits, ids);
    // What cuts our connections must not cut those of other listeners.
    let own = drain.for_one_listener();
    let hall = Hall {
        plane: bound.plane,
        limits: bound.limits.clone(),
        tls,
        router,
        drain: own,
    };
    let address = bound.local_address().to_string();
    tokio::spawn(async move {
        let (hall, connections) = (Arc::new(hall), TaskTracker::new());
        tracing::info!(plane = %hall.plane, address, tls = hall.tls.is_some(), "listening");
        Door::new(Arc::clone(&hall)).keep(bound, &connections).await;
        connections.close();
        let all_ended = timeout(hall.limits.drain.0, connections.wait()).await;
        if all_ended.is_err() {
            tracing::warn!(plane = %hall.plane, address, connections = connections.len(), "cutting what did not end in time");
            hall.drain.cut();
            connections.wait().await;
        }
        tracing::info!(plane = %hall.plane, address, "closed");
    })
}

/// The accept loop of one listener.
struct Door {
    hall: Arc<Hall>,
    rooms: Arc<Semaphore>,
    admission: Admission,
    patience: Patience,
}

impl Door {
    fn new(hall: Arc<Hall>) -> Self {
        let most = hall.limits.connections.min(Semaphore::MAX_PERMITS);
        let admission = Admission::new(hall.limits.connections_per_address);
        Self {
            hall,
            rooms: Arc::new(Semaphore::new(most)),
            admission,
            patience: Patience::default(),
        }
    }

    async fn keep(mut self, bound: Bound, connections: &TaskTracker) {
        let end = self.hall.drain.begun().clone();
        while let Some(taken) = end.run_until_cancelled(self.take(&bound.socket)).await {
            let (room, accepted) = taken;
            match accepted {
                Ok(accepted) => self.admit(accepted, room, connections),
                Err(error) => {
                    drop(room);
                    let pause = self.patience.pause_after(&error, self.hall.plane);
                    end.run_until_cancelled(sleep(pause)).await;
                }
            }
        }
    }

    /// Waits for room first: a connection we cannot serve waits in the kernel's queue, where it costs nothing
    /// and may outlive the rush.
    async fn take(&self, socket: &Socket) -> (Option<OwnedSemaphorePermit>, io::Result<Accepted>) {
        let room = match Arc::clone(&self.rooms).try_acquire_owned() {
            Ok(room) => Some(room),
            Err(_) => {
                count_accept(self.hall.plane, "full");
                Arc::clone(&self.rooms).acquire_owned().await.ok()
            }
        };
        (room, accept(socket).await)
    }

    fn admit(&mut self, accepted: Accepted, room: Option<OwnedSemaphorePermit>, connections: &TaskTracker) {
        self.patience = Patience::default();
        let place = match accepted.address {
            PeerAddress::Tcp(address) => match self.admission.admit(address.ip()) {
                Some(place) => Some(place),
                // Dropping the connection closes it.
                None => return count_accept(self.hall.plane, "address_full"),
            },
            PeerAddress::Unix { .. } => None,
        };
        count_accept(self.hall.plane, "accepted");
        let guest = Guest {
            hall: Arc::clone(&self.hall),
            _place: place,
            _room: room,
        };
        connections.spawn(guest.attend(accepted));
    }
}

fn count_accept(plane: Plane, outcome: &'static str) {
    metrics::counter!("tamga_accepts_total", "plane" => plane.as_str(), "outcome" => outcome).increment(1);
}

/// A connection with the room it takes, given back when it ends in whatever way.
struct Guest {
    hall: Arc<Hall>,
    _place: Option<Place>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Guest {
    async fn attend(self, Accepted { io, address }: Accepted) {
        let plane = self.hall.plane;
        let open = metrics::gauge!("tamga_connections", "plane" => plane.as_str());
        open.increment(1.0);
        let attended = AssertUnwindSafe(self.hall.attend(io, address))
            .catch_unwind()
            .await;
        open.decrement(1.0);
        let outcome = attended.map_or("panicked", super::connection::End::as_str);
        tracing::debug!(%plane, peer = %address, outcome, "connection ended");
        metrics::counter!("tamga_connection_ends_total", "plane" => plane.as_str(), "outcome" => outcome)
            .increment(1);
    }
}

/// A connection the kernel gave us.
struct Accepted {
    io: Box<dyn Stream>,
    address: PeerAddress,
}

/// What both kinds of connection can do.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn accept(socket: &Socket) -> io::Result<Accepted> {
    match socket {
        Socket::Tcp(listener) => {
            let (stream, mut address) = listener.accept().await?;
            // Answers are small and whole: waiting for more to send only delays them.
            stream.set_nodelay(true)?;
            address.set_ip(address.ip().to_canonical());
            Ok(Accepted {
                io: Box::new(stream),
                address: PeerAddress::Tcp(address),
            })
        }
        Socket::Unix { listener, .. } => {
            let (stream, _) = listener.accept().await?;
            let peer = stream.peer_cred()?;
            let address = PeerAddress::Unix {
                uid: peer.uid(),
                gid: peer.gid(),
                pid: peer.pid(),
            };
            Ok(Accepted {
                io: Box::new(stream),
                address,
            })
        }
    }
}

/// How long to wait after the kernel refused us a connection.
#[derive(Default)]
struct Patience {
    pause: Duration,
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Patience {
    /// A connection that broke while it waited costs nothing; a machine out of descriptors or memory refuses
    /// again and again until something closes, so the pause doubles.
    fn pause_after(&mut self, error: &io::Error, plane: Plane) -> Duration {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected};
        // InvalidInput is what setsockopt(2) says of a connection that is gone already on some systems.
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionReset | Interrupted | NotConnected | InvalidInput
        ) {
            count_accept(plane, "aborted");
            return Duration::ZERO;
        }
        count_accept(plane, "refused_by_system");
        if self.pause.is_zero() {
            tracing::error!(%plane, %error, "the system gives no connections; waiting for something to close");
        }
        self.pause = self.pause.saturating_mul(2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_out_of_descriptors_is_asked_less_and_less_often() {
        let mut patience = Patience::default();
        let exhausted = io::Error::from_raw_os_error(24); // EMFILE
        let pauses: Vec<_> = (0..9)
            .map(|_| patience.pause_after(&exhausted, Plane::Ops))
            .collect();
        assert_eq!(pauses[0], SHORTEST_PAUSE);
        assert!(pauses.is_sorted());
        assert_eq!(pauses[8], LONGEST_PAUSE);
    }

    #[test]
    fn a_connection_that_broke_while_it_waited_delays_nobody() {
        let mut patience = Patience::default();
        let aborted = io::Error::from_raw_os_error(103); // ECONNABORTED
        assert_eq!(patience.pause_after(&aborted, Plane::Ops), Duration::ZERO);
    }
}
