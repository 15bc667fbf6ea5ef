// SPDX-License-Identifier: Apache-2.0
//! The second stage: sign what was kept, verify each signature, keep the certificates of a batch in one commit.

use tamga_registry::certificate::CertificateRecord;
use tamga_registry::certificate::CertificateState;
use tamga_registry::journal::{HotAct, Outcome};
use tamga_registry::order::{Order, OrderState};
use tamga_registry::role::Principal;
use tamga_registry::store::{Record, RecordVerdict};
use tamga_x509::time::Timestamp;
use tokio::sync::mpsc;

use super::intents::{size, tell};
use super::{Bench, HandOutcome, Kept, OrderName};
use crate::chain::{Issued, Prepared};
use crate::journal::Happening;
use crate::policy::IssuerPolicy;
use crate::refusal::{Fault, Refusal};
use crate::request::RequestContext;
use crate::signers::{key_missing, sign_and_verify};
use tamga_registry::admission::Denial;

/// A signed order and who waits for it.
struct Signed {
    record: Record,
    kept: Kept,
}

/// Works until the first stage is done and its queue is empty.
pub(super) async fn run(bench: Bench, mut queue: mpsc::Receiver<Kept>) {
    let mut batch = Vec::with_capacity(bench.rules.batch);
    while queue.recv_many(&mut batch, bench.rules.batch).await > 0 {
        let taken = std::mem::replace(&mut batch, Vec::with_capacity(bench.rules.batch));
        keep_batch(&bench, taken).await;
    }
}

async fn keep_batch(bench: &Bench, batch: Vec<Kept>) {
    metrics::histogram!("tamga_record_batch_size").record(size(batch.len()));
    let signed = sign_batch(bench, batch).await;
    if signed.is_empty() {
        return;
    }
    let records = signed.iter().map(|signed| signed.record.clone()).collect();
    match bench.means.store.keep_records(records).await {
        Ok(verdicts) => {
            for (signed, verdict) in signed.into_iter().zip(verdicts) {
                let Signed { record, kept } = signed;
                let outcome = settle(bench, &kept.prepared, record, verdict).await;
                tell(kept.done, outcome.unwrap_or_else(HandOutcome::Broken));
            }
        }
        Err(fault) => {
            let told = fault.to_string();
            tracing::error!(fault = %Fault::from(fault), "a batch of certificates could not be recorded");
            for signed in signed {
                tell(
                    signed.kept.done,
                    HandOutcome::Broken(Fault::new("recording a certificate", told.clone())),
                );
            }
        }
    }
    bench.finished.notify_waiters();
}

/// Signs on as many threads as there are cores: a signature and its verification are the costliest steps of all.
async fn sign_batch(bench: &Bench, batch: Vec<Kept>) -> Vec<Signed> {
    let lanes = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = batch.len().div_ceil(lanes).max(1);
    let mut batch = batch.into_iter();
    let mut works = Vec::with_capacity(lanes);
    loop {
        let part: Vec<Kept> = batch.by_ref().take(share).collect();
        if part.is_empty() {
            break;
        }
        let bench = bench.clone();
        works.push(tokio::task::spawn_blocking(move || sign_part(&bench, part)));
    }
    let mut signed = Vec::new();
    for work in works {
        match work.await {
            Ok(part) => signed.extend(part),
            Err(error) => tracing::error!(%error, "signing a part of a batch panicked"),
        }
    }
    signed
}

fn sign_part(bench: &Bench, part: Vec<Kept>) -> Vec<Signed> {
    let mut signed = Vec::with_capacity(part.len());
    for kept in part {
        match record(bench, &kept.prepared) {
            Ok(record) => signed.push(Signed { record, kept }),
            Err(fault) => {
                tracing::error!(%fault, order = %kept.prepared.order.id, "an order could not be signed; recovery will try again");
                tell(kept.done, HandOutcome::Broken(fault));
            }
        }
    }
    signed
}

/// Signs one prepared certificate.
pub(super) fn record(bench: &Bench, prepared: &Prepared) -> Result<Record, Fault> {
    let issuer = &prepared.issuer.issuer;
    let signer = bench.signers.signer(issuer.id);
    let signer = signer.ok_or_else(|| key_missing(issuer))?;
    let der = sign_and_verify(&*signer, &issuer.certificate, prepared)?;
    let at = bench.means.now();
    Ok(Record {
        certificate: prepared.certificate.id,
        order: prepared.order.id,
        device: prepared.order.device,
        lease_epoch: prepared.order.lease_epoch,
        at,
        journal: journal(bench, prepared, HotAct::CertificateIssue, at)?,
        der,
    })
}

fn journal(
    bench: &Bench,
    prepared: &Prepared,
    act: HotAct,
    at: Timestamp,
) -> Result<tamga_registry::journal::JournalRow, Fault> {
    let order = &prepared.order;
    Happening {
        organization: Some(order.organization),
        act: act.word(),
        actor: match order.station {
            Some(station) => Principal::Station(station),
            None => Principal::Device {
                registration_id: String::new(),
                device: Some(order.device),
            },
        },
        object: order.certificate.to_string(),
        context: RequestContext {
            request: order.request,
            source: None,
            once: None,
        },
        outcome: Outcome::Done(Some(order.kind.word().to_owned())),
        digests: &[prepared.to_be_signed.digest(), order.spki.0],
    }
    .row(at, &*bench.means.chance)
}

/// From memory's verdict to what the device is told.
async fn settle(
    bench: &Bench,
    prepared: &Prepared,
    record: Record,
    verdict: RecordVerdict,
) -> Result<HandOutcome, Fault> {
    match verdict {
        RecordVerdict::Recorded => {
            metrics::counter!("tamga_certificates_issued_total", "kind" => prepared.order.kind.word())
                .increment(1);
            let state = CertificateState::Issued {
                der: record.der,
                at: record.at,
            };
            let recorded = CertificateRecord {
                state,
                ..prepared.certificate.clone()
            };
            handed_over(&prepared.order, &recorded, &prepared.issuer)
        }
        RecordVerdict::Overtaken => Ok(HandOutcome::Refused(Refusal::Denied(
            Denial::CertificateSuperseded,
        ))),
        // Somebody else finished it: what they recorded is the certificate, ours never leaves.
        RecordVerdict::Lost => {
            let found = bench.means.store.order(prepared.order.id).await?;
            let (order, recorded) = found
                .ok_or_else(|| Fault::new("reading an order", format!("{} is missing", prepared.order.id)))?;
            handed_over(&order, &recorded, &prepared.issuer)
        }
    }
}

fn handed_over(
    order: &Order,
    record: &CertificateRecord,
    issuer: &IssuerPolicy,
) -> Result<HandOutcome, Fault> {
    if let Some(issued) = Issued::recorded(record, issuer) {
        return Ok(HandOutcome::Issued(OrderName::of(order), issued));
    }
    match &order.state {
        OrderState::Failed { reason } if reason == Denial::DeviceRevoked.slug() => {
            Ok(HandOutcome::Refused(Refusal::Denied(Denial::DeviceRevoked)))
        }
        OrderState::Failed { .. } => Ok(HandOutcome::Refused(Refusal::Denied(Denial::OrderFailed))),
        OrderState::Fulfilled => Ok(HandOutcome::Refused(Refusal::CertificateRevoked)),
        // Somebody else is about to finish it: judged again, it is an order to wait for.
        OrderState::Open => Ok(HandOutcome::Stale),
    }
}
