// SPDX-License-Identifier: Apache-2.0
//! What is handed in together, whatever its kind, and how its caller is told.

use async_trait::async_trait;
use tamga_registry::store::StoreFault;
use tokio::sync::oneshot;

use super::super::Connection;
use super::super::batch::Binds;
use super::super::fault::unavailable;
use super::Keep;

/// Rows of one caller, whatever their kind.
#[async_trait]
pub(super) trait Batch: Send {
    fn len(&self) -> usize;
    /// The script of one of them, where it has one.
    fn script(&self, row: usize) -> Option<Result<Binds, StoreFault>>;
    /// Notes what became of it.
    fn judge(&mut self, row: usize, written: u64) -> Result<(), StoreFault>;
    /// Writes one that has none.
    async fn write(&mut self, row: usize, connection: &mut Connection) -> Result<(), StoreFault>;
    /// Notes that this row could not be kept; without a number, that none could.
    fn fail(&mut self, row: Option<usize>, fault: StoreFault);
    /// Tells the caller what became of them.
    fn answer(&mut self);
}

pub(super) struct Rows<R: Keep> {
    rows: Vec<R>,
    verdicts: Vec<Option<R::Verdict>>,
    fault: Option<StoreFault>,
    answer: Option<oneshot::Sender<Result<Vec<R::Verdict>, StoreFault>>>,
}

impl<R: Keep> Rows<R> {
    pub(super) fn of(rows: Vec<R>, answer: oneshot::Sender<Result<Vec<R::Verdict>, StoreFault>>) -> Self {
        Self {
            verdicts: rows.iter().map(|_| None).collect(),
            rows,
            fault: None,
            answer: Some(answer),
        }
    }
}

#[async_trait]
impl<R: Keep> Batch for Rows<R> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn script(&self, row: usize) -> Option<Result<Binds, StoreFault>> {
        self.rows.get(row)?.script()
    }

    fn judge(&mut self, row: usize, written: u64) -> Result<(), StoreFault> {
        if let (Some(row), Some(verdict)) = (self.rows.get(row), self.verdicts.get_mut(row)) {
            *verdict = None;
            *verdict = Some(row.verdict(written)?);
        }
        Ok(())
    }

    async fn write(&mut self, row: usize, connection: &mut Connection) -> Result<(), StoreFault> {
        if let (Some(row), Some(verdict)) = (self.rows.get(row), self.verdicts.get_mut(row)) {
            *verdict = None;
            *verdict = Some(row.keep(connection).await?);
        }
        Ok(())
    }

    fn fail(&mut self, row: Option<usize>, fault: StoreFault) {
        let one_of_many = row.filter(|_| self.rows.len() > 1);
        match (
            one_of_many.and_then(|row| self.verdicts.get_mut(row)),
            R::spoiled(),
        ) {
            (Some(verdict), Some(spoiled)) => {
                tracing::error!(
                    fault = &fault as &dyn std::error::Error,
                    "a row could not be kept"
                );
                *verdict = Some(spoiled);
            }
            _ => {
                self.fault.get_or_insert(fault);
            }
        }
    }

    fn answer(&mut self) {
        let verdicts: Option<Vec<_>> = std::mem::take(&mut self.verdicts).into_iter().collect();
        let end = match (self.fault.take(), verdicts) {
            (None, Some(verdicts)) => Ok(verdicts),
            (Some(fault), _) => Err(fault),
            (None, None) => Err(unavailable("the writer gave no verdict")),
        };
        // Nobody may be waiting any more; the rows are kept all the same.
        if let Some(answer) = self.answer.take() {
            answer.send(end).ok();
        }
    }
}
