// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates: what a query finds, and how far one has come.

use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{CertificateId, EnrollmentId, GroupId, IssuerId, MassRevocationId, ProfileId};
use tamga_registry::mass_revocation::{Course, CourseState, MassRevocation, Query, Revocable, Stretch};
use tamga_registry::page::{Page, Sort};
use tamga_registry::store::CertificateStrike;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

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

    fn begun(&self, created_at: Timestamp) -> MassRevocation {
        MassRevocation {
            id: MassRevocationId::fresh(created_at, &self.chance).unwrap(),
            organization: self.organization,
            request: "tamga request 1\n".to_owned(),
            author: "local:1000".to_owned(),
            approval: None,
            expected: 3,
            course: Course::default(),
            created_at,
            finished_at: None,
        }
    }

    async fn begins(&self, revocation: &MassRevocation) {
        let mut change = self.change("certificate.revoke").await;
        change.add_mass_revocation(revocation).await.unwrap();
        change.keep().await.unwrap();
    }

    async fn finds(&self, query: &Query) -> usize {
        self.looks_for(query, RevocationReason::Superseded)
            .await
            .found()
            .count()
    }

    async fn looks_for(&self, query: &Query, reason: RevocationReason) -> Stretch {
        let asked = (self.organization, query, reason);
        self.store.revocable(asked, (None, 100), at(10)).await.unwrap()
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
        let asked = (world.organization, &everything, RevocationReason::Superseded);
        let stretch = world
            .store
            .revocable(asked, (after.clone(), 2), at(10))
            .await
            .unwrap();
        found.extend(stretch.found().map(|one| one.certificate));
        after = stretch.last().map(str::to_owned).or(after);
        if stretch.devices() < 2 {
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

pub(crate) async fn what_was_ordered_by_a_group_is_of_it_wherever_its_device_is_bound(ground: Ground) {
    let world = World::new(ground).await;
    let alone = EnrollmentRef::Individual(EnrollmentId::fresh(START, &world.chance).unwrap());
    let by_group = world.intent(first("pump-1", 1));
    let mut by_itself = world.intent(first("fan-1", 2));
    by_itself.order.evidence = format!("symmetric_key own primary{}", alone.end_of_evidence());
    for intent in [&by_group, &by_itself] {
        assert_eq!(world.keep(intent).await, Kept);
    }
    let mut of_group = world.everything();
    of_group.group = Some(world.group.id);
    let certificates = async || -> Vec<CertificateId> {
        let found = world.looks_for(&of_group, RevocationReason::Superseded).await;
        found.found().map(|one| one.certificate).collect()
    };
    assert_eq!(
        certificates().await,
        [by_group.certificate.id],
        "though both devices are bound to it"
    );
    world
        .probe
        .run("UPDATE device SET bound_kind = 'individual', bound_to = id, generation = generation + 1")
        .await;
    assert_eq!(
        certificates().await,
        [by_group.certificate.id],
        "though neither is any more"
    );
}

pub(crate) async fn what_a_compromise_strikes_besides_is_found_with_it(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let mut renewal = world.again(&pump, 1, at(6)).await;
    renewal.epoch = 2;
    let renewed = world.issue(renewal).await;
    let mut rekeyed = world.again(&pump, 2, at(7)).await;
    rekeyed.epoch = 3;
    let rekeyed = world.issue(rekeyed).await;
    let mut early = world.everything();
    early.until = at(5);
    let ids = |found: &[Revocable]| found.iter().map(|one| one.certificate).collect::<Vec<_>>();
    let superseded = world.looks_for(&early, RevocationReason::Superseded).await;
    let [looked] = superseded.looked.as_slice() else {
        panic!("{superseded:?}")
    };
    assert_eq!(ids(&looked.found), [pump.certificate.id]);
    assert_eq!((looked.keys, looked.besides.len()), (1, 0));
    let compromise = RevocationReason::KeyCompromise;
    let struck = world.looks_for(&early, compromise).await;
    let [looked] = struck.looked.as_slice() else {
        panic!("{struck:?}")
    };
    assert_eq!(ids(&looked.found), [pump.certificate.id]);
    assert!(looked.besides.is_empty(), "what is issued later is not counted");
    let mut renewals = world.everything();
    (renewals.from, renewals.until) = (Some(at(6)), at(6));
    let struck = world.looks_for(&renewals, compromise).await;
    let [looked] = struck.looked.as_slice() else {
        panic!("{struck:?}")
    };
    assert_eq!(ids(&looked.found), [renewed.certificate.id]);
    assert_eq!(
        ids(&looked.besides),
        [pump.certificate.id],
        "the other key is not concerned"
    );
    let all = world.looks_for(&world.everything(), compromise).await;
    let [looked] = all.looked.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!((looked.found.len(), looked.keys, looked.besides.len()), (3, 2, 0));

    // One that is revoked for another reason is named a compromise as well.
    world.strike(world.strike_of(&pump, at(8))).await;
    let found = world.looks_for(&renewals, compromise).await;
    assert_eq!(ids(&found.looked[0].besides), [pump.certificate.id]);
    let strike = CertificateStrike {
        reason: compromise,
        ..world.strike_of(&renewed, at(9))
    };
    world.strike(strike).await;
    for query in [&renewals, &world.everything()] {
        let found = world.looks_for(query, compromise).await;
        assert!(found.looked[0].besides.is_empty(), "{found:?}");
    }
    assert_eq!(world.state(&rekeyed).await, "issued");
}

pub(crate) async fn those_that_are_not_done_are_read_one_after_the_other(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let mut begun = Vec::new();
    for seconds in [1, 1, 2, 3] {
        let revocation = world.begun(at(seconds));
        world.begins(&revocation).await;
        begun.push(revocation);
    }
    begun.sort_by_key(|one| (one.created_at, one.id));
    let mut read: Vec<MassRevocation> = Vec::new();
    loop {
        let found = store.running_revocations(read.last(), 2).await.unwrap();
        let end = found.len() < 2;
        read.extend(found);
        if end {
            break;
        }
    }
    assert_eq!(read, begun);
}

pub(crate) async fn a_step_is_done_once_and_the_last_one_ends_it(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let revocation = world.begun(START);
    world.begins(&revocation).await;
    assert_eq!(
        store.running_revocations(None, 9).await.unwrap(),
        std::slice::from_ref(&revocation)
    );
    let to = |steps: i64| Course {
        revoked: 2,
        devices: 5,
        steps,
        after: Some("pump-1".to_owned()),
        walk_began_at: Some(at(3)),
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
    assert!(store.running_revocations(None, 9).await.unwrap().is_empty());
    let page = Page::first(Sort::TIME_FALLING, 9);
    let listed = store.mass_revocations(world.organization, &page).await.unwrap();
    assert_eq!((listed.len(), listed[0].finished_at), (1, Some(at(5))));
}
