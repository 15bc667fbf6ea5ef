// SPDX-License-Identifier: Apache-2.0
//! Holds the issuers' keys, signs what authority prepared, publishes, and keeps up what the house owes. No socket.
//!
//! - [`software`]: makes, seals and unseals software keys, through the vault it is handed;
//! - [`issuer_keys`]: the keys of all issuers, each proven to belong to its issuer's certificate;
//! - [`duties`]: what is done without being asked: one file a duty, all supervised, each a named readiness check;
//! - [`process`]: a signer in a process, alone or beside the planes; [`settings`]: its settings file.

pub mod duties;
pub mod issuer_keys;
pub mod process;
pub mod settings;
pub mod software;
