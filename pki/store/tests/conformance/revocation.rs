// SPDX-License-Identifier: Apache-2.0
//! Revocation: of a certificate, of a key, of a device.

use tamga_registry::certificate::CertificateState;
use tamga_registry::device::DeviceState;
use tamga_registry::id::OrganizationId;
use tamga_registry::order::OrderState;
use tamga_registry::store::EnrolleeQuestion;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::RecordVerdict::Lost;
use tamga_registry::store::{CertificateStrike, DeviceStrike, Struck};
use tamga_x509::crl::RevocationReason;

use super::orders::{Asking, first};
use super::world::{DAY, Ground, World, at};

pub(crate) async fn a_certificate_is_revoked_once(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let before = world.tallies().await;
    assert_eq!(
        world.strike(world.strike_of(&pump, at(10))).await,
        Struck::Now(vec![pump.certificate.id])
    );

    let certificate = world
        .store
        .certificate(pump.certificate.id)
        .await
        .unwrap()
        .unwrap();
    let reason = RevocationReason::Superseded;
    assert_eq!(
        certificate.state,
        CertificateState::Revoked {
            der: Some(vec![0x30, 2, 5, 0]),
            at: at(10),
            reason
        }
    );
    let after = world.tallies().await;
    for table in ["revocation", "shard marks", "journal", "lineage version"] {
        assert_eq!(after[table], before[table] + 1, "{table}");
    }
    assert!(
        world.line(&pump, 1).await.order.unwrap().superseded,
        "never handed out again"
    );

    let mut again = world.strike_of(&pump, at(20));
    again.reason = RevocationReason::CessationOfOperation;
    assert_eq!(world.strike(again).await, Struck::Before(at(10)));
    let certificate = world
        .store
        .certificate(pump.certificate.id)
        .await
        .unwrap()
        .unwrap();
    let CertificateState::Revoked {
        at: since,
        reason: kept,
        ..
    } = certificate.state
    else {
        panic!()
    };
    assert_eq!((since, kept), (at(10), reason), "a revocation does not change");
    let later = world.tallies().await;
    for table in ["revocation", "shard marks"] {
        assert_eq!(later[table], after[table], "{table}");
    }
}

pub(crate) async fn a_certificate_of_nobody_of_others_or_expired_is_not_revoked(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let before = world.tallies().await;
    let strike = world.strike_of(&pump, at(10));
    let mut change = world.change("certificate.revoke").await;
    let foreign = CertificateStrike {
        organization: OrganizationId::from_octets([9; 16]),
        ..strike
    };
    assert_eq!(change.strike_certificate(foreign).await.unwrap(), Struck::Nothing);
    let unknown = CertificateStrike {
        certificate: world.intent(first("x", 9)).certificate.id,
        ..strike
    };
    assert_eq!(change.strike_certificate(unknown).await.unwrap(), Struck::Nothing);
    let late = CertificateStrike {
        at: at(91 * DAY),
        ..strike
    };
    assert_eq!(change.strike_certificate(late).await.unwrap(), Struck::Expired);
    let device = pump.order.device;
    let organization = OrganizationId::from_octets([9; 16]);
    let reason = RevocationReason::Unspecified;
    let foreign = DeviceStrike {
        organization,
        device,
        reason,
        at: at(10),
    };
    assert_eq!(change.strike_device(foreign).await.unwrap(), Struck::Nothing);
    drop(change);
    assert_eq!(world.tallies().await, before);
    assert_eq!(world.state(&pump).await, "issued");
}

pub(crate) async fn a_compromised_key_is_blocked_and_all_its_certificates_revoked(ground: Ground) {
    let world = World::new(ground).await;
    let first_one = world.issue(first("pump-1", 1)).await;
    let mut renewal = world.again(&first_one, 1, at(100)).await;
    renewal.epoch = 2;
    let renewed = world.issue(renewal).await;
    let other_key = world.issue(world.again(&first_one, 2, at(200)).await).await;
    let mut unfinished = world.again(&first_one, 1, at(300)).await;
    unfinished.epoch = 3;
    let unfinished = world.intent(unfinished);
    assert_eq!(world.keep(&unfinished).await, Kept);

    let mut strike = world.strike_of(&first_one, at(400));
    strike.reason = RevocationReason::KeyCompromise;
    let Struck::Now(mut struck) = world.strike(strike).await else {
        panic!()
    };
    struck.sort();
    let mut expected = vec![
        first_one.certificate.id,
        renewed.certificate.id,
        unfinished.certificate.id,
    ];
    expected.sort();
    assert_eq!(struck, expected);
    assert_eq!(
        world.state(&other_key).await,
        "issued",
        "another key is no matter"
    );
    assert!(world.line(&first_one, 1).await.key.unwrap().blocked);
    assert!(!world.line(&first_one, 2).await.key.unwrap().blocked);
    assert_eq!(world.tallies().await["revocation"], 3);
    assert_eq!(
        world.record(&unfinished, at(500)).await,
        Lost,
        "nothing is handed out"
    );
}

pub(crate) async fn an_intent_can_be_revoked_before_it_is_recorded(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let struck = world.strike(world.strike_of(&intent, at(5))).await;
    assert_eq!(struck, Struck::Now(vec![intent.certificate.id]));
    let (order, certificate) = world.store.order(intent.order.id).await.unwrap().unwrap();
    assert_eq!(
        order.state,
        OrderState::Failed {
            reason: "certificate_revoked".to_owned()
        }
    );
    assert_eq!(certificate.state.der(), None);
    assert_eq!(
        world.tallies().await["revocation"],
        1,
        "its serial may be out there"
    );
    assert_eq!(world.record(&intent, at(6)).await, Lost);
    assert!(
        world.line(&intent, 1).await.lineage.unwrap().rise_pending,
        "the device can ask again"
    );
    let kept = "SELECT COUNT(*) FROM certificate WHERE tbs IS NOT NULL";
    assert_eq!(
        world.count(kept).await,
        1,
        "the bytes that may have been signed stay"
    );
}

pub(crate) async fn a_device_is_revoked_with_all_its_certificates(ground: Ground) {
    let world = World::new(ground).await;
    let one = world.issue(first("pump-1", 1)).await;
    let two = world.issue(world.again(&one, 2, at(10)).await).await;
    let three = world.issue(world.again(&one, 3, at(20)).await).await;
    let neighbour = world.issue(first("fan-1", 9)).await;
    assert_eq!(world.state(&two).await, "superseded");
    let before = world.tallies().await;

    let mut change = world.change("device.revoke").await;
    let strike = DeviceStrike {
        organization: world.organization,
        device: one.order.device,
        reason: RevocationReason::KeyCompromise,
        at: at(30),
    };
    let struck = change.strike_device(strike).await.unwrap();
    change.keep().await.unwrap();
    let ids = [&one, &two, &three].map(|intent| intent.certificate.id).to_vec();
    assert_eq!(
        struck,
        Struck::Now(ids),
        "the superseded one too: it is still good"
    );
    for intent in [&one, &two, &three] {
        assert_eq!(world.state(intent).await, "revoked");
    }
    assert_eq!(world.state(&neighbour).await, "issued");
    assert_eq!(world.tallies().await["revocation"], before["revocation"] + 3);
    assert!(
        world.line(&one, 2).await.key.unwrap().blocked,
        "compromise of a device is of its keys"
    );
    let found = world
        .store
        .enrollee(&EnrolleeQuestion::of(
            world.organization,
            &"pump-1".parse().unwrap(),
        ))
        .await
        .unwrap();
    let device = found.device.unwrap();
    let reason = RevocationReason::KeyCompromise;
    assert_eq!(
        (device.state, device.generation),
        (DeviceState::Revoked { at: at(30), reason }, 2)
    );

    let judged_before = world.intent(Asking {
        device: Some(one.order.device),
        line: Some(world.line(&one, 4).await.lineage.unwrap().version),
        ..first("pump-1", 4)
    });
    assert_ne!(
        world.keep(&judged_before).await,
        Kept,
        "its right to enroll is gone"
    );
    let mut change = world.change("device.revoke").await;
    let again = change
        .strike_device(DeviceStrike { at: at(50), ..strike })
        .await
        .unwrap();
    assert_eq!(again, Struck::Before(at(30)));
}
