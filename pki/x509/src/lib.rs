// SPDX-License-Identifier: Apache-2.0
//! Writes, reads and lints certificates, revocation lists and requests; pure, and without a private key in reach.
//!
//! A tour, in the order a certificate comes to be:
//!
//! 1. [`time`] and [`chance`] say what an instant and a random octet are: arguments, always.
//! 2. [`key`] admits public keys; [`request`] reads a PKCS #10 request and proves possession of its key.
//! 3. [`profile`] judges what the request asks for and drafts a certificate; [`name`], [`serial`] and
//!    [`certificate`] are what a draft is made of. [`authority_certificate`] drafts those of authorities,
//!    [`crl`] revocation lists.
//! 4. [`lint`] reads the exact bytes anew, by another decoder, and compares them with what was ordered.
//! 5. [`to_be_signed`] wraps bytes that passed, which is all a [`signer`] takes.
//! 6. [`text`] prints the result for people and snapshots.
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

pub mod authority_certificate;
pub mod certificate;
pub mod chance;
pub mod crl;
pub mod key;
pub mod lint;
pub mod name;
pub mod pem;
pub mod profile;
pub mod request;
pub mod serial;
pub mod signer;
pub mod text;
pub mod time;
pub mod to_be_signed;

#[cfg(test)]
mod fixtures;
mod oid;
mod tlv;
mod validity;
mod write;
