// SPDX-License-Identifier: Apache-2.0
//! A listener with its router, and the plain client most stories need.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::{Address, Front, Limits, ListenerConfig, Plane, bind, serve};
use tamga_runtime::request_id::RequestIds;
use tamga_runtime::settings::HumanDuration;
use tamga_runtime::tls::TlsPolicy;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// No story waits longer for anything; all of them expect to wait far less.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct House {
    pub(crate) address: Address,
    pub(crate) drain: Drain,
    pub(crate) task: JoinHandle<()>,
}

impl House {
    pub(crate) async fn open(limits: Limits, router: impl Into<Front>) -> Self {
        Self::at("127.0.0.1:0", limits, None, router).await
    }

    pub(crate) async fn at(
        address: &str,
        limits: Limits,
        tls: Option<TlsPolicy>,
        front: impl Into<Front>,
    ) -> Self {
        let address = address.parse().expect("address");
        let config = ListenerConfig {
            plane: Plane::Device,
            address,
            limits,
        };
        let bound = bind(&config).await.expect("bound");
        let (address, drain) = (bound.local_address().clone(), Drain::new());
        let task = serve(bound, tls, front, &ids(), &drain);
        Self { address, drain, task }
    }

    pub(crate) fn tcp(&self) -> SocketAddr {
        match &self.address {
            Address::Tcp(address) => *address,
            Address::Unix(path) => panic!("{}", path.display()),
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.tcp()).await.expect("connected")
    }

    /// Sends `request` on a connection of its own and hears the answer out, to the end of the connection.
    pub(crate) async fn ask(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_ref()).await.expect("sent");
        rest(&mut stream).await
    }

    pub(crate) async fn ends(self) {
        timeout(DEADLINE, self.task)
            .await
            .expect("in time")
            .expect("no panic");
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// Tells when it is dropped.
pub(crate) struct Guarded(pub(crate) tokio::sync::mpsc::UnboundedSender<()>);

pub(crate) fn ids() -> RequestIds {
    RequestIds::new(Arc::new(SystemClock), Arc::new(SystemChance::new()))
}

pub(crate) fn millis(millis: u64) -> HumanDuration {
    HumanDuration(Duration::from_millis(millis))
}

/// Everything until the other end closes.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut heard = Vec::new();
    // A reset after the answer is a close as well.
    let _ = timeout(DEADLINE, stream.read_to_end(&mut heard))
        .await
        .expect("closed in time");
    String::from_utf8_lossy(&heard).into_owned()
}

/// One answer with a Content-Length, on a connection that stays open.
pub(crate) async fn exchange(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream.flush().await.expect("flushed");
    answer(stream).await
}

pub(crate) async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut heard = Vec::new();
    let whole = |heard: &[u8]| {
        let text = String::from_utf8_lossy(heard);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))?;
        (body.len() >= length.parse().ok()?).then_some(())
    };
    while whole(&heard).is_none() {
        let byte = timeout(DEADLINE, stream.read_u8()).await.expect("in time");
        heard.push(byte.unwrap_or_else(|error| {
            panic!(
                "the connection ended in the middle: {error}: {}",
                String::from_utf8_lossy(&heard)
            )
        }));
    }
    String::from_utf8(heard).expect("text")
}

pub(crate) const GET: &str = "GET / HTTP/1.1\r\nHost: tamga\r\n\r\n";
pub(crate) const GET_AND_CLOSE: &str = "GET / HTTP/1.1\r\nHost: tamga\r\nConnection: close\r\n\r\n";

pub(crate) fn status(answer: &str) -> &str {
    answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .unwrap_or(answer)
}
