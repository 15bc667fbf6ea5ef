// SPDX-License-Identifier: Apache-2.0
//! What a signature completes: the place of a certificate in its line, or none.

use tamga_registry::certificate::CertificateState;
use tamga_registry::order::OrderState;
use tamga_registry::store::Intent;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::RecordVerdict::{Lost, Overtaken, Recorded};

use super::orders::first;
use super::world::{DAY, Ground, World, at};

pub(crate) async fn the_first_certificate_is_current_at_once(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let before = world.tallies().await;
    assert_eq!(world.record(&intent, at(1)).await, Recorded);

    let (order, certificate) = world.store.order(intent.order.id).await.unwrap().unwrap();
    assert_eq!(order.state, OrderState::Fulfilled);
    assert_eq!(
        certificate.state,
        CertificateState::Issued {
            der: vec![0x30, 2, 5, 0],
            at: at(1)
        }
    );
    assert_eq!(world.places(&intent).await, (Some(certificate.id), None));
    let after = world.tallies().await;
    assert_eq!(after["journal"], before["journal"] + 1);
    assert_eq!(after["lineage version"], before["lineage version"] + 1);
    let bytes = "SELECT COUNT(*) FROM certificate WHERE tbs IS NOT NULL";
    assert_eq!(world.count(bytes).await, 0, "the certificate holds them");

    let facts = world.line(&intent, 1).await;
    let current = facts.lineage.unwrap().current.unwrap();
    assert_eq!(
        (current.epoch, current.revoked, current.spki),
        (1, false, intent.order.spki)
    );
    let rules = world
        .store
        .profile(world.organization, "device")
        .await
        .unwrap()
        .unwrap()
        .rules;
    assert_eq!(
        current.renewal.opens_at_percent,
        rules.renewal_policy().opens_at_percent
    );
    assert!(!facts.order.unwrap().superseded);
}

pub(crate) async fn a_record_is_kept_once_and_under_its_own_lease_only(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let before = world.tallies().await;
    let mut foreign = world.record_of(&intent, at(1));
    foreign.lease_epoch = 2;
    assert_eq!(world.store.keep_records(vec![foreign]).await.unwrap(), [Lost]);
    let mut other_order = world.record_of(&intent, at(1));
    other_order.order = world.intent(first("pump-2", 2)).order.id;
    assert_eq!(world.store.keep_records(vec![other_order]).await.unwrap(), [Lost]);
    assert_eq!(world.tallies().await, before);

    let record = world.record_of(&intent, at(1));
    let mut second = world.record_of(&intent, at(2));
    second.der = vec![0x30, 0];
    let verdicts = world.store.keep_records(vec![record, second]).await.unwrap();
    assert_eq!(
        verdicts,
        [Recorded, Lost],
        "one certificate is recorded for a serial"
    );
    let kept = world.tallies().await;
    assert_eq!(world.record(&intent, at(3)).await, Lost);
    assert_eq!(world.tallies().await, kept);
    let certificate = world
        .store
        .certificate(intent.certificate.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(certificate.state.der(), Some([0x30, 2, 5, 0].as_slice()));
}

pub(crate) async fn a_renewal_is_provisional_and_the_next_replaces_it(ground: Ground) {
    let world = World::new(ground).await;
    let current = world.issue(first("pump-1", 1)).await;
    let unseen = world.issue(world.again(&current, 2, at(10)).await).await;
    let ids = |one: &Intent, other: &Intent| (Some(one.certificate.id), Some(other.certificate.id));
    assert_eq!(world.places(&current).await, ids(&current, &unseen));

    let next = world.issue(world.again(&current, 3, at(20)).await).await;
    assert_eq!(world.places(&current).await, ids(&current, &next));
    assert_eq!(world.state(&unseen).await, "superseded");
    assert_eq!(world.state(&current).await, "issued", "make before break");
    assert!(
        world.line(&current, 2).await.order.unwrap().superseded,
        "never handed out again"
    );
    assert_eq!(world.tallies().await["revocation"], 0, "and still good");
}

pub(crate) async fn a_renewal_is_current_at_once_when_nothing_else_is_valid(ground: Ground) {
    let world = World::new(ground).await;
    let expired = world.issue(first("pump-1", 1)).await;
    let mut late = world.again(&expired, 2, at(91 * DAY)).await;
    late.epoch = 2;
    let late = world.issue(late).await;
    assert_eq!(world.places(&expired).await, (Some(late.certificate.id), None));

    world.strike(world.strike_of(&late, at(91 * DAY + 60))).await;
    let mut after = world.again(&late, 3, at(91 * DAY + 120)).await;
    after.epoch = 3;
    let after = world.issue(after).await;
    assert_eq!(
        world.places(&late).await,
        (Some(after.certificate.id), None),
        "the other one is revoked"
    );
}

pub(crate) async fn a_provisional_replaces_a_revoked_provisional(ground: Ground) {
    let world = World::new(ground).await;
    let current = world.issue(first("pump-1", 1)).await;
    let unseen = world.issue(world.again(&current, 2, at(10)).await).await;
    world.strike(world.strike_of(&unseen, at(20))).await;
    let next = world.issue(world.again(&current, 3, at(30)).await).await;
    assert_eq!(
        world.places(&current).await,
        (Some(current.certificate.id), Some(next.certificate.id))
    );
    assert_eq!(world.state(&unseen).await, "revoked", "it stays so");
}

pub(crate) async fn a_late_record_does_not_displace_what_was_asked_for_last(ground: Ground) {
    let world = World::new(ground).await;
    let current = world.issue(first("pump-1", 1)).await;
    // A crash after this intent; the device gets no answer, makes a new key and asks again.
    let lost = world.intent(world.again(&current, 2, at(10)).await);
    assert_eq!(world.keep(&lost).await, Kept);
    let next = world.issue(world.again(&current, 3, at(20)).await).await;
    assert_eq!(
        world.record(&lost, at(40)).await,
        Overtaken,
        "recovery finishes it"
    );
    assert_eq!(
        world.places(&current).await,
        (Some(current.certificate.id), Some(next.certificate.id))
    );
    assert_eq!(world.state(&lost).await, "superseded");
    assert_eq!(world.state(&next).await, "issued");
}

pub(crate) async fn what_was_asked_for_last_is_not_judged_by_the_clock(ground: Ground) {
    let world = World::new(ground).await;
    let current = world.issue(first("pump-1", 1)).await;
    let earlier = world.intent(world.again(&current, 2, at(1_000)).await);
    assert_eq!(world.keep(&earlier).await, Kept);
    // The clock steps back before the device asks again.
    let later = world.issue(world.again(&current, 3, at(20)).await).await;
    assert_eq!(world.record(&earlier, at(40)).await, Overtaken);
    assert_eq!(
        world.places(&current).await,
        (Some(current.certificate.id), Some(later.certificate.id))
    );
    assert_eq!(world.state(&earlier).await, "superseded");
}

pub(crate) async fn a_certificate_that_was_asked_for_later_is_placed_whatever_the_clock_says(ground: Ground) {
    let world = World::new(ground).await;
    let current = world.issue(first("pump-1", 1)).await;
    let earlier = world.issue(world.again(&current, 2, at(1_000)).await).await;
    let later = world.issue(world.again(&current, 3, at(20)).await).await;
    assert_eq!(
        world.places(&current).await,
        (Some(current.certificate.id), Some(later.certificate.id))
    );
    assert_eq!(world.state(&earlier).await, "superseded");
}
