// SPDX-License-Identifier: Apache-2.0
//! The duty `publish`: takes no input, finds every CRL shard that is due, and publishes its next list. Idempotent.

use std::sync::Arc;
use std::time::Duration;

use tamga_registry::id::{JournalRowId, RequestId};
use tamga_registry::issuer::{Issuer, IssuerState};
use tamga_registry::journal::{HotAct, JournalRow, Outcome};
use tamga_registry::revocation::{PublicationLease, ShardId};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::store::ListIntent;
use tamga_x509::crl::{Crl, CrlBuilder, CrlHeader, RevokedEntry};
use tamga_x509::signer::Signer;
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::ToBeSigned;

use crate::guard::permit_duty;
use crate::journal::Happening;
use crate::means::Means;
use crate::refusal::Fault;
use crate::request::RequestContext;
use crate::signers::{Signable, Signers, key_missing, sign_and_verify};

/// Publishes CRLs.
pub struct Publisher {
    means: Means,
    signers: Arc<dyn Signers>,
    rules: PublishRules,
}

/// How lists are planned.
#[derive(Debug, Clone, Copy)]
pub struct PublishRules {
    /// From thisUpdate to nextUpdate: how long relying parties may go on with one list.
    pub validity: Duration,
    /// How often a list is published when nothing is revoked. Well below the validity.
    pub period: Duration,
    /// For how long one publisher has a shard to itself.
    pub lease: Duration,
}

impl Default for PublishRules {
    fn default() -> Self {
        Self {
            validity: Duration::from_hours(7 * 24),
            period: Duration::from_hours(24),
            lease: Duration::from_secs(30),
        }
    }
}

/// A list that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its shard.
    pub shard: ShardId,
    /// Its CRL number.
    pub number: u64,
    /// How many certificates stand on it.
    pub entries: u64,
}

/// A list before its intent is kept: linted bytes and what they say.
struct ListDrafted {
    to_be_signed: ToBeSigned,
    intent: ListIntent,
}

/// A list whose intent is kept: the only list that is signed.
struct ListPrepared {
    to_be_signed: ToBeSigned,
    intent: ListIntent,
}

impl Signable for ListPrepared {
    fn to_be_signed(&self) -> &ToBeSigned {
        &self.to_be_signed
    }
}

impl Publisher {
    /// Publishes with these signers.
    pub fn new(means: Means, signers: Arc<dyn Signers>, rules: PublishRules) -> Self {
        Self {
            means,
            signers,
            rules,
        }
    }

    /// Publishes every shard that is due. A shard that fails leaves the others alone, and comes again.
    ///
    /// # Errors
    /// When any shard failed, after all were tried: what could be published is.
    pub async fn publish_due(&self) -> Result<Vec<Published>, Fault> {
        permit_duty("publish", Permission::DutyPerform)?;
        let mut published = Vec::new();
        let mut failed = None;
        for shard in self.means.store.shards_due(self.means.now()).await? {
            match self.publish(shard).await {
                Ok(Some(list)) => published.push(list),
                Ok(None) => {}
                Err(fault) => {
                    metrics::counter!("tamga_crl_failures_total").increment(1);
                    tracing::error!(%fault, issuer = %shard.issuer, shard = shard.shard, "a list could not be published");
                    failed.get_or_insert(fault);
                }
            }
        }
        failed.map_or(Ok(published), Err)
    }

    /// Publishes one shard's next list, unless it is another's to publish or it is too early.
    async fn publish(&self, shard: ShardId) -> Result<Option<Published>, Fault> {
        let store = &self.means.store;
        let issuer = store.issuer(shard.issuer).await?;
        let issuer = issuer.ok_or_else(|| Fault::new("publishing a list", "its issuer is missing"))?;
        if issuer.state == IssuerState::Retired {
            return Ok(None);
        }
        let signer = self.signers.signer(issuer.id);
        let signer = signer.ok_or_else(|| key_missing(&issuer))?;
        let now = self.means.now();
        let until = now.saturating_add(self.rules.lease);
        let Some(lease) = store.lease_shard(shard, now, until).await? else {
            return Ok(None);
        };
        let published = if too_early(lease.previous_update, now) {
            Ok(None)
        } else {
            self.publish_leased(&issuer, signer, &lease, now).await
        };
        if !matches!(published, Ok(Some(_))) {
            // Whatever went wrong, the shard must not wait for the lease to end.
            store.release_shard(&lease).await?;
        }
        published
    }

    async fn publish_leased(
        &self,
        issuer: &Issuer,
        signer: Arc<dyn Signer>,
        lease: &PublicationLease,
        now: Timestamp,
    ) -> Result<Option<Published>, Fault> {
        let store = &self.means.store;
        // Step 1: the bytes, linted.
        let drafted = self.draft(issuer, lease, now).await?;
        // Step 2: their intent. A lost lease ends here, before any signature.
        if !store.keep_list_intent(lease, &drafted.intent).await? {
            return Ok(None);
        }
        let ListDrafted { to_be_signed, intent } = drafted;
        let prepared = ListPrepared { to_be_signed, intent };
        // Step 3: the signature, verified; the whole list, read back.
        let entries = prepared.intent.entries;
        let (certificate, number) = (issuer.certificate.clone(), lease.number);
        let signing = tokio::task::spawn_blocking(move || {
            let der = sign_and_verify(&*signer, &certificate, &prepared)?;
            read_back(&der, number, &prepared.intent)?;
            Ok::<_, Fault>(der)
        });
        let der = signing.await.map_err(Fault::during_act("signing a list"))??;
        // Step 4: the pointer moves.
        let journal = self.journal(issuer, lease, now)?;
        let due_at = now.saturating_add(self.rules.period);
        if !store.publish_list(lease, der, due_at, journal).await? {
            return Ok(None);
        }
        metrics::counter!("tamga_crl_published_total").increment(1);
        Ok(Some(Published {
            shard: lease.shard,
            number,
            entries,
        }))
    }

    async fn draft(
        &self,
        issuer: &Issuer,
        lease: &PublicationLease,
        now: Timestamp,
    ) -> Result<ListDrafted, Fault> {
        let during = "building a list";
        let this_update = now.floor_to_second();
        let next_update = this_update
            .saturating_add(self.rules.validity)
            .min(issuer.certificate.validity().not_after());
        let sharded = issuer.shards.get() > 1;
        let location = issuer.status_url.list(issuer.id, lease.shard.shard);
        let header = CrlHeader {
            issuer: &issuer.certificate,
            number: lease.number,
            this_update,
            next_update,
            distribution_point: sharded.then_some(location),
        };
        let mut builder = CrlBuilder::new(header).map_err(Fault::during_act(during))?;
        // A list dated in the future by a clock since corrected says nothing of what has expired by now.
        let listed_since = lease.previous_update.map(|previous| previous.min(this_update));
        let mut after = None;
        let mut entries = 0u64;
        loop {
            let page = self
                .means
                .store
                .revoked_page(lease.shard, after, listed_since)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.serial);
            for entry in page {
                // Revoked while the list is being built: it is on this list, dated by it.
                let revoked_at = entry.revoked_at.min(this_update);
                builder
                    .push(&RevokedEntry { revoked_at, ..entry })
                    .map_err(Fault::during_act(during))?;
                entries = entries.saturating_add(1);
            }
        }
        let linted = tokio::task::spawn_blocking(move || ToBeSigned::revocation_list(builder.finish()));
        let to_be_signed = linted
            .await
            .map_err(Fault::during_act(during))?
            .map_err(Fault::during_act("linting a list"))?;
        let intent = ListIntent {
            tbs_hash: to_be_signed.digest(),
            entries,
            this_update,
            next_update,
        };
        Ok(ListDrafted { to_be_signed, intent })
    }

    fn journal(&self, issuer: &Issuer, lease: &PublicationLease, at: Timestamp) -> Result<JournalRow, Fault> {
        // A duty has no caller: its request is itself.
        let request = JournalRowId::fresh(at, &*self.means.chance)?;
        Happening {
            organization: Some(issuer.organization),
            act: HotAct::ListPublish.word(),
            actor: Principal::Duty { name: "publish" },
            object: format!("{}/{}#{}", issuer.id, lease.shard.shard, lease.number),
            context: RequestContext {
                request: RequestId::from_octets(*request.octets()),
                source: None,
                once: None,
            },
            outcome: Outcome::Done(None),
            digests: &[],
        }
        .row(at, &*self.means.chance)
    }
}

/// Lists carry whole seconds, and each must be later than the one before: the next second is soon enough. A list from
/// a future that a corrected clock took back is replaced at once.
fn too_early(previous: Option<Timestamp>, now: Timestamp) -> bool {
    let this_update = now.floor_to_second();
    previous
        .is_some_and(|previous| previous >= this_update && previous.duration_since(this_update) <= CLOCK_STEP)
}

/// What relying parties will read must be what was meant: number, times, and as many entries as were listed.
fn read_back(der: &[u8], number: u64, intent: &ListIntent) -> Result<(), Fault> {
    let during = "reading a list back";
    let list = Crl::parse(der).map_err(Fault::during_act(during))?;
    let same = list.number() == number
        && list.this_update() == intent.this_update
        && list.next_update() == intent.next_update
        && list.entry_count() == intent.entries;
    if same {
        Ok(())
    } else {
        Err(Fault::new(during, "it differs from what was meant"))
    }
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Publisher")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// A clock set back by more is a clock that was wrong before.
const CLOCK_STEP: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_dated_strictly_later_than_the_one_before() {
        let second = 1_795_000_000;
        let now = Timestamp::from_micros(second * 1_000_000 + 999_999);
        let before = |seconds| Some(Timestamp::from_seconds(second + seconds));
        assert!(!too_early(None, now), "the first list is never too early");
        assert!(!too_early(before(-1), now));
        assert!(
            too_early(before(0), now),
            "lists of one second cannot be told apart"
        );
        assert!(
            too_early(before(1), now) && too_early(before(5), now),
            "the clock stepped back a little"
        );
        assert!(
            !too_early(before(6), now),
            "a list of a future that was taken back is replaced"
        );
    }
}
