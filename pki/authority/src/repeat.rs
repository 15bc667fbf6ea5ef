// SPDX-License-Identifier: Apache-2.0
//! Requests that are sent again: the act is done once, and its answer told again to whoever may still do the act.
//!
//! The key of a request is spent by the change of its act (`act_that` writes it into the [`Act`]). What is here looks a
//! key up before the act, and keeps the answer after it, sealed, for it may show secrets.
//!
//! [`Act`]: tamga_registry::store::Act

use std::time::Duration;

use tamga_registry::organization::OrganizationSlug;
use tamga_registry::repetition::{Known, Once, SealedAnswer, Spent};
use tamga_registry::role::Permission;
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_x509::certificate::Fingerprint;
use zeroize::Zeroizing;

use crate::administer::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Fault, Refusal};
use crate::secrets::SecretPlace;

/// An answer, whatever form its front end gives it.
pub type Answer = Zeroizing<Vec<u8>>;

impl Administration {
    /// The answer that was given when this request was sent before; nothing when it was not, or changed nothing then.
    ///
    /// # Errors
    /// A refusal when the key was sent with another request, the answer is on its way, or was lost; or where the caller
    /// may no longer do the act.
    pub async fn told_before(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
    ) -> Result<Option<Answer>, Failure> {
        let Some(once) = caller.context.once else {
            return Ok(None);
        };
        let known = self.known(caller, &once).await?;
        // What this request spent itself tells nothing of an earlier one.
        let Some(known) = known.filter(|known| known.spent.by != caller.context.request) else {
            return Ok(None);
        };
        let permission = known.spent.permission.parse::<Permission>();
        let permission = permission.map_err(Fault::during_act("reading the key of a request"))?;
        let object = known.spent.object.clone();
        self.witnessed(caller, permission, object, async {
            self.enter(caller, permission, organization).await?;
            if known.spent.once.request != once.request {
                return Err(Refusal::KeyReused.into());
            }
            self.awaited(caller, known).await.map(Some)
        })
        .await
    }

    /// Keeps the answer of a request that may have spent its key. One that did not has nothing to keep.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be kept: a repetition is then told that it was lost.
    pub async fn keep_answer(&self, caller: &Caller, answer: &Answer) -> Result<(), Fault> {
        let Some(once) = caller.context.once else {
            return Ok(());
        };
        let Some(known) = self.known(caller, &once).await? else {
            return Ok(());
        };
        if known.spent.by != caller.context.request || known.answer.is_some() {
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            let (sealed, new_data_key) = self.sealed(&known.spent, answer).await?;
            let made = new_data_key.is_some();
            let store = &self.means.store;
            let kept = store
                .keep_answer(known.spent.by, &sealed, new_data_key.as_ref())
                .await?;
            // Only where a data key had to be made may another have made it meanwhile.
            if kept || !made {
                return Ok(());
            }
        }
        Err(Fault::new("keeping an answer", "data keys are made all the time"))
    }

    /// Forgets keys that have expired; how many they were.
    ///
    /// # Errors
    /// [`Fault`] when memory cannot be asked.
    pub async fn forget_repetitions(&self) -> Result<u64, Fault> {
        let now = self.means.now();
        Ok(self
            .means
            .store
            .forget_repetitions(now, FORGOTTEN_AT_ONCE)
            .await?)
    }

    async fn known(&self, caller: &Caller, once: &Once) -> Result<Option<Known>, Fault> {
        let (store, now) = (&self.means.store, self.means.now());
        Ok(store.repetition(&caller.principal.to_string(), once, now).await?)
    }

    /// The answer of an act that is done. Whoever did it keeps the answer a moment later.
    async fn awaited(&self, caller: &Caller, mut known: Known) -> Result<Answer, Failure> {
        let mut looks = 0;
        loop {
            if let Some(answer) = &known.answer {
                return Ok(self.opened(&known.spent, answer).await?);
            }
            if self.means.now().duration_since(known.spent.at) > LOST_AFTER {
                return Err(Refusal::AnswerLost(known.spent.object).into());
            }
            if looks == MOST_LOOKS {
                return Err(Refusal::InProgress.into());
            }
            looks += 1;
            tokio::time::sleep(BETWEEN_LOOKS).await;
            let again = self.known(caller, &known.spent.once).await?;
            known = again.ok_or(Refusal::InProgress)?;
        }
    }

    async fn sealed(
        &self,
        spent: &Spent,
        answer: &Answer,
    ) -> Result<(SealedAnswer, Option<WrappedDataKey>), Fault> {
        let during = "sealing an answer";
        let organization = spent
            .organization
            .ok_or_else(|| Fault::new(during, "an act of no organization has no data key"))?;
        let kept = self
            .means
            .store
            .data_key(SealingPurpose::DeviceSecrets, organization)
            .await?;
        let new = match &kept {
            Some(_) => None,
            None => Some(self.new_data_key(organization)?),
        };
        let key = kept.or_else(|| new.clone());
        let key = key.ok_or_else(|| Fault::new(during, "there is no data key"))?;
        let (bound, place) = (bound(spent), place(spent));
        let mut plain = Zeroizing::new(Vec::with_capacity(bound.len().saturating_add(answer.len())));
        plain.extend_from_slice(&bound);
        plain.extend_from_slice(answer);
        let sealed = self.vault.seal(&key, &place, &plain);
        let sealed = SealedAnswer {
            sealed: sealed.map_err(Fault::during_act(during))?,
            organization,
            data_key: key.version,
        };
        Ok((sealed, new))
    }

    async fn opened(&self, spent: &Spent, kept: &SealedAnswer) -> Result<Answer, Fault> {
        let during = "opening an answer";
        let store = &self.means.store;
        let keys = store
            .data_keys(SealingPurpose::DeviceSecrets, kept.organization)
            .await?;
        let key = keys.iter().find(|key| key.version == kept.data_key);
        let key = key.ok_or_else(|| Fault::new(during, format!("data key {} is missing", kept.data_key)))?;
        let plain = self
            .vault
            .open(key, &place(spent), &kept.sealed)
            .map_err(Fault::during_act(during))?;
        let answer = plain.strip_prefix(bound(spent).as_slice());
        let answer =
            answer.ok_or_else(|| Fault::new(during, "it was sealed for the key of another request"))?;
        Ok(Zeroizing::new(answer.to_vec()))
    }
}

fn place(spent: &Spent) -> SecretPlace<'_> {
    SecretPlace {
        table: "repetition",
        row: spent.by.octets(),
        column: "answer",
    }
}

/// Whose answer it is: a sealed one that is put beside another key, or another's, does not open.
fn bound(spent: &Spent) -> Vec<u8> {
    let principal = Fingerprint::of(spent.principal.as_bytes()).0;
    [principal, spent.once.key, spent.once.request].concat()
}

/// An answer that is not kept this long after its act will not be.
const LOST_AFTER: Duration = Duration::from_secs(60);
const MOST_LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 3;
const FORGOTTEN_AT_ONCE: u32 = 1_000;
