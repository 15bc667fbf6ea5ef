// SPDX-License-Identifier: Apache-2.0
//! Judges whether a device is what it says it is: evidence from the device, a reference of ours, a verdict.
//!
//! The words are those of remote attestation (RFC 9334): the device presents [`Evidence`], we hold a
//! [`Reference`] about it, and [`judge`] returns a [`Judgement`] with its [`Proof`], or a [`Doubt`].
//! Everything here is pure: no clock, no chance, no memory of its own.
//!
//! - [`method`]: the nouns above and the table that pairs evidence with reference. A new method is one
//!   file, one variant in each enum and one line in that table.
//! - [`symmetric_key`]: a shared key, the device's own or derived from its group's, proven by a signed token.
//! - [`certificate_chain`]: a client certificate, pinned or below an anchor.
//! - [`kept`]: evidence in the form in which a door keeps it for whoever judges it again.
//! - [`doubt`]: every reason to refuse, each with its stable slug and a sentence for the device's owner.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

pub mod certificate_chain;
pub mod doubt;
pub mod kept;
pub mod method;
pub mod symmetric_key;

pub use certificate_chain::{
    AnchorReference, AnchorRefusal, AuthorityCertificate, ForeignList, ForeignStatus, ListRefusal,
    PinnedCertificates, PresentedCertificate, PresentedChain, TrustedAnchor,
};
pub use doubt::{Doubt, Malformation};
pub use kept::UnreadableEvidence;
pub use method::{Context, Evidence, Judgement, Proof, Reference, judge, judge_unknown};
pub use symmetric_key::{
    KeySlot, SasLimits, SasToken, SymmetricKey, SymmetricKeyReference, SymmetricKeyRefusal,
};
