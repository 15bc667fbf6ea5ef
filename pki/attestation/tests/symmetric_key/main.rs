// SPDX-License-Identifier: Apache-2.0
//! Symmetric-key attestation seen from outside: what real clients send, what attackers send, what must stay secret.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must fail")]

mod corpus;
mod device;
mod field;
mod hostile;
mod properties;
