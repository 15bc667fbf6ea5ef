// SPDX-License-Identifier: Apache-2.0
//! Seals secrets with AES-256-GCM so that a value opens only where it was put, for whom, and by whom it may be.
//!
//! [`RootKey`] (one [`Purpose`], from a file) wraps a [`DataKey`] (one organization), which seals values, each
//! at a [`Place`]. A row's secret moved to another table, row, column, organization or version does not open.

mod data_key;
mod envelope;
mod fault;
mod place;
mod purpose;
mod root_file;
mod root_key;

#[cfg(test)]
mod tests;

pub use data_key::DataKey;
pub use fault::{RootKeyFault, SealFault};
pub use place::Place;
pub use purpose::{Purpose, UnknownPurpose};
pub use root_key::{RootKey, WrappedDataKey};
