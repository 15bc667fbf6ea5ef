// SPDX-License-Identifier: Apache-2.0
//! The admin plane's document says what its router does; bodies are what they are described to be.

use tamga_authority::administer::{NewAttestation, NewEnrollment};
use tamga_registry::enrollment::RekeyPolicy;
use tamga_runtime::listener::Interruption;

use super::revocation::Because;
use super::terms::Creation;
use super::*;

#[test]
fn the_document_describes_the_routes_and_no_others() {
    crate::route::tests::assert_described(&routes(), include_str!("../../../../openapi/admin.json"));
}

/// Whoever writes a client looks there for what may come.
#[test]
fn what_an_operators_act_is_refused_by_stands_in_the_document() {
    use tamga_authority::refusal::Refusal;
    for refusal in [
        Refusal::BeyondOwnRights,
        Refusal::OwnRole,
        Refusal::RoleHeld,
        Refusal::LastAdministrator,
        Refusal::OrganizationSuspended,
        Refusal::HeldFromAbove,
        Refusal::NameTaken("account"),
        Refusal::AnchorInUse,
        Refusal::CertificateInUse,
        Refusal::ListNotNewer,
        Refusal::CertificateExpired,
        Refusal::KeyReused,
        Refusal::InProgress,
        Refusal::AnswerLost(String::new()),
    ] {
        let listed = format!("          \"{}\"", refusal.slug());
        assert!(description::DOCUMENT.contains(&listed), "{refusal}");
    }
}

/// A group as a body asks for it.
fn group(body: &str) -> Option<NewEnrollment> {
    serde_json::from_str::<Creation>(body).ok()?.of_group().ok()
}

/// An individual enrollment as a body asks for it.
fn enrollment(body: &str) -> Option<NewEnrollment> {
    serde_json::from_str::<Creation>(body).ok()?.of_enrollment().ok()
}

#[test]
fn a_group_is_named_and_everything_else_has_a_default() {
    let least = group(r#"{"name":"line-1"}"#).unwrap();
    assert_eq!(least.rekey, RekeyPolicy::Allow);
    assert!(
        least.attestation.is_none()
            && least.profile.is_none()
            && least.issuer.is_none()
            && least.rekeys_per_day.is_none()
    );
    let full = r#"{"name":"line-1","attestation":{"type":"symmetricKey","primaryKey":"a","secondaryKey":"b"},
        "profile":"device","issuer":"issuer","rekey":"refuse","rekeysPerDay":3,"assignedHub":"hub.example:8883"}"#;
    assert!(group(full).is_some());
    let hostile = [
        "{}",
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","extra":1}"#,
        r#"{"name":"a","registrationId":"a"}"#,
        r#"{"registrationId":"a"}"#,
        r#"{"Name":"a"}"#,
        r#"{"name":"a/b"}"#,
        r#"{"name":"a","rekey":"code"}"#,
        r#"{"name":"a","rekeysPerDay":1e400}"#,
        r#"{"name":"a","rekeysPerDay":1.5}"#,
        r#"{"name":"a","attestation":{}}"#,
        r#"{"name":"a","attestation":{"type":"tpm"}}"#,
        r#"{"name":"a","attestation":{"type":"symmetricKey","extra":1}}"#,
        r#"{"name":"a","attestation":{"type":"symmetricKey","primaryKey":"a"}}"#,
        r#"{"name":"a"} x"#,
        r#"{"name":"\ud800"}"#,
        "\u{feff}{\"name\":\"a\"}",
    ];
    for wrong in hostile {
        assert!(group(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn an_individual_enrollment_names_its_device() {
    assert!(enrollment(r#"{"registrationId":"pump-1"}"#).is_some());
    for wrong in [
        "{}",
        r#"{"name":"pump-1"}"#,
        r#"{"registrationId":"pump-1","name":"pump-1"}"#,
    ] {
        assert!(enrollment(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn certificates_are_pinned_or_anchors_named_and_not_both() {
    let x509 = |members: &str| {
        enrollment(&format!(
            r#"{{"registrationId":"a","attestation":{{"type":"x509"{members}}}}}"#
        ))
        .and_then(|new| new.attestation)
    };
    let pin = r#"{"certificate":"MAA="}"#;
    assert!(matches!(
        x509(&format!(r#","clientCertificates":{{"primary":{pin}}}"#)),
        Some(NewAttestation::Pinned { primary, secondary: None }) if primary == [0x30, 0]
    ));
    assert!(matches!(
        x509(&format!(
            r#","clientCertificates":{{"primary":{pin},"secondary":{pin}}}"#
        )),
        Some(NewAttestation::Pinned {
            secondary: Some(_),
            ..
        })
    ));
    assert!(matches!(
        x509(r#","caReferences":{"primary":"Vendor","secondary":"vendor-2"}"#),
        Some(NewAttestation::Anchors { primary, secondary: Some(_) }) if primary.presented() == "Vendor"
    ));
    for wrong in [
        "".to_owned(),
        format!(r#","clientCertificates":{{"primary":{pin}}},"caReferences":{{"primary":"v"}}"#),
        format!(r#","clientCertificates":{{"secondary":{pin}}}"#),
        r#","clientCertificates":{"primary":{"certificate":"-----"}}"#.to_owned(),
        r#","clientCertificates":{"primary":{"certificate":""}}"#.to_owned(),
        r#","clientCertificates":{"primary":"MAA="}"#.to_owned(),
        r#","caReferences":{"primary":"a b"}"#.to_owned(),
        r#","caReferences":{"primary":"v","extra":1}"#.to_owned(),
        r#","signingCertificates":{"primary":{"certificate":"MAA="}}"#.to_owned(),
    ] {
        assert!(x509(&wrong).is_none(), "{wrong}");
    }
}

#[test]
fn a_key_in_a_request_is_never_printed() {
    let text =
        r#"{"name":"a","attestation":{"type":"symmetricKey","primaryKey":"canary","secondaryKey":"canary"}}"#;
    let new: Creation = serde_json::from_str(text).unwrap();
    assert!(!format!("{new:?}").contains("canary"));
}

#[test]
fn a_hub_is_a_host_name() {
    let hub = |hub: &str| {
        let body = serde_json::json!({ "name": "line-1", "assignedHub": hub });
        group(&body.to_string()).is_some()
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
