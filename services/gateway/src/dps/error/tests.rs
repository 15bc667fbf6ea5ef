// SPDX-License-Identifier: Apache-2.0
//! The table is whole, keeps its promises, and is what the reference page prints.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use http_body_util::BodyExt;
use serde_json::Value;
use tamga_attestation::Malformation;
use tamga_registry::device::{BadRegistrationId, RegistrationId};
use tamga_registry::order::BadOperationId;
use tamga_registry::role::Permission;
use tamga_x509::key::KeyRefusal;
use tamga_x509::request::CsrRefusal;

use super::*;

fn arrival() -> Arrival {
    let (parts, ()) = axum::http::Request::new(()).into_parts();
    Arrival::of(&parts)
}

fn doubts() -> Vec<Doubt> {
    let doubts = vec![
        Doubt::TokenMissing,
        Doubt::TokenMalformed(Malformation::MissingField),
        Doubt::TokenExpired,
        Doubt::TokenLifetime,
        Doubt::TokenScope,
        Doubt::TokenPlane,
        Doubt::TokenSignature,
        Doubt::CertificateMissing,
        Doubt::CertificateMalformed("it is no DER of a certificate"),
        Doubt::CertificateKey,
        Doubt::ChainExpired,
        Doubt::CertificateName,
        Doubt::CertificateUntrusted,
        Doubt::CertificateReplaced,
        Doubt::ChainRevoked,
        Doubt::CertificateStatusUnknown,
        Doubt::MethodNotAccepted,
    ];
    for doubt in &doubts {
        match doubt {
            // One that is new does not compile here: add it above, too.
            Doubt::TokenMissing
            | Doubt::TokenMalformed(_)
            | Doubt::TokenExpired
            | Doubt::TokenLifetime
            | Doubt::TokenScope
            | Doubt::TokenPlane
            | Doubt::TokenSignature
            | Doubt::CertificateMissing
            | Doubt::CertificateMalformed(_)
            | Doubt::CertificateKey
            | Doubt::ChainExpired
            | Doubt::CertificateName
            | Doubt::CertificateUntrusted
            | Doubt::CertificateReplaced
            | Doubt::ChainRevoked
            | Doubt::CertificateStatusUnknown
            | Doubt::MethodNotAccepted => {}
        }
    }
    doubts
}

fn csr_refusals() -> Vec<CsrRefusal> {
    let text = |text: &str| text.to_owned();
    let refusals = vec![
        CsrRefusal::Malformed {
            reason: "its version is not 1",
        },
        CsrRefusal::TooLarge {
            what: "the request has more than 16 KiB",
        },
        CsrRefusal::Signature,
        CsrRefusal::Algorithm {
            found: text("ECDSA with SHA-1"),
        },
        CsrRefusal::Key(KeyRefusal::Weak {
            reason: "its modulus is even",
        }),
        CsrRefusal::Key(KeyRefusal::Invalid {
            reason: "its point is not on the curve",
        }),
        CsrRefusal::KeyType {
            found: text("RSA-2048"),
            accepted: text("P-256"),
        },
        CsrRefusal::Duplicate {
            what: text("keyUsage"),
        },
        CsrRefusal::CaRequested,
        CsrRefusal::KeyUsage {
            asked: text("keyCertSign"),
            granted: text("digitalSignature"),
        },
        CsrRefusal::ExtendedKeyUsage {
            asked: text("serverAuth"),
            granted: text("clientAuth"),
        },
        CsrRefusal::ForeignExtension {
            extension: text("2.5.29.31 cRLDistributionPoints"),
        },
        CsrRefusal::Subject {
            found: text("CN=other"),
            wanted: text("CN=pump-1"),
        },
        CsrRefusal::Names {
            found: text("DNS:other"),
            wanted: text("spiffe://…/device/dev_…"),
        },
        CsrRefusal::UnitNumber {
            found: text("pump_1"),
        },
    ];
    for refusal in &refusals {
        match refusal {
            // One that is new does not compile here: add it above, too.
            CsrRefusal::Malformed { .. }
            | CsrRefusal::TooLarge { .. }
            | CsrRefusal::Signature
            | CsrRefusal::Algorithm { .. }
            | CsrRefusal::Key(_)
            | CsrRefusal::KeyType { .. }
            | CsrRefusal::Duplicate { .. }
            | CsrRefusal::CaRequested
            | CsrRefusal::KeyUsage { .. }
            | CsrRefusal::ExtendedKeyUsage { .. }
            | CsrRefusal::ForeignExtension { .. }
            | CsrRefusal::Subject { .. }
            | CsrRefusal::Names { .. }
            | CsrRefusal::UnitNumber { .. } => {}
        }
    }
    refusals
}

fn denials() -> Vec<Denial> {
    let denials = vec![
        Denial::OrganizationSuspended,
        Denial::EnrollmentDisabled,
        Denial::DeviceDisabled,
        Denial::DeviceDeleted,
        Denial::DeviceReleased,
        Denial::DeviceRevoked,
        Denial::IdentityBound,
        Denial::KeyInUse,
        Denial::KeyBlocked,
        Denial::RotationRequired,
        Denial::RekeyRefused,
        Denial::RekeyLimit,
        Denial::CertificateSuperseded,
        Denial::OrderFailed,
        Denial::IssuerUnavailable,
        Denial::EpochExhausted,
    ];
    for denial in &denials {
        match denial {
            // One that is new does not compile here: add it above, too.
            Denial::OrganizationSuspended
            | Denial::EnrollmentDisabled
            | Denial::DeviceDisabled
            | Denial::DeviceDeleted
            | Denial::DeviceReleased
            | Denial::DeviceRevoked
            | Denial::IdentityBound
            | Denial::KeyInUse
            | Denial::KeyBlocked
            | Denial::RotationRequired
            | Denial::RekeyRefused
            | Denial::RekeyLimit
            | Denial::CertificateSuperseded
            | Denial::OrderFailed
            | Denial::IssuerUnavailable
            | Denial::EpochExhausted => {}
            // What stations are told no device is.
            Denial::UnitExists
            | Denial::StationDisabled
            | Denial::StationOutsidePeriod
            | Denial::StationLimit
            | Denial::StationDayLimit
            | Denial::ReworkLimit => panic!("no device is told {denial}"),
        }
    }
    denials
}

/// What authority may say to a device.
fn refusals() -> Vec<Refusal> {
    let mut all: Vec<Refusal> = doubts().into_iter().map(Refusal::Unproven).collect();
    all.extend(denials().into_iter().map(Refusal::Denied));
    all.extend(csr_refusals().into_iter().map(Refusal::Csr));
    all.extend([
        Refusal::NotFound("operation"),
        Refusal::CertificateRevoked,
        Refusal::CertificateExpired,
        Refusal::SubmissionTooOld,
        Refusal::SubmissionUnreadable,
        Refusal::SubmissionsCrowded,
        Refusal::Forbidden(Permission::DeviceEnroll),
        Refusal::NameTaken("enrollment group"),
        Refusal::Invalid {
            field: "csr",
            reason: "say what is expected".to_owned(),
        },
    ]);
    all
}

fn at_the_rim() -> Vec<RimRefusal> {
    vec![
        RimRefusal::BodyMalformed { line: 1, column: 7 },
        RimRefusal::BodyCutShort,
        RimRefusal::BodyTooLarge,
        RimRefusal::BodyEncoded,
        RimRefusal::HostInvalid,
        RimRefusal::RegistrationIdInvalid(BadRegistrationId),
        RimRefusal::RegistrationIdMismatch,
        RimRefusal::OperationIdInvalid(BadOperationId),
        RimRefusal::CsrNotText,
        RimRefusal::CsrTwice,
        RimRefusal::CsrInLookup,
        RimRefusal::RouteUnknown,
        RimRefusal::MethodNotAllowed,
    ]
}

/// What only acts of the admin plane refuse; the table answers them all the same.
const NEVER_TOLD_A_DEVICE: [&str; 4] = ["certificate_expired", "forbidden", "invalid", "name_taken"];

const BEGIN: &str = "<!-- refusals: PRINT_REFERENCE=1 cargo test -p tamga-gateway the_reference_page -->\n";
const END: &str = "<!-- end of refusals -->";

/// Slug, code, sentence.
fn table() -> Vec<(&'static str, Code, String)> {
    let rim = at_the_rim()
        .into_iter()
        .map(|refusal| (refusal.slug(), refusal.code(), refusal.to_string()));
    let act = refusals()
        .into_iter()
        .map(|refusal| (refusal.slug(), code_of(&refusal), refusal.to_string()));
    let listener = Interruption::ALL
        .into_iter()
        .filter(|interruption| interrupted(*interruption) != FAULT)
        .map(|interruption| {
            (
                interruption.slug(),
                interrupted(interruption),
                interruption.to_string(),
            )
        });
    let mut rows: Vec<_> = rim.chain(act).chain(listener).collect();
    rows.sort_by_key(|(slug, code, _)| (code.error, *slug));
    rows
}

#[test]
fn a_code_begins_with_its_status_and_a_slug_has_one_code() {
    let mut codes = BTreeMap::new();
    for (slug, code, _) in table() {
        assert_eq!(code.error / 1000, u32::from(code.status.as_u16()), "{slug}");
        assert!(code.status.is_client_error(), "{slug}");
        let known = codes.entry(slug).or_insert(code);
        assert_eq!(*known, code, "{slug}");
    }
}

#[test]
fn no_refusal_makes_a_device_give_up() {
    for (slug, code, _) in table() {
        assert!(![429, 503].contains(&code.status.as_u16()), "{slug}");
    }
}

#[test]
fn the_reference_page_prints_the_table() {
    let mut printed = "| errorCode | HTTP | slug | message |\n|---|---|---|---|\n".to_owned();
    for (slug, code, sentence) in table() {
        if NEVER_TOLD_A_DEVICE.contains(&slug) {
            continue;
        }
        let sentence = sentence.replace('|', "\\|");
        writeln!(
            printed,
            "| {} | {} | `{slug}` | {sentence} |",
            code.error,
            code.status.as_u16()
        )
        .unwrap();
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/dps.md");
    let page = std::fs::read_to_string(&place).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (block, after) = rest.split_once(END).unwrap();
    if std::env::var_os("PRINT_REFERENCE").is_some() {
        std::fs::write(&place, [before, BEGIN, &printed, END, after].concat()).unwrap();
    } else {
        assert_eq!(
            block, printed,
            "run this test with PRINT_REFERENCE=1 to print the page anew"
        );
    }
}

async fn body(response: Response) -> Value {
    let octets = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&octets).unwrap()
}

#[tokio::test]
async fn strangers_are_all_answered_alike() {
    let now = Timestamp::from_seconds(1_795_000_000);
    let unknown_scope = render(
        &Rejection::AtTheRim(Doubt::TokenSignature.into()),
        &arrival(),
        now,
    );
    let bad_signature = render(
        &Rejection::Refused(Refusal::Unproven(Doubt::TokenSignature)),
        &arrival(),
        now,
    );
    assert_eq!(unknown_scope.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(unknown_scope.headers(), bad_signature.headers());
    assert_eq!(unknown_scope.headers()["x-ms-error-code"], "401002");
    assert_eq!(body(unknown_scope).await, body(bad_signature).await);
}

#[tokio::test]
async fn an_error_has_the_body_c_sharp_parses() {
    let now = Timestamp::from_seconds(1_795_000_000);
    let response = render(
        &Rejection::Refused(Refusal::Denied(Denial::RekeyLimit)),
        &arrival(),
        now,
    );
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/json; charset=utf-8"
    );
    assert!(!response.headers().contains_key(header::RETRY_AFTER));
    let expected = serde_json::json!({
        "errorCode": 409_203,
        "trackingId": "00000000-0000-0000-0000-000000000000",
        "message": Denial::RekeyLimit.to_string(),
        "info": { "slug": "rekey_limit" },
        "timestampUtc": "2026-11-18T11:06:40.0000000Z",
    });
    assert_eq!(body(response).await, expected);
}

#[tokio::test]
async fn a_wrong_clock_is_shown_the_right_time() {
    let now = Timestamp::from_seconds(1_795_000_000);
    for doubt in doubts() {
        let answered = body(render(
            &Rejection::Refused(Refusal::Unproven(doubt)),
            &arrival(),
            now,
        ))
        .await;
        assert_eq!(
            answered["info"]["serverTimeUtc"].is_string(),
            doubt.blames_clock(),
            "{doubt}"
        );
    }
}

fn arrival_showing(certificates: &[&'static [u8]]) -> Arrival {
    let peer = tamga_runtime::listener::Peer {
        address: tamga_runtime::listener::PeerAddress::Tcp("127.0.0.1:9".parse().unwrap()),
        chain: certificates.iter().map(|der| (*der).into()).collect(),
        tls_version: None,
    };
    let mut request = axum::http::Request::new(());
    request.extensions_mut().insert(peer);
    Arrival::of(&request.into_parts().0)
}

#[tokio::test]
async fn a_certificate_that_is_doubted_is_shown_as_it_was_read() {
    let now = Timestamp::from_seconds(1_795_000_000);
    let showing = arrival_showing(&[include_bytes!("../testdata/leaf.der"), b"above"]);
    for doubt in doubts() {
        let told = Refusal::Unproven(doubt);
        let answered = body(render(&Rejection::Refused(told), &showing, now)).await;
        let mut expected = serde_json::json!({ "slug": doubt.slug() });
        if doubt.blames_clock() {
            expected["serverTimeUtc"] = "2026-11-18T11:06:40.0000000Z".into();
        }
        if doubt.blames_certificate() {
            expected["certificatesPresented"] = "2".into();
            expected["subject"] = "CN=pump-1".into();
            expected["issuer"] = "CN=Vendor Root".into();
            expected["notBeforeUtc"] = "2026-11-01T00:00:00.0000000Z".into();
            expected["notAfterUtc"] = "2126-11-01T00:00:00.0000000Z".into();
            expected["authorityKeyIdentifier"] = "f3df0691d0cac14c180f532d1785da2180ec564b".into();
        }
        assert_eq!(answered["info"], expected, "{doubt}");
    }
    let unreadable = arrival_showing(&[b"no certificate"]);
    let doubt = Doubt::CertificateMalformed("it is no DER of a certificate");
    let answered = body(render(&Rejection::AtTheRim(doubt.into()), &unreadable, now)).await;
    assert_eq!(
        answered["info"],
        serde_json::json!({ "slug": "certificate_malformed" })
    );
}

#[tokio::test]
async fn a_fault_of_ours_shows_nothing_but_its_id() {
    let now = Timestamp::from_seconds(1_795_000_000);
    let fault = Fault::new("asking the database", "canary: disk full at /secret/place");
    let response = render(&Rejection::Broken(fault), &arrival(), now);
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let answered = body(response).await;
    assert_eq!(answered["errorCode"], 500_000);
    assert!(answered.get("info").is_none());
    assert!(!answered.to_string().contains("canary"));
}

#[tokio::test]
async fn what_the_listener_answers_has_the_same_body() {
    let now = Timestamp::from_seconds(1_795_000_000);
    for interruption in Interruption::ALL {
        let response = render(&Rejection::Interrupted(interruption), &arrival(), now);
        let status = response.status();
        assert!(![429, 503].contains(&status.as_u16()), "{interruption:?}");
        assert!(
            response.headers().contains_key("x-ms-error-code"),
            "{interruption:?}"
        );
        let answered = body(response).await;
        assert_eq!(
            answered["errorCode"].as_u64().unwrap() / 1000,
            u64::from(status.as_u16())
        );
        assert_eq!(answered["timestampUtc"], "2026-11-18T11:06:40.0000000Z");
        for member in ["trackingId", "message"] {
            assert!(
                !answered[member].as_str().unwrap().is_empty(),
                "{interruption:?} {member}"
            );
        }
        match status.is_server_error() {
            true => assert!(answered.get("info").is_none(), "{interruption:?}"),
            false => assert_eq!(answered["info"]["slug"], interruption.slug()),
        }
    }
}

#[test]
fn a_registration_id_is_refused_in_words_that_do_not_repeat_it() {
    let wrong = "a\u{1b}[31m".parse::<RegistrationId>().unwrap_err();
    assert!(!RimRefusal::from(wrong).to_string().contains('\u{1b}'));
}
