// SPDX-License-Identifier: Apache-2.0
//! Certificates pinned to one registration: what is presented must be one of them, octet for octet.

use super::presented::PresentedChain;
use crate::symmetric_key::KeySlot;

/// The certificates an individual enrollment holds. Self-signed ones are as good as others: nothing is asked of
/// whoever issued them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedCertificates {
    /// First certificate, DER.
    pub primary: Vec<u8>,
    /// Second certificate, DER, so that one can be rolled while the other serves.
    pub secondary: Option<Vec<u8>>,
}

impl PinnedCertificates {
    /// Which of the two was presented, if one was.
    #[must_use]
    pub fn holds(&self, chain: &PresentedChain) -> Option<KeySlot> {
        let leaf = chain.leaf().der();
        if self.primary == leaf {
            Some(KeySlot::Primary)
        } else if self.secondary.as_deref() == Some(leaf) {
            Some(KeySlot::Secondary)
        } else {
            None
        }
    }
}
