// SPDX-License-Identifier: Apache-2.0
//! The first start.

use tamga_registry::id::SoftwareKeyId;
use tamga_registry::revocation::ShardId;
use tamga_registry::secret::{SealedSoftwareKey, SealingPurpose};
use tamga_registry::store::{CertificateStrike, PolicyVersion, ServiceCertificate, Struck};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::PublicKey;

use super::orders::first;
use super::world::{Ground, START, World, at};

pub(crate) async fn an_installation_is_made_whole_and_once(ground: Ground) {
    let same_ground = ground.clone();
    let world = World::empty(ground);
    let store = &world.store;
    assert_eq!(store.installation().await.unwrap(), None);
    assert_eq!(store.policy_version().await.unwrap(), PolicyVersion(0));
    assert!(store.scope_policy(&world.scope).await.unwrap().is_none());

    let new = world.installation();
    assert!(store.create_installation(&new).await.unwrap());

    assert_eq!(
        store.installation().await.unwrap().as_ref(),
        Some(&new.installation)
    );
    assert_eq!(
        store.first_organization().await.unwrap().unwrap().id,
        world.organization
    );
    let policy = store.scope_policy(&world.scope).await.unwrap().unwrap();
    assert_eq!(policy.organization.slug.as_str(), "acme");
    assert_eq!(policy.profiles.len(), 1, "the owner may use its profile");
    assert_eq!(policy.issuers.len(), 3, "the owner may use its issuers");
    assert_eq!(policy.data_keys.len(), 1, "only those for device secrets");
    let root = store.issuer(world.root).await.unwrap().unwrap();
    assert_eq!(root.certificate, new.authorities[0].issuer.certificate);
    assert_eq!(root.parent, None);
    let key = store
        .software_key(new.authorities[0].key.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(key.sealed, new.authorities[0].key.sealed);
    let keys = store
        .data_keys(SealingPurpose::IssuerKeys, world.organization)
        .await
        .unwrap();
    assert_eq!(keys.len(), 1);
    let profile = store
        .profile(world.organization, "device")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(profile.id, world.profile);
    assert_eq!(profile.rules.to_json(), new.profiles[0].rules.to_json());

    let due = store.shards_due(at(0)).await.unwrap();
    assert_eq!(due.len(), 4, "every list is due at once: {due:?}");
    let tallies = world.tallies().await;
    assert_eq!(tallies["serial"], 3, "the serials of the authorities are taken");
    assert_eq!(tallies["subject key"], 3, "the keys of the authorities are known");
    assert_eq!(tallies["journal"], 1);

    let second = World::empty(same_ground);
    assert!(!store.create_installation(&second.installation()).await.unwrap());
    assert_eq!(world.tallies().await, tallies, "the second changed nothing");
}

pub(crate) async fn a_service_certificate_is_served_once_it_is_recorded(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let one = world.service_intent(1);
    assert!(store.keep_service_intent(&one, [1; 32], None).await.unwrap());
    assert!(
        store.service_certificate().await.unwrap().is_none(),
        "it is not signed yet"
    );
    let row = || world.journal("service_certificate.issue", "servers");
    let id = one.certificate.id;
    assert!(
        store
            .keep_service_record(id, vec![0x30, 0], at(1), row())
            .await
            .unwrap()
    );
    assert!(
        !store
            .keep_service_record(id, vec![0x30, 1, 0], at(2), row())
            .await
            .unwrap()
    );
    let served = store.service_certificate().await.unwrap().unwrap();
    assert_eq!(served.certificate.state.der(), Some([0x30, 0].as_slice()));
    assert_eq!(served.key.sealed, one.key.sealed);
    assert!(
        store.keep_service_intent(&one, [1; 32], Some(id)).await.is_err(),
        "a serial is used once"
    );
    let second = world.service_intent(100);
    assert!(
        !store.keep_service_intent(&second, [2; 32], None).await.unwrap(),
        "it was judged to be needed before another was recorded"
    );
    assert!(
        store
            .keep_service_intent(&second, [2; 32], Some(id))
            .await
            .unwrap()
    );
}

pub(crate) async fn an_unfinished_service_intent_is_listed_by_the_next(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let lost = world.service_intent(1);
    assert!(store.keep_service_intent(&lost, [1; 32], None).await.unwrap());
    let hasty = world.service_intent(60);
    assert!(
        !store.keep_service_intent(&hasty, [2; 32], None).await.unwrap(),
        "another is being made"
    );
    let next = world.service_intent(61);
    assert!(store.keep_service_intent(&next, [2; 32], None).await.unwrap());
    let shard = ShardId {
        issuer: world.server_issuer,
        shard: 0,
    };
    let listed = store.revoked_page(shard, None, None).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        listed[0].serial, lost.certificate.serial,
        "it may have been signed"
    );
    let row = || world.journal("service_certificate.issue", "servers");
    let late = store
        .keep_service_record(lost.certificate.id, vec![0x30, 0], at(1), row())
        .await;
    assert!(!late.unwrap());
    assert!(
        store
            .keep_service_record(next.certificate.id, vec![0x30, 0], at(1), row())
            .await
            .unwrap()
    );
    let found = world.strike(CertificateStrike {
        organization: world.organization,
        certificate: next.certificate.id,
        reason: RevocationReason::Superseded,
        at: at(2),
    });
    assert_eq!(
        found.await,
        Struck::Now(vec![next.certificate.id]),
        "it is revoked like any other"
    );
    assert!(store.service_certificate().await.unwrap().is_none());
}

impl World {
    pub(crate) fn service_intent(&self, seconds: u64) -> ServiceCertificate {
        let key = rcgen::KeyPair::generate().unwrap();
        let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
        let public = PublicKey::from_spki_der(&spki).unwrap();
        let mut certificate = self.intent(first("unused", 1)).certificate;
        (certificate.order, certificate.device, certificate.epoch) = (None, None, 0);
        (certificate.issuer, certificate.shard) = (self.server_issuer, 0);
        (certificate.spki, certificate.intended_at) = (public.spki_hash(), at(seconds));
        let key = SealedSoftwareKey {
            id: SoftwareKeyId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            purpose: SealingPurpose::ServiceKeys,
            spki,
            sealed: vec![4; 50],
            data_key: 1,
            created_at: at(seconds),
        };
        ServiceCertificate { certificate, key }
    }
}
