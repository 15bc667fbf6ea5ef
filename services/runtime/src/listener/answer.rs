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
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tokio::time::timeout;
use tower_http::limit::RequestBodyLimitLayer;

use super::framing::Abuse;
use super::{Limits, Plane};
use crate::request_id::RequestIds;

/// From the outside in: the request is observed, refused when its framing is abuse, timed, its body limited.
pub(super) fn guarded(router: Router, plane: Plane, limits: &Limits, ids: &RequestIds) -> Router {
    let limited = router
        // The extractors' own limit would hide ours where ours is wider.
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(limits.body_size.as_usize()))
        .layer(from_fn_with_state(limits.request.0, within));
    ids.observe(limited, plane)
}

/// What the connection knows of a request beside its bytes.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) abuse: Option<Abuse>,
    pub(super) whole: Arc<AtomicBool>,
}

async fn within(State(limit): State<Duration>, mut request: Request, next: Next) -> Response {
    let received = request.extensions_mut().remove::<Received>();
    if let Some(abuse) = received.as_ref().and_then(|received| received.abuse) {
        return closing(StatusCode::BAD_REQUEST, abuse.to_string());
    }
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        // Dropping the handler has undone what it had not kept. Whose time was it?
        Err(_) if received.is_some_and(|received| !received.whole.load(Ordering::Relaxed)) => closing(
            StatusCode::REQUEST_TIMEOUT,
            "the request body did not come in time".to_owned(),
        ),
        Err(_) => closing(
            StatusCode::SERVICE_UNAVAILABLE,
            "no answer was ready in time".to_owned(),
        ),
    }
}

fn closing(status: StatusCode, sentence: String) -> Response {
    let mut response = (status, sentence).into_response();
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
