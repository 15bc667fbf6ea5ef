// SPDX-License-Identifier: Apache-2.0
//! The table of what a request becomes, row by row.

use super::*;
use crate::device::RegistrationId;
use crate::enrollment::{Attestation, EnrollmentRef, Method};
use crate::id::{CertificateId, GroupId, IssuerId, OrderId, OrganizationId, ProfileId};
use crate::lineage::{CertificateFacts, OrderFacts};
use crate::order::OperationId;
use crate::secret::SealedPair;
use tamga_x509::certificate::Validity;
use tamga_x509::key::SpkiHash;
use tamga_x509::profile::{ProfileConfig, RenewalPolicy};

mod birth;
mod knock;
mod line_at_station;
mod new_key;

const DAY: i64 = 86_400;
pub(super) const START: i64 = 1_795_000_000;

/// A device in front of the registry: everything but what a test varies.
struct Scene {
    device: Device,
    terms: Terms,
    profile: Profile,
    line: Line,
    key: SpkiHash,
    birth: Option<SpkiHash>,
    road: Road,
    now: Timestamp,
}

impl Scene {
    /// Day 1 of a 90-day certificate: current, far from its window, its key known.
    fn with_current() -> Self {
        let mut scene = Self::fresh();
        scene.line.lineage = Some(Lineage {
            epoch: 1,
            rise_pending: false,
            current: Some(certificate(1, 1)),
            provisional: None,
            version: 3,
        });
        scene
    }

    /// A device that never had a certificate.
    fn fresh() -> Self {
        Self {
            device: device(),
            terms: terms(),
            profile: Profile::try_from(ProfileConfig::device()).unwrap(),
            line: Line::default(),
            key: SpkiHash([1; 32]),
            birth: None,
            road: Road::Own,
            now: Timestamp::from_seconds(START + DAY),
        }
    }

    fn lineage(&mut self) -> &mut Lineage {
        self.line.lineage.as_mut().unwrap()
    }

    /// It asks with the key of its certificate.
    fn same_key(mut self) -> Self {
        self.line.key = Some(own_key());
        self.line.order = Some(order(OrderState::Fulfilled));
        self
    }

    /// The epoch the order belonged to has passed.
    fn of_an_earlier_epoch(mut self) -> Self {
        self.line.order = None;
        self
    }

    fn on_day(mut self, day: i64) -> Self {
        self.now = Timestamp::from_seconds(START + day * DAY);
        self
    }

    fn refusing_rekey(mut self) -> Self {
        self.terms.rekey = RekeyPolicy::Refuse;
        self
    }

    fn ask(&self) -> Result<Admission, Denial> {
        admit_request(&Ask {
            device: Some(&self.device),
            terms: &self.terms,
            key: self.key,
            birth: self.birth,
            profile: &self.profile,
            line: &self.line,
            road: self.road,
            now: self.now,
        })
    }
}

pub(super) fn device() -> Device {
    Device {
        id: DeviceId::from_octets([1; 16]),
        organization: OrganizationId::from_octets([2; 16]),
        registration_id: "pump-1".parse::<RegistrationId>().unwrap(),
        state: DeviceState::Active,
        generation: 1,
        bound: credential(7),
        operation: OperationId::from_octets([3; 16]),
        created_at: Timestamp::from_seconds(START),
        updated_at: Timestamp::from_seconds(START),
    }
}

pub(super) fn credential(group: u8) -> BoundCredential {
    BoundCredential {
        method: Method::SymmetricKey,
        enrollment: EnrollmentRef::Group(GroupId::from_octets([group; 16])),
    }
}

pub(super) fn terms() -> Terms {
    Terms {
        state: EnrollmentState::Enabled,
        generation: 1,
        attestation: Attestation::SymmetricKey(SealedPair {
            primary: vec![],
            secondary: vec![],
            data_key: 1,
        }),
        profile: ProfileId::from_octets([4; 16]),
        issuer: IssuerId::from_octets([5; 16]),
        rekey: RekeyPolicy::Allow,
        rekeys_per_day: 10,
        assigned_hub: None,
        created_at: Timestamp::from_seconds(START),
    }
}

fn certificate(id: u8, epoch: i64) -> CertificateFacts {
    let start = Timestamp::from_seconds(START);
    CertificateFacts {
        id: CertificateId::from_octets([id; 16]),
        issuer: terms().issuer,
        epoch,
        spki: SpkiHash([id; 32]),
        validity: Validity::new(start, Timestamp::from_seconds(START + 90 * DAY)).unwrap(),
        revoked: false,
        renewal: RenewalPolicy {
            opens_at_percent: 67,
            jitter_percent: 5,
        },
    }
}

fn own_key() -> KeyFacts {
    KeyFacts {
        device: Some(device().id),
        role: KeyRole::Operational,
        blocked: false,
        certified: true,
    }
}

fn order(state: OrderState) -> OrderFacts {
    OrderFacts {
        id: OrderId::from_octets([6; 16]),
        state,
        certificate: CertificateId::from_octets([1; 16]),
        superseded: false,
    }
}

fn issue(epoch: i64, kind: OrderKind) -> Result<Admission, Denial> {
    Ok(Admission::Issue { epoch, kind })
}

fn repeat() -> Result<Admission, Denial> {
    let of = order(OrderState::Fulfilled);
    Ok(Admission::Repeat {
        order: of.id,
        certificate: of.certificate,
    })
}

#[test]
fn the_first_request_of_an_admitted_device_is_a_first_order() {
    assert_eq!(Scene::fresh().ask(), issue(1, OrderKind::First));
}

#[test]
fn the_same_key_in_the_same_epoch_is_the_same_certificate() {
    assert_eq!(Scene::with_current().same_key().ask(), repeat());
}

#[test]
fn the_same_key_while_its_certificate_is_on_its_way_joins_the_order() {
    let mut scene = Scene::with_current().same_key();
    scene.line.order = Some(order(OrderState::Open));
    assert_eq!(
        scene.ask(),
        Ok(Admission::Join {
            order: order(OrderState::Open).id
        })
    );
}

#[test]
fn the_same_key_inside_the_window_is_a_renewal_and_the_epoch_rises() {
    let scene = Scene::with_current().same_key().of_an_earlier_epoch();
    assert_eq!(scene.on_day(70).ask(), issue(2, OrderKind::Renewal));
}

#[test]
fn the_same_key_after_expiry_is_a_renewal() {
    let scene = Scene::with_current().same_key().of_an_earlier_epoch();
    assert_eq!(scene.on_day(400).ask(), issue(2, OrderKind::Renewal));
}

#[test]
fn the_same_key_is_refused_at_renewal_where_the_profile_demands_rotation() {
    let mut scene = Scene::with_current().same_key().of_an_earlier_epoch().on_day(70);
    let config = ProfileConfig {
        rotation: "required".to_owned(),
        ..ProfileConfig::device()
    };
    scene.profile = Profile::try_from(config).unwrap();
    assert_eq!(scene.ask(), Err(Denial::RotationRequired));
    scene.line.key = None;
    assert_eq!(
        scene.ask(),
        issue(2, OrderKind::Renewal),
        "a new key is what it asks for"
    );
    scene.line.key = Some(KeyFacts {
        certified: false,
        ..own_key()
    });
    assert_eq!(
        scene.ask(),
        issue(2, OrderKind::Renewal),
        "a key whose order was killed was never certified"
    );
}

#[test]
fn a_new_key_inside_the_window_is_a_renewal_whatever_the_rekey_policy_says() {
    assert_eq!(
        Scene::with_current().refusing_rekey().on_day(70).ask(),
        issue(2, OrderKind::Renewal)
    );
}

#[test]
fn a_revoked_certificate_raises_the_epoch() {
    let mut scene = Scene::with_current().refusing_rekey();
    scene.lineage().current.as_mut().unwrap().revoked = true;
    assert_eq!(scene.ask(), issue(2, OrderKind::Renewal));
}

#[test]
fn a_device_that_is_told_to_another_issuer_is_renewed_once_by_that_one() {
    let mut scene = Scene::with_current().same_key();
    let elsewhere = IssuerId::from_octets([55; 16]);
    scene.lineage().current.as_mut().unwrap().issuer = elsewhere;
    assert_eq!(scene.ask(), issue(2, OrderKind::Renewal));
    // While it is on its way the epoch rises no further, and once it is there the request is a repeat.
    scene.lineage().epoch = 2;
    scene.line.order = Some(order(OrderState::Open));
    assert_eq!(
        scene.ask(),
        Ok(Admission::Join {
            order: order(OrderState::Open).id
        })
    );
    scene.lineage().provisional = Some(certificate(1, 2));
    scene.line.order = Some(order(OrderState::Fulfilled));
    assert_eq!(scene.ask(), repeat());
}

#[test]
fn a_killed_intent_or_an_order_to_move_raises_the_epoch() {
    let mut scene = Scene::with_current().refusing_rekey();
    scene.lineage().rise_pending = true;
    assert_eq!(scene.ask(), issue(2, OrderKind::Renewal));
    scene.lineage().current = None;
    assert_eq!(
        scene.ask(),
        issue(2, OrderKind::First),
        "its very first intent was killed"
    );
}

#[test]
fn the_epoch_rises_once_while_the_renewal_is_on_its_way() {
    let mut scene = Scene::with_current().on_day(70);
    scene.lineage().epoch = 2;
    scene.line.other_open = true;
    assert_eq!(
        scene.ask(),
        issue(2, OrderKind::Renewal),
        "another key joins epoch 2, it does not open epoch 3"
    );
}

#[test]
fn another_devices_key_and_keys_of_the_house_are_in_use() {
    let other = Some(DeviceId::from_octets([9; 16]));
    let foreign = [
        KeyFacts {
            device: other,
            role: KeyRole::Operational,
            blocked: false,
            certified: true,
        },
        KeyFacts {
            device: other,
            role: KeyRole::Birth,
            blocked: false,
            certified: true,
        },
        KeyFacts {
            device: None,
            role: KeyRole::Issuer,
            blocked: false,
            certified: true,
        },
        KeyFacts {
            device: None,
            role: KeyRole::Service,
            blocked: false,
            certified: true,
        },
    ];
    for key in foreign {
        for mut scene in [
            Scene::fresh(),
            Scene::with_current(),
            Scene::with_current().on_day(70),
        ] {
            scene.line.key = Some(key.clone());
            assert_eq!(scene.ask(), Err(Denial::KeyInUse), "{key:?}");
        }
    }
}

#[test]
fn a_blocked_key_is_refused_for_ever_also_its_own_device() {
    let mut scene = Scene::with_current().same_key().on_day(70);
    scene.line.key.as_mut().unwrap().blocked = true;
    assert_eq!(scene.ask(), Err(Denial::KeyBlocked));
}

#[test]
fn rotation_is_not_bypassed_by_sending_the_old_key_after_a_new_one() {
    let config = ProfileConfig {
        rotation: "required".to_owned(),
        ..ProfileConfig::device()
    };
    let mut scene = Scene::with_current().same_key().of_an_earlier_epoch().on_day(70);
    scene.profile = Profile::try_from(config).unwrap();
    scene.lineage().epoch = 2;
    scene.lineage().provisional = Some(lately(2, 2));
    assert_eq!(scene.ask(), Err(Denial::RotationRequired));
}

#[test]
fn the_epoch_is_not_stuck_when_an_order_of_an_earlier_one_is_recorded_last() {
    let mut scene = Scene::with_current().same_key().of_an_earlier_epoch().on_day(70);
    scene.lineage().epoch = 2;
    assert_eq!(
        scene.ask(),
        issue(3, OrderKind::Renewal),
        "nothing of epoch 2 is on its way any more"
    );
}

/// Issued on day 70: far from its window.
fn lately(id: u8, epoch: i64) -> CertificateFacts {
    let start = Timestamp::from_seconds(START + 70 * DAY);
    CertificateFacts {
        validity: Validity::new(start, Timestamp::from_seconds(START + 160 * DAY)).unwrap(),
        ..certificate(id, epoch)
    }
}
