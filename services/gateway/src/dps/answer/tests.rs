// SPDX-License-Identifier: Apache-2.0
//! Each client reads the answers, and finds all that its source demands.

use serde_json::{Value, json};
use tamga_authority::refusal::Refusal;
use tamga_registry::admission::Denial;
use tamga_registry::device::{BoundCredential, Device, DeviceState};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{DeviceId, GroupId, OrganizationId};
use tamga_registry::order::OperationId;

use super::*;

fn registered(progress: Progress) -> Registered {
    let device = Device {
        id: DeviceId::from_octets([1; 16]),
        organization: OrganizationId::from_octets([2; 16]),
        registration_id: "Pump-1".parse().unwrap(),
        state: DeviceState::Active,
        generation: 3,
        bound: BoundCredential {
            method: tamga_registry::enrollment::Method::SymmetricKey,
            enrollment: EnrollmentRef::Group(GroupId::from_octets([3; 16])),
        },
        operation: OperationId::from_octets([4; 16]),
        created_at: Timestamp::from_micros(1_661_983_370_516_335),
        updated_at: Timestamp::from_micros(1_661_983_370_516_335),
    };
    Registered {
        device,
        operation: OperationId::from_octets([5; 16]),
        group: Some("Line-1".to_owned()),
        assigned_hub: None,
        progress,
    }
}

fn asked(doors: Doors) -> Asked {
    Asked {
        doors,
        hub: "dps.example".to_owned(),
        certificate: None,
    }
}

fn answered(progress: Progress) -> (Value, OperationStatus) {
    let status = OperationStatus::new(registered(progress), asked(Doors::default()));
    (serde_json::to_value(&status).unwrap(), status)
}

fn failed() -> Progress {
    Progress::Failed(Refusal::Denied(Denial::OrderFailed))
}

/// Every progress a register call or a poll can answer.
fn all() -> [Value; 3] {
    [Progress::Pending, Progress::Assigned(None), failed()].map(|progress| answered(progress).0)
}

#[test]
fn node_knows_every_status() {
    for answer in all() {
        let status = answer["status"].as_str().unwrap();
        assert!(["assigning", "assigned", "failed"].contains(&status), "{status}");
    }
}

#[test]
fn java_finds_id_status_and_the_objects_it_dereferences() {
    for answer in all() {
        assert!(answer["operationId"].is_string(), "it polls by the latest one");
        assert_eq!(answer["registrationState"]["registrationId"], "Pump-1");
        assert_eq!(answer["registrationState"]["status"], answer["status"]);
    }
    let (answer, _) = answered(failed());
    assert!(answer["registrationState"]["errorCode"].is_u64());
    assert!(answer["registrationState"]["errorMessage"].is_string());
}

#[test]
fn the_identity_service_finds_error_code_and_message_where_it_failed() {
    let (answer, _) = answered(failed());
    let state = &answer["registrationState"];
    assert_eq!(state["errorCode"], 409_203);
    assert_eq!(
        state["errorMessage"],
        "the earlier request with this key failed: send the request again (order_failed)"
    );
    assert!(state.get("assignedHub").is_none() && state.get("deviceId").is_none());
}

#[test]
fn c_finds_hub_and_device_where_it_is_assigned() {
    let (answer, _) = answered(Progress::Assigned(None));
    let expected = json!({
        "operationId": "05050505050505050505050505050505",
        "status": "assigned",
        "registrationState": {
            "registrationId": "Pump-1",
            "createdDateTimeUtc": "2022-08-31T22:02:50.5163350Z",
            "lastUpdatedDateTimeUtc": "2022-08-31T22:02:50.5163350Z",
            "assignedHub": "dps.example",
            "deviceId": "Pump-1",
            "status": "assigned",
            "substatus": "initialAssignment",
            "etag": "IjE2NjE5ODMzNzA1MTYzMzUtMyI=",
            "symmetricKey": { "enrollmentGroupId": "Line-1" },
        }
    });
    assert_eq!(answer, expected);
}

#[test]
fn the_hub_of_the_enrollment_goes_before_any_other() {
    let own = Registered {
        assigned_hub: Some("hub.example".to_owned()),
        ..registered(Progress::Assigned(None))
    };
    let state = serde_json::to_value(RegistrationState::new(own, asked(Doors::default()))).unwrap();
    assert_eq!(state["assignedHub"], "hub.example");
}

#[test]
fn the_certificate_goes_out_by_the_door_its_request_came_in() {
    let chain: [Arc<[u8]>; 2] = [Arc::from(&b"leaf"[..]), Arc::from(&b"root"[..])];
    let by = |doors| {
        let mut state = RegistrationState::new(registered(Progress::Assigned(None)), asked(doors));
        state.hand_out(&chain, doors);
        serde_json::to_value(state).unwrap()
    };
    let expected = json!(["bGVhZg==", "cm9vdA=="]);
    let top = by(Doors {
        top: true,
        payload: false,
    });
    assert_eq!(top["issuedCertificateChain"], expected);
    assert!(top.get("payload").is_none());
    let payload = by(Doors {
        top: false,
        payload: true,
    });
    assert_eq!(payload["payload"], json!({ "issuedCertificateChain": expected }));
    assert!(payload.get("issuedCertificateChain").is_none());
    let both = by(Doors::BOTH);
    assert_eq!(
        both["issuedCertificateChain"],
        both["payload"]["issuedCertificateChain"]
    );
}

#[test]
fn a_device_that_showed_a_certificate_is_told_of_it_and_of_its_group() {
    let leaf =
        tamga_attestation::PresentedCertificate::parse(include_bytes!("../testdata/leaf.der")).unwrap();
    for (group, expected) in [(Some("Line-1".to_owned()), json!("Line-1")), (None, Value::Null)] {
        let shown = Asked {
            certificate: Some(CertificateInfo::of(&leaf)),
            ..asked(Doors::default())
        };
        let own = Registered {
            group,
            ..registered(failed())
        };
        let state = serde_json::to_value(RegistrationState::new(own, shown)).unwrap();
        assert!(state.get("symmetricKey").is_none());
        assert_eq!(state["x509"]["certificateInfo"].as_object().unwrap().len(), 8);
        assert_eq!(state["x509"]["enrollmentGroupId"], expected);
    }
}

#[test]
fn only_what_is_on_its_way_is_to_be_polled_and_by_a_small_whole_number() {
    for (progress, polls) in [
        (Progress::Pending, true),
        (Progress::Assigned(None), false),
        (failed(), false),
    ] {
        let response = polled(StatusCode::ACCEPTED, &answered(progress).1);
        assert_eq!(response.headers().contains_key(RETRY_AFTER_NAME), polls);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/json; charset=utf-8"
        );
    }
    let seconds: u32 = RETRY_AFTER.to_str().unwrap().parse().unwrap();
    assert!((2..=5).contains(&seconds), "Java honours nothing else");
}

#[test]
fn times_have_seven_decimals() {
    assert_eq!(dated(Timestamp::from_seconds(0)), "1970-01-01T00:00:00.0000000Z");
    assert_eq!(dated(Timestamp::from_micros(1)), "1970-01-01T00:00:00.0000010Z");
}

#[test]
fn an_etag_begins_as_the_dps_writes_it() {
    for at in [0, 1, 1_795_000_000_000_000] {
        assert!(etag(Timestamp::from_micros(at), 1).starts_with("Ij"));
    }
}
