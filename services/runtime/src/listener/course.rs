// SPDX-License-Identifier: Apache-2.0
//! The course of one connection: which phase it is in, and until when that phase may last.
//!
//! The HTTP library knows one deadline, for headers. We want one for each phase, and an idle connection to be
//! told from a slow one; so the bytes, the requests and the answers report here, and the connection's driver
//! asks when to give up.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::Limits;
use super::answer::Streamed;
use super::framing::{Abuse, Framing};

/// What a connection is doing.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come yet.
    Fresh,
    /// A request has begun to come.
    Header,
    /// A handler is at work.
    Handling,
    /// The client takes the answer.
    Answering,
    /// Between two requests.
    Idle,
    /// We have said our last word and let the client say its own.
    Parting,
}

#[derive(Clone)]
pub(super) struct Course(Arc<Mutex<State>>);

struct State {
    phase: Phase,
    due: Instant,
    header: Duration,
    handling: Duration,
    answering: Duration,
    idle: Duration,
    framing: Framing,
    /// Requests handed to the router so far.
    requests: u64,
    /// The answer's body has been handed over whole; the library may still hold all of it.
    said: bool,
    /// The answer's deadline moves with each sign of life.
    streamed: bool,
}

/// The handler's own deadline answers; this much later the connection is given up.
const GRACE: Duration = Duration::from_secs(5);
/// How long and how much a client may go on talking after our last word. Closing at once would reset the
/// connection and destroy the answer on its way (RFC 9112 §9.6).
const PARTING: Duration = Duration::from_secs(1);
const PARTING_BYTES: usize = 256 * 1024;

impl Course {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Mutex::new(State {
            phase: Phase::Fresh,
            due: after(limits.header.0),
            header: limits.header.0,
            handling: limits.request.0.saturating_add(GRACE),
            answering: limits.response.0,
            idle: limits.idle.0,
            framing: Framing::default(),
            requests: 0,
            said: false,
            streamed: false,
        })))
    }

    pub(super) fn due(&self) -> Instant {
        self.state().due
    }

    pub(super) fn phase(&self) -> Phase {
        self.state().phase
    }

    /// A request is complete as far as its headers; says what is wrong with its framing.
    pub(super) fn request(&self) -> Option<Abuse> {
        let mut state = self.state();
        state.requests = state.requests.saturating_add(1);
        let handling = state.handling;
        state.enter(Phase::Handling, handling);
        state.framing.abuse_of(state.requests)
    }

    /// `body` goes out under the answer's deadline; when its last byte has gone, the connection is idle.
    pub(super) fn answer(&self, body: Body, streamed: Option<Streamed>) -> Answer {
        let mut state = self.state();
        (state.said, state.streamed) = (false, streamed.is_some());
        let answering = state.answering;
        state.enter(Phase::Answering, answering);
        Answer {
            body,
            course: self.clone(),
        }
    }

    /// The connection is being closed politely, and not for long.
    pub(super) fn part(&self) {
        self.state().enter(Phase::Parting, PARTING);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase, lasting: Duration) {
        self.phase = phase;
        self.due = after(lasting);
    }

    /// Something was sent or came.
    fn lives(&mut self) {
        if self.streamed && self.phase == Phase::Answering {
            self.due = after(self.answering);
        }
    }

    /// Everything that was to be sent has been taken by the system. What came meanwhile may be the next request's
    /// beginning: its header's deadline starts here.
    fn flushed(&mut self) {
        if self.phase != Phase::Answering || !self.said {
            return;
        }
        if self.framing.has_begun_after(self.requests) {
            self.enter(Phase::Header, self.header);
        } else {
            self.enter(Phase::Idle, self.idle);
        }
    }

    fn read(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.lives();
        match self.phase {
            // The deadline of a fresh connection runs on.
            Phase::Fresh => self.phase = Phase::Header,
            Phase::Idle => self.enter(Phase::Header, self.header),
            Phase::Header | Phase::Handling | Phase::Answering | Phase::Parting => {}
        }
        self.framing
            .read(bytes)
            .map_err(|abuse| io::Error::new(io::ErrorKind::InvalidData, abuse))
    }
}

fn after(lasting: Duration) -> Instant {
    let now = Instant::now();
    // An absurdly long limit means none that matters.
    now.checked_add(lasting)
        .unwrap_or_else(|| now.checked_add(A_YEAR).unwrap_or(now))
}

const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// A response body that reports when it has been handed over: the library drops it as soon as it has queued the last
/// frame, and that is the whole body where there is but one.
pub(super) struct Answer {
    body: Body,
    course: Course,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.course.state().said = true;
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose bytes report to its course.
pub(super) struct Reporting<I> {
    io: I,
    course: Course,
    parted: bool,
    /// Bytes read after our last word.
    ignored: usize,
}

impl<I> Reporting<I> {
    pub(super) fn new(io: I, course: Course) -> Self {
        Self {
            io,
            course,
            parted: false,
            ignored: 0,
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Reporting<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        Poll::Ready(self.course.state().read(read))
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Reporting<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes));
        self.course.state().lives();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(context, bytes));
        self.course.state().lives();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    /// The library flushes only when it has written all it queued.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(context))?;
        self.course.state().flushed();
        Poll::Ready(Ok(()))
    }

    /// Says our last word, then hears the client out for a moment.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.parted {
            ready!(Pin::new(&mut self.io).poll_shutdown(context))?;
            self.parted = true;
            self.course.part();
        }
        let mut scrap = [0; 4096];
        while self.ignored < PARTING_BYTES {
            let mut buffer = ReadBuf::new(&mut scrap);
            let heard = ready!(Pin::new(&mut self.io).poll_read(context, &mut buffer));
            if heard.is_err() || buffer.filled().is_empty() {
                break;
            }
            self.ignored = self.ignored.saturating_add(buffer.filled().len());
        }
        Poll::Ready(Ok(()))
    }
}
