// SPDX-License-Identifier: Apache-2.0
//! What a verification is asked: as of when, by how many hands, and what is known from outside.

use std::num::NonZeroUsize;
use std::time::Duration;

use tamga_x509::time::Timestamp;

/// What to verify.
#[derive(Debug, Clone)]
pub struct Question {
    /// As of when: what has expired then need not be good.
    pub now: Timestamp,
    /// How many pages of certificates are read at once by the processors.
    pub workers: NonZeroUsize,
    /// Invariants (`I-11`) and laws (`list_fresh`) that are left out.
    pub without: Vec<String>,
    /// The longest life policy allows a list.
    pub longest_list: Duration,
    /// Certificates that clients were handed, DER. Each must be recorded.
    pub handed_out: Vec<Vec<u8>>,
    /// What the issuers' keys signed, or were asked to. Each must have its intent.
    pub signed: Vec<Signed>,
}

impl Question {
    /// Everything that can be checked without knowing anything from outside.
    pub fn as_of(now: Timestamp) -> Self {
        let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            now,
            workers: workers.min(MOST_WORKERS),
            without: Vec::new(),
            longest_list: LONGEST_LIST,
            handed_out: Vec::new(),
            signed: Vec::new(),
        }
    }

    pub(crate) fn leaves_out(&self, law: &tamga_registry::inspection::Law) -> bool {
        self.without
            .iter()
            .any(|without| without == law.invariant || without == law.name)
    }
}

/// A line of a signer's log.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Whose key, as octets.
    pub issuer: Vec<u8>,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// What the bytes are.
    pub kind: SignedKind,
}

/// What a key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedKind {
    /// A certificate.
    Certificate,
    /// A list. Old lists are forgotten with their intents; only those not older than the oldest kept are compared.
    List {
        /// Its CRL number.
        number: u64,
    },
}

/// How far a verification has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub of: u64,
}

/// The steps of a verification, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Laws are asked of the database.
    Laws,
    /// Certificates and intents are read.
    Certificates,
    /// Lists are read.
    Lists,
}

impl Step {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Laws => "laws",
            Self::Certificates => "certificates",
            Self::Lists => "lists",
        }
    }
}

/// Reading outruns more than this anyway.
const MOST_WORKERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// A month: nobody should be told to trust a list for longer.
const LONGEST_LIST: Duration = Duration::from_hours(24 * 31);
