// SPDX-License-Identifier: Apache-2.0
//! The nouns of the admin plane, one file each: rows that name operations of `openapi/admin.json`.
//!
//! A new verb is a new row, a new noun a new file and a line here; `contract.rs` tells which operations have none yet.

mod account;
mod anchor;
mod approval;
mod assignment;
mod certificate;
mod certificate_search;
mod client_certificate;
mod device;
mod device_life;
mod device_search;
mod enrollment;
mod explain;
mod grant;
mod group;
mod id_scope;
mod issuer;
mod journal;
mod order;
mod organization;
mod profile;
mod revocation;
mod role;
mod station;
mod terms;
mod token;
mod unit;
mod whoami;

use super::verb::Noun;

/// All of them.
pub(super) const NOUNS: &[&Noun] = &[
    &organization::NOUN,
    &account::NOUN,
    &assignment::NOUN,
    &token::NOUN,
    &client_certificate::NOUN,
    &role::NOUN,
    &id_scope::NOUN,
    &profile::NOUN,
    &issuer::NOUN,
    &grant::NOUN,
    &approval::NOUN,
    &whoami::NOUN,
    &group::NOUN,
    &enrollment::NOUN,
    &anchor::NOUN,
    &device::NOUN,
    &station::NOUN,
    &unit::NOUN,
    &certificate::NOUN,
    &device_search::NOUN,
    &certificate_search::NOUN,
    &order::NOUN,
    &journal::NOUN,
    &explain::NOUN,
    &device_life::NOUN,
    &revocation::NOUN,
];
