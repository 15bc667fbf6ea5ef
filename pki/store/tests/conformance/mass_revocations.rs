// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates: what a query finds, and how far one has come.

use tamga_registry::id::{GroupId, IssuerId, MassRevocationId, ProfileId};
use tamga_registry::mass_revocation::{Course, CourseState, MassRevocation, Query};
use tamga_registry::page::{Page, Sort};
use tamga_registry::store::CertificateStrike;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_x509::crl::RevocationReason;

use super::orders::first;
use super::world::{Ground, START, World, at};

impl World {
    fn everything(&self) -> Query {
        Query {
            group: None,
            issuer: None,
            profile: None,
            prefix: None,
            from: None,
            until: at(9_999),
        }
    }

    async fn finds(&self, query: &Query) -> usize {
        let asked = (self.organization, query);
        let stretch = self.store.revocable(asked, (None, 100), at(10)).await.unwrap();
        stretch.found.len()
    }
}

pub(crate) async fn a_query_finds_what_fits_device_by_device(ground: Ground) {
    let world = World::new(ground).await;
    let mut kept = Vec::new();
    for (id, number) in [("pump-1", 1), ("pump-2", 2), ("fan-1", 3)] {
        let intent = world.intent(first(id, number));
        assert_eq!(world.keep(&intent).await, Kept);
        kept.push(intent);
    }
    let everything = world.everything();
    assert_eq!(world.finds(&everything).await, 3);
    let with = |change: &dyn Fn(&mut Query)| {
        let mut query = everything.clone();
        change(&mut query);
        query
    };
    let nobody = [9; 16];
    for (query, count) in [
        (with(&|query| query.prefix = Some("PUMP".parse().unwrap())), 2),
        (with(&|query| query.group = Some(world.group.id)), 3),
        (with(&|query| query.group = Some(GroupId::from_octets(nobody))), 0),
        (with(&|query| query.issuer = Some(world.issuer)), 3),
        (
            with(&|query| query.issuer = Some(IssuerId::from_octets(nobody))),
            0,
        ),
        (with(&|query| query.profile = Some(world.profile.profile)), 3),
        (
            with(&|query| query.profile = Some(ProfileId::from_octets(nobody))),
            0,
        ),
        (with(&|query| query.from = Some(at(9_998))), 0),
        (
            with(&|query| query.until = START.saturating_sub(std::time::Duration::from_secs(1))),
            0,
        ),
    ] {
        assert_eq!(world.finds(&query).await, count, "{query:?}");
    }
    let mut after = None;
    let mut found = Vec::new();
    loop {
        let asked = (world.organization, &everything);
        let stretch = world
            .store
            .revocable(asked, (after.clone(), 2), at(10))
            .await
            .unwrap();
        found.extend(stretch.found.iter().map(|one| one.certificate));
        after = stretch.last.clone().or(after);
        if stretch.devices < 2 {
            break;
        }
    }
    found.sort_unstable();
    let mut wanted: Vec<_> = kept.iter().map(|intent| intent.certificate.id).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    let mut change = world.change("certificate.revoke").await;
    let strike = CertificateStrike {
        organization: world.organization,
        certificate: kept[0].certificate.id,
        reason: RevocationReason::Superseded,
        at: at(11),
    };
    change.strike_certificate(strike).await.unwrap();
    change.keep().await.unwrap();
    assert_eq!(
        world.finds(&everything).await,
        2,
        "what is revoked is not found again"
    );
}

pub(crate) async fn a_step_is_done_once_and_the_last_one_ends_it(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let revocation = MassRevocation {
        id: MassRevocationId::fresh(START, &world.chance).unwrap(),
        organization: world.organization,
        request: "tamga request 1\n".to_owned(),
        author: "local:1000".to_owned(),
        approval: None,
        expected: 3,
        course: Course::default(),
        created_at: START,
        finished_at: None,
    };
    let mut change = world.change("certificate.revoke").await;
    change.add_mass_revocation(&revocation).await.unwrap();
    change.keep().await.unwrap();
    assert_eq!(
        store.running_revocations(9).await.unwrap(),
        std::slice::from_ref(&revocation)
    );
    let to = |steps: i64| Course {
        revoked: 2,
        devices: 5,
        steps,
        after: Some("pump-1".to_owned()),
    };
    let moves = async |from: i64, to: Course, finished| {
        let mut change = world.change("certificate.revoke").await;
        let moved = change
            .move_mass_revocation(revocation.id, (from, to), finished)
            .await
            .unwrap();
        if moved {
            change.keep().await.unwrap();
        }
        moved
    };
    let first = to(1);
    assert!(!moves(1, to(2), None).await, "it is not there yet");
    assert!(moves(0, first.clone(), None).await);
    assert!(!moves(0, first.clone(), None).await, "a step is done once");
    let found = store
        .mass_revocation(world.organization, revocation.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.state(), found.course), (CourseState::Running, first));
    assert!(moves(1, to(2), Some(at(5))).await);
    assert!(!moves(2, to(3), None).await, "it is done");
    assert!(store.running_revocations(9).await.unwrap().is_empty());
    let page = Page::first(Sort::TIME_FALLING, 9);
    let listed = store.mass_revocations(world.organization, &page).await.unwrap();
    assert_eq!((listed.len(), listed[0].finished_at), (1, Some(at(5))));
}
