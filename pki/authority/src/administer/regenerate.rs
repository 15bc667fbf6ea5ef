// SPDX-License-Identifier: Apache-2.0
//! A new symmetric key in one of the two slots of a group or individual enrollment: the other stays good meanwhile.

use secrecy::SecretString;
use tamga_attestation::{KeySlot, SymmetricKey};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{Attestation, Group, IndividualEnrollment};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::secret::{SealedPair, SealingPurpose, WrappedDataKey};

use super::Administration;
use super::attestation::invalid;
use super::entry::Entry;
use crate::guard::Caller;
use crate::policy::open_pair;
use crate::refusal::{Failure, Fault};

impl Administration {
    /// Gives a group a new key in one slot, made from chance, and shows it this once. Tokens signed with the old one are
    /// refused from then on.
    pub async fn regenerate_group_key(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        slot: KeySlot,
    ) -> Result<SecretString, Failure> {
        self.regenerate::<Group>(caller, organization, name, slot).await
    }

    /// Gives an individual enrollment a new key in one slot, as [`Self::regenerate_group_key`].
    pub async fn regenerate_enrollment_key(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        slot: KeySlot,
    ) -> Result<SecretString, Failure> {
        self.regenerate::<IndividualEnrollment>(caller, organization, id, slot)
            .await
    }

    async fn regenerate<E: Entry>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        slot: KeySlot,
    ) -> Result<SecretString, Failure> {
        self.witnessed(caller, E::UPDATE, name.to_string(), async {
            let (here, permit) = self.enter(caller, E::UPDATE, organization).await?;
            let purpose = SealingPurpose::DeviceSecrets;
            let data_keys = self.means.store.data_keys(purpose, here.id).await?;
            let detail = (name.to_string(), Some(format!("key {}", slot.as_str())));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.change_of(caller, (&here, E::thing(name)), act).await?;
            let entry = E::find_in(&mut *change, here.id, name).await?;
            let entry = entry.ok_or(E::NONE)?;
            let Attestation::SymmetricKey(pair) = &entry.terms().attestation else {
                return Err(invalid("slot", NO_KEYS).into());
            };
            let (shown, keys) = self.with_a_new_key(entry.reference().octets(), (pair, slot), &data_keys)?;
            change.replace_keys(here.id, entry.reference(), &keys).await?;
            self.keep(change).await?;
            Ok(shown)
        })
        .await
    }

    /// Both are sealed anew, under the newest data key: a row names one.
    fn with_a_new_key(
        &self,
        id: &[u8; 16],
        (sealed, slot): (&SealedPair, KeySlot),
        data_keys: &[WrappedDataKey],
    ) -> Result<(SecretString, SealedPair), Fault> {
        let (mut primary, mut secondary) = open_pair(&*self.vault, data_keys, id, sealed)?;
        let fresh = SymmetricKey::generate(&*self.means.chance)?;
        let shown = fresh.to_base64();
        match slot {
            KeySlot::Primary => primary = fresh,
            KeySlot::Secondary => secondary = fresh,
        }
        let newest = data_keys.last();
        let newest = newest.ok_or_else(|| Fault::new("sealing keys", "there is no data key"))?;
        Ok((shown, self.seal_pair(newest, id, (&primary, &secondary))?))
    }
}

const NO_KEYS: &str =
    "its devices prove themselves by certificates, and there are no keys: roll its certificates or anchors";
