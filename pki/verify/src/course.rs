// SPDX-License-Identifier: Apache-2.0
//! The course of a verification: the laws of the database, the authorities, the certificates page by page, the lists.

use std::collections::BTreeSet;
use std::sync::Arc;

use tamga_registry::inspection::{AskedAt, KeptList, ListKey};
use tamga_registry::store::{Inspection, StoreFault, View};
use tokio::task::{JoinError, JoinSet};

use crate::bits::Bits;
use crate::certificate::{self, Examined};
use crate::der::hex;
use crate::list::{self, ListRead};
use crate::question::{Progress, Question, SignedKind, Step};
use crate::report::{Counts, Findings, Report, TOLD_BY_LAW};
use crate::world::World;
use crate::{authority::Authority, law};

/// Verifies everything memory holds at one instant.
///
/// Reads only. Safe beside a running installation: what is kept meanwhile is not seen. Certificates are judged by
/// `question.workers` threads while the next page is read; a few pages are in memory at a time, and one list.
///
/// # Errors
/// [`VerifyFault`] where the work could not be finished. What is wrong with the installation is no error: it is found.
pub async fn verify(
    memory: &dyn Inspection,
    question: &Question,
    told: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Report, VerifyFault> {
    let mut view = memory.inspect().await?;
    let installation = view.installation().await?.ok_or(VerifyFault::NotFounded)?;
    let mut course = Course {
        question,
        told,
        findings: Findings::default(),
        counts: Counts::default(),
    };
    course.laws(&mut *view).await?;
    let (issuers, revisions) = (view.issuers().await?, view.revisions().await?);
    let world = World::read(installation, issuers, revisions, question, &mut course.findings);
    let world = Arc::new(world);
    course.authorities(&mut *view, &world).await?;
    course.certificates(&mut *view, &world).await?;
    course.lists(&mut *view, &world).await?;
    Ok(course.findings.report(course.counts, question))
}

struct Course<'a> {
    question: &'a Question,
    told: &'a (dyn Fn(Progress) + Send + Sync),
    findings: Findings,
    counts: Counts,
}

impl Course<'_> {
    fn tell(&self, step: Step, done: u64, of: u64) {
        (self.told)(Progress { step, done, of });
    }

    async fn laws(&mut self, view: &mut dyn View) -> Result<(), VerifyFault> {
        let question = self.question;
        let asked = AskedAt {
            now: question.now,
            // One more than are told, so that there are more is known.
            limit: u32::try_from(TOLD_BY_LAW).unwrap_or(u32::MAX).saturating_add(1),
        };
        let all = view.assertions();
        let of = count(all.len());
        for (done, assertion) in (0..).zip(&all) {
            self.tell(Step::Laws, done, of);
            if question.leaves_out(&assertion.law) {
                continue;
            }
            self.counts.laws = self.counts.laws.saturating_add(1);
            for key in view.offenders(assertion, asked).await? {
                let object = assertion.subject.shown(&key);
                self.findings.add(&assertion.law, &object, "");
            }
        }
        let read = law::LAWS.iter().filter(|law| !question.leaves_out(law)).count();
        self.counts.laws = self.counts.laws.saturating_add(count(read));
        self.tell(Step::Laws, of, of);
        Ok(())
    }

    async fn authorities(&mut self, view: &mut dyn View, world: &World) -> Result<(), VerifyFault> {
        for authority in world.authorities.values() {
            self.counts.authorities = self.counts.authorities.saturating_add(1);
            authority.judge(world, &mut self.findings);
            let giver = view.given(&authority.serial).await?.map(|given| given.issuer);
            let signer = authority.kept.parent.as_ref().unwrap_or(&authority.kept.id);
            if giver.as_ref() != Some(signer) {
                let detail = hex(&authority.serial);
                self.findings
                    .add(&law::AUTHORITY_SERIAL_TAKEN, &authority.shown, detail);
            }
        }
        Ok(())
    }

    async fn certificates(&mut self, view: &mut dyn View, world: &Arc<World>) -> Result<(), VerifyFault> {
        let of = view.certificate_count().await?;
        let mut gathered = Gathered::default();
        let mut under_way: JoinSet<Examined> = JoinSet::new();
        let (mut after, mut done) = (Vec::new(), 0_u64);
        loop {
            self.tell(Step::Certificates, done, of);
            let page = view.certificates(&after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.id);
            done = done.saturating_add(count(page.len()));
            while under_way.len() >= self.question.workers.get() {
                self.gather(under_way.join_next().await, &mut gathered)?;
            }
            let world = Arc::clone(world);
            under_way.spawn_blocking(move || certificate::examine(&world, &page));
        }
        while let Some(examined) = under_way.join_next().await {
            self.gather(Some(examined), &mut gathered)?;
        }
        gathered.bits.judge(&mut self.findings);
        for digest in world.handed_out.difference(&gathered.recorded) {
            let object = format!("certificate with SHA-256 {}", hex(digest));
            self.findings.add(&law::HANDED_OUT_RECORDED, &object, "");
        }
        for digest in world.signed.difference(&gathered.intended) {
            let object = format!("certificate bytes with SHA-256 {}", hex(digest));
            self.findings.add(&law::SIGNED_AS_INTENDED, &object, "");
        }
        Ok(())
    }

    fn gather(
        &mut self,
        examined: Option<Result<Examined, JoinError>>,
        gathered: &mut Gathered,
    ) -> Result<(), VerifyFault> {
        let Some(examined) = examined.transpose()? else {
            return Ok(());
        };
        self.findings.absorb(examined.findings);
        self.counts.absorb(examined.counts);
        gathered.bits.absorb(&examined.bits);
        gathered.recorded.extend(examined.recorded);
        gathered.intended.extend(examined.intended);
        Ok(())
    }

    async fn lists(&mut self, view: &mut dyn View, world: &Arc<World>) -> Result<(), VerifyFault> {
        let keys = view.list_keys().await?;
        let of = count(keys.len());
        let mut kept = Vec::new();
        for (done, key) in (0..).zip(&keys) {
            self.tell(Step::Lists, done, of);
            let Some(mut list) = view.list(key).await? else {
                continue;
            };
            if list.der.is_some() && world.authorities.contains_key(&key.issuer) {
                list = self.list(view, world, list).await?;
            }
            kept.push((key, list.tbs_hash));
        }
        self.tell(Step::Lists, of, of);
        self.signed_lists(&kept);
        Ok(())
    }

    async fn list(
        &mut self,
        view: &mut dyn View,
        world: &Arc<World>,
        list: KeptList,
    ) -> Result<KeptList, VerifyFault> {
        self.counts.lists = self.counts.lists.saturating_add(1);
        let (there, longest) = (Arc::clone(world), self.question.longest_list);
        let reading = tokio::task::spawn_blocking(move || {
            let authority = there.authorities.get(&list.issuer);
            let read = authority.map(|authority| list::examine(&list, authority, longest));
            // Its octets are not needed any more.
            (KeptList { der: None, ..list }, read.unwrap_or_default())
        });
        let (list, ListRead { findings, entries }) = reading.await?;
        self.findings.absorb(findings);
        self.counts.entries = self.counts.entries.saturating_add(count(entries.len()));
        if let Some(authority) = world.authorities.get(&list.issuer) {
            self.compare(view, &list, authority, &entries).await?;
        }
        Ok(list)
    }

    /// Walks the entries of a list and the revocations of its shard side by side.
    async fn compare(
        &mut self,
        view: &mut dyn View,
        list: &KeptList,
        authority: &Authority,
        entries: &[list::Entry],
    ) -> Result<(), VerifyFault> {
        let object = list::shown(list, authority);
        let key = ListKey {
            issuer: list.issuer.clone(),
            shard: list.shard,
            number: list.number,
        };
        let (mut after, mut entries) = (Vec::new(), entries.iter().peekable());
        loop {
            let page = view.revocations(&key, &after, REVOCATIONS).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.serial);
            for revocation in page {
                while let Some(entry) = entries.next_if(|entry| *entry.serial < *revocation.serial) {
                    self.stray(view, list, entry, &object).await?;
                }
                let entry = entries.next_if(|entry| *entry.serial == *revocation.serial);
                let due = list.covers && revocation.not_after > list.this_update;
                let wrong = match entry {
                    Some(entry) if list.covers && !entry.tells_of(&revocation, list) => {
                        "its date or reason differs"
                    }
                    None if due => "it is not named",
                    Some(_) | None => continue,
                };
                let detail = format!("{}: {wrong}", hex(&revocation.serial));
                self.findings.add(&law::LIST_COMPLETE, &object, detail);
            }
        }
        for entry in entries {
            self.stray(view, list, entry, &object).await?;
        }
        Ok(())
    }

    /// An entry without a revocation: one that expired, was listed after its expiry, and was forgotten since.
    async fn stray(
        &mut self,
        view: &mut dyn View,
        list: &KeptList,
        entry: &list::Entry,
        object: &str,
    ) -> Result<(), VerifyFault> {
        let wrong = match view.given(&entry.serial).await? {
            None => "nobody gave this number",
            Some(given) if given.issuer != list.issuer => "another issuer gave this number",
            Some(given) if given.state.as_deref().is_some_and(|state| state != "revoked") => {
                "it is not revoked"
            }
            Some(_) => return Ok(()),
        };
        let detail = format!("{}: {wrong}", hex(&entry.serial));
        self.findings.add(&law::LIST_NAMES_ITS_OWN, object, detail);
        Ok(())
    }

    /// Lists in the signers' log, against the intents of lists that are kept.
    fn signed_lists(&mut self, kept: &[(&ListKey, Vec<u8>)]) {
        for signed in &self.question.signed {
            let SignedKind::List { number } = signed.kind else {
                continue;
            };
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let of_issuer = || kept.iter().filter(|(key, _)| key.issuer == signed.issuer);
            let told = of_issuer()
                .any(|(key, hash)| key.number == number && signed.digest.as_slice() == hash.as_slice());
            // Older than the oldest of some shard: it may have been that shard's, and was forgotten.
            let shards: BTreeSet<i64> = of_issuer().map(|(key, _)| key.shard).collect();
            let forgotten = shards.iter().any(|shard| {
                of_issuer()
                    .filter(|(key, _)| key.shard == *shard)
                    .all(|(key, _)| number < key.number)
            });
            if !told && !forgotten {
                let object = format!("list {number} with SHA-256 {}", hex(&signed.digest));
                self.findings.add(&law::SIGNED_AS_INTENDED, &object, "");
            }
        }
    }
}

/// What the pages say together.
#[derive(Default)]
struct Gathered {
    bits: Bits,
    recorded: BTreeSet<[u8; 32]>,
    intended: BTreeSet<[u8; 32]>,
}

/// A verification could not be finished: nothing is said about the installation.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFault {
    /// Memory failed, or a row could not be read at all.
    #[error("the database could not be read to its end")]
    Memory(#[from] StoreFault),
    /// A worker ended early.
    #[error("a worker ended before its work was done")]
    Worker(#[from] JoinError),
    /// There is nothing to verify.
    #[error("there is no installation in this database: start the service once, then verify it")]
    NotFounded,
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// About two megabytes of certificates and requests.
const PAGE: u32 = 1_000;
const REVOCATIONS: u32 = 5_000;
