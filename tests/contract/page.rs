// SPDX-License-Identifier: Apache-2.0
//! The page that shows the contract: whole without a network, and as strict as a browser can be told to be.

use tamga_tests::house::House;
use tamga_tests::wire::{Answer, Request};

use crate::stand::here;

async fn gets(house: &House, target: &str) -> Answer {
    let answer = house.operator().asks(Request::new("GET", target)).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_whole_and_loads_nothing_from_elsewhere() {
    let house = House::new().await;
    let page = gets(&house, "/v1/docs").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let text = page.text();
    let places: Vec<&str> = text
        .split(['"', '\''])
        .filter(|word| word.starts_with('/') && word.len() > 1)
        .collect();
    assert!(
        places.contains(&"/v1/openapi.json") && places.len() == 5,
        "{places:?}"
    );
    for elsewhere in [
        "http:",
        "https:",
        "\"//",
        "style=",
        "onload",
        "<style",
        "javascript:",
    ] {
        assert!(!text.contains(elsewhere), "{elsewhere}");
    }
    assert!(!text.contains("<script>"), "no inline code");
    for place in places {
        let file = gets(&house, place).await;
        assert!(file.body.len() > 20, "{place}");
        assert_strict(place, &file);
        let packed = file.header("content-encoding") == Some("gzip");
        assert_eq!(packed, file.body.starts_with(&[0x1f, 0x8b]), "{place}");
    }
    house.ends_well().await;
}

fn assert_strict(place: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{place}: {policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'),
        "{policy}"
    );
    assert_eq!(
        answer.header("x-content-type-options"),
        Some("nosniff"),
        "{place}"
    );
    for absent in ["set-cookie", "access-control-allow-origin"] {
        assert_eq!(answer.header(absent), None, "{place}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_house_hands_out_the_very_document_of_its_repository() {
    let house = House::new().await;
    let handed = gets(&house, "/v1/openapi.json").await;
    let kept = std::fs::read(here("../../openapi/admin.json")).expect("the document");
    assert_eq!(handed.body, kept);
    let nothing = house
        .operator()
        .asks(Request::new("GET", "/v1/docs/index.html"))
        .await;
    assert_eq!(nothing.status, 404, "{}", nothing.text());
    house.ends_well().await;
}
