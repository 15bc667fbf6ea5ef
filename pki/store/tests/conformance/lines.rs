// SPDX-License-Identifier: Apache-2.0
//! What admission reads: who a registration id is, and where its line stands.

use std::time::Duration;

use tamga_registry::id::ProfileId;
use tamga_registry::lineage::KeyRole;
use tamga_registry::order::OrderState;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::LineQuestion;
use tamga_registry::store::RecordVerdict::Recorded;
use tamga_registry::store::{EnrolleeQuestion, EnrollmentAdded};

use super::orders::{first, key};
use super::world::{DAY, Ground, World, at};

pub(crate) async fn a_stranger_has_no_line_but_its_key_may_be_known(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let ask = async |spki| {
        let question = LineQuestion {
            device: None,
            profile: world.profile.profile,
            spki,
            recent: at(0),
        };
        world.store.line(&question).await.unwrap()
    };
    let line = ask(key(7)).await;
    assert!(line.lineage.is_none() && line.order.is_none() && line.key.is_none());
    let line = ask(key(1)).await;
    assert!(
        line.lineage.is_none() && line.order.is_none(),
        "the line is another device's"
    );
    let known = line.key.unwrap();
    assert_eq!(
        (known.device, known.role, known.blocked, known.certified),
        (Some(pump.order.device), KeyRole::Operational, false, true)
    );
    let issuer = world.store.issuer(world.issuer).await.unwrap().unwrap();
    let house = ask(issuer.certificate.public_key().spki_hash())
        .await
        .key
        .unwrap();
    assert_eq!(
        (house.device, house.role, house.certified),
        (None, KeyRole::Issuer, false)
    );
}

pub(crate) async fn a_line_tells_of_orders_under_way(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let line = world.line(&pump, 1).await;
    assert_eq!(line.order.unwrap().state, OrderState::Fulfilled);
    assert!(!line.other_open);

    let under_way = world.intent(world.again(&pump, 2, at(10)).await);
    assert_eq!(world.keep(&under_way).await, Kept);
    assert!(world.line(&pump, 1).await.other_open, "another key's");
    let own = world.line(&pump, 2).await;
    assert!(!own.other_open, "its own is not another's");
    assert_eq!(own.order.unwrap().certificate, under_way.certificate.id);
    assert!(world.line(&pump, 3).await.order.is_none());
}

pub(crate) async fn a_key_is_certified_once_a_certificate_on_it_is_recorded(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let certified = async |number| world.line(&pump, number).await.key.unwrap().certified;
    let under_way = world.intent(world.again(&pump, 2, at(10)).await);
    assert_eq!(world.keep(&under_way).await, Kept);
    assert!(!certified(2).await, "nothing is recorded on it yet");
    assert_eq!(world.record(&under_way, at(11)).await, Recorded);
    assert!(certified(2).await);

    world.strike(world.strike_of(&pump, at(20))).await;
    assert!(certified(1).await, "a revoked certificate was recorded as well");
    let given_up = world.intent(world.again(&pump, 3, at(30)).await);
    assert_eq!(world.keep(&given_up).await, Kept);
    world.strike(world.strike_of(&given_up, at(40))).await;
    assert!(
        !certified(3).await,
        "an intent struck before it was recorded was not"
    );
}

pub(crate) async fn changes_of_key_are_counted_for_a_day(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let since = |seconds| at(seconds).saturating_sub(Duration::from_secs(DAY));
    assert_eq!(
        world.line_since(&pump, 1, since(5)).await.rekeys,
        0,
        "the first key is no change"
    );
    for (number, second) in [(2, 100), (3, 200)] {
        world.issue(world.again(&pump, number, at(second)).await).await;
    }
    assert_eq!(world.line_since(&pump, 9, since(250)).await.rekeys, 2);
    world.issue(world.again(&pump, 4, at(DAY + 150)).await).await;
    assert_eq!(
        world.line_since(&pump, 9, since(DAY + 160)).await.rekeys,
        2,
        "the second and the last"
    );
    assert_eq!(world.line_since(&pump, 9, since(3 * DAY)).await.rekeys, 0);
}

pub(crate) async fn changes_of_key_of_all_of_a_name_are_counted(ground: Ground) {
    let world = World::new(ground).await;
    let one = world.issue(first("pump-1", 1)).await;
    world.issue(world.again(&one, 2, at(10)).await).await;
    world.deletes(world.at(&one, 20)).await;
    let two = world.issue(first("PUMP-1", 3)).await;
    assert_eq!(world.line(&two, 9).await.rekeys, 2);
    world.deletes(world.at(&two, 30)).await;
    // Of a name that begins alike none counts.
    let beside = world.issue(first("pump-12", 4)).await;
    world.deletes(world.at(&beside, 35)).await;
    let three = world.issue(first("pump-1", 5)).await;
    assert_eq!(world.line(&three, 9).await.rekeys, 3);
}

pub(crate) async fn a_line_tells_whether_another_key_has_one_under_another_profile(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&pump).await, Kept);
    let elsewhere = async |profile, number| {
        let question = LineQuestion {
            device: Some(pump.order.device),
            profile,
            spki: key(number),
            recent: at(0),
        };
        world.store.line(&question).await.unwrap().elsewhere
    };
    let (here, other) = (world.profile.profile, ProfileId::from_octets([8; 16]));
    assert!(!elsewhere(here, 1).await && !elsewhere(here, 2).await);
    assert!(!elsewhere(other, 1).await, "its order is under way there");
    assert!(elsewhere(other, 2).await);
    assert_eq!(world.record(&pump, at(1)).await, Recorded);
    assert!(!elsewhere(other, 1).await && elsewhere(other, 2).await);
    world.issue(world.again(&pump, 2, at(10)).await).await;
    assert!(elsewhere(other, 1).await, "replaced there");
    assert!(!elsewhere(other, 2).await && elsewhere(other, 3).await);
    let registered = world.registration("fan-1");
    let fan = registered.device.id;
    let verdicts = world.store.keep_registrations(vec![registered]).await.unwrap();
    assert_eq!(verdicts, [Kept]);
    let question = LineQuestion {
        device: Some(fan),
        profile: here,
        spki: key(7),
        recent: at(0),
    };
    let line = world.store.line(&question).await.unwrap();
    assert!(!line.elsewhere, "a device without any line");
}

pub(crate) async fn the_epoch_rises_with_the_order_that_needs_it(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    world.strike(world.strike_of(&pump, at(10))).await;
    let struck = world.line(&pump, 1).await.lineage.unwrap();
    assert!(
        struck.current.unwrap().revoked,
        "it asks for a successor by itself"
    );
    assert!(!struck.rise_pending);
    let mut renewal = world.again(&pump, 1, at(20)).await;
    renewal.epoch = 2;
    let renewal = world.issue(renewal).await;
    let line = world.line(&pump, 1).await;
    assert_eq!(line.lineage.unwrap().epoch, 2);
    assert_eq!(
        line.order.unwrap().certificate,
        renewal.certificate.id,
        "the order of this epoch"
    );
    assert_eq!(line.rekeys, 0);
}

pub(crate) async fn an_enrollee_is_known_however_it_spells_itself_and_only_at_home(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let mut change = world.change("enrollment.create").await;
    let enrollment = world.individual("Fan-1");
    assert_eq!(
        change.add_enrollment(&enrollment).await.unwrap(),
        EnrollmentAdded::Added
    );
    change.keep().await.unwrap();

    let find = async |organization, id: &str| {
        world
            .store
            .enrollee(&EnrolleeQuestion::of(organization, &id.parse().unwrap()))
            .await
            .unwrap()
    };
    let found = find(world.organization, "PUMP-1").await;
    assert_eq!(found.device.unwrap().id, pump.order.device);
    assert!(found.individual.is_none());
    let found = find(world.organization, "fan-1").await;
    assert!(found.device.is_none());
    let individual = found.individual.unwrap();
    assert_eq!(individual.id, enrollment.id);
    assert_eq!(individual.registration_id.presented(), "Fan-1");
    assert_eq!(individual.terms.assigned_hub.as_deref(), Some("hub.example"));
    let elsewhere = tamga_registry::id::OrganizationId::from_octets([9; 16]);
    let nobody = find(elsewhere, "pump-1").await;
    assert!(nobody.device.is_none() && nobody.individual.is_none());
    assert!(
        world
            .store
            .device(elsewhere, &"pump-1".parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn a_device_is_shown_with_its_certificates_newest_first(ground: Ground) {
    let world = World::new(ground).await;
    let one = world.issue(first("pump-1", 1)).await;
    let two = world.issue(world.again(&one, 2, at(10)).await).await;
    let three = world.intent(world.again(&one, 3, at(20)).await);
    assert_eq!(world.keep(&three).await, Kept);
    let view = world
        .store
        .device(world.organization, &"Pump-1".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let ids: Vec<_> = view
        .certificates
        .iter()
        .map(|certificate| certificate.id)
        .collect();
    assert_eq!(
        ids,
        [three.certificate.id, two.certificate.id, one.certificate.id]
    );
    assert_eq!(view.current, [one.certificate.id]);
    assert_eq!(view.provisional, [two.certificate.id]);
}
