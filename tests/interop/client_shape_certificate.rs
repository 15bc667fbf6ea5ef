// SPDX-License-Identifier: Apache-2.0
//! Requests of devices with a client certificate, in the shapes of clients that cannot be run here: .NET, Java, C, and the
//! identity service of IoT Edge. They send no Authorization; what each demands of an answer was read in its source.

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_tests::answer::Told;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::vendor::Vendor;
use tamga_tests::wire::Request;

const ID: &str = "Pump:1_a.b-c";

/// A house that trusts a vendor, and a device of that vendor that names its client's version.
async fn device(api_version: &'static str) -> (House, Device) {
    let house = House::new().await;
    let operator = house.operator();
    let root = Vendor::root("Vendor Root", &operator.door.clock);
    operator.brings_anchor("vendor", &root, json!({})).await;
    operator.trusts("vendor", "line").await;
    let birth = root.intermediate("Plant").births(ID);
    let mut device = Device::born(operator.door.clone(), ID, &birth);
    device.api_version = api_version;
    (house, device)
}

fn with_request(key: &KeyPair) -> Value {
    let csr = BASE64.encode(&key.request(ID));
    json!({ "registrationId": ID, "payload": { "csr": csr } })
}

/// What Java dereferences, whatever the outcome: as soon as there is a certificateInfo, all of it.
fn java_reads(told: &Told) -> Value {
    let body = told.answer.json();
    assert!(
        body["operationId"].is_string() && body["status"].is_string(),
        "{body}"
    );
    let state = &body["registrationState"];
    for member in [
        "registrationId",
        "status",
        "createdDateTimeUtc",
        "lastUpdatedDateTimeUtc",
    ] {
        assert!(state[member].is_string(), "{member}: {body}");
    }
    let info = &state["x509"]["certificateInfo"];
    for member in [
        "subjectName",
        "sha1Thumbprint",
        "sha256Thumbprint",
        "issuerName",
        "notBeforeUtc",
        "notAfterUtc",
        "serialNumber",
    ] {
        assert!(info[member].is_string(), "{member}: {body}");
    }
    assert!(info["version"].is_u64(), "{body}");
    assert_eq!(state["x509"]["enrollmentGroupId"], "line", "{body}");
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dotnet_escapes_the_id_and_takes_only_202_for_a_registration() {
    let (house, pump) = device("2019-03-31").await;
    let mut escaped = pump
        .register(&with_request(&KeyPair::new()))
        .header("Accept", "application/json")
        .header("User-Agent", "Microsoft.Azure.Devices.Provisioning.Client/1.19");
    escaped.target = escaped.target.replace("Pump:1", "Pump%3A1");
    let told = pump.asks(escaped).await;
    assert_eq!(told.answer.status, 202);
    let certified = told.certified();
    let polled = pump.polls(&told.operation()).await;
    assert_eq!((polled.answer.status, polled.certified()), (200, certified));

    // It looks for errorCode, trackingId and message, or calls the answer malformed.
    let stranger = Vendor::root("Vendor Root", &pump.door.clock);
    let refused = pump.showing(&stranger.births(ID)).registers().await;
    let error = refused.refused(401, "certificate_untrusted").answer.json();
    assert!(error["errorCode"].is_u64() && error["trackingId"].is_string() && error["message"].is_string());
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_finds_all_eight_members_whether_assigned_or_failed() {
    let (house, pump) = device("2019-03-31").await;
    let key = KeyPair::new();
    let payload = json!({ "csr": BASE64.encode(&key.request(ID)) }).to_string();
    let mut request = pump.register(&json!({ "registrationId": ID, "payload": payload }));
    for (name, _) in &mut request.headers {
        name.make_ascii_lowercase();
    }
    let told = pump.asks(request).await;
    java_reads(&told);
    let certified = told.certified();
    assert_eq!(certified.spki_hash(), key.spki_hash());

    let poll = Request::new("GET", &pump.target(&format!("/operations/{}", told.operation())))
        .header("content-type", "application/json")
        .header("content-length", "0");
    java_reads(&pump.asks(poll).await);

    let operator = house.operator();
    let revocation = operator.revokes_certificate(&pump, &certified).await;
    revocation.because("superseded").await;
    let failed = pump.polls(&told.operation()).await;
    failed.failed("certificate_revoked");
    java_reads(&failed);
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c_keeps_its_connection_and_is_known_on_it_by_the_handshake() {
    let (house, pump) = device("2021-06-01").await;
    let mut wire = pump.connects().await;
    let host = format!("{}:443", pump.door.address.ip());
    let as_c = |request: Request| {
        let request = request
            .header("Host", &host)
            .header("UserAgent", "prov_device_client/1.0");
        request.header("Connection", "keep-alive")
    };
    let first = as_c(pump.register(&with_request(&KeyPair::new())));
    let told = Told {
        answer: wire.ask(&first).await.expect("an answer"),
    };
    let certified = told.certified();
    assert!(told.state()["assignedHub"].is_string() && told.state()["deviceId"] == ID);
    let poll = Request::new("GET", &pump.target(&format!("/operations/{}", told.operation())));
    let polled = wire.ask(&as_c(poll)).await.expect("on the same connection");
    assert_eq!(Told { answer: polled }.certified(), certified);
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_identity_service_takes_only_202_and_polls_whatever_it_was_told() {
    let (house, pump) = device("2021-06-01").await;
    let told = pump.registers().await;
    assert_eq!(told.answer.status, 202, "it takes nothing else");
    for _ in 0..2 {
        let polled = pump.polls(&told.operation()).await;
        assert!(matches!(polled.answer.status, 200 | 202));
        assert!(
            polled.assigned().state()["registrationId"].is_string(),
            "it demands one"
        );
    }
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_goes_before_a_certificate_on_the_same_connection() {
    let (house, pump) = device("2026-11-01").await;
    let body = json!({ "registrationId": ID });
    for (authorization, slug) in [
        ("Bearer x", "method_not_accepted"),
        ("SharedAccessSignature x", "token_malformed"),
    ] {
        let with_token = pump.register(&body).header("Authorization", authorization);
        pump.asks(with_token).await.refused(401, slug);
    }
    pump.registers().await.assigned();
    house.ends_well().await;
}
