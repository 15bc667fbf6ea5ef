// SPDX-License-Identifier: Apache-2.0
//! What operators do with devices: keep them out, restore them, bind them to another credential, let them go.

use tamga_registry::device::{BoundCredential, Departure, DeviceState, Epitaph};
use tamga_registry::enrollment::{EnrollmentRef, EnrollmentState, Method};
use tamga_registry::id::{GroupId, OrganizationId};
use tamga_registry::lineage::KeyRole;
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{
    Claimed, DeviceAt, DeviceClaim, DeviceStrike, EnrolleeQuestion, GroupAdded, Intent, Moved,
    OrganizationAdded, Rekey, Rekeyed, Struck,
};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;

use super::orders::first;
use super::world::{Ground, World, at};

impl World {
    pub(super) fn at(&self, intent: &Intent, seconds: u64) -> DeviceAt {
        DeviceAt {
            organization: self.organization,
            device: intent.order.device,
            at: at(seconds),
        }
    }

    pub(super) async fn sets_device(&self, which: DeviceAt, to: EnrollmentState) -> Moved {
        let mut change = self.change("device.update").await;
        let moved = change.switch_device(which, to).await.unwrap();
        change.keep().await.unwrap();
        moved
    }

    pub(super) async fn deletes(&self, which: DeviceAt) -> Struck {
        let mut change = self.change("device.delete").await;
        let struck = change.delete_device(which).await.unwrap();
        change.keep().await.unwrap();
        struck
    }

    async fn revokes_device(&self, which: DeviceAt) {
        let mut change = self.change("device.revoke").await;
        let strike = DeviceStrike {
            organization: which.organization,
            device: which.device,
            reason: RevocationReason::Superseded,
            at: which.at,
        };
        assert!(matches!(
            change.strike_device(strike).await.unwrap(),
            Struck::Now(_)
        ));
        change.keep().await.unwrap();
    }

    async fn claims(&self, claim: &DeviceClaim) -> Claimed {
        let mut change = self.change("device.claim").await;
        let claimed = change.claim_device(claim).await.unwrap();
        change.keep().await.unwrap();
        claimed
    }

    async fn lets_go(&self, which: DeviceAt, to: &str) -> Moved {
        let mut change = self.change("device.release").await;
        let moved = change.release_device(which, &to.parse().unwrap()).await.unwrap();
        change.keep().await.unwrap();
        moved
    }
}

pub(crate) async fn a_device_is_kept_out_and_let_in_again(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let judged = world.intent(world.again(&pump, 2, at(10)).await);
    let which = world.at(&pump, 20);
    assert_eq!(
        world.sets_device(which, EnrollmentState::Enabled).await,
        Moved::Already
    );
    assert_eq!(
        world.sets_device(which, EnrollmentState::Disabled).await,
        Moved::Now
    );
    assert_eq!(
        world.sets_device(which, EnrollmentState::Disabled).await,
        Moved::Already
    );
    assert_eq!(world.keep(&judged).await, Stale, "it was judged before");
    let view = world
        .store
        .device(world.organization, &"PUMP-1".parse().unwrap())
        .await;
    let view = view.unwrap().unwrap();
    assert_eq!(
        (view.device.state, view.device.generation),
        (DeviceState::Disabled, 2)
    );
    assert_eq!(world.state(&pump).await, "issued");
    let mut while_out = world.intent(world.again(&pump, 2, at(30)).await);
    while_out.expected.device = Some(2);
    assert_eq!(
        world.keep(&while_out).await,
        Stale,
        "nothing is kept for it, whatever was judged"
    );
    assert_eq!(
        world.sets_device(which, EnrollmentState::Enabled).await,
        Moved::Now
    );
    let mut back = world.intent(world.again(&pump, 2, at(40)).await);
    back.expected.device = Some(3);
    assert_eq!(world.keep(&back).await, Kept);
    let elsewhere = DeviceAt {
        organization: OrganizationId::from_octets([9; 16]),
        ..which
    };
    assert_eq!(
        world.sets_device(elsewhere, EnrollmentState::Disabled).await,
        Moved::Nothing
    );
    world.revokes_device(which).await;
    assert_eq!(
        world.sets_device(which, EnrollmentState::Enabled).await,
        Moved::Revoked
    );
}

pub(crate) async fn a_restored_device_raises_its_epoch(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let which = world.at(&pump, 20);
    let restore = async || {
        let mut change = world.change("device.restore").await;
        let moved = change.restore_device(which).await.unwrap();
        change.keep().await.unwrap();
        moved
    };
    assert_eq!(restore().await, Moved::Already);
    world.revokes_device(which).await;
    assert_eq!(restore().await, Moved::Now);
    let lineage = world.line(&pump, 1).await.lineage.unwrap();
    assert!(lineage.rise_pending && lineage.newest().unwrap().revoked);
    assert_eq!(world.state(&pump).await, "revoked");
}

pub(crate) async fn a_device_is_bound_elsewhere_and_what_it_asked_for_before_it_does_not_get(ground: Ground) {
    let world = World::new(ground).await;
    let mut hall = world.group.clone();
    hall.id = GroupId::fresh(at(0), &world.chance).unwrap();
    hall.name = "hall".parse().unwrap();
    let mut change = world.change("group.create").await;
    assert_eq!(change.add_group(&hall).await.unwrap(), GroupAdded::Added);
    change.keep().await.unwrap();
    let pump = world.issue(first("pump-1", 1)).await;
    let under_way = world.intent(world.again(&pump, 2, at(10)).await);
    assert_eq!(world.keep(&under_way).await, Kept);
    let bind = async |enrollment| {
        let mut change = world.change("device.rekey").await;
        let to = BoundCredential {
            method: Method::SymmetricKey,
            enrollment,
        };
        let rekey = Rekey {
            which: world.at(&pump, 20),
            to,
        };
        let bound = change.rekey_device(rekey).await.unwrap();
        change.keep().await.unwrap();
        bound
    };
    let nobodys = EnrollmentRef::Group(GroupId::from_octets([9; 16]));
    assert_eq!(bind(nobodys).await, Rekeyed::NoEnrollment);
    assert_eq!(bind(EnrollmentRef::Group(hall.id)).await, Rekeyed::Bound);
    assert_eq!(world.state(&under_way).await, "revoked");
    assert_eq!(world.state(&pump).await, "issued", "what it has it keeps");
    let view = world
        .store
        .device(world.organization, &"pump-1".parse().unwrap())
        .await;
    let device = view.unwrap().unwrap().device;
    assert_eq!(
        (device.bound.enrollment, device.generation),
        (EnrollmentRef::Group(hall.id), 2)
    );
    assert!(world.line(&pump, 1).await.lineage.unwrap().rise_pending);
}

pub(crate) async fn a_deleted_device_leaves_its_name_and_its_birth_key_and_keeps_its_history(ground: Ground) {
    let world = World::new(ground).await;
    let mut intent = world.intent(first("Pump-1", 1));
    intent.birth = Some(SpkiHash([77; 32]));
    assert_eq!(world.keep(&intent).await, Kept);
    world.record(&intent, at(1)).await;
    let waiting = world.intent(world.again(&intent, 2, at(2)).await);
    assert_eq!(world.keep(&waiting).await, Kept);
    let which = world.at(&intent, 20);
    let Struck::Now(struck) = world.deletes(which).await else {
        panic!("it was there")
    };
    assert_eq!(struck.len(), 2);
    assert_eq!(world.deletes(which).await, Struck::Nothing);
    for one in [&intent, &waiting] {
        assert_eq!(world.state(one).await, "revoked");
    }
    let id = "pump-1".parse().unwrap();
    let ask = async || {
        let question = EnrolleeQuestion {
            key: Some(SpkiHash([77; 32])),
            ..EnrolleeQuestion::of(world.organization, &id)
        };
        world.store.enrollee(&question).await.unwrap()
    };
    let found = ask().await;
    assert!(found.device.is_none());
    let tombstone = found.tombstone.unwrap();
    assert_eq!(
        (tombstone.device, tombstone.epitaph, tombstone.buried_at),
        (intent.order.device, Epitaph::Free, at(20))
    );
    let birth = found.key.unwrap();
    assert_eq!(
        (birth.role, birth.device, birth.blocked),
        (KeyRole::Birth, None, false)
    );

    // Another device takes name and birth key; the operational key stays where it was.
    let mut taken = world.intent(first("pump-1", 1));
    taken.birth = Some(SpkiHash([77; 32]));
    assert_eq!(
        world.keep(&taken).await,
        Stale,
        "the key is that of the one before"
    );
    let mut next = world.intent(first("pump-1", 3));
    next.birth = Some(SpkiHash([77; 32]));
    assert_eq!(world.keep(&next).await, Kept);
    let found = ask().await;
    assert_eq!(found.device.unwrap().id, next.order.device);
    assert_eq!(found.key.unwrap().device, Some(next.order.device));
    let counted = world.line(&next, 9).await.rekeys;
    assert_eq!(counted, 2, "the limits of the one before outlive it");

    // One that is revoked takes its name along, until somebody gives it free.
    let which = world.at(&next, 30);
    world.revokes_device(which).await;
    world.deletes(which).await;
    assert_eq!(ask().await.tombstone.unwrap().epitaph, Epitaph::Revoked);
    assert_eq!(world.keep(&world.intent(first("pump-1", 4))).await, Stale);
    let registration = world.registration("pump-1");
    let verdicts = world.store.keep_registrations(vec![registration]).await.unwrap();
    assert_eq!(verdicts, [Stale]);
    // Nor does what it was born with come under another name.
    let kept = ask().await.key.unwrap();
    assert_eq!(
        (kept.role, kept.device),
        (KeyRole::Birth, Some(next.order.device))
    );
    let mut elsewhere = world.intent(first("pump-2", 5));
    elsewhere.birth = Some(SpkiHash([77; 32]));
    assert_eq!(world.keep(&elsewhere).await, Stale);
    let mut change = world.change("device.restore").await;
    assert!(change.restore_name(world.organization, &id).await.unwrap());
    assert!(!change.restore_name(world.organization, &id).await.unwrap());
    change.keep().await.unwrap();
    let mut back = world.intent(first("pump-1", 4));
    back.birth = Some(SpkiHash([77; 32]));
    assert_eq!(world.keep(&back).await, Kept);
}

pub(crate) async fn a_device_is_claimed_only_where_it_is_let_go_to(ground: Ground) {
    let world = World::new(ground).await;
    let mut change = world.change("organization.create").await;
    let mut beside = world.installation().organization;
    beside.id = OrganizationId::fresh(at(0), &world.chance).unwrap();
    beside.slug = "beside".parse().unwrap();
    beside.parent = Some(world.organization);
    let scope = tamga_registry::organization::IdScope::fresh(&world.chance).unwrap();
    let added = change.add_organization(&beside, &scope).await.unwrap();
    assert_eq!(added, OrganizationAdded::Added);
    change.keep().await.unwrap();
    let pump = world.issue(first("pump-1", 1)).await;
    let which = world.at(&pump, 20);
    let claim = DeviceClaim {
        from: "acme".parse().unwrap(),
        registration_id: "pump-1".parse().unwrap(),
        to: (beside.id, beside.slug.clone()),
        at: at(30),
    };
    assert_eq!(world.claims(&claim).await, Claimed::Nothing);
    assert_eq!(world.lets_go(which, "yard").await, Moved::Now);
    assert_eq!(
        world.claims(&claim).await,
        Claimed::Nothing,
        "it is let go to another one"
    );
    assert_eq!(world.lets_go(which, "beside").await, Moved::Now);
    assert_eq!(world.lets_go(which, "beside").await, Moved::Already);
    let id = "pump-1".parse().unwrap();
    let view = world
        .store
        .device(world.organization, &id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(view.released_to.unwrap().as_str(), "beside");
    let mut change = world.change("device.release").await;
    assert!(change.withdraw_release(which).await.unwrap());
    assert!(!change.withdraw_release(which).await.unwrap());
    change.keep().await.unwrap();
    assert_eq!(world.claims(&claim).await, Claimed::Nothing);
    assert_eq!(world.lets_go(which, "beside").await, Moved::Now);
    let claimed = world.claims(&claim).await;
    assert_eq!(
        claimed,
        Claimed::Now {
            organization: world.organization,
            device: pump.order.device,
            struck: Struck::Now(vec![pump.certificate.id]),
        }
    );
    assert_eq!(world.claims(&claim).await, Claimed::Nothing);
    let found = world
        .store
        .enrollee(&EnrolleeQuestion::of(world.organization, &id))
        .await
        .unwrap();
    assert!(found.device.is_none());
    assert_eq!(found.tombstone.unwrap().epitaph, Epitaph::Released);
    let state = DeviceState::Gone(Departure::Released);
    assert_eq!(state.standing().word(), "released");
    assert_eq!(world.keep(&world.intent(first("pump-1", 5))).await, Stale);
}
