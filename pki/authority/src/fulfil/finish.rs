// SPDX-License-Identifier: Apache-2.0
//! Recovery: orders whose hand died are finished, on the very bytes that were kept, or given up where they may not be.

use std::sync::Arc;

use tamga_registry::certificate::CertificateState;
use tamga_registry::journal::{HotAct, Outcome};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::store::{Finish, RecordVerdict};
use tamga_x509::name::DeviceIdentity;
use tamga_x509::profile::DeviceDraft;
use tamga_x509::request::Request;
use tamga_x509::to_be_signed::ToBeSigned;
use tokio::task::JoinSet;

use super::Finisher;
use super::records::record;
use crate::chain::Prepared;
use crate::guard::permit_duty;
use crate::journal::Happening;
use crate::policy::{IssuerPolicy, chain_of};
use crate::refusal::Fault;
use crate::request::RequestContext;

impl Finisher {
    /// Finishes what a crash left, and returns how many orders it settled. Idempotent; called at start and on a timer.
    pub async fn finish_unfinished(&self) -> Result<usize, Fault> {
        permit_duty("finish", Permission::DutyPerform)?;
        self.bench.clocks.require("finishing orders")?;
        let mut settled = 0usize;
        loop {
            let now = self.bench.means.now();
            let lease_until = now.saturating_add(self.bench.rules.lease);
            let taken = self
                .bench
                .means
                .store
                .take_unfinished(now, lease_until, BATCH)
                .await?;
            if taken.is_empty() {
                return Ok(settled);
            }
            settled = settled.saturating_add(self.finish_all(taken).await);
        }
    }

    /// Side by side, so that their commits are shared. One order that cannot be settled now must not keep the others:
    /// its lease ends, and it comes again.
    async fn finish_all(&self, taken: Vec<Finish>) -> usize {
        let mut works = JoinSet::new();
        for finish in taken {
            let finisher = self.clone();
            works.spawn(async move {
                let _holding = finisher.bench.held.take(&finish.order);
                let ended = finisher.finish(&finish).await;
                ended.inspect_err(|fault| {
                    tracing::error!(%fault, order = %finish.order.id, "an unfinished order could not be settled");
                })
            });
        }
        let mut settled = 0usize;
        while let Some(work) = works.join_next().await {
            match work {
                Ok(Ok(())) => settled = settled.saturating_add(1),
                Ok(Err(_)) => {}
                Err(error) => tracing::error!(%error, "finishing an order panicked"),
            }
        }
        settled
    }

    async fn finish(&self, finish: &Finish) -> Result<(), Fault> {
        let means = &self.bench.means;
        let age = means.now().duration_since(finish.certificate.intended_at);
        if !finish.may_sign || age > self.bench.rules.oldest_intent {
            let slug = if finish.may_sign {
                "intent_too_old"
            } else {
                "no_longer_allowed"
            };
            let journal = self.given_up(finish, slug)?;
            return Ok(means.store.abandon(finish, slug, journal).await?);
        }
        let prepared = self.resume(finish).await?;
        let bench = self.bench.clone();
        let signing = tokio::task::spawn_blocking(move || record(&bench, &prepared));
        let record = signing.await.map_err(Fault::during_act("signing"))??;
        let verdict = means.store.keep_records(vec![record]).await?;
        match verdict.first() {
            Some(RecordVerdict::Recorded | RecordVerdict::Overtaken | RecordVerdict::Lost) => {
                self.bench.finished.notify_waiters();
                Ok(())
            }
            None => Err(Fault::new("finishing an order", "the database gave no verdict")),
        }
    }

    /// The kept bytes, linted again as of the instant they were drafted.
    async fn resume(&self, finish: &Finish) -> Result<Prepared, Fault> {
        let during = "resuming an intent";
        let means = &self.bench.means;
        let CertificateState::Intended { tbs } = &finish.certificate.state else {
            return Err(Fault::new(during, "it is no intent"));
        };
        let issuer = means.store.issuer(finish.certificate.issuer).await?;
        let issuer = issuer.ok_or_else(|| Fault::new(during, "its issuer is missing"))?;
        let request = Request::parse(&finish.order.csr).map_err(Fault::during_act(during))?;
        let identity = DeviceIdentity::new(
            finish.device.registration_id.presented(),
            finish.organization.as_str(),
            &means.installation.trust_domain,
            &finish.device.id.to_string(),
        )
        .map_err(Fault::during_act(during))?;
        let order = DeviceDraft {
            request: &request,
            identity: &identity,
            issuer: &issuer.certificate,
            serial: finish.certificate.serial,
            now: finish.certificate.intended_at,
            locations: &issuer.locations(&finish.certificate.serial),
        };
        let expectation = finish
            .revision
            .rules
            .expect_device(&order)
            .map_err(Fault::during_act(during))?;
        let to_be_signed =
            ToBeSigned::resume_certificate(tbs.clone(), &expectation).map_err(Fault::during_act(during))?;
        let chain = chain_of(&*means.store, &issuer).await?;
        Ok(Prepared {
            to_be_signed,
            order: finish.order.clone(),
            certificate: finish.certificate.clone(),
            issuer: Arc::new(IssuerPolicy { issuer, chain }),
        })
    }

    fn given_up(
        &self,
        finish: &Finish,
        slug: &'static str,
    ) -> Result<tamga_registry::journal::JournalRow, Fault> {
        Happening {
            organization: Some(finish.order.organization),
            act: HotAct::OrderFail.word(),
            actor: Principal::Duty { name: "finish" },
            object: finish.order.id.to_string(),
            context: RequestContext {
                request: finish.order.request,
                source: None,
                once: None,
            },
            outcome: Outcome::Refused(slug),
            digests: &[],
        }
        .row(self.bench.means.now(), &*self.bench.means.chance)
    }
}

const BATCH: u32 = 64;
