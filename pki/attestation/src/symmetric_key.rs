// SPDX-License-Identifier: Apache-2.0
//! Attestation by a shared key: a token signed with the device's own key, or with one derived from its group's.

mod key;
mod token;

#[cfg(test)]
mod tests;

use tamga_x509::chance::{Chance, ChanceFault};

pub use key::{SymmetricKey, SymmetricKeyRefusal};
pub(crate) use token::MAXIMUM_HEADER_LENGTH;
pub use token::{SasLimits, SasToken};

use crate::doubt::Doubt;
use crate::method::{Context, Proof};

/// The two keys that may speak for a registration; both are valid at any time, so that either can be rolled.
#[derive(Debug)]
pub struct SymmetricKeyReference {
    /// First key.
    pub primary: SymmetricKey,
    /// Second key.
    pub secondary: SymmetricKey,
    /// Whether these are a group's keys, from which each device's key is derived. A group's key itself
    /// never signs a token.
    pub derived: bool,
}

/// Which of the two keys signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySlot {
    /// The first key.
    Primary,
    /// The second key.
    Secondary,
}

impl KeySlot {
    /// Stable name, for the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

impl SymmetricKeyReference {
    /// Keys nobody holds, to spend the same work on an unknown registration as on a known one.
    ///
    /// # Errors
    /// When the source of chance fails.
    pub fn decoy(chance: &dyn Chance) -> Result<Self, ChanceFault> {
        Ok(Self {
            primary: SymmetricKey::generate(chance)?,
            secondary: SymmetricKey::generate(chance)?,
            derived: true,
        })
    }

    /// Which key signed this token for the registration id, if one did.
    ///
    /// Looks at the signature alone, so one parsed token can be tried against many groups; the caller asks
    /// [`SasToken::admit`] once beforehand. Every call does the same work: six verifications and four
    /// derivations, whatever the kind of reference and whichever key matches.
    #[must_use]
    pub fn verifies(&self, token: &SasToken, registration_id: &str) -> Option<KeySlot> {
        let folded = registration_id.to_ascii_lowercase();
        let primary = self.signed_by(&self.primary, token, [registration_id, &folded]);
        let secondary = self.signed_by(&self.secondary, token, [registration_id, &folded]);
        match (primary, secondary) {
            (true, _) => Some(KeySlot::Primary),
            (false, true) => Some(KeySlot::Secondary),
            (false, false) => None,
        }
    }

    /// Registration ids are case-insensitive but derivation is not: devices derive over the id as they
    /// write it, tools often over its lower-case form.
    fn signed_by(&self, key: &SymmetricKey, token: &SasToken, ids: [&str; 2]) -> bool {
        let own = token.signed_with(key) & !self.derived;
        ids.into_iter().fold(own, |found, id| {
            found | (token.signed_with(&key.derive(id)) & self.derived)
        })
    }
}

/// Judges a token by the keys of its registration: what it presents first, its signature last.
pub(crate) fn judge(
    token: &SasToken,
    keys: &SymmetricKeyReference,
    context: &Context<'_>,
) -> Result<Proof, Doubt> {
    token.admit(context)?;
    let slot = keys
        .verifies(token, context.registration_id)
        .ok_or(Doubt::TokenSignature)?;
    Ok(Proof::SymmetricKey {
        slot,
        derived: keys.derived,
    })
}
