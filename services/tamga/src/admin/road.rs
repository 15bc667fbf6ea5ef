// SPDX-License-Identifier: Apache-2.0
//! How to get to the admin plane: a Unix socket, or the network.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;

use super::network::Network;
use crate::exchange::exchange;
use crate::exit::{End, Failure};

/// Octets both ways, over whatever.
pub(super) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// How to get there.
#[derive(Clone, Debug)]
pub enum Road {
    /// The socket of a service on this machine: whoever may open it is known to the kernel, so there is no password.
    Socket(PathBuf),
    /// TLS, with a credential.
    Network(Box<Network>),
}

impl Road {
    /// What the Host header says.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Socket(_) => "tamga".to_owned(),
            Self::Network(network) => network.endpoint().authority(),
        }
    }

    /// What the Authorization header says, if anything.
    pub(super) fn authorization(&self) -> Result<Option<HeaderValue>, Failure> {
        match self {
            Self::Socket(_) => Ok(None),
            Self::Network(network) => network.authorization(),
        }
    }

    /// Sends a request and returns the answer.
    pub(super) async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        deadline: Duration,
    ) -> Result<Response<Bytes>, Failure> {
        let answer = exchange(self.opened().await?, request, deadline).await;
        answer.map_err(|fault| Failure::new(End::Unreachable, crate::exit::chain(&fault)))
    }

    /// A connection to there.
    pub(super) async fn opened(&self) -> Result<Box<dyn Connection>, Failure> {
        Ok(match self {
            Self::Socket(socket) => {
                let stream = UnixStream::connect(socket).await;
                Box::new(stream.map_err(|error| out_of_reach(socket, &error))?)
            }
            Self::Network(network) => Box::new(network.connect().await?),
        })
    }
}

fn out_of_reach(socket: &Path, error: &std::io::Error) -> Failure {
    let absent = [ErrorKind::NotFound, ErrorKind::ConnectionRefused];
    let hint = if absent.contains(&error.kind()) {
        "start the service (`tamga dev`), name its socket with --socket or its data directory with --data, or its address with --url or `tamga context`"
    } else if error.kind() == ErrorKind::PermissionDenied {
        "run this as the user that runs the service, or as root"
    } else {
        "is it the service's admin socket?"
    };
    let sentence = format!("nobody answers at {} ({error}): {hint}", socket.display());
    Failure::new(End::Unreachable, sentence)
}
