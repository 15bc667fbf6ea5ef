// SPDX-License-Identifier: Apache-2.0
//! The published documents are true: live answers of every plane are what `openapi/*.json` says.

use data_encoding::BASE64;
use serde_json::json;
use tamga_runtime::listener::Plane;
use tamga_tests::answer::Told;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::openapi::Document;
use tamga_tests::relying_party::{issuer_location, location};
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};
use tamga_tests::wire::Request;

#[story]
async fn the_device_plane_answers_as_described() {
    let house = House::with(|settings| settings.door.patience = std::time::Duration::from_millis(200)).await;
    let document = Document::of("device");
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let register = |told: &Told| document.assert_describes("PUT", &pump.target("/register"), &told.answer);
    let poll = |told: &Told| document.assert_describes("GET", &pump.target("/operations/x"), &told.answer);
    let lookup = |told: &Told| document.assert_describes("POST", &pump.target(""), &told.answer);

    lookup(pump.looks_up().await.refused(404, "not_found"));
    register(pump.registers().await.assigned());
    let birth = Birth::self_signed("fan-1", &pump.door.clock);
    operator.pins("fan-1", &birth).await;
    let fan = Device::born(pump.door.clone(), "fan-1", &birth);
    register(fan.registers().await.assigned());
    lookup(fan.looks_up().await.assigned());
    let stranger = fan.showing(&Birth::self_signed("fan-1", &pump.door.clock));
    register(stranger.registers().await.refused(401, "certificate_untrusted"));
    house.watch.holds();
    let pending = pump.enrolls(&key).await;
    register(pending.assigning());
    poll(pump.polls(&pending.operation()).await.assigning());
    house.watch.lets_go();
    tamga_tests::patience::eventually("assigned", || async {
        (pump.polls(&pending.operation()).await.state()["status"] == "assigned").then_some(())
    })
    .await;
    poll(pump.polls(&pending.operation()).await.assigned());
    let told = pump.enrolls(&key).await;
    register(&told);
    register(&pump.enrolls_by_payload(&key).await);
    lookup(pump.looks_up().await.assigned());
    poll(pump.polls(&format!("{:032x}", 1)).await.refused(404, "not_found"));
    register(
        pump.presents("Bearer x")
            .await
            .refused(401, "method_not_accepted"),
    );
    register(pump.sends(b"x").await.refused(400, "csr_malformed"));
    register(
        group
            .device("pump-2")
            .enrolls(&key)
            .await
            .refused(409, "key_in_use"),
    );
    let large = pump.register(&json!({})).body(vec![b' '; 100_000]);
    register(pump.asks(large).await.refused(413, "body_too_large"));
    let packed = pump.register(&json!({})).header("Content-Encoding", "gzip");
    register(pump.asks(packed).await.refused(415, "body_encoded"));
    house.watch.lets_fail(1);
    register(&group.device("pump-3").enrolls(&KeyPair::new()).await);
    operator
        .revokes_certificate(&pump, &told.certified())
        .await
        .because("superseded")
        .await;
    poll(
        pump.polls(&pending.operation())
            .await
            .failed("certificate_revoked"),
    );
    house.ends_well().await;
}

#[story]
async fn the_admin_plane_answers_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let seen = operator.looks_at_certificate(&pump, &certified).await;
    let certificate = format!("/certificates/{}/revoke", seen["id"].as_str().expect("an id"));
    let reason = Some(json!({ "reason": "superseded" }));
    let root = Vendor::root("Vendor Root", &operator.door.clock);
    let line = root.intermediate("Plant");
    let [vendor, plant, birth] = [
        root.certificate(),
        line.certificate(),
        line.births("fan-2").leaf(),
    ]
    .map(|der| BASE64.encode(der));
    let anchored = |anchor: &str| {
        let attestation = json!({ "type": "x509", "caReferences": { "primary": anchor } });
        json!({ "name": "vendor-line", "attestation": attestation })
    };
    let calls = [
        (
            "POST",
            "/groups",
            Some(json!({ "name": "hall", "rekey": "refuse", "rekeysPerDay": 3, "assignedHub": "hub" })),
            201,
        ),
        ("POST", "/groups", Some(json!({ "name": "hall" })), 409),
        ("POST", "/groups", Some(json!({ "name": "a b" })), 400),
        (
            "POST",
            "/groups",
            Some(json!({ "name": "yard", "unknown": 1 })),
            400,
        ),
        (
            "POST",
            "/groups",
            Some(json!({ "name": "yard", "rekeysPerDay": -1 })),
            422,
        ),
        ("GET", "/groups", None, 200),
        ("GET", "/groups?limit=1", None, 200),
        ("GET", "/groups?limit=0", None, 400),
        ("GET", "/groups?cursor=AQ", None, 400),
        (
            "GET",
            "/groups?state=enabled&attestation=symmetricKey&namePrefix=h&sort=-createdAt",
            None,
            200,
        ),
        ("GET", "/groups/hall", None, 200),
        ("GET", "/groups/nowhere", None, 404),
        ("POST", "/groups/hall/disable", None, 204),
        ("POST", "/groups/hall/enable", None, 204),
        ("POST", "/groups/nowhere/disable", None, 404),
        (
            "POST",
            "/enrollments",
            Some(json!({ "registrationId": "fan-1" })),
            201,
        ),
        ("GET", "/enrollments", None, 200),
        (
            "GET",
            "/enrollments?state=enabled&attestation=symmetricKey&registrationIdPrefix=f&sort=-createdAt&limit=1",
            None,
            200,
        ),
        ("GET", "/enrollments?namePrefix=f", None, 400),
        ("GET", "/enrollments/fan-1", None, 200),
        ("GET", "/enrollments/nobody", None, 404),
        ("POST", "/enrollments/fan-1/disable", None, 204),
        ("POST", "/enrollments/fan-1/enable", None, 204),
        ("GET", "/devices/pump-1", None, 200),
        ("GET", "/devices/nobody", None, 404),
        ("GET", "/id-scopes", None, 200),
        ("GET", "/id-scopes?sort=scope&limit=1", None, 200),
        ("GET", "/id-scopes?after=a", None, 400),
        (
            "POST",
            "/anchors",
            Some(json!({ "name": "vendor", "certificate": vendor, "status": "crl" })),
            201,
        ),
        (
            "POST",
            "/anchors",
            Some(json!({ "name": "vendor", "certificate": vendor })),
            409,
        ),
        (
            "POST",
            "/anchors",
            Some(json!({ "name": "other", "certificate": "x" })),
            400,
        ),
        (
            "POST",
            "/anchors",
            Some(json!({ "name": "other", "certificate": birth })),
            422,
        ),
        ("GET", "/anchors", None, 200),
        ("GET", "/anchors?limit=0", None, 400),
        (
            "GET",
            "/anchors?state=disabled&namePrefix=v&sort=-name",
            None,
            200,
        ),
        ("GET", "/anchors/vendor", None, 200),
        ("GET", "/anchors/nobody", None, 404),
        (
            "POST",
            "/anchors/vendor/intermediates",
            Some(json!({ "certificate": plant })),
            204,
        ),
        (
            "POST",
            "/anchors/vendor/intermediates",
            Some(json!({ "certificate": birth })),
            422,
        ),
        (
            "POST",
            "/anchors/vendor/status",
            Some(json!({ "status": "none" })),
            204,
        ),
        (
            "POST",
            "/anchors/vendor/status",
            Some(json!({ "status": "ocsp" })),
            400,
        ),
        ("POST", "/anchors/vendor/disable", None, 204),
        ("POST", "/anchors/vendor/enable", None, 204),
        ("POST", "/anchors/nobody/enable", None, 404),
        ("POST", "/anchors/vendor/lists", Some(json!({})), 415),
        ("POST", "/groups", Some(anchored("vendor")), 201),
        ("POST", "/groups", Some(anchored("nobody")), 404),
        ("GET", "/groups", None, 200),
        ("DELETE", "/anchors/vendor", None, 409),
        ("DELETE", "/anchors/nobody", None, 404),
        (
            "POST",
            "/enrollments",
            Some(json!({
                "registrationId": "fan-2",
                "attestation": { "type": "x509", "clientCertificates": { "primary": { "certificate": birth } } },
            })),
            201,
        ),
        (
            "POST",
            certificate.as_str(),
            Some(json!({ "reason": "because" })),
            400,
        ),
        ("POST", certificate.as_str(), reason.clone(), 200),
        ("POST", certificate.as_str(), reason.clone(), 200),
        ("POST", "/devices/pump-1/revoke", reason.clone(), 200),
        ("POST", "/devices/nobody/revoke", reason, 404),
        ("GET", "/devices/pump-1", None, 200),
    ];
    for (method, path, body, status) in calls {
        let target = operator.target(path);
        let request = Request::new(method, &target);
        // The admin plane is strict: a body is announced exactly so, or there is none.
        let request = match body {
            Some(body) => request
                .header("Content-Type", "application/json")
                .body(body.to_string().into_bytes()),
            None => request,
        };
        let answer = operator.asks(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        document.assert_describes(method, &target, &answer);
    }
    for (list, status) in [
        (root.lists(&[]), 200),
        (line.lists(&[]), 200),
        (b"x".to_vec(), 422),
    ] {
        let target = operator.target("/anchors/vendor/lists");
        let answer = operator.brings_list("vendor", list).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        document.assert_describes("POST", &target, &answer);
    }
    house.ends_well().await;
}

#[story]
async fn organizations_and_access_are_answered_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    let account = operator.makes_account("acme", "visitor", Some("auditor")).await;
    let token = operator.makes_token("acme", &account, "auditor").await;
    let birth = BASE64.encode(Birth::self_signed("visitor", &operator.door.clock).leaf());
    let calls = [
        (
            "POST",
            "/organizations",
            Some(json!({ "slug": "plant", "displayName": "Plant" })),
            201,
        ),
        ("POST", "/organizations", Some(json!({ "slug": "plant" })), 409),
        ("POST", "/organizations", Some(json!({ "slug": "Plant" })), 422),
        ("GET", "/organizations", None, 200),
        ("GET", "", None, 200),
        ("POST", "/rename", Some(json!({ "displayName": "Acme" })), 204),
        ("POST", "/rename", Some(json!({ "displayName": "" })), 422),
        ("POST", "/suspend", None, 204),
        ("POST", "/organizations", Some(json!({ "slug": "yard" })), 409),
        ("POST", "/resume", None, 204),
        ("POST", "/id-scopes", None, 201),
        (
            "POST",
            "/accounts",
            Some(json!({ "name": "jane", "kind": "person" })),
            201,
        ),
        (
            "POST",
            "/accounts",
            Some(json!({ "name": "jane", "kind": "person" })),
            409,
        ),
        (
            "POST",
            "/accounts",
            Some(json!({ "name": "jane", "kind": "robot" })),
            422,
        ),
        ("GET", "/accounts?limit=1", None, 200),
        ("GET", "/accounts/jane", None, 200),
        ("POST", "/accounts/jane/disable", None, 204),
        ("POST", "/accounts/jane/enable", None, 204),
        (
            "POST",
            "/assignments",
            Some(json!({ "principal": account, "role": "factory" })),
            201,
        ),
        (
            "POST",
            "/assignments",
            Some(json!({ "principal": account, "role": "factory" })),
            409,
        ),
        ("GET", "/assignments", None, 200),
        (
            "POST",
            "/tokens",
            Some(json!({ "name": "x", "holder": account, "role": "operator" })),
            403,
        ),
        (
            "POST",
            "/tokens",
            Some(json!({ "name": "x", "role": "auditor" })),
            422,
        ),
        ("GET", "/tokens", None, 200),
        (
            "POST",
            "/client-certificates",
            Some(json!({ "holder": account, "certificate": birth })),
            201,
        ),
        ("GET", "/client-certificates", None, 200),
    ];
    for (method, path, body, status) in calls {
        let target = operator.target(path);
        let request = Request::new(method, &target);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = operator.asks(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        document.assert_describes(method, &target, &answer);
    }
    let visitor = house.visitor();
    for (visitor, status) in [(visitor.with_token(&token.text), 200), (visitor, 401)] {
        for target in ["/v1/whoami", "/v1/roles", "/v1/organizations"] {
            let answer = visitor.asks(Request::new("GET", target)).await;
            assert_eq!(answer.status, status, "{target}: {}", answer.text());
            document.assert_describes("GET", target, &answer);
        }
    }
    house.ends_well().await;
}

#[story]
async fn the_status_plane_answers_as_described() {
    let house = House::new().await;
    let document = Document::of("status");
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let path = |url: Option<String>| {
        let url = url.expect("a URL");
        url.strip_prefix(&format!("http://{}", house.address(Plane::Status)))
            .expect("of this house")
            .to_owned()
    };
    let places = [
        (path(location(certified.leaf())), 200),
        (path(issuer_location(certified.leaf())), 200),
        ("/bundle".to_owned(), 200),
        ("/c/iss_nobody/0.crl".to_owned(), 404),
    ];
    for (target, status) in places {
        let answer = house.asks(Plane::Status, &target).await;
        assert_eq!(answer.status, status, "{target}");
        document.assert_describes("GET", &target, &answer);
    }
    house.ends_well().await;
}
