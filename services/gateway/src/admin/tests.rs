// SPDX-License-Identifier: Apache-2.0
//! The admin plane's document says what its router does; bodies are what they are described to be.

use tamga_authority::administer::NewAttestation;
use tamga_registry::enrollment::RekeyPolicy;
use tamga_runtime::listener::Interruption;

use super::group::create::NewGroup;
use super::revocation::Because;
use super::terms::{AttestationRequest, TermsRequest};
use super::*;

#[test]
fn the_document_describes_the_routes_and_no_others() {
    crate::route::tests::assert_described(&routes(), include_str!("../../../../openapi/admin.json"));
}

#[test]
fn a_group_is_named_and_everything_else_has_a_default() {
    assert!(serde_json::from_str::<NewGroup>(r#"{"name":"line-1"}"#).is_ok());
    let full = r#"{"name":"line-1","attestation":{"type":"symmetricKey","primaryKey":"a","secondaryKey":"b"},
        "profile":"device","issuer":"issuer","rekey":"refuse","rekeysPerDay":3,"assignedHub":"hub.example:8883"}"#;
    assert!(serde_json::from_str::<NewGroup>(full).is_ok());
    let hostile = [
        "{}",
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","extra":1}"#,
        r#"{"Name":"a"}"#,
        r#"{"name":"a","rekey":"code"}"#,
        r#"{"name":"a","rekeysPerDay":1e400}"#,
        r#"{"name":"a","rekeysPerDay":1.5}"#,
        r#"{"name":"a","attestation":{}}"#,
        r#"{"name":"a","attestation":{"type":"tpm"}}"#,
        r#"{"name":"a","attestation":{"type":"symmetricKey","extra":1}}"#,
        r#"{"name":"a"} x"#,
        r#"{"name":"\ud800"}"#,
        "\u{feff}{\"name\":\"a\"}",
    ];
    for wrong in hostile {
        assert!(serde_json::from_str::<NewGroup>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn keys_are_given_as_a_pair_or_made() {
    let asked = |attestation: &str| {
        let attestation: AttestationRequest = serde_json::from_str(attestation).unwrap();
        let terms = TermsRequest {
            attestation: Some(attestation),
            ..TermsRequest::default()
        };
        terms.named("line-1".parse().unwrap())
    };
    assert!(matches!(
        asked(r#"{"type":"symmetricKey"}"#).unwrap().attestation,
        NewAttestation::SymmetricKey(None)
    ));
    assert!(matches!(
        asked(r#"{"type":"symmetricKey","primaryKey":"a","secondaryKey":"b"}"#)
            .unwrap()
            .attestation,
        NewAttestation::SymmetricKey(Some(_))
    ));
    let half = asked(r#"{"type":"symmetricKey","primaryKey":"a"}"#);
    assert_eq!(half.unwrap_err().slug(), "body_malformed");
}

#[test]
fn a_key_in_a_request_is_never_printed() {
    let text =
        r#"{"name":"a","attestation":{"type":"symmetricKey","primaryKey":"canary","secondaryKey":"canary"}}"#;
    let new: NewGroup = serde_json::from_str(text).unwrap();
    assert!(!format!("{new:?}").contains("canary"));
}

#[test]
fn the_defaults_are_those_of_the_house() {
    let new = TermsRequest::default().named("line-1".parse().unwrap()).unwrap();
    assert_eq!(new.rekey, RekeyPolicy::Allow);
    assert!(
        matches!(new.attestation, NewAttestation::SymmetricKey(None))
            && new.profile.is_none()
            && new.issuer.is_none()
            && new.rekeys_per_day.is_none()
    );
}

#[test]
fn a_hub_is_a_host_name() {
    let hub = |hub: &str| {
        let terms = TermsRequest {
            assigned_hub: Some(hub.to_owned()),
            ..TermsRequest::default()
        };
        terms.named("line-1".parse().unwrap()).is_ok()
    };
    assert!(hub("hub.example") && hub("hub.example:8883") && hub("[::1]:8883"));
    assert!(!hub("") && !hub("a b") && !hub("a/b") && !hub("a\r\nx") && !hub(&"x".repeat(300)));
}

#[tokio::test]
async fn what_the_listener_answers_is_a_problem_document() {
    for why in Interruption::ALL {
        let response = problem::render(why.into(), &Arrival::interrupted(None));
        assert_eq!(response.status(), why.status());
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["status"], why.status().as_u16());
        assert_eq!(problem["code"], why.slug());
        assert_eq!(problem["detail"], why.to_string());
        assert_eq!(problem["trackingId"], "00000000-0000-0000-0000-000000000000");
    }
}

#[test]
fn a_revocation_says_why() {
    let because = |body: &str| {
        serde_json::from_str::<Because>(body)
            .ok()
            .and_then(|because| because.reason().ok())
    };
    assert!(because(r#"{"reason":"key_compromise"}"#).is_some());
    for wrong in [
        "{}",
        r#"{"reason":"because"}"#,
        r#"{"reason":"unspecified","at":0}"#,
        r#"{"reason":1}"#,
        r#"{"reason":"removeFromCRL"}"#,
    ] {
        assert!(because(wrong).is_none(), "{wrong}");
    }
}
