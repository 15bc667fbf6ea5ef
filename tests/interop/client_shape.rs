// SPDX-License-Identifier: Apache-2.0
//! Requests in the shapes of clients that cannot be run here: .NET, Java, C, the identity service of IoT Edge, and those
//! of the newest API versions. What each demands of an answer was read in its source.

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_tests::answer::Told;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::sas::{C, C_SHARP, Dialect, IDENTITY_SERVICE, JAVA};
use tamga_tests::wire::Request;

/// A house, and a device of it that speaks like a client and names its version.
async fn device(dialect: Dialect, api_version: &'static str) -> (House, Device) {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let mut device = group.device("Pump:1_a.b-c").speaking(dialect);
    device.api_version = api_version;
    (house, device)
}

/// What Java dereferences, whatever the outcome.
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
    assert!(
        state["payload"].is_null() || state["payload"].is_object(),
        "{body}"
    );
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dotnet_escapes_the_id_and_takes_only_202_for_a_registration() {
    let (house, pump) = device(C_SHARP, "2019-03-31").await;
    let mut escaped = pump.register(
        &json!({ "registrationId": "Pump:1_a.b-c", "payload": { "csr": csr_of(&KeyPair::new()) } }),
    );
    escaped.target = escaped.target.replace("Pump:1", "Pump%3A1");
    let escaped = escaped
        .header("Accept", "application/json")
        .header("User-Agent", "Microsoft.Azure.Devices.Provisioning.Client/1.19");
    let told = pump.asks(escaped).await;
    assert_eq!(told.answer.status, 202);
    let certified = told.certified();
    let polled = pump.polls(&told.operation()).await;
    assert_eq!((polled.answer.status, polled.certified()), (200, certified));
    let refused = pump.speaking(C_SHARP).sends(b"x").await;
    let error = refused.answer.json();
    assert!(error["errorCode"].is_u64() && error["trackingId"].is_string() && error["message"].is_string());
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_writes_headers_in_lower_case_an_empty_skn_and_its_payload_as_text() {
    let (house, pump) = device(JAVA, "2019-03-31").await;
    let key = KeyPair::new();
    let payload = json!({ "csr": csr_of(&key) }).to_string();
    let body = json!({ "registrationId": "Pump:1_a.b-c", "payload": payload });
    let told = pump.asks(in_lower_case(pump.register(&body))).await;
    java_reads(&told);
    let certified = told.certified();
    assert_eq!(certified.spki_hash(), key.spki_hash());

    // Its polls carry the headers of a body, and none.
    let operation = told.operation();
    let token = pump.token_now().signed_by(&pump.key);
    let poll = Request::new("GET", &pump.target(&format!("/operations/{operation}")))
        .header("authorization", &token)
        .header("content-type", "application/json")
        .header("content-length", "0");
    let polled = pump.asks(poll).await;
    java_reads(&polled);
    assert_eq!(polled.certified(), certified);
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_can_read_what_failed() {
    let (house, pump) = device(JAVA, "2019-03-31").await;
    let told = pump.enrolls(&KeyPair::new()).await;
    let certified = told.certified();
    let operator = house.operator();
    operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("superseded")
        .await;
    let failed = pump.polls(&told.operation()).await;
    failed.failed("certificate_revoked");
    java_reads(&failed);
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c_names_the_port_keeps_its_connection_and_polls_without_a_body() {
    let (house, pump) = device(C, "2021-06-01").await;
    let mut wire = pump.connects().await;
    let host = format!("{}:443", pump.door.address.ip());
    let as_c = |request: Request| {
        let request = request
            .header("Host", &host)
            .header("UserAgent", "prov_device_client/1.0");
        request.header("Connection", "keep-alive")
    };
    let body = json!({ "registrationId": "Pump:1_a.b-c", "payload": { "csr": csr_of(&KeyPair::new()) } });
    let told = Told {
        answer: wire.ask(&as_c(pump.register(&body))).await.expect("an answer"),
    };
    let certified = told.certified();
    assert_eq!(
        told.state()["assignedHub"],
        pump.door.address.ip().to_string(),
        "the name it asked for, without the port"
    );
    let token = pump.token_now().signed_by(&pump.key);
    let poll = Request::new("GET", &pump.target(&format!("/operations/{}", told.operation())));
    let polled = wire
        .ask(&as_c(poll.header("Authorization", &token)))
        .await
        .expect("on the same connection");
    assert_eq!(Told { answer: polled }.certified(), certified);
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_identity_service_polls_whatever_it_was_told_with_tokens_of_thirty_seconds() {
    let (house, pump) = device(IDENTITY_SERVICE, "2021-06-01").await;
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
async fn every_version_in_the_field_is_served_and_the_newest_get_their_chain_by_csr() {
    let (house, pump) = device(C_SHARP, "2025-07-01-preview").await;
    let key = KeyPair::new();
    let certified = pump.enrolls(&key).await.certified();
    for version in ["2026-11-01", "2026-11-02-preview", "2026-11-15-preview"] {
        let newest = Device {
            api_version: version,
            ..pump.clone()
        };
        let told = newest.enrolls(&key).await;
        assert_eq!(told.certified(), certified, "{version}");
        assert!(
            told.state()["issuedCertificateChain"].is_array() && told.state()["payload"].is_null(),
            "{version}"
        );
    }
    let older = [
        "2017-08-31-preview",
        "2018-04-01",
        "2018-09-01-preview",
        "2018-11-01",
        "2019-03-31",
        "2021-06-01",
        "2021-10-01",
    ];
    for version in older {
        let older = Device {
            api_version: version,
            ..pump.clone()
        };
        older.registers().await.assigned();
        assert_eq!(
            older.enrolls_by_payload(&key).await.certified(),
            certified,
            "{version}"
        );
    }
    let forced = pump.register(&json!({ "registrationId": "Pump:1_a.b-c", "tpm": Value::Null }));
    let target = format!("{}&forceRegistration=true", forced.target);
    pump.asks(Request { target, ..forced }).await.assigned();
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_come_wrapped_in_every_way() {
    let (house, pump) = device(C, "2026-11-01").await;
    let key = KeyPair::new();
    let der = key.request("Pump:1_a.b-c");
    let bare = BASE64.encode(&der);
    let lines: Vec<&str> = bare
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    let armour = |end: &str| {
        let body = lines.join(end);
        format!("-----BEGIN CERTIFICATE REQUEST-----{end}{body}{end}-----END CERTIFICATE REQUEST-----{end}")
    };
    let certified = pump.sends(&der).await.certified();
    for text in [lines.join("\n"), lines.join("\r\n"), armour("\n"), armour("\r\n")] {
        let told = pump
            .puts(&json!({ "registrationId": "Pump:1_a.b-c", "csr": text }))
            .await;
        assert_eq!(told.certified(), certified, "{text}");
    }
    house.ends_well().await;
}

fn csr_of(key: &KeyPair) -> String {
    BASE64.encode(&key.request("Pump:1_a.b-c"))
}

fn in_lower_case(mut request: Request) -> Request {
    for (name, _) in &mut request.headers {
        name.make_ascii_lowercase();
    }
    request
}
