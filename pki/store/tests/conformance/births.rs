// SPDX-License-Identifier: Apache-2.0
//! Birth keys, and what is known of a presented certificate: whose key it has, and whether it is one of ours.

use tamga_registry::certificate::CertificateState;
use tamga_registry::device::BoundCredential;
use tamga_registry::enrollment::{EnrollmentRef, Method};
use tamga_registry::id::EnrollmentId;
use tamga_registry::lineage::{KeyRole, Place};
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::RecordVerdict::Recorded;
use tamga_registry::store::{DeviceStrike, Enrollee, EnrolleeQuestion, Intent, Registration};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;
use tamga_x509::serial::Serial;

use super::orders::{Asking, first, key};
use super::world::{Ground, START, World, at};

impl World {
    fn born(&self, id: &str, birth: u8) -> Registration {
        Registration {
            birth: Some(key(birth)),
            ..self.registration(id)
        }
    }

    fn born_intent(&self, asking: Asking<'_>, birth: u8) -> Intent {
        Intent {
            birth: Some(key(birth)),
            ..self.intent(asking)
        }
    }

    async fn register(&self, row: Registration) -> tamga_registry::store::IntentVerdict {
        self.store.keep_registrations(vec![row]).await.unwrap()[0]
    }

    async fn presenting(&self, id: &str, key: Option<SpkiHash>, serial: Option<Serial>) -> Enrollee {
        let id = id.parse().unwrap();
        let question = EnrolleeQuestion {
            key,
            serial,
            ..EnrolleeQuestion::of(self.organization, &id)
        };
        self.store.enrollee(&question).await.unwrap()
    }

    /// Whose key it is, and what for.
    async fn role(&self, number: u8) -> Option<(Option<tamga_registry::id::DeviceId>, KeyRole)> {
        let facts = self.presenting("nobody", Some(key(number)), None).await.key?;
        Some((facts.device, facts.role))
    }
}

pub(crate) async fn a_birth_key_is_written_down_with_the_first_registration_that_presents_it(ground: Ground) {
    let world = World::new(ground).await;
    let row = world.born("pump-1", 50);
    assert_eq!(world.register(row.clone()).await, Kept);
    let found = world.presenting("pump-1", Some(key(50)), None).await;
    let facts = found.key.unwrap();
    assert_eq!(
        (facts.device, facts.role, facts.blocked, facts.certified),
        (Some(row.device.id), KeyRole::Birth, false, false)
    );
    assert_eq!(found.device.unwrap().id, row.device.id);
    let nobody = world.presenting("pump-1", None, None).await;
    assert!(nobody.key.is_none() && nobody.certificate.is_none());
}

pub(crate) async fn a_birth_key_is_written_down_with_the_first_intent_that_presents_it(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.born_intent(first("pump-1", 1), 50);
    assert_eq!(world.keep(&intent).await, Kept);
    let device = Some(intent.order.device);
    assert_eq!(world.role(50).await, Some((device, KeyRole::Birth)));
    assert_eq!(world.role(1).await, Some((device, KeyRole::Operational)));
    assert_eq!(world.record(&intent, at(1)).await, Recorded);
    let again = world.born_intent(world.again(&intent, 2, at(10)).await, 50);
    assert_eq!(world.keep(&again).await, Kept, "it is the device's own");
}

pub(crate) async fn a_later_birth_key_is_written_down_beside_the_first(ground: Ground) {
    let world = World::new(ground).await;
    assert_eq!(world.register(world.born("pump-1", 50)).await, Kept);
    let device = world.presenting("pump-1", None, None).await.device.unwrap().id;
    let asking = Asking {
        device: Some(device),
        ..first("pump-1", 1)
    };
    let intent = world.born_intent(asking, 51);
    assert_eq!(world.keep(&intent).await, Kept);
    for number in [50, 51] {
        assert_eq!(world.role(number).await, Some((Some(device), KeyRole::Birth)));
    }
}

pub(crate) async fn a_birth_key_of_another_device_or_a_blocked_one_is_never_kept(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.born_intent(first("pump-1", 1), 50);
    assert_eq!(world.keep(&pump).await, Kept);
    assert_eq!(world.record(&pump, at(1)).await, Recorded);
    let before = world.tallies().await;
    for foreign in [1, 50] {
        assert_eq!(world.register(world.born("fan-1", foreign)).await, Stale);
        assert_eq!(
            world.keep(&world.born_intent(first("fan-1", 2), foreign)).await,
            Stale
        );
        let known = world.born_intent(first("fan-1", 50), 3);
        assert_eq!(
            world.keep(&known).await,
            Stale,
            "nor is it an operational key of another"
        );
    }
    world
        .probe
        .run("UPDATE subject_key SET blocked_at = 1 WHERE role = 'birth'")
        .await;
    let again = world.born_intent(world.again(&pump, 2, at(10)).await, 50);
    assert_eq!(world.keep(&again).await, Stale, "its own, and blocked");
    assert_eq!(world.tallies().await, before);
}

pub(crate) async fn a_birth_key_that_is_certified_stays_a_birth_key(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.born_intent(first("pump-1", 50), 50);
    assert_eq!(world.keep(&intent).await, Kept);
    assert_eq!(world.record(&intent, at(1)).await, Recorded);
    let facts = world.presenting("pump-1", Some(key(50)), None).await.key.unwrap();
    assert_eq!((facts.role, facts.certified), (KeyRole::Birth, true));
}

pub(crate) async fn of_two_devices_with_one_birth_key_in_a_batch_the_second_is_stale(ground: Ground) {
    let world = World::new(ground).await;
    let rows = vec![
        world.born("pump-1", 50),
        world.born("pump-2", 50),
        world.born("pump-3", 51),
    ];
    let verdicts = world.store.keep_registrations(rows).await.unwrap();
    assert_eq!(verdicts, [Kept, Stale, Kept]);
    let intents = vec![
        world.born_intent(first("fan-1", 1), 60),
        world.born_intent(first("fan-2", 2), 60),
        world.born_intent(first("fan-3", 60), 61),
        world.born_intent(first("fan-4", 4), 61),
    ];
    let verdicts = world.store.keep_intents(intents).await.unwrap();
    assert_eq!(verdicts, [Kept, Stale, Stale, Kept]);
}

pub(crate) async fn the_compromise_of_a_device_is_of_its_birth_keys(ground: Ground) {
    let world = World::new(ground).await;
    assert_eq!(world.register(world.born("fan-1", 51)).await, Kept);
    assert_eq!(world.register(world.born("pump-1", 50)).await, Kept);
    let device = world.presenting("pump-1", None, None).await.device.unwrap().id;
    let blocked = async |number| {
        world
            .presenting("x", Some(key(number)), None)
            .await
            .key
            .unwrap()
            .blocked
    };
    for (reason, expected) in [
        (RevocationReason::CessationOfOperation, false),
        (RevocationReason::KeyCompromise, true),
    ] {
        let mut change = world.change("device.revoke").await;
        let strike = DeviceStrike {
            organization: world.organization,
            device,
            reason,
            at: at(10),
        };
        change.strike_device(strike).await.unwrap();
        change.keep().await.unwrap();
        assert_eq!(
            (blocked(50).await, blocked(51).await),
            (expected, false),
            "{reason:?}"
        );
    }
}

pub(crate) async fn a_certificate_of_ours_is_told_with_its_status_and_its_place(ground: Ground) {
    let world = World::new(ground).await;
    let one = world.issue(first("pump-1", 1)).await;
    let two = world.issue(world.again(&one, 2, at(10)).await).await;
    let three = world.issue(world.again(&one, 3, at(20)).await).await;
    let look = async |intent: &Intent| {
        let serial = Some(intent.certificate.serial);
        // Whoever presents it: whose it is, is told.
        let found = world
            .presenting("somebody-else", Some(intent.order.spki), serial)
            .await;
        assert_eq!(found.key.unwrap().device, Some(one.order.device));
        let (record, place) = found.certificate.unwrap();
        assert_eq!(
            (record.id, record.device),
            (intent.certificate.id, Some(one.order.device))
        );
        (record.state, place)
    };
    let (state, place) = look(&one).await;
    assert!(matches!(state, CertificateState::Issued { .. }));
    assert_eq!(place, Some(Place::Current));
    let (state, place) = look(&two).await;
    assert!(matches!(state, CertificateState::Superseded { .. }));
    assert_eq!(place, None);
    assert_eq!(look(&three).await.1, Some(Place::Provisional));

    world.strike(world.strike_of(&one, at(30))).await;
    let (state, _) = look(&one).await;
    assert!(matches!(state, CertificateState::Revoked { .. }), "{state:?}");
    let unknown = world.presenting("pump-1", None, Some(world.serial(at(0)))).await;
    assert!(unknown.certificate.is_none() && unknown.device.is_some());
}

pub(crate) async fn a_device_is_bound_to_a_method_and_an_enrollment(ground: Ground) {
    let world = World::new(ground).await;
    let elsewhere = EnrollmentRef::Individual(EnrollmentId::fresh(START, &world.chance).unwrap());
    let mut number = 0;
    for method in [Method::SymmetricKey, Method::CertificateChain] {
        for enrollment in [EnrollmentRef::Group(world.group.id), elsewhere] {
            let bound = BoundCredential { method, enrollment };
            number += 1;
            let id = format!("pump-{number}");
            let mut row = world.registration(&id);
            row.device.bound = bound;
            assert_eq!(world.register(row).await, Kept);
            assert_eq!(
                world.presenting(&id, None, None).await.device.unwrap().bound,
                bound
            );
        }
    }
}
