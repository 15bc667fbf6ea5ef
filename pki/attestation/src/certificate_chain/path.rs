// SPDX-License-Identifier: Apache-2.0
//! Finds the path from a presented leaf to the nearest of many anchors, with work that no chain can blow up.
//!
//! A validator that searches by itself tries every order of same-named intermediates: ten of a stranger's
//! certificates cost it seconds. Here the search walks only over signatures that verify, nearest first and within a
//! budget; the validator is then shown each candidate path alone and has the last word on it (RFC 5280 §6).

use core::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use tamga_x509::time::Timestamp;
use webpki::{EndEntityCert, KeyUsage};
use x509_cert::ext::pkix::KeyUsages;

use super::anchor::{AnchorReference, TrustedAnchor};
use super::certificate::PresentedCertificate;
use super::presented::PresentedChain;
use super::signature::ALGORITHMS;
use crate::doubt::Doubt;

/// A path that holds: from the leaf over `intermediates` to `anchor`.
#[derive(Debug)]
pub(super) struct Path<'a> {
    /// Which of the references the anchor belongs to.
    pub(super) reference: usize,
    pub(super) anchor: &'a TrustedAnchor,
    leaf: &'a PresentedCertificate,
    /// From the leaf's issuer upwards, the anchor not among them.
    pub(super) intermediates: Vec<&'a PresentedCertificate>,
}

impl<'a> Path<'a> {
    /// The path to the anchor nearest to the leaf.
    ///
    /// An anchor that was reached but may not vouch, having expired or being too far, ends the search: a farther
    /// one must not admit what the nearer would not.
    pub(super) fn nearest(
        chain: &'a PresentedChain,
        references: &[&'a AnchorReference],
        at: Timestamp,
    ) -> Result<Self, Doubt> {
        Search::new(chain, references, at).run()
    }

    /// Each certificate below the anchor with the one that issued it, leaf first.
    pub(super) fn links(&self) -> impl Iterator<Item = (&'a PresentedCertificate, &'a PresentedCertificate)> {
        let issued = core::iter::once(self.leaf).chain(self.intermediates.iter().copied());
        let issuers = self
            .intermediates
            .iter()
            .copied()
            .chain(core::iter::once(self.anchor.certificate()));
        issued.zip(issuers)
    }
}

struct Search<'a> {
    leaf: &'a PresentedCertificate,
    /// Authorities that may stand between leaf and anchor: presented ones first, then known ones.
    candidates: Vec<&'a PresentedCertificate>,
    anchors: Vec<(usize, &'a TrustedAnchor)>,
    at: Timestamp,
    /// Whether a certificate that might have been part of the path is not alive.
    met_dead: bool,
    signatures_left: u32,
}

impl<'a> Search<'a> {
    fn new(chain: &'a PresentedChain, references: &[&'a AnchorReference], at: Timestamp) -> Self {
        let anchors: Vec<_> = references
            .iter()
            .enumerate()
            .flat_map(|(index, reference)| reference.anchors.iter().map(move |anchor| (index, anchor)))
            .collect();
        let known = anchors.iter().flat_map(|(_, anchor)| anchor.intermediates());
        let mut search = Self {
            leaf: chain.leaf(),
            candidates: Vec::new(),
            at,
            met_dead: false,
            signatures_left: SIGNATURES,
            anchors: Vec::new(),
        };
        search.gather(chain.above().iter().chain(known).collect());
        search.anchors = anchors;
        search
    }

    /// Keeps those authorities whose names lead upwards from the leaf.
    fn gather(&mut self, mut offered: Vec<&'a PresentedCertificate>) {
        let mut wanted = vec![self.leaf.issuer_der()];
        let mut next = 0_usize;
        while let Some(name) = wanted.get(next).copied() {
            next = next.saturating_add(1);
            let (named, others) = offered
                .into_iter()
                .partition::<Vec<_>, _>(|one| one.subject_der() == name);
            offered = others;
            for one in named {
                if !one.lives(self.at) {
                    self.met_dead = true;
                } else if may_stand_between(one) && self.candidates.len() < CANDIDATES {
                    if self.candidates.iter().all(|known| known.der() != one.der()) {
                        self.candidates.push(one);
                    }
                    if !wanted.contains(&one.issuer_der()) {
                        wanted.push(one.issuer_der());
                    }
                }
            }
        }
    }

    /// Level by level, so that the first path found is a nearest one.
    fn run(mut self) -> Result<Path<'a>, Doubt> {
        let mut level: Vec<Vec<&'a PresentedCertificate>> = vec![Vec::new()];
        for _ in 0..=DEEPEST {
            for partial in &level {
                if let Some(path) = self.reaches(partial)? {
                    return Ok(path);
                }
            }
            level = self.extended(&level)?;
            if level.is_empty() {
                break;
            }
        }
        Err(self.lost())
    }

    /// The path, if one of the anchors issued the upper end of the partial one.
    fn reaches(&mut self, partial: &[&'a PresentedCertificate]) -> Result<Option<Path<'a>>, Doubt> {
        let head = partial.last().copied().unwrap_or(self.leaf);
        let mut barred = false;
        for (reference, anchor) in self.anchors.clone() {
            if !self.issued(head, anchor.certificate())? {
                continue;
            }
            let path = Path {
                reference,
                anchor,
                leaf: self.leaf,
                intermediates: partial.to_vec(),
            };
            if !anchor.vouches(partial.len(), self.at) {
                barred = true;
            } else if self.validates(&path) {
                return Ok(Some(path));
            }
        }
        if barred {
            Err(Doubt::CertificateUntrusted)
        } else {
            Ok(None)
        }
    }

    /// All paths that are longer by one; never twice over the same name with the same key (RFC 4158 §5.2).
    fn extended(
        &mut self,
        level: &[Vec<&'a PresentedCertificate>],
    ) -> Result<Vec<Vec<&'a PresentedCertificate>>, Doubt> {
        let mut longer = Vec::new();
        for partial in level {
            let head = partial.last().copied().unwrap_or(self.leaf);
            for candidate in self.candidates.clone() {
                let same = |one: &&PresentedCertificate| {
                    one.subject_der() == candidate.subject_der() && one.spki_hash() == candidate.spki_hash()
                };
                if partial.iter().any(same) || !self.issued(head, candidate)? {
                    continue;
                }
                if longer.len() >= PATHS {
                    return Err(self.lost());
                }
                let mut path = partial.clone();
                path.push(candidate);
                longer.push(path);
            }
        }
        Ok(longer)
    }

    fn issued(&mut self, below: &PresentedCertificate, above: &PresentedCertificate) -> Result<bool, Doubt> {
        if below.issuer_der() != above.subject_der() {
            return Ok(false);
        }
        self.signatures_left = self.signatures_left.checked_sub(1).ok_or_else(|| self.lost())?;
        Ok(below.signed_by(above))
    }

    /// Whether the path validator agrees: versions, critical extensions, constraints of length and names, usages.
    fn validates(&self, path: &Path<'_>) -> bool {
        let leaf = CertificateDer::from(path.leaf.der());
        let intermediates: Vec<_> = path
            .intermediates
            .iter()
            .map(|one| CertificateDer::from(one.der()))
            .collect();
        let seconds = u64::try_from(self.at.seconds()).unwrap_or(0);
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let anchors = [path.anchor.trust().clone()];
        let Ok(leaf) = EndEntityCert::try_from(&leaf) else {
            return false;
        };
        leaf.verify_for_usage(
            ALGORITHMS,
            &anchors,
            &intermediates,
            at,
            KeyUsage::client_auth(),
            None,
            None,
        )
        .is_ok_and(|verified| verified.intermediate_certificates().count() == intermediates.len())
            && path.leaf.may(KeyUsages::DigitalSignature)
    }

    const fn lost(&self) -> Doubt {
        if self.met_dead {
            Doubt::ChainExpired
        } else {
            Doubt::CertificateUntrusted
        }
    }
}

fn may_stand_between(one: &PresentedCertificate) -> bool {
    one.version() == 3 && one.is_authority() && one.may(KeyUsages::KeyCertSign)
}

/// As many authorities between leaf and anchor as the path validator takes.
const DEEPEST: usize = 6;
/// Authorities whose names lead upwards from a leaf; a real device has two or three.
const CANDIDATES: usize = 24;
/// Paths of one length that are followed.
const PATHS: usize = 16;
/// Signatures verified for one chain: some 100 µs each.
const SIGNATURES: u32 = 48;
