// SPDX-License-Identifier: Apache-2.0
//! One organization's key for one purpose: seals and opens values at their places.

use std::fmt;

use secrecy::SecretSlice;
use tamga_x509::chance::Chance;

use super::envelope::{self, CipherKey};
use super::fault::SealFault;
use super::place::Place;
use super::purpose::Purpose;

/// A data key, unwrapped; erased from memory when dropped.
pub struct DataKey {
    purpose: Purpose,
    organization: [u8; 16],
    key: CipherKey,
}

impl DataKey {
    pub(super) const fn new(purpose: Purpose, organization: [u8; 16], key: CipherKey) -> Self {
        Self {
            purpose,
            organization,
            key,
        }
    }

    /// What the values under this key are for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The organization whose values it seals.
    #[must_use]
    pub const fn organization(&self) -> &[u8; 16] {
        &self.organization
    }

    /// Seals a value for one place: `version (1) | nonce (12) | ciphertext | tag (16)`.
    ///
    /// # Errors
    /// [`SealFault`] when the place is another organization's or chance fails.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8], chance: &dyn Chance) -> Result<Vec<u8>, SealFault> {
        self.admit(place)?;
        envelope::seal(&self.key, &place.associated_data(self.purpose), plain, chance)
    }

    /// Opens a value at the place it was sealed for.
    ///
    /// # Errors
    /// [`SealFault`] when any octet of it, or any part of the place, differs from what was sealed.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<SecretSlice<u8>, SealFault> {
        self.admit(place)?;
        envelope::open(&self.key, &place.associated_data(self.purpose), sealed)
    }

    fn admit(&self, place: &Place<'_>) -> Result<(), SealFault> {
        if *place.organization == self.organization {
            Ok(())
        } else {
            Err(SealFault::ForeignOrganization)
        }
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DataKey({}, secret)", self.purpose)
    }
}
