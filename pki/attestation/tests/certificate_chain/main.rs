// SPDX-License-Identifier: Apache-2.0
//! Attestation by certificate chain seen from outside: what factories issue, what attackers send, who decides.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must fail")]

mod anchors;
mod attack;
mod corpus;
mod factory;
mod first;
mod flood;
mod kept;
mod nearest;
mod properties;
mod status;
