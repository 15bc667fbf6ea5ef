// SPDX-License-Identifier: Apache-2.0
//! An act that waits for another one, and finds what that one did.

use tamga_registry::device::BoundCredential;
use tamga_registry::enrollment::{EnrollmentRef, Method};
use tamga_registry::id::GroupId;
use tamga_registry::store::{DeviceAt, Rekey, Rekeyed, Rework, ReworkOpened};

use crate::conformance::orders::first;
use crate::conformance::world::{World, at};

#[tokio::test]
async fn a_rework_that_waited_for_its_unit_to_be_bound_elsewhere_does_nothing() {
    let (ground, _database) = crate::fresh().await;
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.issue(first("unit-1", 1)).await;
    let mut hall = world.group.clone();
    hall.id = GroupId::fresh(at(0), &world.chance).unwrap();
    hall.name = "hall".parse().unwrap();
    let mut change = world.change("group.create").await;
    change.add_group(&hall).await.unwrap();
    change.keep().await.unwrap();
    let which = DeviceAt {
        organization: world.organization,
        device: unit.order.device,
        at: at(20),
    };
    let to = BoundCredential {
        method: Method::SymmetricKey,
        enrollment: EnrollmentRef::Group(hall.id),
    };
    let mut rekeys = world.change("device.rekey").await;
    let bound = rekeys.rekey_device(Rekey { which, to }).await.unwrap();
    assert_eq!(bound, Rekeyed::Bound);
    let mut reworks = world.change("unit.rework").await;
    let rework = Rework {
        which,
        station: station.judged(),
        most: 3,
        revokes: true,
    };
    let opened = tokio::spawn(async move {
        let opened = reworks.open_rework(rework).await.unwrap();
        reworks.keep().await.unwrap();
        opened
    });
    let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted";
    while world.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    rekeys.keep().await.unwrap();
    assert_eq!(opened.await.unwrap(), ReworkOpened::Stale);
    assert_eq!(world.state(&unit).await, "issued");
}
