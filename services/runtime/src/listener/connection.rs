// SPDX-License-Identifier: Apache-2.0
//! Serves one connection from its first byte to its last.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::answer::{Arriving, Received, Streamed};
use super::course::{Answer, Course, Phase, Reporting};
use super::limits::DEFAULT_HEADER_LINES;
use super::{Limits, Peer, PeerAddress, Plane};
use crate::drain::Drain;
use crate::tls::TlsPolicy;

/// Everything the connections of one listener share.
pub(super) struct Hall {
    pub(super) plane: Plane,
    pub(super) limits: Limits,
    pub(super) tls: Option<TlsPolicy>,
    /// Guarded already.
    pub(super) router: Router,
    pub(super) drain: Drain,
}

/// How a connection ended, as the metrics count it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// In agreement, or the client just left.
    Closed,
    /// The TLS handshake did not come to an agreement.
    HandshakeRefused,
    HandshakeOverdue,
    /// The bytes were not HTTP as we accept it.
    Malformed,
    Overdue(Phase),
    /// Between requests, when the process was asked to end.
    Drained,
    /// In the middle of a request, when no more time was given.
    Cut,
    /// The network failed.
    Broken,
}

impl End {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Closed | Self::Overdue(Phase::Parting) => "closed",
            Self::HandshakeRefused => "handshake_refused",
            Self::HandshakeOverdue => "handshake_overdue",
            Self::Malformed => "malformed",
            Self::Overdue(Phase::Fresh | Phase::Header) => "header_overdue",
            Self::Overdue(Phase::Handling) => "request_overdue",
            Self::Overdue(Phase::Answering) => "response_overdue",
            Self::Overdue(Phase::Idle) => "idle",
            Self::Drained => "drained",
            Self::Cut => "cut",
            Self::Broken => "broken",
        }
    }
}

impl Hall {
    /// Shakes hands where TLS is spoken, then serves requests.
    pub(super) async fn attend<I>(&self, io: I, address: PeerAddress) -> End
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Some(tls) = &self.tls else {
            let peer = Peer {
                address,
                chain: Arc::from([]),
                tls_version: None,
            };
            return self.converse(io, peer).await;
        };
        let since = Instant::now();
        let handshake = timeout(
            self.limits.handshake.0,
            TlsAcceptor::from(tls.config()).accept(io),
        );
        let stream = match self.drain.begun().run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) => stream,
            Some(Ok(Err(error))) => {
                tracing::debug!(plane = %self.plane, peer = %address, %error, "no TLS handshake");
                return End::HandshakeRefused;
            }
            Some(Err(_)) => return End::HandshakeOverdue,
            None => return End::Drained,
        };
        metrics::histogram!("tamga_tls_handshake_seconds", "plane" => self.plane.as_str())
            .record(since.elapsed().as_secs_f64());
        let session = stream.get_ref().1;
        let chain = session.peer_certificates().unwrap_or_default();
        let peer = Peer {
            address,
            chain: chain
                .iter()
                .map(|certificate| CertificateDer::into_owned(certificate.clone()))
                .collect(),
            tls_version: session.protocol_version(),
        };
        self.converse(stream, peer).await
    }

    async fn converse<I>(&self, io: I, peer: Peer) -> End
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let course = Course::new(&self.limits);
        let service = service_fn(|request| self.answer(request, &peer, &course));
        let io = TokioIo::new(Reporting::new(io, course.clone()));
        let mut connection = pin!(self.protocol().serve_connection(io, service));
        let mut begun = pin!(self.drain.begun().cancelled());
        let mut cut = pin!(self.drain.at_once().cancelled());
        let mut alarm = pin!(sleep_until(course.due()));
        let (mut finishing, mut agreed) = (false, End::Closed);
        poll_fn(|context| {
            loop {
                if cut.as_mut().poll(context).is_ready() {
                    return Poll::Ready(End::Cut);
                }
                if !finishing && begun.as_mut().poll(context).is_ready() {
                    finishing = true;
                    if matches!(course.phase(), Phase::Fresh | Phase::Idle) {
                        agreed = End::Drained;
                    }
                    connection.as_mut().graceful_shutdown();
                }
                if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                    return Poll::Ready(ended.map_or_else(|error| end_of(&error), |()| agreed));
                }
                // The connection may have moved to another phase just now: set the alarm before looking.
                let due = course.due();
                if alarm.deadline() != due {
                    alarm.as_mut().reset(due);
                }
                match (alarm.as_mut().poll(context), course.phase()) {
                    (Poll::Pending, _) => return Poll::Pending,
                    (Poll::Ready(()), Phase::Idle) => {
                        agreed = End::Overdue(Phase::Idle);
                        course.part();
                        connection.as_mut().graceful_shutdown();
                    }
                    (Poll::Ready(()), phase) => return Poll::Ready(End::Overdue(phase)),
                }
            }
        })
        .await
    }

    fn protocol(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        let header_size = self.limits.header_size.as_usize();
        // The deadlines are ours, see `course`.
        builder
            .header_read_timeout(None)
            .max_header_size(header_size)
            .max_buf_size(header_size);
        if self.limits.header_lines != DEFAULT_HEADER_LINES {
            builder.max_headers(self.limits.header_lines);
        }
        builder
    }

    fn answer(&self, request: Request<Incoming>, peer: &Peer, course: &Course) -> Answering {
        let abuse = course.request();
        let (parts, body) = request.into_parts();
        let (body, whole) = Arriving::watch(body);
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(peer.clone());
        request.extensions_mut().insert(Received { abuse, whole });
        let (router, course) = (self.router.clone(), course.clone());
        Box::pin(async move {
            let response = router.oneshot(request).await?;
            let streamed = response.extensions().get::<Streamed>().copied();
            Ok(response.map(|body| course.answer(body, streamed)))
        })
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<axum::http::Response<Answer>, Infallible>> + Send>>;

fn end_of(error: &hyper::Error) -> End {
    if error.is_parse() || error.is_parse_too_large() {
        End::Malformed
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        // The client left in the middle of something: its right.
        End::Closed
    } else {
        End::Broken
    }
}
