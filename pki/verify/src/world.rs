// SPDX-License-Identifier: Apache-2.0
//! What every certificate is held against: the installation, its authorities, its profiles, and what is known from
//! outside. Read once.

use std::collections::{BTreeMap, BTreeSet};

use tamga_registry::inspection::{KeptInstallation, KeptIssuer, KeptRevision, Subject};

use crate::authority::Authority;
use crate::der::{hex, sha256};
use crate::law;
use crate::question::{Question, SignedKind};
use crate::report::Findings;
use crate::rules::Rules;

/// All of it.
pub(crate) struct World {
    /// The SPIFFE trust domain.
    pub(crate) trust_domain: String,
    /// The highest restore epoch a serial number may have.
    pub(crate) restore_epoch: i64,
    /// Those that can be read, by their octets.
    pub(crate) authorities: BTreeMap<Vec<u8>, Authority>,
    /// SHA-256 of the keys of all of them.
    pub(crate) authority_keys: BTreeSet<[u8; 32]>,
    rules: BTreeMap<Vec<u8>, BTreeMap<i64, Rules>>,
    /// SHA-256 of certificates clients were handed.
    pub(crate) handed_out: BTreeSet<[u8; 32]>,
    /// SHA-256 of the bytes of certificates that were signed.
    pub(crate) signed: BTreeSet<[u8; 32]>,
}

impl World {
    /// Reads it; what cannot be read is found.
    pub(crate) fn read(
        installation: KeptInstallation,
        issuers: Vec<KeptIssuer>,
        revisions: Vec<KeptRevision>,
        question: &Question,
        findings: &mut Findings,
    ) -> Self {
        let mut world = Self {
            trust_domain: installation.trust_domain,
            restore_epoch: installation.restore_epoch,
            authorities: BTreeMap::new(),
            authority_keys: BTreeSet::new(),
            rules: BTreeMap::new(),
            handed_out: question.handed_out.iter().map(|der| sha256(der)).collect(),
            signed: question
                .signed
                .iter()
                .filter(|signed| signed.kind == SignedKind::Certificate)
                .map(|signed| signed.digest)
                .collect(),
        };
        for kept in issuers {
            match Authority::read(kept) {
                Ok(authority) => {
                    world.authority_keys.insert(authority.key_hash);
                    world.authorities.insert(authority.kept.id.clone(), authority);
                }
                Err((id, why)) => findings.add(&law::AUTHORITY_COLUMNS, &Subject::Issuer.shown(&id), why),
            }
        }
        for kept in revisions {
            match Rules::read(&kept.config) {
                Ok(rules) => {
                    let revisions = world.rules.entry(kept.profile).or_default();
                    revisions.insert(kept.revision, rules);
                }
                Err(why) => {
                    let object = format!("profile {} revision {}", hex(&kept.profile), kept.revision);
                    findings.add(&law::PROFILE_READABLE, &object, why);
                }
            }
        }
        world
    }

    /// The rules of a revision, where it is there and can be read.
    pub(crate) fn rules(&self, profile: &[u8], revision: i64) -> Option<&Rules> {
        self.rules.get(profile)?.get(&revision)
    }
}
