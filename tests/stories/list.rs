// SPDX-License-Identifier: Apache-2.0
//! Revocation lists, downloaded where certificates say they are.

use std::time::Duration;

use tamga_runtime::listener::Plane;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::{Downloaded, fetches, issuer_location, read};
use tamga_tests::story;

#[story]
async fn every_reason_is_listed_as_rfc_5280_writes_it_and_numbers_rise() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let reasons = [
        ("unspecified", None),
        ("key_compromise", Some(1)),
        ("affiliation_changed", Some(3)),
        ("superseded", Some(4)),
        ("cessation_of_operation", Some(5)),
        ("privilege_withdrawn", Some(9)),
    ];
    let neighbour = group.device("fan").enrolls(&KeyPair::new()).await.certified();
    let mut list = Downloaded::named_by(neighbour.leaf()).await;
    for (at, (reason, code)) in reasons.into_iter().enumerate() {
        let pump = group.device(&format!("pump-{at}"));
        let certified = pump.enrolls(&KeyPair::new()).await.certified();
        let struck = operator
            .revokes_certificate(&pump, &certified)
            .await
            .because(reason)
            .await;
        assert!(struck["visibleBy"].is_string(), "{struck}");
        let next = eventually("the certificate is listed", || async {
            let list = list.again().await;
            list.lists(certified.leaf()).then_some(list)
        })
        .await;
        assert_eq!(next.reason_of(certified.leaf()), code, "{reason}");
        assert!(next.number() > list.number(), "numbers rise");
        assert!(next.is_signed_by(&certified.chain[1]));
        assert!(!next.lists(neighbour.leaf()));
        list = next;
    }
    house.ends_well().await;
}

#[story]
async fn a_revocation_is_visible_within_the_bound_that_was_promised() {
    let house = House::new().await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let list = Downloaded::named_by(certified.leaf()).await;
    operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("superseded")
        .await;
    let promised = Duration::from_secs(60);
    let listed = eventually("listed", || async {
        list.again().await.lists(certified.leaf()).then_some(())
    });
    tokio::time::timeout(promised, listed)
        .await
        .expect("listed within 60 s of its revocation");
    house.ends_well().await;
}

#[story]
async fn every_authority_of_a_chain_has_a_list_and_serves_its_certificate() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    for pair in certified.chain.windows(2) {
        let list = Downloaded::named_by(&pair[0]).await;
        assert!(list.is_signed_by(&pair[1]), "{}", list.url);
        assert_eq!(list.read().iter_revoked_certificates().count(), 0);
        let above = fetches(&issuer_location(&pair[0]).expect("where its issuer is")).await;
        assert_eq!(
            (above.status, above.header("content-type")),
            (200, Some("application/pkix-cert"))
        );
        assert_eq!(above.body, pair[1]);
    }
    // The authority of Tamga's own TLS certificate has both as well.
    let server = pump.connects().await.server_chain;
    for signed in &server {
        assert!(Downloaded::named_by(signed).await.number() >= 1);
    }
    house.ends_well().await;
}

#[story]
async fn a_list_is_renewed_by_plan_before_it_ends() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let lists = [
        Downloaded::named_by(certified.leaf()).await,
        Downloaded::named_by(&certified.chain[1]).await,
    ];
    house.lets_pass(Duration::from_hours(25)).await;
    for list in lists {
        let next = eventually("the planned list", || async {
            let next = list.again().await;
            (next.number() > list.number()).then_some(next)
        })
        .await;
        assert!(next.read().last_update() > list.read().last_update());
        assert!(next.read().next_update() > list.read().next_update());
    }
    house.ends_well().await;
}

#[story]
async fn a_revoked_certificate_leaves_the_list_only_after_it_has_expired() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let list = Downloaded::named_by(certified.leaf()).await;
    operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("superseded")
        .await;
    eventually("listed", || async {
        list.again().await.lists(certified.leaf()).then_some(())
    })
    .await;

    let expiry = certified.read().validity().not_after.timestamp();
    for _ in 0..3 {
        house.lets_pass(Duration::from_hours(24 * 29)).await;
        let then = list.again().await;
        let next = eventually("the planned list", || async {
            let next = list.again().await;
            (next.read().last_update().timestamp() > then.read().last_update().timestamp()).then_some(next)
        })
        .await;
        assert!(next.read().last_update().timestamp() < expiry);
        assert!(next.lists(certified.leaf()), "it stays while it lives");
    }
    house.lets_pass(Duration::from_hours(24 * 5)).await;
    let last = eventually("a list made after its expiry", || async {
        let next = list.again().await;
        (next.read().last_update().timestamp() > expiry).then_some(next)
    })
    .await;
    assert!(
        last.lists(certified.leaf()),
        "RFC 5280 §3.3: one list beyond its expiry still names it"
    );
    house.lets_pass(Duration::from_hours(25)).await;
    eventually("it leaves the list", || async {
        (!list.again().await.lists(certified.leaf())).then_some(())
    })
    .await;
    house.ends_well().await;
}

#[story]
async fn the_bundle_keeps_the_anchors_of_devices_and_of_the_house_apart() {
    let house = House::new().await;
    let bundle = house.asks(Plane::Status, "/bundle").await.json();
    let anchors = |name: &str| -> Vec<Vec<u8>> {
        let entries = bundle[name].as_array().into_iter().flatten();
        let pems = entries.map(|entry| entry["pem"].as_str().expect("PEM").to_owned());
        pems.map(|text| {
            x509_parser::pem::parse_x509_pem(text.as_bytes())
                .expect("PEM")
                .1
                .contents
        })
        .collect()
    };
    assert_eq!(anchors("deviceAnchors"), house.device_anchors());
    assert_eq!(anchors("serverAnchors"), house.server_anchors());
    assert_ne!(house.device_anchors().to_vec(), house.server_anchors());
    for root in house.device_anchors() {
        let root = read(root);
        assert!(
            root.is_ca() && root.verify_signature(None).is_ok(),
            "a root signs itself"
        );
    }
    house.ends_well().await;
}

#[story]
async fn a_list_that_could_not_be_signed_is_published_as_soon_as_it_can_be() {
    // Longer than the story waits: a lease that was not given back would be seen.
    let house = House::with(|settings| settings.lists.lease = Duration::from_secs(240)).await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let list = Downloaded::named_by(certified.leaf()).await;
    house.watch.lets_lists_fail(2);
    operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("superseded")
        .await;
    eventually("the list is published once its key is in reach", || async {
        list.again().await.lists(certified.leaf()).then_some(())
    })
    .await;
    let skipped = list.again().await.number() - list.number();
    assert!(
        skipped >= 3,
        "numbers taken for lists that came to nothing are not given twice: {skipped}"
    );
    house.ends_well().await;
}

#[story]
async fn lists_of_one_second_are_dated_strictly_later_each() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    for at in 0..3 {
        let pump = group.device(&format!("pump-{at}"));
        let certified = pump.enrolls(&KeyPair::new()).await.certified();
        let list = Downloaded::named_by(certified.leaf()).await;
        operator
            .revokes_certificate(&pump, &certified)
            .await
            .because("superseded")
            .await;
        eventually("listed", || async {
            list.again().await.lists(certified.leaf()).then_some(())
        })
        .await;
    }
    let alike = "SELECT count(*) FROM crl one JOIN crl two
         ON two.issuer_id = one.issuer_id AND two.shard = one.shard AND two.number > one.number
         WHERE two.this_update <= one.this_update AND one.der IS NOT NULL AND two.der IS NOT NULL";
    assert_eq!(house.memory().number(alike).await, 0);
    house.ends_well().await;
}
