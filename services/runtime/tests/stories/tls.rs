// SPDX-License-Identifier: Apache-2.0
//! Devices and impostors at the TLS door.

use std::sync::Arc;

use rcgen::{
    CertificateParams, CustomExtension, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::version::TLS13;
use rustls::{HandshakeKind, NamedGroup};
use tamga_runtime::listener::Limits;
use tamga_runtime::tls::IdentityFault;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::door::{Holder, VERSIONS, client, door, shows};
use crate::house::{DEADLINE, GET, exchange, millis, rest, status};

#[tokio::test]
async fn a_client_without_a_certificate_is_served_in_both_versions() {
    let door = door(Limits::default()).await;
    for (version, shown) in VERSIONS {
        let heard = door
            .ask(client(
                &door.server,
                &[version],
                None,
                aws_lc_rs::default_provider(),
            ))
            .await;
        let heard = heard.expect("served");
        assert!(
            heard.contains("0 certificates") && heard.ends_with(shown),
            "{heard}"
        );
    }
}

#[tokio::test]
async fn any_certificate_whose_key_the_client_holds_reaches_the_handler() {
    let door = door(Limits::default()).await;
    for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        let mut params = CertificateParams::new(["pump-1".to_owned()]).expect("params");
        // Long expired, with an extension nobody knows and everybody must: for the application to judge.
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        let mut unknown = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        unknown.set_criticality(true);
        params.custom_extensions = vec![unknown];
        let device = Holder::with(algorithm, &params);
        for (version, _) in VERSIONS {
            let shown = shows(device.certified(device.chain()));
            let config = client(
                &door.server,
                &[version],
                shown.clone(),
                aws_lc_rs::default_provider(),
            );
            let heard = door.ask(config).await.expect("served");
            let expected = format!("1 certificates, first of {} bytes", device.certificate.len());
            assert!(heard.contains(&expected), "{heard}");
            let hints = *shown.expect("shown").1.lock().expect("lock");
            assert_eq!(hints, Some(0), "asked for a certificate, without naming issuers");
        }
    }
}

#[tokio::test]
async fn a_certificate_whose_key_the_client_does_not_hold_is_refused() {
    let door = door(Limits::default()).await;
    let (device, thief) = (Holder::new("pump-1"), Holder::new("thief"));
    for (version, _) in VERSIONS {
        let stolen = shows(thief.certified(device.chain()));
        let heard = door
            .ask(client(
                &door.server,
                &[version],
                stolen,
                aws_lc_rs::default_provider(),
            ))
            .await;
        assert!(heard.is_err(), "{heard:?}");
        let own = shows(thief.certified(thief.chain()));
        door.ask(client(
            &door.server,
            &[version],
            own,
            aws_lc_rs::default_provider(),
        ))
        .await
        .expect("the same with its own");
    }
}

#[tokio::test]
async fn a_chain_longer_than_any_devices_and_one_that_is_no_certificate_are_refused() {
    let door = door(Limits::default()).await;
    let device = Holder::new("pump-1");
    let of = |count| shows(device.certified(vec![device.certificate.clone(); count]));
    let ask = |shown| {
        door.ask(client(
            &door.server,
            &[&TLS13],
            shown,
            aws_lc_rs::default_provider(),
        ))
    };
    ask(of(10)).await.expect("ten are served");
    assert!(ask(of(11)).await.is_err());
    let truncated = device.certificate.as_ref()[..40].to_vec();
    assert!(
        ask(shows(device.certified(vec![CertificateDer::from(truncated)])))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn nothing_is_ever_resumed() {
    let door = door(Limits::default()).await;
    for (version, _) in VERSIONS {
        let mut config = client(&door.server, &[version], None, aws_lc_rs::default_provider());
        config.resumption = Resumption::in_memory_sessions(16);
        config.enable_early_data = true;
        let config = Arc::new(config);
        for _ in 0..3 {
            let mut stream = door.enter_again(&config).await.expect("entered");
            exchange(&mut stream, GET).await;
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
            assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
        }
    }
}

#[tokio::test]
async fn the_post_quantum_hybrid_is_there_for_who_asks() {
    let door = door(Limits::default()).await;
    let mut provider = aws_lc_rs::default_provider();
    provider
        .kx_groups
        .retain(|group| group.name() == NamedGroup::X25519MLKEM768);
    let stream = door
        .enter(client(&door.server, &[&TLS13], None, provider))
        .await
        .expect("entered");
    let group = stream
        .get_ref()
        .1
        .negotiated_key_exchange_group()
        .expect("group")
        .name();
    assert_eq!(group, NamedGroup::X25519MLKEM768);
}

#[tokio::test]
async fn a_new_identity_is_shown_to_newcomers_and_old_connections_live_on() {
    let door = door(Limits::default()).await;
    let config = || client(&door.server, &[&TLS13], None, aws_lc_rs::default_provider());
    let mut old = door.enter(config()).await.expect("entered");
    exchange(&mut old, GET).await;
    let before = door.identity.fingerprint();

    let successor = Holder::new("tamga.test");
    door.identity
        .replace(successor.chain(), successor.pkcs8())
        .expect("replaced");
    assert_ne!(door.identity.fingerprint(), before);
    assert_eq!(status(&exchange(&mut old, GET).await), "200");
    let config_new = client(&successor, &[&TLS13], None, aws_lc_rs::default_provider());
    let new = door.enter(config_new).await.expect("entered");
    assert_eq!(
        new.get_ref().1.peer_certificates().expect("shown"),
        successor.chain()
    );
    assert!(
        door.enter(config()).await.is_err(),
        "the old one is not shown any more"
    );
}

#[tokio::test]
async fn an_identity_that_cannot_work_is_refused_and_the_old_one_stays() {
    let door = door(Limits::default()).await;
    let (one, other) = (Holder::new("tamga.test"), Holder::new("tamga.test"));
    let mismatch = door.identity.replace(one.chain(), other.pkcs8());
    assert!(
        matches!(mismatch, Err(IdentityFault::Mismatch(_))),
        "{mismatch:?}"
    );
    let empty = door.identity.replace(Vec::new(), one.pkcs8());
    assert!(matches!(empty, Err(IdentityFault::EmptyChain)), "{empty:?}");
    let broken = door
        .identity
        .replace(one.chain(), PrivatePkcs8KeyDer::from(vec![0x30, 0]));
    assert!(matches!(broken, Err(IdentityFault::Key(_))), "{broken:?}");
    assert_eq!(door.identity.chain(), door.server.chain());
}

#[tokio::test]
async fn only_http_1_1_is_agreed_on() {
    let door = door(Limits::default()).await;
    let offering = |protocols: &[&str]| {
        let mut config = client(&door.server, &[&TLS13], None, aws_lc_rs::default_provider());
        config.alpn_protocols = protocols
            .iter()
            .map(|protocol| protocol.as_bytes().to_vec())
            .collect();
        config
    };
    let stream = door.enter(offering(&["h2", "http/1.1"])).await.expect("entered");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert!(door.enter(offering(&["h2"])).await.is_err());
}

#[tokio::test]
async fn older_versions_and_plain_text_are_refused() {
    let door = door(Limits::default()).await;
    // A ClientHello of TLS 1.1 with two suites of its time and no extensions.
    let mut hello = vec![0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 4, 0xc0, 0x13, 0, 0x2f, 1, 0]);
    for strange in [&hello[..], GET.as_bytes()] {
        let mut stream = door.house.connect().await;
        stream.write_all(strange).await.expect("sent");
        let heard = rest(&mut stream).await;
        assert!(
            heard.is_empty() || heard.as_bytes()[0] == 0x15,
            "an alert at most: {heard:?}"
        );
        assert!(!heard.contains("HTTP"), "{heard:?}");
    }
}

#[tokio::test]
async fn a_client_without_a_server_name_is_served() {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("params");
    params.is_ca = rcgen::IsCa::NoCa;
    let server = Holder::with(&PKCS_ECDSA_P256_SHA256, &params);
    let door = door(Limits::default()).await;
    door.identity
        .replace(server.chain(), server.pkcs8())
        .expect("replaced");
    let mut config = client(&server, &[&TLS13], None, aws_lc_rs::default_provider());
    config.enable_sni = false;
    let name = ServerName::try_from("127.0.0.1").expect("name");
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector
        .connect(name, door.house.connect().await)
        .await
        .expect("entered");
    assert_eq!(status(&exchange(&mut stream, GET).await), "200");
}

#[tokio::test]
async fn an_idle_connection_is_closed_with_a_word_of_farewell() {
    for asked_to_end in [false, true] {
        let idle = if asked_to_end {
            millis(3_600_000)
        } else {
            millis(300)
        };
        let door = door(Limits {
            idle,
            ..Limits::default()
        })
        .await;
        let config = client(&door.server, &[&TLS13], None, aws_lc_rs::default_provider());
        let mut stream = door.enter(config).await.expect("entered");
        exchange(&mut stream, GET).await;
        if asked_to_end {
            door.house.drain.begin();
        }
        let farewell = timeout(DEADLINE, stream.read_u8())
            .await
            .expect("in time")
            .expect_err("the end");
        // Without close_notify the library says so: the end might be an attacker's.
        assert!(!farewell.to_string().contains("close_notify"), "{farewell}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_cut() {
    let door = door(Limits {
        handshake: millis(100),
        ..Limits::default()
    })
    .await;
    let mut silent = door.house.connect().await;
    assert_eq!(rest(&mut silent).await, "");
    let mut halting = door.house.connect().await;
    halting.write_all(&[0x16, 3, 1, 0]).await.expect("sent");
    assert_eq!(rest(&mut halting).await, "");
}
