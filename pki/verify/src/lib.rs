// SPDX-License-Identifier: Apache-2.0
//! Verifies after the fact everything the house ever issued, with eyes that are not the house's own.
//!
//! Whoever signs judges by one parser and keeps by one set of statements; a mistake in either passes its own tests.
//! So every certificate, request and list is read again here by another parser (x509-parser, never the readers of
//! `tamga-x509`, of which only the clock's type is used), what the columns say is derived again, and what rows say of
//! each other is asked by queries of their own.
//!
//! A tour:
//! - [`verify()`] is the whole course over one view of memory; [`Question`] says as of when, and what else is known:
//!   what clients were handed, what keys signed;
//! - [`Report`]: how much was looked at, and each [`Finding`];
//! - [`law`]: every law that is checked here, and the invariants that cannot be checked yet, with the reason;
//! - `authority`, `certificate`, `list`: what is asked of each issuer, certificate and list.
//!
//! Memory: a few pages of certificates at a time, and one revocation list as a whole.
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

mod authority;
mod bits;
mod certificate;
mod course;
mod der;
pub mod law;
mod list;
mod question;
mod report;
mod rules;
#[cfg(test)]
mod tests;
mod world;

pub use course::{VerifyFault, verify};
pub use question::{Progress, Question, Signed, SignedKind, Step};
pub use report::{Counts, Finding, Report};
