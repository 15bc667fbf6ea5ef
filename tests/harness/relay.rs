// SPDX-License-Identifier: Apache-2.0
//! A TCP address in front of a Unix socket, for programs that speak HTTP over TCP alone.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};
use tokio::task::JoinHandle;

/// Passes octets on, until it is dropped.
pub struct Relay {
    address: SocketAddr,
    work: JoinHandle<()>,
}

impl Relay {
    /// In front of this socket, on a port of the system's choice.
    pub async fn before(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let work = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let socket = socket.clone();
                tokio::spawn(async move {
                    if let Ok(mut far) = UnixStream::connect(&socket).await {
                        // Whoever hangs up first, hangs up for both.
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Self { address, work }
    }

    /// Where it is called.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.work.abort();
    }
}
