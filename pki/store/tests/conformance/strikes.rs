// SPDX-License-Identifier: Apache-2.0
//! What a revocation strikes besides: open orders, and the certificates of a key whose compromise is found late.

use tamga_registry::certificate::CertificateState;
use tamga_registry::order::OrderState;
use tamga_registry::revocation::ShardId;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::RecordVerdict::{Lost, Recorded};
use tamga_registry::store::{DeviceStrike, Intent, Struck};
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::orders::first;
use super::world::{DAY, Ground, World, at};

fn device_strike(world: &World, intent: &Intent, reason: RevocationReason, seconds: u64) -> DeviceStrike {
    DeviceStrike {
        organization: world.organization,
        device: intent.order.device,
        reason,
        at: at(seconds),
    }
}

async fn strike_device(world: &World, strike: DeviceStrike) -> Struck {
    let mut change = world.change("device.revoke").await;
    let struck = change.strike_device(strike).await.unwrap();
    change.keep().await.unwrap();
    struck
}

/// Since when a certificate is revoked, and why, as its row and its list tell.
async fn told(world: &World, intent: &Intent) -> (Timestamp, RevocationReason) {
    let certificate = world
        .store
        .certificate(intent.certificate.id)
        .await
        .unwrap()
        .unwrap();
    let CertificateState::Revoked { at, reason, .. } = certificate.state else {
        panic!("{:?}", certificate.state)
    };
    let shard = ShardId {
        issuer: world.issuer,
        shard: certificate.shard,
    };
    let entries = world.store.revoked_page(shard, None, None).await.unwrap();
    let entry = entries
        .iter()
        .find(|entry| entry.serial == certificate.serial)
        .unwrap();
    assert_eq!((entry.revoked_at, entry.reason), (at, reason));
    (at, reason)
}

pub(crate) async fn a_device_is_revoked_with_its_open_orders(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let before = world.tallies().await;
    let cause = RevocationReason::CessationOfOperation;
    let struck = strike_device(&world, device_strike(&world, &intent, cause, 1)).await;
    assert_eq!(struck, Struck::Now(vec![intent.certificate.id]));

    let (order, certificate) = world.store.order(intent.order.id).await.unwrap().unwrap();
    let reason = "device_revoked".to_owned();
    assert_eq!(order.state, OrderState::Failed { reason });
    assert_eq!(certificate.state.der(), None);
    assert_eq!(
        told(&world, &intent).await,
        (at(1), cause),
        "its serial may be out there"
    );
    let after = world.tallies().await;
    for table in ["revocation", "shard marks", "journal"] {
        assert_eq!(after[table], before[table] + 1, "{table}");
    }
    assert_eq!(
        world.record(&intent, at(2)).await,
        Lost,
        "whoever is signing it keeps nothing"
    );
    let left = world.store.take_unfinished(at(100), at(130), 10).await.unwrap();
    assert!(left.is_empty(), "and nobody finishes it");
    assert_eq!(world.tallies().await, after);
    assert_eq!(world.places(&intent).await, (None, None));
}

pub(crate) async fn a_device_restored_can_order_again_with_the_key_it_had_asked_for(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    strike_device(
        &world,
        device_strike(&world, &intent, RevocationReason::AffiliationChanged, 1),
    )
    .await;
    assert!(world.line(&intent, 1).await.lineage.unwrap().rise_pending);

    world
        .probe
        .run("UPDATE device SET state = 'active', revoked_at = NULL, revoked_reason = NULL, generation = 3")
        .await;
    let mut asking = world.again(&intent, 1, at(100)).await;
    asking.epoch = 2;
    let mut next = world.intent(asking);
    next.expected.device = Some(3);
    assert_eq!(world.keep(&next).await, Kept);
    assert_eq!(world.record(&next, at(101)).await, Recorded);
    assert_eq!(world.places(&intent).await, (Some(next.certificate.id), None));
}

pub(crate) async fn a_compromise_found_late_strikes_the_key_of_a_revoked_certificate(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let mut renewal = world.again(&pump, 1, at(10)).await;
    renewal.epoch = 2;
    let renewed = world.issue(renewal).await;
    world.strike(world.strike_of(&pump, at(20))).await;
    assert_eq!(world.state(&renewed).await, "issued");
    let before = world.tallies().await;

    let mut strike = world.strike_of(&pump, at(30));
    strike.reason = RevocationReason::KeyCompromise;
    assert_eq!(
        world.strike(strike).await,
        Struck::Late {
            since: at(20),
            certificates: vec![renewed.certificate.id]
        }
    );
    assert!(world.line(&pump, 1).await.key.unwrap().blocked);
    let compromise = RevocationReason::KeyCompromise;
    assert_eq!(told(&world, &pump).await, (at(20), compromise), "the date stays");
    assert_eq!(told(&world, &renewed).await, (at(30), compromise));
    assert_eq!(world.tallies().await["shard marks"], before["shard marks"] + 2);

    strike.at = at(40);
    assert_eq!(
        world.strike(strike).await,
        Struck::Before(at(20)),
        "nothing is left to strike"
    );
    assert_eq!(world.tallies().await["shard marks"], before["shard marks"] + 2);
}

pub(crate) async fn a_compromise_found_late_strikes_the_key_of_an_expired_certificate(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let mut strike = world.strike_of(&pump, at(91 * DAY));
    assert_eq!(world.strike(strike).await, Struck::Expired);
    strike.reason = RevocationReason::KeyCompromise;
    assert_eq!(
        world.strike(strike).await,
        Struck::Now(vec![]),
        "its key is blocked"
    );
    assert!(world.line(&pump, 1).await.key.unwrap().blocked);
    assert_eq!(world.state(&pump).await, "issued");
    assert_eq!(world.tallies().await["revocation"], 0);
    assert_eq!(world.strike(strike).await, Struck::Expired);
}

pub(crate) async fn a_compromise_found_late_strikes_the_keys_of_a_revoked_device(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let cause = RevocationReason::CessationOfOperation;
    strike_device(&world, device_strike(&world, &pump, cause, 10)).await;
    assert!(!world.line(&pump, 1).await.key.unwrap().blocked);
    let again = device_strike(&world, &pump, cause, 20);
    assert_eq!(strike_device(&world, again).await, Struck::Before(at(10)));

    let compromise = RevocationReason::KeyCompromise;
    let late = device_strike(&world, &pump, compromise, 30);
    let struck = Struck::Late {
        since: at(10),
        certificates: vec![],
    };
    assert_eq!(strike_device(&world, late).await, struck);
    assert!(world.line(&pump, 1).await.key.unwrap().blocked);
    assert_eq!(told(&world, &pump).await, (at(10), compromise));
    assert_eq!(strike_device(&world, late).await, Struck::Before(at(10)));
}

pub(crate) async fn a_revocation_changes_no_policy(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let before = world.store.policy_version().await.unwrap();
    world.strike(world.strike_of(&pump, at(10))).await;
    let reason = RevocationReason::Unspecified;
    strike_device(&world, device_strike(&world, &pump, reason, 20)).await;
    assert_eq!(world.store.policy_version().await.unwrap(), before);
}
