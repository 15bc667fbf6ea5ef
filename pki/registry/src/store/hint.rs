// SPDX-License-Identifier: Apache-2.0
//! Wake-up between those who write and those who wait. A hint is never the truth: whoever is woken looks.

use std::pin::Pin;

/// What somebody may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// A submission waits to be judged.
    SubmissionKept,
    /// A submission is settled.
    SubmissionSettled,
    /// Something was revoked: lists are to be published.
    RevocationKept,
    /// Policy has changed.
    PolicyChanged,
}

impl Hint {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::SubmissionKept,
        Self::SubmissionSettled,
        Self::RevocationKept,
        Self::PolicyChanged,
    ];
}

/// Resolves when something of the kind was kept, here or in another process, since it was made. May resolve for
/// nothing, and may miss what happened while memory was out of reach: wait for it with a deadline.
pub type Hinted = Pin<Box<dyn Future<Output = ()> + Send>>;
