// SPDX-License-Identifier: Apache-2.0
//! What a listener itself answers, where its router cannot or must not: why, and in the words of its plane.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::framing::Abuse;
use crate::request_id::RequestId;

/// Why the listener answers a request in its router's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Interruption {
    /// Two parsers could see the request's end in different places.
    #[error("the request cannot be read without doubt: {0}")]
    Framing(#[from] Abuse),
    /// The announced body has more than [`Limits::body_size`](super::Limits::body_size).
    #[error("the body is larger than is taken here: send less")]
    BodyTooLarge,
    /// The body had not come whole within [`Limits::request`](super::Limits::request).
    #[error("the request body did not come in time: send it at once after the headers")]
    BodyOverdue,
    /// The handler had not answered within [`Limits::request`](super::Limits::request).
    #[error("no answer was ready in time, and it is not the caller's fault: try again")]
    AnswerOverdue,
    /// The handler panicked.
    #[error(
        "the service failed, and it is not the caller's fault: its operator finds why under the request id"
    )]
    Panicked,
    /// There was no chance to make a request id from, so nothing was done.
    #[error("the service cannot take requests just now, and it is not the caller's fault: try again")]
    Unnamed,
}

impl Interruption {
    /// Every kind, once.
    pub const ALL: [Self; 6] = [
        Self::Framing(Abuse::Host),
        Self::BodyTooLarge,
        Self::BodyOverdue,
        Self::AnswerOverdue,
        Self::Panicked,
        Self::Unnamed,
    ];

    /// The stable slug.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Framing(_) => "framing_refused",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyOverdue => "body_overdue",
            Self::AnswerOverdue => "answer_overdue",
            Self::Panicked | Self::Unnamed => "fault",
        }
    }

    /// The status that says it; a plane whose clients do not bear it may answer another.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Framing(_) => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyOverdue => StatusCode::REQUEST_TIMEOUT,
            Self::AnswerOverdue | Self::Unnamed => StatusCode::SERVICE_UNAVAILABLE,
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Renders an interruption as its plane renders everything; the id is missing only where none could be made. Must
/// not panic: nothing answers for it.
pub type Words = Arc<dyn Fn(Interruption, Option<RequestId>) -> Response + Send + Sync>;

/// What a listener serves: a router, and the words for what the listener has to say itself.
#[derive(Clone)]
pub struct Front {
    /// Answers everything else.
    pub router: Router,
    /// Answers interruptions.
    pub words: Words,
    /// How the paths end whose requests are streams: read as they come, and longer than any other. Their handlers
    /// keep what they hold of them within bounds.
    pub streams: &'static [&'static str],
}

/// A router of plain text.
impl From<Router> for Front {
    fn from(router: Router) -> Self {
        Self {
            router,
            words: Arc::new(|interruption, _| {
                (interruption.status(), format!("{interruption}\n")).into_response()
            }),
            streams: &[],
        }
    }
}

impl std::fmt::Debug for Front {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Front")
            .field("router", &self.router)
            .finish_non_exhaustive()
    }
}
