// SPDX-License-Identifier: Apache-2.0
//! Devices that are kept out, and names that had a device.

use std::time::Duration;

use tamga_x509::crl::RevocationReason;

use super::tests::{START, credential, device, terms};
use super::*;
use crate::device::Departure;

#[test]
fn a_device_is_refused_by_its_state_and_a_name_by_what_was_held_against_its_last_device() {
    let (known, terms) = (device(), terms());
    let at = Timestamp::from_seconds(START);
    let knock = |device: Option<&Device>, tombstone: Option<&Tombstone>, received_at| {
        admit_device(&Knock {
            organization: OrganizationState::Active,
            terms: &terms,
            device,
            tombstone,
            received_at,
            credential: credential(7),
            birth: None,
        })
    };
    let in_state = |state| Device {
        state,
        ..known.clone()
    };
    let revoked = DeviceState::Revoked {
        at,
        reason: RevocationReason::Superseded,
    };
    for (state, expected) in [
        (DeviceState::Active, Ok(())),
        (DeviceState::Disabled, Err(Denial::DeviceDisabled)),
        (revoked, Err(Denial::DeviceRevoked)),
        (DeviceState::Gone(Departure::Deleted), Err(Denial::DeviceDeleted)),
        (DeviceState::Gone(Departure::Released), Err(Denial::DeviceDeleted)),
    ] {
        assert_eq!(knock(Some(&in_state(state)), None, at), expected, "{state:?}");
    }
    let later = at.saturating_add(Duration::from_micros(1));
    for (epitaph, received_at, expected) in [
        (Epitaph::Free, later, Ok(())),
        (Epitaph::Free, at, Err(Denial::DeviceDeleted)),
        (Epitaph::Revoked, later, Err(Denial::DeviceRevoked)),
        (Epitaph::Released, later, Err(Denial::DeviceReleased)),
    ] {
        let tombstone = Tombstone {
            device: known.id,
            epitaph,
            buried_at: at,
        };
        assert_eq!(knock(None, Some(&tombstone), received_at), expected, "{epitaph}");
        assert_eq!(
            knock(Some(&known), Some(&tombstone), later),
            Ok(()),
            "it is there again"
        );
        assert_eq!(
            knock(Some(&known), Some(&tombstone), at),
            Err(Denial::DeviceDeleted),
            "what the last one asked for is not the next one's"
        );
    }
}
