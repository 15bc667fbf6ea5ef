// SPDX-License-Identifier: Apache-2.0
//! One row: read, furnished, answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tamga_authority::factory::{Factory, Shift, Unit, UnitRequest};
use tamga_registry::device::RegistrationId;

use super::lines::LONGEST_ROW;
use crate::admin::problem::{EarlierUnitView, Rejection, RimRefusal, Told, told};
use crate::admin::unit::label::Label;
use crate::admin::unit::request::unwrapped;
use crate::admin::unit::view::UnitView;
use crate::arrival::Arrival;

/// A row as it comes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    #[serde(rename = "ref")]
    reference: Option<String>,
    registration_id: String,
    csr: String,
    #[serde(default)]
    label: BTreeMap<String, String>,
}

/// What became of a row.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RowAnswer {
    line: u64,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    result: Outcome,
    /// With a unit this stands among what is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_id: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    unit: Option<UnitView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier_unit: Option<EarlierUnitView>,
}

/// How a row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    /// It has its certificate.
    Issued,
    /// The row must be mended.
    Refused,
    /// Its certificate is on its way: sent again, it is told.
    Pending,
    /// We failed: sent again, it may go through.
    Failed,
    /// Nothing after it was looked at.
    Stopped,
}

/// Furnishes the unit of a row.
pub(super) async fn furnish(
    factory: &Factory,
    shift: &Shift,
    (line, text): (u64, &[u8]),
    arrival: &Arrival,
) -> RowAnswer {
    let row: Row = match serde_json::from_slice(text) {
        Ok(row) => row,
        Err(error) => {
            let why: String = error.to_string().chars().take(200).collect();
            return RowAnswer::rejected(line, RimRefusal::BodyMalformed(why).into(), arrival);
        }
    };
    let made = made(factory, shift, &row).await;
    let mut answer = match made {
        Ok((unit, label)) => RowAnswer::made(line, &unit, &label),
        Err(rejection) => {
            let answer = RowAnswer::rejected(line, rejection, arrival);
            RowAnswer {
                registration_id: Some(row.registration_id),
                ..answer
            }
        }
    };
    answer.reference = row.reference;
    answer
}

async fn made(factory: &Factory, shift: &Shift, row: &Row) -> Result<(Unit, Label), Rejection> {
    let fits = |reference: &String| reference.chars().count() <= LONGEST_REFERENCE;
    if !row.reference.as_ref().is_none_or(fits) {
        let why = format!("ref has at most {LONGEST_REFERENCE} characters");
        return Err(RimRefusal::BodyMalformed(why).into());
    }
    let registration_id: RegistrationId = row.registration_id.parse().map_err(RimRefusal::from)?;
    let label = Label::new(row.label.clone())?;
    let asked = UnitRequest {
        registration_id,
        csr: unwrapped(&row.csr)?,
    };
    let mut unit = factory.furnish(shift, asked.clone()).await?;
    for _ in 0..PATIENCE {
        if unit.issued.is_some() {
            break;
        }
        unit = factory.furnish(shift, asked.clone()).await?;
    }
    Ok((unit, label))
}

impl RowAnswer {
    fn of(line: u64, result: Outcome) -> Self {
        Self {
            line,
            reference: None,
            result,
            registration_id: None,
            unit: None,
            code: None,
            detail: None,
            earlier_unit: None,
        }
    }

    fn made(line: u64, unit: &Unit, label: &Label) -> Self {
        match &unit.issued {
            Some(issued) => Self {
                unit: Some(UnitView::new(unit, issued, label)),
                ..Self::of(line, Outcome::Issued)
            },
            None => Self {
                registration_id: Some(unit.device.registration_id.presented().to_owned()),
                ..Self::of(line, Outcome::Pending)
            },
        }
    }

    fn rejected(line: u64, rejection: Rejection, arrival: &Arrival) -> Self {
        let result = match rejection {
            Rejection::Broken(_) | Rejection::Interrupted(_) => Outcome::Failed,
            Rejection::AtTheRim(_) | Rejection::Refused(_) => Outcome::Refused,
        };
        Self::of(line, result).with(told(rejection, arrival))
    }

    fn with(self, told: Told) -> Self {
        Self {
            code: Some(told.code),
            detail: Some(told.detail),
            earlier_unit: told.earlier_unit,
            ..self
        }
    }

    /// A line that is no row.
    pub(super) fn too_long(line: u64) -> Self {
        Self {
            code: Some("body_too_large"),
            detail: Some(format!(
                "a row has at most {LONGEST_ROW} octets: send less in this line"
            )),
            ..Self::of(line, Outcome::Refused)
        }
    }

    /// From this line on nothing is looked at.
    pub(super) fn stopped(line: u64, rejection: Rejection, arrival: &Arrival) -> Self {
        Self::of(line, Outcome::Stopped).with(told(rejection, arrival))
    }

    /// It came to no end, and that is ours.
    pub(super) fn broken(line: u64) -> Self {
        Self {
            code: Some("fault"),
            detail: Some(
                "the service failed at this row, and it is not the caller's fault: send it again".to_owned(),
            ),
            ..Self::of(line, Outcome::Failed)
        }
    }
}

/// How many rows ended how.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: AtomicU64,
    issued: AtomicU64,
    refused: AtomicU64,
    pending: AtomicU64,
    failed: AtomicU64,
}

/// The last line: whoever sees it has seen all.
#[derive(Debug, Serialize)]
struct End {
    end: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    rows: u64,
    issued: u64,
    refused: u64,
    pending: u64,
    failed: u64,
}

impl Tally {
    /// Counts an answer, and writes it.
    pub(super) fn line(&self, answer: &RowAnswer) -> Vec<u8> {
        let of = match answer.result {
            Outcome::Issued => Some(&self.issued),
            Outcome::Refused => Some(&self.refused),
            Outcome::Pending => Some(&self.pending),
            Outcome::Failed => Some(&self.failed),
            Outcome::Stopped => None,
        };
        if let Some(of) = of {
            of.fetch_add(1, Ordering::Relaxed);
            self.rows.fetch_add(1, Ordering::Relaxed);
        }
        written(answer)
    }

    /// The last line.
    pub(super) fn end(&self) -> Vec<u8> {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        written(&End {
            end: Counts {
                rows: count(&self.rows),
                issued: count(&self.issued),
                refused: count(&self.refused),
                pending: count(&self.pending),
                failed: count(&self.failed),
            },
        })
    }
}

fn written(value: &impl Serialize) -> Vec<u8> {
    // Texts and numbers are always written.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

const LONGEST_REFERENCE: usize = 128;
/// How often a row whose certificate is on its way is asked for again.
const PATIENCE: u32 = 8;
