// SPDX-License-Identifier: Apache-2.0
//! Keeps what must stay secret: seals values before they are stored, and holds software signing keys.
//!
//! - [`seal`]: a root key per purpose, given as a file to the processes that may use it → a data key per
//!   organization, stored wrapped → values, each bound to its place in the database.
//! - [`software`]: private keys in memory that sign what passed lint, and nothing else.

pub mod seal;
pub mod software;
