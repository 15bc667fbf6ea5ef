// SPDX-License-Identifier: Apache-2.0
//! Paths, operations and bodies that are not what a client would send (A-108, A-114, A-191).

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;
use tamga_tests::wire::Request;

#[story]
async fn a_191_another_devices_operation_is_not_there() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, other) = (group.device("pump-1"), group.device("pump-2"));
    let plain = pump.registers().await.operation();
    let order = pump.enrolls(&KeyPair::new()).await.operation();
    other.enrolls(&KeyPair::new()).await.certified();
    assert!(order.len() >= 32 && order != plain, "128 random bits: {order}");

    let before = house.stands().await;
    let guessed = format!("{:032x}", 1);
    for operation in [&plain, &order, &guessed] {
        let told = other.polls(operation).await;
        before.only_refused(&told, (404, "not_found")).await;
    }
    for odd in ["x", "..", "%2e%2e", "0", &order[1..], &format!("{order}0")] {
        let told = other.polls(odd).await;
        assert_eq!(told.answer.status, 404, "{odd}: {}", told.answer.text());
        before.nothing_happened(&told).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_108_paths_play_no_games() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    pump.registers().await.assigned();
    let before = house.stands().await;
    let scope = &pump.door.scope;
    let paths = [
        format!("/{scope}/registrations/../registrations/pump-1/register"),
        format!("/{scope}/registrations/%2e%2e/register"),
        format!("/{scope}/registrations/pump-1%2Fregister"),
        format!("/{scope}/registrations/pump-1%252D/register"),
        format!("/{scope}/registrations/pump-1;a=b/register"),
        format!("/{scope}//registrations/pump-1/register"),
        format!("/{scope}/registrations/pump-1%00/register"),
        format!("/{scope}/registrations/pump-1%5c/register"),
        format!("/{scope}/registrations/pump-1./register"),
        format!("/{scope}/registrations/%c0%ae/register"),
        format!("/{scope}/registrations/%ff/register"),
        format!("/{scope}/registrations/{}/register", "p".repeat(129)),
        format!("/{scope}/registrations//register"),
        format!("/{scope}/REGISTRATIONS/pump-1/register"),
        format!("/{scope}/registrations/pump-1/register/"),
        "/".to_owned(),
        "/v1/organizations/acme/groups".to_owned(),
        "/healthz".to_owned(),
        "/metrics".to_owned(),
        "/bundle".to_owned(),
    ];
    let token = pump.token_now().signed_by(&pump.key);
    for path in paths {
        let request = Request::new("PUT", &path)
            .header("Authorization", &token)
            .json(&json!({}));
        let told = pump.asks(request).await;
        assert!(
            matches!(told.answer.status, 400 | 401 | 404 | 405),
            "{path}: {}",
            told.answer.text()
        );
        assert!(
            told.answer
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("application/json")),
            "{path}"
        );
        before.nothing_happened(&told).await;
    }
    house.ends_well().await;
}

#[story]
async fn bodies_have_limits_and_a_shape() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    pump.registers().await.assigned();
    let before = house.stands().await;
    let put = |body: Vec<u8>| {
        let token = pump.token_now().signed_by(&pump.key);
        let request = Request::new("PUT", &pump.target("/register")).header("Authorization", &token);
        pump.asks(request.header("Content-Type", "application/json").body(body))
    };
    let cases: [(Vec<u8>, u16, &str); 7] = [
        (vec![b' '; 96 * 1024 + 1], 413, "body_too_large"),
        (b"{".to_vec(), 400, "body_malformed"),
        (b"[]".to_vec(), 400, "body_malformed"),
        (b"\xff\xfe".to_vec(), 400, "body_malformed"),
        (
            br#"{"registrationId":"pump-2"}"#.to_vec(),
            400,
            "registration_id_mismatch",
        ),
        (br#"{"csr":{"a":1}}"#.to_vec(), 400, "csr_not_text"),
        (
            br#"{"csr":"AAAA","payload":{"csr":"BBBB"}}"#.to_vec(),
            400,
            "csr_twice",
        ),
    ];
    for (body, status, slug) in cases {
        let told = put(body).await;
        before.only_turned_away(&told, (status, slug)).await;
    }
    // What is unknown is skipped, what is empty says nothing, and Java's text is an object in disguise.
    let key = KeyPair::new();
    let csr = data_encoding::BASE64.encode(&key.request("pump-1"));
    let deep = [
        b"{\"payload\":".as_slice(),
        &b"[".repeat(30_000),
        &b"]".repeat(30_000),
        b"}",
    ]
    .concat();
    for fine in [
        Vec::new(),
        br#"{"new":{"a":[1,2]},"tpm":null,"payload":[[]]}"#.to_vec(),
        deep,
    ] {
        put(fine).await.assigned();
    }
    let java = json!({ "registrationId": "PUMP-1", "payload": json!({ "csr": csr }).to_string() });
    let told = put(java.to_string().into_bytes()).await;
    let certified = told.certified();
    assert!(
        told.state()["payload"].is_object(),
        "Java parses nothing but an object"
    );
    let both = json!({ "csr": csr, "payload": { "csr": csr } });
    let told = put(both.to_string().into_bytes()).await;
    assert_eq!(told.certified(), certified);
    assert_ne!(
        told.state()["issuedCertificateChain"],
        Value::Null,
        "by both doors"
    );
    house.ends_well().await;
}

#[story]
async fn a_lookup_takes_no_request_and_knows_nobody_it_has_not_met() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let before = house.stands().await;
    before
        .only_refused(&pump.looks_up().await, (404, "not_found"))
        .await;
    let token = pump.token_now().signed_by(&pump.key);
    let request = Request::new("POST", &pump.target("")).header("Authorization", &token);
    let told = pump.asks(request.json(&json!({ "csr": "AAAA" }))).await;
    before.only_turned_away(&told, (400, "csr_in_lookup")).await;
    house.ends_well().await;
}
