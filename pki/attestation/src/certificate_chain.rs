// SPDX-License-Identifier: Apache-2.0
//! Attestation by a certificate chain: a leaf that was pinned, or one that an anchor of the operator's vouches for.
//!
//! - [`PresentedChain`]: what the device sent, within limits, the leaf first.
//! - [`PinnedCertificates`]: an individual enrollment's certificates; presented means equal, octet for octet.
//! - [`AnchorReference`]: a group's anchors; presented means a valid path (RFC 5280 §6) to one of them, and the
//!   registration id in the leaf's common name. [`nearest`] finds the one of many groups that decides.
//! - [`ForeignStatus`]: what is asked about certificates others issued, by lists an operator uploaded. No address
//!   found in a certificate is ever called.

mod anchor;
mod certificate;
mod foreign_list;
mod path;
mod pinned;
mod presented;
mod signature;

pub use anchor::{AnchorReference, AnchorRefusal, AuthorityCertificate, TrustedAnchor};
pub use certificate::{LONGEST_CERTIFICATE, PresentedCertificate, Unreadable};
pub use foreign_list::{ForeignList, ForeignStatus, ListRefusal};
pub use pinned::PinnedCertificates;
pub use presented::PresentedChain;

use crate::doubt::Doubt;
use crate::method::{Context, Proof};
use path::Path;

/// Which of many references decides over a chain, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its place among those that were offered.
    pub reference: usize,
    /// What it says. A doubt is about status: the path itself holds.
    pub verdict: Result<Proof, Doubt>,
}

/// Finds the reference whose anchor is nearest to the leaf: it alone decides, also when its group is disabled.
///
/// # Errors
/// A [`Doubt`] when the leaf itself is no good, or no anchor of any reference vouches for it.
pub fn nearest(
    chain: &PresentedChain,
    references: &[&AnchorReference],
    context: &Context<'_>,
) -> Result<Decision, Doubt> {
    admissible(chain, context)?;
    let path = Path::nearest(chain, references, context.now)?;
    let proof = Proof::CertificateChain {
        leaf: *chain.leaf_spki(),
        depth: path.intermediates.len(),
        pinned: false,
    };
    let status = path.anchor.status().judge(path.links(), context.judged_at);
    Ok(Decision {
        reference: path.reference,
        verdict: status.map(|()| proof),
    })
}

/// Judges a chain by the anchors of one group.
pub(crate) fn judge_anchors(
    chain: &PresentedChain,
    anchors: &AnchorReference,
    context: &Context<'_>,
) -> Result<Proof, Doubt> {
    nearest(chain, &[anchors], context)?.verdict
}

/// Judges a leaf by the certificates pinned to its registration. A wrong one is doubted in the words of a group's.
pub(crate) fn judge_pinned(
    chain: &PresentedChain,
    pinned: &PinnedCertificates,
    context: &Context<'_>,
) -> Result<Proof, Doubt> {
    if pinned.holds(chain).is_none() {
        return Err(judge_unknown(chain, context));
    }
    sound(chain, context)?;
    Ok(Proof::CertificateChain {
        leaf: *chain.leaf_spki(),
        depth: 0,
        pinned: true,
    })
}

/// The doubt about a chain of which nothing is known.
pub(crate) fn judge_unknown(chain: &PresentedChain, context: &Context<'_>) -> Doubt {
    match admissible(chain, context) {
        Err(doubt) => doubt,
        Ok(()) => Doubt::CertificateUntrusted,
    }
}

/// What a leaf must be before any anchor is asked: sound, and of the device it speaks for.
fn admissible(chain: &PresentedChain, context: &Context<'_>) -> Result<(), Doubt> {
    sound(chain, context)?;
    let named = chain.leaf_common_name();
    if named.is_some_and(|name| name.eq_ignore_ascii_case(context.registration_id)) {
        Ok(())
    } else {
        Err(Doubt::CertificateName)
    }
}

/// What every leaf must be: of an admitted key, and alive.
fn sound(chain: &PresentedChain, context: &Context<'_>) -> Result<(), Doubt> {
    chain.leaf().public_key().map_err(|_| Doubt::CertificateKey)?;
    if chain.leaf().lives(context.now) {
        Ok(())
    } else {
        Err(Doubt::ChainExpired)
    }
}
