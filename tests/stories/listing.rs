// SPDX-License-Identifier: Apache-2.0
//! Lists of the admin plane: pages, cursors and filters, and what is tried with them.

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::operator::Operator;
use tamga_tests::story;
use tamga_tests::vendor::Birth;
use tamga_tests::wire::{Answer, Request};

async fn get(operator: &Operator, path: &str) -> Answer {
    operator.asks(Request::new("GET", &operator.target(path))).await
}

async fn page(operator: &Operator, path: &str) -> (Vec<String>, Option<String>) {
    let answer = get(operator, path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let next = body["next"].as_str().map(str::to_owned);
    let link = answer.header("link").map(str::to_owned);
    assert_eq!(next.is_some(), link.is_some(), "both or neither");
    if let (Some(next), Some(link)) = (&next, link) {
        assert!(
            link.starts_with("</v1/") && link.ends_with(">; rel=\"next\""),
            "{link}"
        );
        assert!(link.contains(&format!("cursor={next}")), "{link}");
    }
    let items = body["items"].as_array().expect("items").iter();
    let name = |item: &Value| {
        let named = [&item["name"], &item["registrationId"], item];
        named.into_iter().find_map(Value::as_str).map(str::to_owned)
    };
    (items.map(|item| name(item).expect("a name")).collect(), next)
}

#[story]
async fn a_list_is_walked_in_pages_whatever_comes_and_goes_meanwhile() {
    let house = House::new().await;
    let operator = house.operator();
    for name in ["Bolt", "Cam", "Drum", "Edge"] {
        operator.creates_group(name).await;
    }
    let (names, next) = page(&operator, "/groups?limit=2").await;
    assert_eq!(names, ["Bolt", "Cam"]);
    let next = next.expect("there is more");
    // One comes before where the page ended, one after, and one that is still to come changes.
    operator.creates_group("arc").await;
    operator.creates_group("damper").await;
    operator.disables("groups/drum").await;
    let (names, rest) = page(&operator, &format!("/groups?limit=2&cursor={next}")).await;
    assert_eq!(names, ["damper", "Drum"]);
    let rest = rest.expect("there is more");
    let (names, end) = page(&operator, &format!("/groups?limit=9&cursor={rest}")).await;
    assert_eq!((names, end), (vec!["Edge".to_owned()], None));

    for (query, expected) in [
        ("sort=-name&limit=2", vec!["Edge", "Drum"]),
        ("state=disabled", vec!["Drum"]),
        ("namePrefix=D", vec!["damper", "Drum"]),
        ("attestation=x509", vec![]),
        (
            "attestation=symmetricKey&state=enabled&namePrefix=b&sort=createdAt",
            vec!["Bolt"],
        ),
        ("sort=createdAt&limit=2", vec!["Bolt", "Cam"]),
        ("sort=-createdAt&limit=2", vec!["damper", "arc"]),
    ] {
        let (names, _) = page(&operator, &format!("/groups?{query}")).await;
        assert_eq!(names, expected, "{query}");
    }
    let (scopes, end) = page(&operator, "/id-scopes").await;
    assert_eq!((scopes.len(), end), (1, None));
    house.ends_well().await;
}

#[story]
async fn what_was_made_is_read_again_without_its_keys_one_by_one_and_in_pages() {
    let house = House::new().await;
    let operator = house.operator();
    let birth = Birth::self_signed("Fan-1", &house.clock);
    for name in ["Pump-2", "pump-1", "valve-1"] {
        operator.enrolls(name).await;
    }
    operator.pins("Fan-1", &birth).await;
    operator
        .creates_group_with("Line", json!({ "rekey": "refuse", "assignedHub": "hub:8883" }))
        .await;
    operator.disables("enrollments/pump-2").await;
    for (query, expected) in [
        ("", vec!["Fan-1", "pump-1", "Pump-2", "valve-1"]),
        ("sort=-registrationId&limit=2", vec!["valve-1", "Pump-2"]),
        ("sort=createdAt&limit=2", vec!["Pump-2", "pump-1"]),
        ("state=disabled", vec!["Pump-2"]),
        ("attestation=x509", vec!["Fan-1"]),
        ("registrationIdPrefix=PUMP&state=enabled", vec!["pump-1"]),
    ] {
        let (names, _) = page(&operator, &format!("/enrollments?{query}")).await;
        assert_eq!(names, expected, "{query}");
    }
    let (first, next) = page(&operator, "/enrollments?limit=3").await;
    let rest = page(
        &operator,
        &format!("/enrollments?cursor={}", next.expect("there is more")),
    )
    .await;
    assert_eq!((first.len(), rest), (3, (vec!["valve-1".to_owned()], None)));

    let pump = get(&operator, "/enrollments/PUMP-2").await;
    assert_eq!(pump.status, 200, "{}", pump.text());
    let shown = pump.json();
    assert_eq!(
        (&shown["registrationId"], &shown["state"], &shown["attestation"]),
        (
            &json!("Pump-2"),
            &json!("disabled"),
            &json!({ "type": "symmetricKey" })
        )
    );
    let fan = get(&operator, "/enrollments/fan-1").await.json();
    assert!(
        fan["attestation"]["clientCertificates"]["primary"]["info"]["sha256"].is_string(),
        "{fan}"
    );
    let line = get(&operator, "/groups/line").await.json();
    assert_eq!(
        (
            &line["name"],
            &line["rekey"],
            &line["assignedHub"],
            &line["attestation"]
        ),
        (
            &json!("Line"),
            &json!("refuse"),
            &json!("hub:8883"),
            &json!({ "type": "symmetricKey" })
        )
    );
    let before = house.stands().await;
    for nothing in ["/groups/pump-1", "/enrollments/line", "/enrollments/nobody"] {
        let answer = get(&operator, nothing).await;
        before.refused_at_the_rim(&answer, (404, "not_found")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_135_a_cursor_is_good_for_the_list_it_was_given_out_for_and_for_no_other() {
    let house = House::new().await;
    let operator = house.operator();
    for name in ["one", "two", "three"] {
        operator.creates_group(name).await;
    }
    let (_, cursor) = page(&operator, "/groups?limit=1&state=enabled").await;
    let cursor = cursor.expect("there is more");
    let other_organization = format!("/v1/organizations/rival/groups?limit=1&state=enabled&cursor={cursor}");
    let nowhere = format!("/v1/organizations/-/groups?limit=1&state=enabled&cursor={cursor}");
    let before = house.stands().await;
    for target in [
        other_organization,
        operator.target(&format!("/groups?limit=1&cursor={cursor}")),
        operator.target(&format!("/groups?limit=1&state=disabled&cursor={cursor}")),
        operator.target(&format!(
            "/groups?limit=1&state=enabled&sort=-name&cursor={cursor}"
        )),
        operator.target(&format!("/anchors?limit=1&state=enabled&cursor={cursor}")),
        operator.target(&format!("/id-scopes?cursor={cursor}")),
        operator.target(&format!("/groups?state=enabled&cursor={cursor}A")),
        operator.target(&format!("/groups?state=enabled&cursor={}", &cursor[1..])),
        operator.target("/groups?cursor=b25l"),
        operator.target("/groups?cursor="),
        operator.target(&format!("/groups?cursor={}", "A".repeat(600))),
    ] {
        let answer = operator.asks(Request::new("GET", &target)).await;
        before.refused_at_the_rim(&answer, (400, "cursor_invalid")).await;
    }
    let answer = operator.asks(Request::new("GET", &nowhere)).await;
    before.refused_at_the_rim(&answer, (404, "not_found")).await;
    // Where it belongs it is good, as often as it is asked with.
    for limit in [1, 2] {
        let (names, _) = page(
            &operator,
            &format!("/groups?limit={limit}&state=enabled&cursor={cursor}"),
        )
        .await;
        assert_eq!(names[0], "three");
    }
    house.ends_well().await;
}

#[story]
async fn a_035_a_118_a_119_what_stands_for_something_elsewhere_stands_for_itself_here() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line_1").await;
    operator.creates_group("linex1").await;
    let before = house.stands().await;
    let (names, _) = page(&operator, "/groups?namePrefix=line_").await;
    assert_eq!(names, ["line_1"]);
    for query in [
        "namePrefix=%25",
        "namePrefix=line%25",
        "namePrefix=*",
        "namePrefix=)(",
        "namePrefix=%5Ba-z%5D",
        "namePrefix=l%27%20OR%201=1--",
        "sort=name%20DESC",
        "sort=(SELECT%201)",
        "state=enabled%27--",
        "columns=secret",
        "limit=0",
        "limit=-1",
        "limit=1000000000",
        "limit=9223372036854775808",
        "limit=1&limit=2",
        "page=1000000000",
        "offset=1",
        "after=line_1",
    ] {
        for list in ["groups", "enrollments", "anchors", "id-scopes"] {
            let answer = get(&operator, &format!("/{list}?{query}")).await;
            before.refused_at_the_rim(&answer, (400, "query_invalid")).await;
        }
    }
    for name in ["%25", "line%25", "line%2A", "%5F", "line_", ")(", "*"] {
        let answer = get(&operator, &format!("/anchors/{name}")).await;
        before.refused_at_the_rim(&answer, (404, "not_found")).await;
        let switch = Request::new("POST", &operator.target(&format!("/groups/{name}/disable")));
        before
            .refused_at_the_rim(&operator.asks(switch).await, (404, "not_found"))
            .await;
    }
    assert_eq!(
        get(&operator, "/groups?state=disabled").await.json(),
        json!({ "items": [] }),
        "none was disabled by a name that stands for many"
    );
    house.ends_well().await;
}
