// SPDX-License-Identifier: Apache-2.0
//! Takes rows in, and asks again and again whether their sender may still send them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use tamga_authority::factory::Shift;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::OrganizationSlug;
use tokio::time::{Instant, timeout};

use super::lines::{Line, Lines};
use super::row::RowAnswer;
use crate::admin::AdminPlane;
use crate::admin::caller::{Known, identified};
use crate::admin::problem::{Rejection, RimRefusal};
use crate::arrival::Arrival;

/// What comes next.
pub(super) enum Step {
    /// A row to be furnished.
    Row {
        number: u64,
        line: Vec<u8>,
        shift: Arc<Shift>,
    },
    /// A line that is answered already.
    Said(Box<RowAnswer>),
}

/// The rows of one call.
pub(super) struct Intake {
    plane: AdminPlane,
    parts: Parts,
    organization: OrganizationSlug,
    station: Option<RegistrationId>,
    shift: Arc<Shift>,
    /// When it was asked last whether they may.
    asked: Instant,
    lines: Lines,
    waiting: Option<Line>,
    stopped: bool,
}

impl Intake {
    /// Begins, where the caller may.
    pub(super) async fn begin(
        plane: &AdminPlane,
        known: &Known,
        (organization, station): (OrganizationSlug, Option<RegistrationId>),
        (parts, body): (Parts, Body),
    ) -> Result<Self, Rejection> {
        let asked = (station.as_ref(), BATCH.to_owned());
        let shift = plane.factory.begin(&known.caller, &organization, asked).await?;
        Ok(Self {
            plane: plane.clone(),
            parts,
            organization,
            station,
            shift: Arc::new(shift),
            asked: Instant::now(),
            lines: Lines::of(body),
            waiting: None,
            stopped: false,
        })
    }

    /// Waits for the first line.
    pub(super) async fn wait(&mut self) {
        self.waiting = self.lines.next().await;
    }

    /// The next row; nothing after the last, or once the sender may not go on.
    pub(super) async fn next(&mut self) -> Option<Step> {
        if self.stopped {
            self.let_finish().await;
            return None;
        }
        let line = match self.waiting.take() {
            Some(line) => line,
            None => self.lines.next().await?,
        };
        match line {
            Line::TooLong(number) => Some(Step::Said(Box::new(RowAnswer::too_long(number)))),
            Line::Cut(number) => Some(self.stops(number, RimRefusal::BodyCutShort.into())),
            Line::Whole(number, line) => match self.still().await {
                Ok(()) => Some(Step::Row {
                    number,
                    line,
                    shift: self.shift.clone(),
                }),
                Err(rejection) => Some(self.stops(number, rejection)),
            },
        }
    }

    /// Reads on for a while and heeds nothing: a connection closed on a sender that still sends is reset, and takes answers
    /// with it that the sender has not read yet (RFC 9112 §9.6).
    async fn let_finish(&mut self) {
        let rest = async { while self.lines.next().await.is_some() {} };
        // Whoever sends for longer than that is cut off.
        let _ = timeout(LINGER, rest).await;
    }

    fn stops(&mut self, number: u64, rejection: Rejection) -> Step {
        self.stopped = true;
        let arrival = Arrival::of(&self.parts);
        Step::Said(Box::new(RowAnswer::stopped(number, rejection, &arrival)))
    }

    /// Whether the sender still may: what was revoked meanwhile stops a batch within a second.
    async fn still(&mut self) -> Result<(), Rejection> {
        if self.asked.elapsed() < AGAIN {
            return Ok(());
        }
        let arrival = Arrival::of(&self.parts);
        let caller = identified(&self.parts, &arrival, &self.plane).await?;
        let asked = (self.station.as_ref(), BATCH.to_owned());
        let shift = self
            .plane
            .factory
            .begin(&caller, &self.organization, asked)
            .await?;
        (self.shift, self.asked) = (Arc::new(shift), Instant::now());
        Ok(())
    }
}

/// What the journal calls the object of a batch that is refused as a whole.
const BATCH: &str = "certificates:batch";
/// How long a sender that was stopped may go on before it is cut off.
const LINGER: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(1);
