// SPDX-License-Identifier: Apache-2.0
//! Units that are reworked: counted, limited, and with the end of all they had.

use tamga_registry::device::BoundCredential;
use tamga_registry::enrollment::{EnrollmentRef, EnrollmentState, Method};
use tamga_registry::id::{GroupId, OrganizationId};
use tamga_registry::order::OrderState;
use tamga_registry::station::{JudgedStation, Station, StationState};
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{
    DeviceAt, DeviceStrike, GroupAdded, Intent, Rekey, Rekeyed, Rework, ReworkOpened, Struck,
};
use tamga_x509::crl::RevocationReason;

use super::orders::first;
use super::world::{Ground, World, at};

impl World {
    /// Two reworks a unit, and what it has stays good.
    fn rework_of(&self, unit: &Intent, station: &Station) -> Rework {
        Rework {
            which: self.at(unit, 30),
            station: station.judged(),
            most: station.rework.most,
            revokes: false,
        }
    }

    async fn opens(&self, rework: Rework) -> ReworkOpened {
        let mut change = self.change("unit.rework").await;
        let opened = change.open_rework(rework).await.unwrap();
        change.keep().await.unwrap();
        opened
    }

    async fn is_at(&self, which: DeviceAt, station: JudgedStation) -> bool {
        let mut change = self.change("unit.scrap").await;
        change.unit_is_at(which, station).await.unwrap()
    }

    /// A station that was judged before does nothing to this unit.
    async fn leaves_alone(&self, unit: &Intent, station: &Station) {
        let rework = Rework {
            revokes: true,
            ..self.rework_of(unit, station)
        };
        assert_eq!(self.opens(rework).await, ReworkOpened::Stale);
        assert!(!self.is_at(rework.which, rework.station).await);
        assert!(!self.store.rework_is_open(unit.order.device).await.unwrap());
        assert_eq!(self.state(unit).await, "issued");
    }

    /// An order for another key of a unit, as its rework lets it have one.
    async fn reworked(&self, station: &Station, unit: &Intent, number: u8) -> Intent {
        let mut intent = self.made_at(station, self.again(unit, number, at(35)).await);
        intent.expected.rework = true;
        intent
    }
}

fn before(count: i64) -> ReworkOpened {
    ReworkOpened::Before(count, Vec::new())
}

fn now(count: i64) -> ReworkOpened {
    ReworkOpened::Now(count, Vec::new())
}

pub(crate) async fn a_rework_lets_a_unit_have_one_more_key_and_is_closed_with_its_order(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.made_at(&station, first("unit-1", 1));
    assert_eq!(world.keep(&unit).await, Kept);
    let (store, device) = (&world.store, unit.order.device);
    let rework = world.rework_of(&unit, &station);
    assert!(!store.rework_is_open(device).await.unwrap());
    let early = world.reworked(&station, &unit, 2).await;
    assert_eq!(world.keep(&early).await, Stale, "it is not open");
    assert_eq!(world.opens(rework).await, now(1));
    assert_eq!(world.opens(rework).await, before(1));
    assert!(store.rework_is_open(device).await.unwrap());
    let rows = vec![
        world.reworked(&station, &unit, 2).await,
        world.reworked(&station, &unit, 3).await,
    ];
    assert_eq!(store.keep_intents(rows).await.unwrap(), [Kept, Stale]);
    assert!(!store.rework_is_open(device).await.unwrap());
    assert_eq!(world.opens(rework).await, now(2));
    let again = world.reworked(&station, &unit, 4).await;
    assert_eq!(world.keep(&again).await, Kept);
    assert_eq!(
        world.keep(&again).await,
        Stale,
        "a repeated intent changes nothing"
    );
    assert_eq!(world.opens(rework).await, ReworkOpened::Limit);
}

pub(crate) async fn while_a_rework_is_open_a_station_has_nothing_else_made_for_the_unit(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.made_at(&station, first("unit-1", 1));
    assert_eq!(world.keep(&unit).await, Kept);
    assert_eq!(world.opens(world.rework_of(&unit, &station)).await, now(1));
    let mut renewal = world.again(&unit, 1, at(35)).await;
    renewal.epoch = 2;
    let old_key = world.made_at(&station, renewal);
    let before = world.tallies().await;
    assert_eq!(world.keep(&old_key).await, Stale, "it was judged before");
    assert_eq!(world.tallies().await, before);
    let by_itself = world.intent(world.again(&unit, 5, at(36)).await);
    assert_eq!(
        world.keep(&by_itself).await,
        Kept,
        "at its own door it is a device"
    );
    let new_key = world.reworked(&station, &unit, 2).await;
    assert_eq!(world.keep(&new_key).await, Kept);
    let mut renewal = world.again(&unit, 2, at(40)).await;
    renewal.epoch = 2;
    let renewal = world.made_at(&station, renewal);
    assert_eq!(world.keep(&renewal).await, Kept, "it is closed again");
}

pub(crate) async fn a_rework_that_revokes_strikes_all_that_is_good_and_what_is_under_way(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let current = world.issue(first("unit-1", 1)).await;
    let struck_before = world.issue(world.again(&current, 2, at(5)).await).await;
    let replaced = world.issue(world.again(&current, 3, at(10)).await).await;
    let provisional = world.issue(world.again(&current, 4, at(15)).await).await;
    world.strike(world.strike_of(&struck_before, at(18))).await;
    let under_way = world.intent(world.again(&current, 5, at(20)).await);
    assert_eq!(world.keep(&under_way).await, Kept);
    let neighbour = world.issue(first("unit-2", 9)).await;
    let rework = Rework {
        revokes: true,
        ..world.rework_of(&current, &station)
    };
    let all = [&current, &replaced, &provisional, &under_way];
    let ids = all.map(|intent| intent.certificate.id).to_vec();
    assert_eq!(world.opens(rework).await, ReworkOpened::Now(1, ids));
    for intent in all {
        assert_eq!(world.state(intent).await, "revoked");
    }
    assert_eq!(world.state(&neighbour).await, "issued");
    let (order, _) = world.store.order(under_way.order.id).await.unwrap().unwrap();
    let failed = OrderState::Failed {
        reason: "unit_reworked".to_owned(),
    };
    assert_eq!(order.state, failed);
    assert!(world.line(&current, 5).await.lineage.unwrap().rise_pending);
    assert_eq!(world.opens(rework).await, before(1));
}

pub(crate) async fn a_rework_that_is_open_is_not_counted_again_and_strikes_where_it_is_asked_to(
    ground: Ground,
) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.issue(first("unit-1", 1)).await;
    let spares = world.rework_of(&unit, &station);
    assert_eq!(world.opens(spares).await, now(1));
    let strikes = Rework {
        revokes: true,
        ..spares
    };
    let struck = vec![unit.certificate.id];
    assert_eq!(world.opens(strikes).await, ReworkOpened::Before(1, struck));
    assert_eq!(world.state(&unit).await, "revoked");
    assert_eq!(world.opens(strikes).await, before(1));
}

pub(crate) async fn nothing_is_done_at_a_station_to_a_unit_that_was_bound_elsewhere_since(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.issue(first("unit-1", 1)).await;
    let which = world.at(&unit, 20);
    assert!(world.is_at(which, station.judged()).await);
    let mut hall = world.group.clone();
    hall.id = GroupId::fresh(at(0), &world.chance).unwrap();
    hall.name = "hall".parse().unwrap();
    let mut change = world.change("group.create").await;
    assert_eq!(change.add_group(&hall).await.unwrap(), GroupAdded::Added);
    change.keep().await.unwrap();
    let mut change = world.change("device.rekey").await;
    let to = BoundCredential {
        method: Method::SymmetricKey,
        enrollment: EnrollmentRef::Group(hall.id),
    };
    let bound = change.rekey_device(Rekey { which, to }).await.unwrap();
    assert_eq!(bound, Rekeyed::Bound);
    change.keep().await.unwrap();
    world.leaves_alone(&unit, &station).await;
    // Nor by the word of a station that hands out what that group hands out.
    let mut astray = station.clone();
    astray.group = hall.id;
    world.leaves_alone(&unit, &astray).await;
}

pub(crate) async fn nothing_is_done_at_a_station_that_has_changed_since(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.issue(first("unit-1", 1)).await;
    for state in [StationState::Disabled, StationState::Enabled] {
        let mut change = world.change("station.update").await;
        let set = change.set_station_state(world.organization, &station.name, state);
        assert!(set.await.unwrap());
        change.keep().await.unwrap();
        world.leaves_alone(&unit, &station).await;
    }
    // As it is now it may, until it is gone.
    let again = Station {
        generation: 3,
        ..station
    };
    assert!(world.is_at(world.at(&unit, 20), again.judged()).await);
    let mut change = world.change("station.delete").await;
    let removes = change.remove_station(world.organization, &again.name, at(25));
    assert!(removes.await.unwrap());
    change.keep().await.unwrap();
    world.leaves_alone(&unit, &again).await;
}

pub(crate) async fn no_unit_is_reworked_that_is_gone_revoked_or_kept_out(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.issue(first("unit-1", 1)).await;
    let rework = Rework {
        revokes: true,
        ..world.rework_of(&unit, &station)
    };
    let mut elsewhere = rework;
    elsewhere.which.organization = OrganizationId::from_octets([9; 16]);
    assert_eq!(world.opens(elsewhere).await, ReworkOpened::Nothing);
    let which = world.at(&unit, 20);
    world.sets_device(which, EnrollmentState::Disabled).await;
    assert_eq!(world.opens(rework).await, ReworkOpened::Disabled);
    let strike = DeviceStrike {
        organization: which.organization,
        device: which.device,
        reason: RevocationReason::Superseded,
        at: which.at,
    };
    let mut change = world.change("device.revoke").await;
    let struck = change.strike_device(strike).await.unwrap();
    assert!(matches!(struck, Struck::Now(_)));
    change.keep().await.unwrap();
    assert_eq!(world.opens(rework).await, ReworkOpened::Revoked);
    world.deletes(which).await;
    assert_eq!(world.opens(rework).await, ReworkOpened::Nothing);
    assert!(!world.store.rework_is_open(which.device).await.unwrap());
}

pub(crate) async fn how_often_a_unit_was_reworked_outlives_it(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let one = world.issue(first("unit-1", 1)).await;
    assert_eq!(world.opens(world.rework_of(&one, &station)).await, now(1));
    world.deletes(world.at(&one, 40)).await;
    // The one in between is never reworked; another of a name that begins alike is none of them.
    let two = world.issue(first("unit-1", 2)).await;
    world.deletes(world.at(&two, 41)).await;
    let three = world.issue(first("UNIT-1", 3)).await;
    let beside = world.issue(first("unit-12", 4)).await;
    let rework = world.rework_of(&three, &station);
    assert_eq!(world.opens(rework).await, now(2));
    assert_eq!(world.opens(world.rework_of(&beside, &station)).await, now(1));
    let reworked = world.reworked(&station, &three, 5).await;
    assert_eq!(world.keep(&reworked).await, Kept);
    assert_eq!(world.opens(rework).await, ReworkOpened::Limit);
}
