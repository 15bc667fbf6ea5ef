// SPDX-License-Identifier: Apache-2.0
//! Revocation lists of many entries: built in memory, and published from a database.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tamga_authority::means::Means;
use tamga_authority::publish::{PublishRules, Publisher};
use tamga_authority::signers::Signers;
use tamga_keys::software::SoftwareKey;
use tamga_registry::id::IssuerId;
use tamga_registry::store::Installations;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_store::open_sqlite;
use tamga_x509::authority_certificate::AuthorityDraft;
use tamga_x509::certificate::{IssuerCertificate, StatusLocations, Validity};
use tamga_x509::chance::octets;
use tamga_x509::crl::{Crl, CrlBuilder, CrlHeader, RevocationReason, RevokedEntry};
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::name::AuthorityName;
use tamga_x509::serial::Serial;
use tamga_x509::signer::Signer;
use tamga_x509::time::Clock;
use tamga_x509::to_be_signed::ToBeSigned;

use super::RUNS;
use crate::database::founding::Founded;
use crate::database::mass::{self, Mass};
use crate::figures::count;
use crate::report::{Figure, Run};

/// Builds, lints, signs and reads back a list.
pub(super) fn build(entries: usize) -> Result<Figure> {
    let (issuer, key) = authority()?;
    let revoked = revoked(entries)?;
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let begin = Instant::now();
        let this_update = SystemClock.now();
        let mut builder = CrlBuilder::new(CrlHeader {
            issuer: &issuer,
            number: 1,
            this_update,
            next_update: this_update.saturating_add(Duration::from_hours(24 * 7)),
            distribution_point: None,
        })?;
        for entry in &revoked {
            builder.push(entry)?;
        }
        let to_be_signed = ToBeSigned::revocation_list(builder.finish())?;
        let signature = key.sign(&to_be_signed)?;
        to_be_signed.verify(issuer.public_key(), &signature)?;
        let der = to_be_signed.assemble(&signature);
        let read = Crl::parse(&der)?;
        ensure!(
            read.entry_count() == u64::try_from(entries)?,
            "the list holds other entries"
        );
        runs.push(run(entries, begin.elapsed()));
    }
    Ok(Figure::of(format!("crl/build/{entries}"), &runs))
}

/// Runs the duty as the signer does, over the product's store.
pub(super) async fn publish(entries: usize, data: &Path) -> Result<Figure> {
    let path = data.join("publish.sqlite");
    let founded = Founded::fresh(&path).await?;
    mass::fill(
        &path,
        Mass {
            count: entries,
            revoked: true,
        },
    )
    .await?;
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        mass::mark_dirty(&path).await?;
        let store = Arc::new(open_sqlite(&path).await?);
        let installation = store.installation().await?.context("nothing was founded")?;
        let means = Means {
            store: store.clone(),
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance::new()),
            installation: Arc::new(installation),
        };
        let signers = Arc::new(Only(founded.issuer.id, founded.signer.clone()));
        let publisher = Publisher::new(means, signers, PublishRules::default());
        // Lists carry whole seconds: a list is due again in the second after the one before.
        let (published, elapsed) = loop {
            let begin = Instant::now();
            let published = publisher.publish_due().await?;
            if !published.is_empty() {
                break (published, begin.elapsed());
            }
            tokio::task::yield_now().await;
        };
        let [list] = published.as_slice() else {
            anyhow::bail!("one list is due, and {} were published", published.len());
        };
        ensure!(
            list.entries == u64::try_from(entries)?,
            "the list holds {} entries",
            list.entries
        );
        runs.push(run(entries, elapsed));
        store.close().await;
    }
    Ok(Figure::of(format!("publish/sqlite/{entries}"), &runs))
}

/// A whole list is one event: its two quantiles are one.
fn run(entries: usize, elapsed: Duration) -> Run {
    let seconds = elapsed.as_secs_f64();
    Run {
        per_second: count(entries) / seconds,
        p50_ms: seconds * 1e3,
        p99_ms: seconds * 1e3,
        cpu_us: None,
    }
}

/// A self-signed authority.
pub(super) fn authority() -> Result<(IssuerCertificate, SoftwareKey)> {
    let (key, now) = (SoftwareKey::generate(KeyAlgorithm::EcP256)?, SystemClock.now());
    let begin = now.saturating_sub(Duration::from_hours(24));
    let draft = AuthorityDraft {
        name: &AuthorityName::new("Bench", "Bench")?,
        key: key.public_key(),
        issuer: None,
        serial: Serial::compose(0, now, octets::<16>(&SystemChance::new())?)?,
        validity: Validity::new(begin, begin.saturating_add(Duration::from_hours(24 * 3650)))?,
        locations: &StatusLocations::default(),
    };
    let to_be_signed = ToBeSigned::certificate(draft.draft()?)?;
    let der = to_be_signed.assemble(&key.sign(&to_be_signed)?);
    Ok((IssuerCertificate::parse(&der)?, key))
}

fn revoked(entries: usize) -> Result<Vec<RevokedEntry>> {
    let (chance, now) = (SystemChance::new(), SystemClock.now());
    let mut revoked = (0..entries)
        .map(|_| {
            Ok(RevokedEntry {
                serial: Serial::compose(0, now, octets::<16>(&chance)?)?,
                revoked_at: now,
                reason: RevocationReason::Superseded,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    revoked.sort_unstable_by_key(|entry| entry.serial);
    Ok(revoked)
}

/// The key of one issuer is in reach, and no other.
struct Only(IssuerId, Arc<dyn Signer>);

impl Signers for Only {
    fn signer(&self, issuer: IssuerId) -> Option<Arc<dyn Signer>> {
        (issuer == self.0).then(|| self.1.clone())
    }
}
