// SPDX-License-Identifier: Apache-2.0
//! Trust anchors and pinned certificates: what belongs to them, who may refer to them, and what their changes undo.

use tamga_registry::anchor::{AnchorIntermediate, AnchorList, AnchorState, AnchorStatus, TrustAnchor};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{
    AnchorPair, Attestation, EnrollmentFilter, EnrollmentRef, Group, PinnedPair,
};
use tamga_registry::id::{AnchorId, GroupId, OrganizationId};
use tamga_registry::page::{Page, Sort};
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{
    AnchorAdded, AnchorRemoved, Change, EnrolleeQuestion, EnrollmentAdded, Expected, GroupAdded,
    IntermediateAdded, ListBrought, Registration,
};
use tamga_x509::certificate::Fingerprint;

use super::world::{Ground, START, World, at};

impl World {
    /// An anchor whose certificate is these octets: what they say is no matter of memory.
    pub(crate) fn anchor(&self, name: &str, certificate: u8) -> TrustAnchor {
        TrustAnchor {
            id: AnchorId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            name: name.parse().unwrap(),
            certificate: vec![0x30, 1, certificate],
            status: AnchorStatus::None,
            state: AnchorState::Enabled,
            intermediates: Vec::new(),
            lists: Vec::new(),
            generation: 1,
            created_at: at(u64::from(certificate)),
        }
    }

    pub(crate) async fn with_anchor(&self, anchor: &TrustAnchor) {
        let mut change = self.change("anchor.create").await;
        assert_eq!(change.add_anchor(anchor, 256).await.unwrap(), AnchorAdded::Added);
        change.keep().await.unwrap();
    }

    pub(crate) fn group_of(&self, name: &str, primary: AnchorId, secondary: Option<AnchorId>) -> Group {
        let mut group = self.group.clone();
        group.id = GroupId::fresh(START, &self.chance).unwrap();
        group.name = name.parse().unwrap();
        group.terms.attestation = Attestation::Anchors(AnchorPair { primary, secondary });
        group
    }

    /// A registration that was judged by a group in this generation.
    fn registration_by(&self, id: &str, group: &Group, generation: i64) -> Registration {
        let registration = self.registration(id);
        let expected = Expected {
            enrollment: (EnrollmentRef::Group(group.id), generation),
            ..registration.expected.clone()
        };
        Registration {
            expected,
            ..registration
        }
    }

    /// The anchors of the policy, each as it is read whole.
    async fn granted_anchors(&self) -> Vec<TrustAnchor> {
        let policy = self.store.scope_policy(&self.scope).await.unwrap().unwrap();
        let mut anchors = Vec::new();
        for head in policy.anchors {
            let anchor = self.store.trust_anchor(head.id).await.unwrap().unwrap();
            assert_eq!(
                (head.organization, head.name, head.state, head.generation),
                (
                    anchor.organization,
                    anchor.name.clone(),
                    anchor.state,
                    anchor.generation
                )
            );
            anchors.push(anchor);
        }
        anchors
    }
}

fn name(text: &str) -> RegistrationId {
    text.parse().unwrap()
}

fn intermediate(certificate: u8) -> AnchorIntermediate {
    AnchorIntermediate {
        certificate: vec![0x30, 2, certificate, 0],
        created_at: at(u64::from(certificate)),
    }
}

fn list(covers: u8, this_update: u64) -> AnchorList {
    AnchorList {
        covers: Fingerprint([covers; 32]),
        der: vec![0x30, 1, u8::try_from(this_update).unwrap()],
        this_update: at(this_update),
        next_update: at(this_update + 100),
        created_at: at(this_update + 1),
    }
}

pub(crate) async fn an_anchor_is_kept_with_all_that_belongs_to_it(ground: Ground) {
    let world = World::new(ground).await;
    let before = world.store.policy_version().await.unwrap();
    let mut vendor = world.anchor("Vendor-Root", 7);
    vendor.status = AnchorStatus::Crl;
    vendor.intermediates = vec![intermediate(1), intermediate(2)];
    vendor.lists = vec![list(1, 10), list(2, 20)];
    world.with_anchor(&vendor).await;
    world.with_anchor(&world.anchor("another", 8)).await;

    assert_eq!(world.store.policy_version().await.unwrap().0, before.0 + 2);
    let found = world
        .store
        .anchor(world.organization, &name("VENDOR-ROOT"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.id, found.name.presented(), &found.certificate),
        (vendor.id, "Vendor-Root", &vendor.certificate)
    );
    assert_eq!(
        (found.status, found.state, found.generation),
        (AnchorStatus::Crl, AnchorState::Enabled, 1)
    );
    assert_eq!(
        (&found.intermediates, &found.lists),
        (&vendor.intermediates, &vendor.lists)
    );
    let granted = world.granted_anchors().await;
    assert_eq!(
        granted.iter().map(|anchor| anchor.id).collect::<Vec<_>>()[0],
        vendor.id
    );
    assert_eq!((granted.len(), &granted[0].lists), (2, &vendor.lists));

    let elsewhere = OrganizationId::from_octets([9; 16]);
    let foreign = world.store.anchor(elsewhere, &name("vendor-root")).await.unwrap();
    assert!(foreign.is_none());
}

pub(crate) async fn an_anchor_is_one_of_its_name_and_one_of_its_certificate(ground: Ground) {
    let world = World::new(ground).await;
    world.with_anchor(&world.anchor("vendor", 7)).await;
    let mut change = world.change("anchor.create").await;
    let same_name = change.add_anchor(&world.anchor("VENDOR", 8), 256).await.unwrap();
    assert_eq!(same_name, AnchorAdded::Taken);
    let same_certificate = change.add_anchor(&world.anchor("other", 7), 256).await.unwrap();
    assert_eq!(same_certificate, AnchorAdded::CertificateTaken);
    change.keep().await.unwrap();
    assert_eq!(world.granted_anchors().await.len(), 1);
}

pub(crate) async fn every_change_of_an_anchor_makes_what_was_judged_by_it_stale(ground: Ground) {
    let world = World::new(ground).await;
    let (vendor, other) = (world.anchor("vendor", 7), world.anchor("other", 8));
    for anchor in [&vendor, &other] {
        world.with_anchor(anchor).await;
    }
    let group = world.group_of("by-vendor", vendor.id, None);
    let neighbour = world.group_of("by-other", other.id, None);
    let mut change = world.change("group.create").await;
    for group in [&group, &neighbour] {
        assert_eq!(change.add_group(group).await.unwrap(), GroupAdded::Added);
    }
    change.keep().await.unwrap();

    let (here, vendor_name) = (world.organization, name("Vendor"));
    let mut generation = 1;
    for number in 0..5 {
        let mut change: Box<dyn Change> = world.change("anchor.update").await;
        let told = match number {
            0 => change
                .set_anchor_state(here, &vendor_name, AnchorState::Disabled)
                .await
                .unwrap(),
            1 => change
                .set_anchor_state(here, &vendor_name, AnchorState::Enabled)
                .await
                .unwrap(),
            2 => change
                .set_anchor_status(here, &vendor_name, AnchorStatus::Crl)
                .await
                .unwrap(),
            3 => {
                let added = change
                    .add_intermediate(here, &vendor_name, &intermediate(1))
                    .await;
                added.unwrap() == IntermediateAdded::Added
            }
            _ => {
                change
                    .bring_list(here, &vendor_name, &list(1, 10), 1_000)
                    .await
                    .unwrap()
                    == ListBrought::Kept
            }
        };
        assert!(told, "change {number}");
        change.keep().await.unwrap();
        let id = ["pump-0", "pump-1", "pump-2", "pump-3", "pump-4"][number];
        let stale = world.registration_by(id, &group, generation);
        generation += 1;
        let fresh = world.registration_by(id, &group, generation);
        let unmoved = world.registration_by(&format!("{id}-neighbour"), &neighbour, 1);
        assert_eq!(
            world
                .store
                .keep_registrations(vec![stale, fresh, unmoved])
                .await
                .unwrap(),
            [Stale, Kept, Kept],
            "change {number}"
        );
    }
    let mut change = world.change("anchor.update").await;
    assert!(
        change
            .set_anchor_state(here, &vendor_name, AnchorState::Enabled)
            .await
            .unwrap()
    );
    let known = change
        .add_intermediate(here, &vendor_name, &intermediate(1))
        .await
        .unwrap();
    assert_eq!(known, IntermediateAdded::Known);
    change.keep().await.unwrap();
    assert_eq!(
        world.granted_anchors().await[0].generation,
        generation,
        "no change, no new number"
    );
}

pub(crate) async fn a_list_gives_way_only_to_a_newer_one_that_covers_the_same(ground: Ground) {
    let world = World::new(ground).await;
    world.with_anchor(&world.anchor("vendor", 7)).await;
    let mut change = world.change("anchor.update").await;
    let (here, vendor) = (world.organization, name("vendor"));
    for (brought, expected) in [
        (list(1, 20), ListBrought::Kept),
        (list(2, 10), ListBrought::Kept),
        (list(1, 20), ListBrought::NotNewer),
        (list(1, 19), ListBrought::NotNewer),
        (list(1, 21), ListBrought::Kept),
    ] {
        assert_eq!(
            change.bring_list(here, &vendor, &brought, 1_000).await.unwrap(),
            expected
        );
    }
    let nobody = change
        .bring_list(here, &name("nobody"), &list(1, 50), 1_000)
        .await
        .unwrap();
    assert_eq!(nobody, ListBrought::NoAnchor);
    change.keep().await.unwrap();
    assert_eq!(world.granted_anchors().await[0].lists, [list(1, 21), list(2, 10)]);
}

pub(crate) async fn an_anchor_admits_by_one_group_of_an_organization_and_only_where_it_is_granted(
    ground: Ground,
) {
    let world = World::new(ground).await;
    let anchors = [
        world.anchor("one", 1),
        world.anchor("two", 2),
        world.anchor("three", 3),
    ];
    for anchor in &anchors {
        world.with_anchor(anchor).await;
    }
    let [one, two, three] = anchors.map(|anchor| anchor.id);
    let mut change = world.change("group.create").await;
    let first = world.group_of("first", one, Some(two));
    assert_eq!(change.add_group(&first).await.unwrap(), GroupAdded::Added);
    for (primary, secondary) in [(one, None), (three, Some(one)), (two, None), (three, Some(two))] {
        let second = world.group_of("second", primary, secondary);
        assert_eq!(change.add_group(&second).await.unwrap(), GroupAdded::AnchorInUse);
    }
    let nowhere = world.group_of("second", AnchorId::from_octets([9; 16]), None);
    assert_eq!(change.add_group(&nowhere).await.unwrap(), GroupAdded::NoAnchor);
    change.keep().await.unwrap();
    assert_eq!(world.count("SELECT COUNT(*) FROM enrollment_group").await, 2);

    world
        .probe
        .run("DELETE FROM anchor_grant WHERE anchor_id NOT IN (SELECT anchor_id FROM enrollment_anchor)")
        .await;
    let mut change = world.change("group.create").await;
    let ungranted = world.group_of("third", three, None);
    assert_eq!(
        change.add_group(&ungranted).await.unwrap(),
        GroupAdded::NoAnchor,
        "a reference without a grant is not stored"
    );
}

pub(crate) async fn an_anchor_goes_once_no_group_refers_to_it(ground: Ground) {
    let world = World::new(ground).await;
    let (mut free, used) = (world.anchor("free", 1), world.anchor("used", 2));
    free.intermediates = vec![intermediate(1)];
    free.lists = vec![list(1, 10)];
    for anchor in [&free, &used] {
        world.with_anchor(anchor).await;
    }
    let mut change = world.change("group.create").await;
    let group = world.group_of("group", used.id, None);
    assert_eq!(change.add_group(&group).await.unwrap(), GroupAdded::Added);
    let here = world.organization;
    for (anchor, expected) in [
        ("used", AnchorRemoved::InUse),
        ("FREE", AnchorRemoved::Removed),
        ("free", AnchorRemoved::NoAnchor),
    ] {
        assert_eq!(
            change.remove_anchor(here, &name(anchor)).await.unwrap(),
            expected,
            "{anchor}"
        );
    }
    change.keep().await.unwrap();
    assert_eq!(world.granted_anchors().await.len(), 1);
    let left = "SELECT (SELECT COUNT(*) FROM anchor_intermediate) + (SELECT COUNT(*) FROM anchor_list)";
    assert_eq!(world.count(left).await, 0);
}

pub(crate) async fn a_group_is_read_with_its_anchors(ground: Ground) {
    let world = World::new(ground).await;
    let (one, two) = (world.anchor("one", 1), world.anchor("two", 2));
    for anchor in [&one, &two] {
        world.with_anchor(anchor).await;
    }
    let mut change = world.change("group.create").await;
    let group = world.group_of("by-anchors", one.id, Some(two.id));
    assert_eq!(change.add_group(&group).await.unwrap(), GroupAdded::Added);
    change.keep().await.unwrap();
    let (all, page) = (EnrollmentFilter::default(), Page::first(Sort::NAME, 9));
    let groups = world.store.groups(world.organization, &all, &page).await.unwrap();
    let read: Vec<_> = groups.rows.iter().map(|group| &group.terms.attestation).collect();
    let expected = AnchorPair {
        primary: one.id,
        secondary: Some(two.id),
    };
    assert!(
        matches!(read[..], [Attestation::Anchors(pair), Attestation::SymmetricKey(_)] if *pair == expected),
        "{read:?}"
    );
}

pub(crate) async fn a_certificate_is_pinned_by_one_enrollment_of_an_organization(ground: Ground) {
    let world = World::new(ground).await;
    let pins = |primary: u8, secondary: Option<u8>| PinnedPair {
        primary: vec![0x30, 1, primary],
        secondary: secondary.map(|secondary| vec![0x30, 1, secondary]),
    };
    let individual = |id: &str, pins: &PinnedPair| {
        let mut individual = world.individual(id);
        individual.terms.attestation = Attestation::Pinned(pins.clone());
        individual
    };
    let mut change = world.change("enrollment.create").await;
    let own = pins(1, Some(2));
    let added = change.add_enrollment(&individual("pump-1", &own)).await.unwrap();
    assert_eq!(added, EnrollmentAdded::Added);
    for taken in [pins(1, None), pins(3, Some(1)), pins(2, None), pins(3, Some(2))] {
        let added = change
            .add_enrollment(&individual("pump-2", &taken))
            .await
            .unwrap();
        assert_eq!(added, EnrollmentAdded::CertificateInUse);
    }
    change.keep().await.unwrap();
    let id = name("PUMP-1");
    let question = EnrolleeQuestion::of(world.organization, &id);
    let found = world.store.enrollee(&question).await.unwrap().individual.unwrap();
    let Attestation::Pinned(read) = found.terms.attestation else {
        panic!("{:?}", found.terms)
    };
    assert_eq!(read, own);
    let other = name("pump-2");
    let question = EnrolleeQuestion::of(world.organization, &other);
    assert!(
        world
            .store
            .enrollee(&question)
            .await
            .unwrap()
            .individual
            .is_none()
    );
}

pub(crate) async fn an_organization_has_so_many_anchors_and_so_much_of_lists(ground: Ground) {
    let world = World::new(ground).await;
    let here = world.organization;
    let anchors = [1, 2, 3].map(|octet| world.anchor(&format!("vendor-{octet}"), octet));
    let mut change = world.change("anchor.create").await;
    for (anchor, added) in anchors
        .iter()
        .zip([AnchorAdded::Added, AnchorAdded::Added, AnchorAdded::Crowded])
    {
        assert_eq!(change.add_anchor(anchor, 2).await.unwrap(), added);
    }
    change.keep().await.unwrap();
    // Each list has three octets.
    let bring = async |vendor: &str, brought: AnchorList, most| {
        let mut change = world.change("anchor.update").await;
        let told = change
            .bring_list(here, &name(vendor), &brought, most)
            .await
            .unwrap();
        if told == ListBrought::Kept {
            change.keep().await.unwrap();
        }
        told
    };
    assert_eq!(bring("vendor-1", list(1, 10), 2).await, ListBrought::Crowded);
    assert_eq!(bring("vendor-1", list(1, 10), 3).await, ListBrought::Kept);
    assert_eq!(bring("vendor-2", list(1, 10), 5).await, ListBrought::Crowded);
    assert_eq!(
        bring("vendor-1", list(1, 11), 3).await,
        ListBrought::Kept,
        "in the place of the other"
    );
    assert_eq!(bring("vendor-2", list(1, 10), 6).await, ListBrought::Kept);
}
