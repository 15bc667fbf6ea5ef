// SPDX-License-Identifier: Apache-2.0
//! What a refusal costs, counted in judgements: nobody learns from it whether an id is enrolled, or how.

use super::*;
use tamga_attestation::certificate_chain::PinnedCertificates;
use tamga_attestation::{SasLimits, SasToken, SymmetricKeyReference};
use tamga_registry::device::DeviceState;
use tamga_registry::enrollment::{Attestation, EnrollmentState, Method, PinnedPair, RekeyPolicy};
use tamga_registry::id::{DeviceId, EnrollmentId, GroupId, IssuerId, OrganizationId, ProfileId};
use tamga_registry::order::OperationId;
use tamga_registry::organization::{Organization, OrganizationState};
use tamga_registry::secret::SealedPair;
use tamga_x509::chance::{Chance, ChanceFault};
use tamga_x509::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// Chance that is not: no token of these tests is signed by any of its keys.
struct Same(u8);
impl Chance for Same {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
        bytes.fill(self.0);
        Ok(())
    }
}

fn keys(number: u8) -> Reference {
    Reference::SymmetricKey(SymmetricKeyReference::decoy(&Same(number)).unwrap())
}

fn terms(attestation: Attestation) -> Terms {
    Terms {
        state: EnrollmentState::Enabled,
        generation: 1,
        attestation,
        profile: ProfileId::from_octets([4; 16]),
        issuer: IssuerId::from_octets([5; 16]),
        rekey: RekeyPolicy::Allow,
        rekeys_per_day: 10,
        assigned_hub: None,
        created_at: NOW,
    }
}

fn sealed() -> Attestation {
    Attestation::SymmetricKey(SealedPair {
        primary: vec![],
        secondary: vec![],
        data_key: 1,
    })
}

fn policy(groups: u8) -> Policy {
    let organization = Organization {
        id: OrganizationId::from_octets([1; 16]),
        slug: "acme".parse().unwrap(),
        display_name: "Acme".to_owned(),
        parent: None,
        state: OrganizationState::Active,
        suspended_at: None,
        generation: 1,
        created_at: NOW,
    };
    let group = |number: u8| GroupPolicy {
        group: Group {
            id: GroupId::from_octets([number; 16]),
            organization: organization.id,
            name: format!("line-{number}").parse().unwrap(),
            terms: terms(sealed()),
        },
        keys: Some(keys(number)),
    };
    let groups = (1..=groups).map(group).collect();
    Policy::of_groups(organization, groups)
}

fn named(attestation: Attestation) -> IndividualEnrollment {
    IndividualEnrollment {
        id: EnrollmentId::from_octets([8; 16]),
        organization: OrganizationId::from_octets([1; 16]),
        registration_id: "pump-1".parse().unwrap(),
        terms: terms(attestation),
    }
}

fn bound_to(group: u8) -> Device {
    Device {
        id: DeviceId::from_octets([9; 16]),
        organization: OrganizationId::from_octets([1; 16]),
        registration_id: "pump-1".parse().unwrap(),
        state: DeviceState::Active,
        generation: 1,
        bound: BoundCredential {
            method: Method::SymmetricKey,
            enrollment: EnrollmentRef::Group(GroupId::from_octets([group; 16])),
        },
        operation: OperationId::from_octets([3; 16]),
        created_at: NOW,
        updated_at: NOW,
    }
}

/// A token in order, but for its signature.
fn wrong_token() -> Evidence {
    let signature = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D";
    let text = format!(
        "SharedAccessSignature sr=0TMAB12CD34%2Fregistrations%2Fpump-1&sig={signature}&skn=registration&se={}",
        NOW.seconds() + 3_600
    );
    Evidence::SymmetricKey(SasToken::parse(&text).unwrap())
}

#[test]
fn a_refusal_costs_the_same_whoever_the_id_is() {
    let (decoy, limits) = (keys(0x7f), SasLimits::default());
    for groups in [0, 1, 3] {
        let policy = policy(groups);
        let pins = PinnedPair {
            primary: vec![0x30, 0],
            secondary: None,
        };
        let by_key = (named(sealed()), keys(0x70));
        let by_pin = (
            named(Attestation::Pinned(pins.clone())),
            Reference::Pinned(PinnedCertificates {
                primary: pins.primary,
                secondary: None,
            }),
        );
        let bound = bound_to(groups);
        let by_key = Some((&by_key.0, by_key.1));
        let by_pin = Some((&by_pin.0, by_pin.1));
        let mut costs = Vec::new();
        for (who, named, device) in [
            ("nobody", None, None),
            ("a device of a group", None, Some(&bound)),
            ("one with a key of its own", by_key.as_ref(), None),
            ("one with a pinned certificate", by_pin.as_ref(), None),
        ] {
            let evidence = wrong_token();
            let context = Context {
                id_scope: "0TMAB12CD34",
                registration_id: "pump-1",
                now: NOW,
                judged_at: NOW,
                limits: &limits,
            };
            let judge = Judge::new(&evidence, context, &policy, &decoy);
            let doubt = judge.judge(named, device).err();
            assert_eq!(doubt, Some(Doubt::TokenSignature), "{who}");
            costs.push((who, judge.judgements()));
        }
        let expected = u32::from(groups.max(1)) + 1;
        assert!(
            costs.iter().all(|(_, cost)| *cost == expected),
            "{costs:?}, not {expected}"
        );
    }
}
