// SPDX-License-Identifier: Apache-2.0
//! Tamga's own TLS certificate: trusted by its printed anchor alone, renewed in its window, changed under open connections.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tamga_registry::id::CertificateId;
use tamga_tests::house::House;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::{Downloaded, read};
use tamga_tests::story;
use tamga_tests::wire::Wire;

#[story]
async fn the_server_certificate_chains_to_the_printed_server_anchor_and_to_no_device_anchor() {
    let house = House::new().await;
    let door = house.door();
    let shown = Wire::tls(door.address, door.tls)
        .await
        .expect("trusted")
        .server_chain;
    assert_eq!(
        shown.len(),
        2,
        "the certificate and its issuer; whoever trusts the root has it"
    );
    let root = &house.server_anchors()[0];
    read(&shown[0])
        .verify_signature(Some(read(&shown[1]).public_key()))
        .expect("signed by its issuer");
    read(&shown[1])
        .verify_signature(Some(read(root).public_key()))
        .expect("signed by the root");

    let mut roots = RootCertStore::empty();
    for anchor in house.device_anchors() {
        roots
            .add(CertificateDer::from(anchor.clone()))
            .expect("an anchor");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions");
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    assert!(
        Wire::tls(door.address, config).await.is_err(),
        "a device anchor vouches for no server"
    );
    house.ends_well().await;
}

#[story]
async fn it_is_renewed_in_its_window_and_reloaded_without_dropping_connections() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let mut open = pump.connects().await;
    let old = open.server_chain[0].clone();
    let request = || pump.register(&serde_json::json!({}));
    assert_eq!(open.ask(&request()).await.expect("an answer").status, 202);

    // Thirty days of life; the window opens at 67 %, with up to 5 % of jitter.
    house.clock.pass(Duration::from_hours(24 * 22));

    let new = eventually("another certificate is shown", || async {
        let shown = pump.connects().await.server_chain.remove(0);
        (shown != old).then_some(shown)
    })
    .await;
    assert!(read(&new).validity().not_after > read(&old).validity().not_after);
    assert_ne!(
        read(&new).public_key().raw,
        read(&old).public_key().raw,
        "on a key of its own"
    );
    assert_eq!(
        open.ask(&request())
            .await
            .expect("the old connection goes on")
            .status,
        202
    );
    house.ends_well().await;
}

#[story]
async fn a_restart_shows_the_same_certificate() {
    let mut house = House::new().await;
    let shown = |door: tamga_tests::device::Door| async move {
        Wire::tls(door.address, door.tls)
            .await
            .expect("trusted")
            .server_chain
    };
    let before = shown(house.door()).await;
    house.restarts().await;
    assert_eq!(shown(house.door()).await, before);
    house.ends_well().await;
}

#[story]
async fn one_that_is_revoked_while_it_is_shown_is_replaced() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let old = pump.connects().await.server_chain[0].clone();
    let rows = house
        .memory()
        .rows("SELECT c.id FROM service_certificate s JOIN certificate c ON c.id = s.certificate_id WHERE c.state = 'issued'")
        .await;
    let id: Vec<u8> = rows[0].get(0);
    let id = CertificateId::from_octets(id.try_into().expect("16 octets"));
    let operator = house.operator();
    let body = serde_json::json!({ "reason": "key_compromise" });
    let answer = operator.posts(&format!("/certificates/{id}/revoke"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());

    let new = eventually("another certificate is shown", || async {
        let shown = pump.connects().await.server_chain.remove(0);
        (shown != old).then_some(shown)
    })
    .await;
    assert_ne!(
        read(&new).public_key().raw,
        read(&old).public_key().raw,
        "on another key: the old one is blocked"
    );
    let list = Downloaded::named_by(&old).await;
    eventually("the old one is listed", || async {
        list.again().await.lists(&old).then_some(())
    })
    .await;
    assert!(!list.again().await.lists(&new));
    pump.registers().await.assigned();
    house.ends_well().await;
}
