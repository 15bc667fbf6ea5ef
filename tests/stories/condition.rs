// SPDX-License-Identifier: Apache-2.0
//! `ETag`, `If-Match` and `If-None-Match` on the admin plane: whoever changes a thing can say which state of it they know.

use futures::future::join_all;
use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};
use tamga_tests::wire::{Answer, Request};

/// The tag of a thing, as its reader is shown it.
async fn tag(operator: &Operator, path: &str) -> String {
    let answer = operator.gets(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let tag = answer
        .header("etag")
        .unwrap_or_else(|| panic!("{path} has no ETag"));
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 4,
        "a strong one: {tag}"
    );
    tag.to_owned()
}

/// A call that expects this.
fn call(operator: &Operator, (method, path): (&str, &str), expects: &str) -> Request {
    Request::new(method, &operator.target(path)).header("If-Match", expects)
}

async fn acts(house: &House, act: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM journal WHERE act = '{act}' AND outcome = 'done'");
    house.memory().number(&query).await
}

/// A house with one of each thing that is changed, and its names.
async fn furnished() -> (House, Vec<(&'static str, String, Request)>) {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.creates_group("line").await;
    operator.enrolls("fan-1").await;
    let vendor = Vendor::root("Vendor Root", &house.clock);
    operator.brings_anchor("vendor", &vendor, json!({})).await;
    let visitor = operator.makes_account(&own, "visitor", Some("factory")).await;
    let assignment = operator.gives(&own, &visitor, "operator").await;
    let token = operator.makes_token(&own, &visitor, "factory").await;
    let birth = Birth::self_signed("pinned", &house.clock);
    let pinned = json!({ "holder": visitor, "certificate": data_encoding::BASE64.encode(birth.leaf()) });
    let pinned = operator.posts("/client-certificates", &pinned).await.json();
    let pinned = pinned["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let post = |path: &str| Request::new("POST", &operator.target(path));
    let delete = |path: &str| Request::new("DELETE", &operator.target(path));
    let things = vec![
        ("", post("/rename").json(&json!({ "displayName": "Pumps" }))),
        ("/groups/line", post("/groups/line/disable")),
        ("/groups/line", post("/groups/line/enable")),
        ("/groups/line", post("/groups/line/regenerate-key").json(&json!({ "slot": "primary" }))),
        ("/groups/line", Request::new("PUT", &operator.target("/groups/line")).json(&json!({ "rekeysPerDay": 7 }))),
        ("/groups/line", delete("/groups/line")),
        ("/enrollments/fan-1", post("/enrollments/fan-1/disable")),
        ("/enrollments/fan-1", post("/enrollments/fan-1/enable")),
        (
            "/enrollments/fan-1",
            post("/enrollments/fan-1/regenerate-key").json(&json!({ "slot": "secondary" })),
        ),
        (
            "/enrollments/fan-1",
            Request::new("PUT", &operator.target("/enrollments/fan-1")).json(&json!({ "rekey": "refuse" })),
        ),
        ("/enrollments/fan-1", delete("/enrollments/fan-1")),
        ("/anchors/vendor", post("/anchors/vendor/disable")),
        ("/anchors/vendor", post("/anchors/vendor/enable")),
        ("/anchors/vendor", post("/anchors/vendor/status").json(&json!({ "status": "crl" }))),
        (
            "/anchors/vendor",
            post("/anchors/vendor/intermediates").json(
                &json!({ "certificate": data_encoding::BASE64.encode(vendor.intermediate("Plant").certificate()) }),
            ),
        ),
        (
            "/anchors/vendor",
            post("/anchors/vendor/lists")
                .header("Content-Type", "application/pkix-crl")
                .body(vendor.lists(&[])),
        ),
        ("/anchors/vendor", delete("/anchors/vendor")),
        ("/accounts/visitor", post("/accounts/visitor/disable")),
        ("/accounts/visitor", post("/accounts/visitor/enable")),
    ];
    let mut things: Vec<_> = things
        .into_iter()
        .map(|(path, request)| ("changed", path.to_owned(), request))
        .collect();
    for path in [
        format!("/assignments/{assignment}"),
        format!("/tokens/{}", token.id),
        format!("/client-certificates/{pinned}"),
    ] {
        let request = delete(&path);
        things.push(("ended", path, request));
    }
    (house, things)
}

#[story]
async fn whoever_knows_another_state_changes_nothing_and_whoever_knows_this_one_does() {
    let (house, things) = furnished().await;
    let operator = house.operator();
    let me = format!("local:{}", rustix::process::geteuid().as_raw());
    for (_, path, request) in things {
        let known = tag(&operator, &path).await;
        let other = tag(&operator, if path.is_empty() { "/accounts/visitor" } else { "" }).await;
        let stale = known.replace('.', ".9");
        let before = house.stands().await;
        for wrong in [
            &stale,
            &other,
            &format!("W/{known}"),
            &format!("{stale}, {other}"),
        ] {
            let answer = operator.asks(request.clone().header("If-Match", wrong)).await;
            before
                .refused_to(&me, &answer, (412, "precondition_failed"))
                .await;
        }
        for spared in [&known, &format!("W/{known}"), "*"] {
            let answer = operator
                .asks(request.clone().header("If-None-Match", spared))
                .await;
            before
                .refused_to(&me, &answer, (412, "precondition_failed"))
                .await;
        }
        for unreadable in ["line", "\"line", "*, \"a\"", ""] {
            let answer = operator
                .asks(request.clone().header("If-Match", unreadable))
                .await;
            before.refused_at_the_rim(&answer, (400, "header_invalid")).await;
        }
        let known = format!("{stale}, {known}");
        let answer = operator.asks(request.header("If-Match", &known)).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
        let now = operator.gets(&path).await;
        assert!(
            now.header("etag").is_none_or(|now| !known.contains(now)),
            "{path}: what is shown has changed, and its tag with it"
        );
    }
    house.ends_well().await;
}

#[story]
async fn whoever_reads_what_they_have_is_told_only_that() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    for path in ["/groups/line", ""] {
        let known = tag(&operator, path).await;
        let get =
            |name: &'static str, value: &str| Request::new("GET", &operator.target(path)).header(name, value);
        for spared in [
            known.clone(),
            format!("W/{known}"),
            format!("\"a\", {known}"),
            "*".to_owned(),
        ] {
            let answer = operator.asks(get("If-None-Match", &spared)).await;
            assert_eq!(
                (answer.status, answer.header("etag")),
                (304, Some(known.as_str())),
                "{spared}"
            );
            assert!(answer.body.is_empty());
        }
        let answer = operator.asks(get("If-None-Match", "\"other\"")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = operator.asks(get("If-Match", &known)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = operator.asks(get("If-Match", "\"other\"")).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (412, &json!("precondition_failed"))
        );
        let answer = operator.asks(get("If-None-Match", "nothing")).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("header_invalid"))
        );
    }
    let elsewhere = operator
        .asks(Request::new("GET", &operator.target("/groups/nowhere")).header("If-Match", "*"))
        .await;
    assert_eq!(elsewhere.status, 404, "what is not there has no state");
    let elsewhere = operator
        .asks(call(&operator, ("POST", "/groups/nowhere/disable"), "\"a\""))
        .await;
    assert_eq!(elsewhere.status, 404, "{}", elsewhere.text());
    house.ends_well().await;
}

#[story]
async fn of_two_who_know_the_same_state_exactly_one_changes_it() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    for round in 0..4_i64 {
        let known = tag(&operator, "/groups/line").await;
        let asked = (0..8_i64).map(|one| {
            let terms = json!({ "rekeysPerDay": 100 + round * 10 + one });
            let request = call(&operator, ("PUT", "/groups/line"), &known).json(&terms);
            let operator = &operator;
            async move { operator.asks(request).await }
        });
        let answers = join_all(asked).await;
        let statuses = |wanted| {
            answers
                .iter()
                .filter(|answer: &&Answer| answer.status == wanted)
                .count()
        };
        assert_eq!((statuses(200), statuses(412)), (1, 7), "round {round}");
        let won = answers.iter().find(|answer| answer.status == 200).expect("one");
        let now = operator.gets("/groups/line").await;
        assert_eq!(won.json()["rekeysPerDay"], now.json()["rekeysPerDay"]);
        assert_eq!(acts(&house, "group.update").await, round + 1);
    }
    house.ends_well().await;
}

#[story]
async fn where_there_is_no_version_to_compare_nobody_is_told_that_it_was_compared() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.makes_organization(&own, "yard").await;
    let line = operator.creates_group("line").await;
    operator.makes_station("flash-1", "line", json!({})).await;
    operator.grants("profile", "device", "yard").await;
    let pump = line.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let certificate = operator.looks_at_certificate(&pump, &certified).await["id"].clone();
    let grants = operator.gets("/grants").await.json();
    let grant = grants["items"][0]["id"].as_str().expect("a grant").to_owned();
    let revocation = format!("/certificates/{}/revoke", certificate.as_str().expect("an id"));
    let profile = operator.gets("/profiles/device/revisions/1").await.json()["config"].clone();
    let call = |method: &str, path: &str| Request::new(method, &operator.target(path));
    let because = json!({ "reason": "superseded" });
    let before = house.stands().await;
    for request in [
        call("GET", "/stations/flash-1"),
        call("POST", "/stations/flash-1/disable"),
        call("DELETE", "/stations/flash-1"),
        call("GET", "/profiles/device"),
        call("POST", "/profiles/device/revisions").json(&profile),
        call("POST", "/issuers/device-issuer/retire"),
        call("DELETE", &format!("/grants/{grant}")),
        call("POST", "/devices/pump-1/disable"),
        call("POST", "/devices/pump-1/revoke").json(&because),
        call("DELETE", "/devices/pump-1"),
        call("POST", &revocation).json(&because),
        call("POST", "/groups").json(&json!({ "name": "other" })),
    ] {
        for tags in ["*", "\"sta_a.1\""] {
            let told = operator.asks(request.clone().header("If-Match", tags)).await;
            before
                .refused_at_the_rim(&told, (400, "precondition_unsupported"))
                .await;
            assert!(told.text().contains("leave the header out"), "{}", told.text());
        }
    }
    let told = call("POST", "/groups").json(&json!({ "name": "other" }));
    let told = operator.asks(told.header("If-None-Match", "*")).await;
    before
        .refused_at_the_rim(&told, (400, "precondition_unsupported"))
        .await;
    let told = call("GET", "/stations/flash-1").header("If-None-Match", "\"sta_a.1\"");
    assert_eq!(
        operator.asks(told).await.status,
        200,
        "read in vain is read whole"
    );
    house.ends_well().await;
}
