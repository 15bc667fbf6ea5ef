// SPDX-License-Identifier: Apache-2.0
//! Who may register at all.

use tamga_x509::crl::RevocationReason;

use super::*;

#[test]
fn a_device_registers_only_where_everything_above_it_stands() {
    let (device, terms) = (device(), terms());
    let knock = |device| Knock {
        organization: OrganizationState::Active,
        terms: &terms,
        device,
        tombstone: None,
        received_at: Timestamp::from_seconds(START),
        credential: credential(7),
        birth: None,
    };
    assert_eq!(admit_device(&knock(None)), Ok(()));
    assert_eq!(admit_device(&knock(Some(&device))), Ok(()));

    let suspended = Knock {
        organization: OrganizationState::Suspended,
        ..knock(Some(&device))
    };
    assert_eq!(admit_device(&suspended), Err(Denial::OrganizationSuspended));

    let disabled = Terms {
        state: EnrollmentState::Disabled,
        ..terms.clone()
    };
    let disabled = Knock {
        terms: &disabled,
        ..knock(None)
    };
    assert_eq!(admit_device(&disabled), Err(Denial::EnrollmentDisabled));

    let at = Timestamp::from_seconds(START);
    let revoked = Device {
        state: DeviceState::Revoked {
            at,
            reason: RevocationReason::CessationOfOperation,
        },
        ..device.clone()
    };
    assert_eq!(admit_device(&knock(Some(&revoked))), Err(Denial::DeviceRevoked));
}

#[test]
fn another_enrollment_or_another_method_is_another_credential_than_the_bound_one() {
    let (device, terms) = (device(), terms());
    let other_method = BoundCredential {
        method: Method::CertificateChain,
        ..credential(7)
    };
    for credential in [credential(8), other_method] {
        let knock = Knock {
            organization: OrganizationState::Active,
            terms: &terms,
            device: Some(&device),
            tombstone: None,
            received_at: Timestamp::from_seconds(START),
            credential,
            birth: None,
        };
        assert_eq!(admit_device(&knock), Err(Denial::IdentityBound));
        let unbound = Knock {
            device: None,
            ..knock
        };
        assert_eq!(admit_device(&unbound), Ok(()), "nobody is bound yet");
    }
}
