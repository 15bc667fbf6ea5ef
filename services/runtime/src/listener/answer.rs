// SPDX-License-Identifier: Apache-2.0
//! Puts a router behind the limits that hold for every request.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http_body_util::Limited;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tokio::time::timeout;

use super::framing::Abuse;
use super::{Front, Interruption, Limits, Plane, Words};
use crate::request_id::{RequestId, RequestIds};

/// From the outside in: the request is observed, refused when its framing is abuse, timed, its body limited.
pub(super) fn guarded(front: Front, plane: Plane, limits: &Limits, ids: &RequestIds) -> Router {
    let guard = Guard {
        request: limits.request.0,
        body_size: limits.body_size.as_usize(),
        stream_size: limits.stream_size.as_usize(),
        streams: front.streams,
        words: Arc::clone(&front.words),
    };
    let limited = front
        .router
        // The extractors' own limit would hide ours where ours is wider.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(guard, within));
    ids.observe(limited, plane, front.words)
}

/// What the connection knows of a request beside its bytes.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) abuse: Option<Abuse>,
    pub(super) whole: Arc<AtomicBool>,
}

/// What holds for every request of a listener.
#[derive(Clone)]
struct Guard {
    request: Duration,
    body_size: usize,
    stream_size: usize,
    streams: &'static [&'static str],
    words: Words,
}

impl Guard {
    /// How many bytes of body this request may have.
    fn most(&self, request: &Request) -> usize {
        let path = request.uri().path();
        match self.streams.iter().any(|end| path.ends_with(end)) {
            true => self.stream_size,
            false => self.body_size,
        }
    }
}

/// Marks an answer that goes on as long as there are signs of life, in either direction: it answers a stream.
#[derive(Clone, Copy, Debug)]
pub struct Streamed;

async fn within(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let received = request.extensions_mut().remove::<Received>();
    let id = request.extensions().get::<RequestId>().copied();
    let say = |interruption| (guard.words)(interruption, id);
    if let Some(abuse) = received.as_ref().and_then(|received| received.abuse) {
        return closing(say(abuse.into()));
    }
    let most = guard.most(&request);
    // Read, it would be refused too, but not in the plane's words.
    if usize::try_from(request.body().size_hint().lower()).is_ok_and(|announced| announced > most) {
        return say(Interruption::BodyTooLarge);
    }
    let request = request.map(|body| Body::new(Limited::new(body, most)));
    match timeout(guard.request, next.run(request)).await {
        Ok(response) => response,
        // Dropping the handler has undone what it had not kept. Whose time was it?
        Err(_) if received.is_some_and(|received| !received.whole.load(Ordering::Relaxed)) => {
            closing(say(Interruption::BodyOverdue))
        }
        Err(_) => closing(say(Interruption::AnswerOverdue)),
    }
}

fn closing(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A request body that reports when it has come whole.
pub(super) struct Arriving {
    body: Incoming,
    whole: Arc<AtomicBool>,
}

impl Arriving {
    pub(super) fn watch(body: Incoming) -> (Body, Arc<AtomicBool>) {
        let whole = Arc::new(AtomicBool::new(body.is_end_stream()));
        (
            Body::new(Self {
                body,
                whole: Arc::clone(&whole),
            }),
            whole,
        )
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.whole.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
