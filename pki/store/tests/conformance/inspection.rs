// SPDX-License-Identifier: Apache-2.0
//! Inspections: the laws on this engine, and rows as they are kept.

use std::sync::Arc;

use tamga_registry::inspection::AskedAt;
use tamga_registry::store::{Inspection, View};

use super::orders::first;
use super::world::{Ground, World, at};

/// A world with one issued certificate and one that was struck, and a view of it.
async fn settled(ground: Ground) -> (World, Arc<dyn Inspection>) {
    let inspection = Arc::clone(&ground.inspection);
    let world = World::new(ground).await;
    world.issue(first("pump-1", 1)).await;
    let struck = world.issue(first("pump-2", 2)).await;
    world.strike(world.strike_of(&struck, at(20))).await;
    (world, inspection)
}

async fn broken(view: &mut dyn View) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let asked = AskedAt {
        now: at(30),
        limit: 10,
    };
    let mut broken = Vec::new();
    for assertion in view.assertions() {
        let keys = view.offenders(assertion, asked).await.unwrap();
        if !keys.is_empty() {
            broken.push((assertion.law.name, keys));
        }
    }
    broken
}

/// Of this world: it publishes no list, and its journal rows are of requests of their own.
const OF_THE_WORLD: [&str; 3] = ["list_fresh", "journal_counts", "certificate_told"];

pub(crate) async fn every_law_can_be_asked_and_holds(ground: Ground) {
    let (_world, inspection) = settled(ground).await;
    let mut view = inspection.inspect().await.unwrap();
    assert!(view.assertions().len() > 40, "there are laws");
    let broken: Vec<&str> = broken(&mut *view).await.into_iter().map(|(law, _)| law).collect();
    let surprising: Vec<&&str> = broken.iter().filter(|law| !OF_THE_WORLD.contains(law)).collect();
    assert!(surprising.is_empty(), "{surprising:?}");
}

pub(crate) async fn whoever_breaks_a_law_is_named_by_its_key(ground: Ground) {
    let (world, inspection) = settled(ground).await;
    let intent = world.issue(first("pump-3", 3)).await;
    world
        .probe
        .run("UPDATE lineage SET current_id = NULL WHERE device_id = (SELECT id FROM device WHERE registration_id = 'pump-3')")
        .await;
    let broken = broken(&mut *inspection.inspect().await.unwrap()).await;
    let found = broken
        .iter()
        .find(|(law, _)| *law == "good_certificate_has_its_place");
    let (_, keys) = found.expect("it is found");
    assert_eq!(keys, &[intent.certificate.id.octets().to_vec()]);
}

pub(crate) async fn a_view_shows_one_instant(ground: Ground) {
    let (world, inspection) = settled(ground).await;
    let mut view = inspection.inspect().await.unwrap();
    assert_eq!(view.certificate_count().await.unwrap(), 2);
    world.issue(first("pump-3", 3)).await;
    assert_eq!(view.certificate_count().await.unwrap(), 2);
    assert_eq!(view.certificates(&[], 10).await.unwrap().len(), 2);
    drop(view);
    let mut later = inspection.inspect().await.unwrap();
    assert_eq!(later.certificate_count().await.unwrap(), 3);
}

pub(crate) async fn rows_are_read_as_they_are_kept(ground: Ground) {
    let (world, inspection) = settled(ground).await;
    let mut view = inspection.inspect().await.unwrap();
    let installation = view.installation().await.unwrap().unwrap();
    assert_eq!(installation.trust_domain, "tamga.example");
    assert_eq!(view.issuers().await.unwrap().len(), 3);
    assert_eq!(view.revisions().await.unwrap().len(), 1);
    let mut pages = Vec::new();
    let mut after = Vec::new();
    while let Some(row) = view.certificates(&after, 1).await.unwrap().pop() {
        after.clone_from(&row.id);
        pages.push(row);
    }
    // Ids of one second follow no order.
    pages.sort_by_key(|row| row.named.as_ref().map(|named| named.presented.clone()));
    let [one, other] = pages.try_into().unwrap();
    assert_eq!(one.named.unwrap().presented, "pump-1");
    assert!(one.der.is_some() && one.request.is_some() && one.tbs.is_none());
    assert_eq!((one.state.as_str(), other.state.as_str()), ("issued", "revoked"));
    let given = view.given(&other.serial).await.unwrap().unwrap();
    assert_eq!(
        (given.issuer, given.state.as_deref()),
        (other.issuer.clone(), Some("revoked"))
    );
    assert!(view.given(&[1; 20]).await.unwrap().is_none());
    assert!(view.list_keys().await.unwrap().is_empty());
    let shard = tamga_registry::inspection::ListKey {
        issuer: other.issuer,
        shard: other.shard,
        number: 1,
    };
    assert!(view.list(&shard).await.unwrap().is_none());
    let revocation = view.revocations(&shard, &[], 10).await.unwrap().remove(0);
    assert_eq!(
        (revocation.serial, revocation.revoked_at),
        (other.serial, at(20).as_micros())
    );
    drop(view);
    drop(world);
}
