// SPDX-License-Identifier: Apache-2.0
//! The methods of attestation: what a device may present, what we may hold, and how the two are paired.

use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use crate::certificate_chain::{self, AnchorReference, PinnedCertificates, PresentedChain};
use crate::doubt::Doubt;
use crate::symmetric_key::{self, KeySlot, SasLimits, SasToken, SymmetricKeyReference};

/// What the device presented.
#[derive(Debug)]
pub enum Evidence {
    /// A signed token.
    SymmetricKey(SasToken),
    /// The certificates of a TLS handshake. That the device holds the leaf's key is the word of the door that
    /// shook hands.
    CertificateChain(PresentedChain),
    /// Nothing at all.
    None,
}

/// What we hold about the device: the endorsement its evidence is measured by.
#[derive(Debug)]
pub enum Reference {
    /// Its own two keys, or the two keys of its group.
    SymmetricKey(SymmetricKeyReference),
    /// Certificates pinned to it alone.
    Pinned(PinnedCertificates),
    /// The anchors of its group.
    Anchors(AnchorReference),
}

/// What the request itself says, and the time it is judged at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Id scope of the request's path.
    pub id_scope: &'a str,
    /// Registration id as the device presented it, in its own letter case.
    pub registration_id: &'a str,
    /// When the request was received, by the server's time; the device's clock decides nothing.
    pub now: Timestamp,
    /// When it is judged. Lists are asked as they are then: one that came while the request waited is fresh, not of the
    /// future.
    pub judged_at: Timestamp,
    /// How long tokens may live and how far clocks may differ.
    pub limits: &'a SasLimits,
}

/// The verdict over one piece of evidence that raised no doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The device is who it says it is.
    Proven(Proof),
}

/// What the proof rests on, for the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A token signed with a symmetric key.
    SymmetricKey {
        /// Which of the two keys it was.
        slot: KeySlot,
        /// Whether the key was derived from the group's, rather than the device's own.
        derived: bool,
    },
    /// A client certificate.
    CertificateChain {
        /// SHA-256 over the SubjectPublicKeyInfo of the leaf.
        leaf: SpkiHash,
        /// How many authorities stand between the leaf and its anchor.
        depth: usize,
        /// Whether the leaf itself is pinned, rather than vouched for by an anchor.
        pinned: bool,
    },
}

impl Proof {
    /// Stable name of the method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::SymmetricKey { .. } => "symmetric_key",
            Self::CertificateChain { .. } => "certificate_chain",
        }
    }
}

/// Measures evidence by the reference we hold.
///
/// # Errors
/// A [`Doubt`] that says what the device must do differently. Doubts about what was presented come first; only
/// [`Doubt::TokenSignature`], [`Doubt::CertificateUntrusted`], the doubts about status and
/// [`Doubt::MethodNotAccepted`] depend on what we hold.
pub fn judge(evidence: &Evidence, reference: &Reference, context: &Context<'_>) -> Result<Judgement, Doubt> {
    let proof = match (evidence, reference) {
        (Evidence::SymmetricKey(token), Reference::SymmetricKey(keys)) => {
            symmetric_key::judge(token, keys, context)
        }
        (Evidence::CertificateChain(chain), Reference::Pinned(pinned)) => {
            certificate_chain::judge_pinned(chain, pinned, context)
        }
        (Evidence::CertificateChain(chain), Reference::Anchors(anchors)) => {
            certificate_chain::judge_anchors(chain, anchors, context)
        }
        (Evidence::None, Reference::SymmetricKey(_)) => Err(Doubt::TokenMissing),
        (Evidence::None, Reference::Pinned(_) | Reference::Anchors(_)) => Err(Doubt::CertificateMissing),
        (Evidence::CertificateChain(_), Reference::SymmetricKey(_))
        | (Evidence::SymmetricKey(_), Reference::Pinned(_) | Reference::Anchors(_)) => {
            Err(Doubt::MethodNotAccepted)
        }
    }?;
    Ok(Judgement::Proven(proof))
}

/// Doubts a device of which we hold nothing, with the words and the work of one of which we do.
///
/// `decoy` is any reference of symmetric keys made from chance at start; that its signature might match is as
/// likely as guessing a key, and even then the answer stays a doubt. A chain needs none.
#[must_use]
pub fn judge_unknown(evidence: &Evidence, decoy: &Reference, context: &Context<'_>) -> Doubt {
    if let Evidence::CertificateChain(chain) = evidence {
        return certificate_chain::judge_unknown(chain, context);
    }
    match judge(evidence, decoy, context) {
        Ok(Judgement::Proven(_)) => Doubt::TokenSignature,
        Err(doubt) => doubt,
    }
}
