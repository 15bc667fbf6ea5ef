// SPDX-License-Identifier: Apache-2.0
//! What the contract says of profiles, issuers and grants is what is answered.

use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::openapi::Document;
use tamga_tests::story;
use tamga_tests::wire::Request;

#[story]
async fn profiles_issuers_and_grants_are_answered_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    let shown = operator.gets("/profiles/device").await.json();
    let config = shown["config"].clone();
    let mut wrong = config.clone();
    wrong["usage"] = json!("toaster");
    let issuer = json!({ "kind": "issuer", "name": "device-issuer", "to": "plant" });
    let calls = [
        ("GET", "/profiles", None, 200),
        ("GET", "/profiles?limit=1&sort=-usableSince", None, 200),
        ("GET", "/profiles?sort=name", None, 400),
        ("GET", "/profiles/device", None, 200),
        ("GET", "/profiles/nobody", None, 404),
        (
            "POST",
            "/profiles",
            Some(json!({ "name": "short", "config": config })),
            201,
        ),
        (
            "POST",
            "/profiles",
            Some(json!({ "name": "short", "config": config })),
            409,
        ),
        (
            "POST",
            "/profiles",
            Some(json!({ "name": "wrong", "config": wrong })),
            422,
        ),
        ("POST", "/profiles", Some(json!({ "name": "wrong" })), 400),
        ("POST", "/profiles/short/revisions", Some(config), 201),
        ("POST", "/profiles/short/revisions", Some(wrong), 422),
        ("GET", "/profiles/short/revisions", None, 200),
        ("GET", "/profiles/short/revisions/2", None, 200),
        ("GET", "/profiles/short/revisions/3", None, 404),
        ("GET", "/issuers", None, 200),
        ("GET", "/issuers/device-issuer", None, 200),
        ("GET", "/issuers/device-root", None, 200),
        ("GET", "/issuers/nobody", None, 404),
        ("POST", "/grants", Some(issuer.clone()), 201),
        ("POST", "/grants", Some(issuer), 409),
        (
            "POST",
            "/grants",
            Some(json!({ "kind": "issuer", "name": "device-issuer", "to": "acme" })),
            422,
        ),
        ("GET", "/grants", None, 200),
        ("GET", "/grants/issuer:plant:device-issuer", None, 200),
        ("GET", "/grants/issuer:plant:nothing", None, 404),
        ("DELETE", "/grants/issuer:plant:device-issuer", None, 204),
        ("DELETE", "/grants/issuer:plant:device-issuer", None, 404),
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
    house.ends_well().await;
}

#[story]
async fn approvals_are_answered_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    let petra = operator.invites_person("acme", "petra", "administrator").await;
    let petra = house.visitor().within("acme").with_token(&petra.text);
    let mut places = Vec::new();
    for _ in 0..3 {
        let target = operator.target("/issuers/device-issuer/retire");
        let answer = operator.asks(Request::new("POST", &target)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        document.assert_describes("POST", &target, &answer);
        places.push((
            answer.header("location").expect("a place").to_owned(),
            answer.json()["digest"].clone(),
        ));
    }
    let [(first, digest), (second, _), (third, _)] = places.as_slice() else {
        panic!("three")
    };
    let seen = Some(json!({ "digest": digest }));
    let reason = Some(json!({ "reason": "not now" }));
    let approvals = "/v1/organizations/acme/approvals".to_owned();
    let calls = [
        ("GET", approvals.clone(), None, 200),
        (
            "GET",
            format!("{approvals}?state=waiting&limit=1&sort=createdAt"),
            None,
            200,
        ),
        ("GET", format!("{approvals}?state=asleep"), None, 400),
        ("GET", first.clone(), None, 200),
        (
            "GET",
            format!("{approvals}/apr_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            None,
            404,
        ),
        ("POST", format!("{first}/withdraw"), None, 403),
        (
            "POST",
            format!("{first}/approve"),
            Some(json!({ "digest": "x" })),
            422,
        ),
        (
            "POST",
            format!("{first}/approve"),
            Some(json!({ "digest": "b".repeat(64) })),
            409,
        ),
        ("POST", format!("{first}/approve"), seen.clone(), 200),
        ("POST", format!("{first}/approve"), seen, 409),
        (
            "POST",
            format!("{second}/refuse"),
            Some(json!({ "reason": "" })),
            422,
        ),
        ("POST", format!("{second}/refuse"), reason, 200),
        ("GET", second.clone(), None, 200),
    ];
    for (method, target, body, status) in calls {
        let request = Request::new(method, &target);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = petra.asks(request).await;
        assert_eq!(answer.status, status, "{method} {target}: {}", answer.text());
        document.assert_describes(method, &target, &answer);
    }
    for (verb, status) in [("refuse", 403), ("withdraw", 200)] {
        let target = format!("{third}/{verb}");
        let request = Request::new("POST", &target);
        let request = match verb {
            "refuse" => request.json(&json!({ "reason": "x" })),
            _ => request,
        };
        let answer = operator.asks(request).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        document.assert_describes("POST", &target, &answer);
    }
    let target = operator.target("/issuers/device-issuer/retire");
    let answer = operator.asks(Request::new("POST", &target)).await;
    assert_eq!(answer.status, 204, "it retires already");
    document.assert_describes("POST", &target, &answer);
    house.ends_well().await;
}
