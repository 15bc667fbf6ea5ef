// SPDX-License-Identifier: Apache-2.0
//! Grants: what a child may use of its parent's, and that it may use nothing else.

use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::story;
use tamga_tests::vendor::Vendor;

/// The same operator at work in another organization, and its devices at that one's door.
async fn within(operator: &Operator, slug: &str) -> Operator {
    let mut elsewhere = operator.clone();
    elsewhere.organization = slug.to_owned();
    let scopes = elsewhere.gets("/id-scopes").await.json();
    elsewhere.door.scope = scopes["items"][0].as_str().expect("a scope").to_owned();
    elsewhere
}

#[story]
async fn a_144_a_child_uses_of_its_parents_what_was_granted_and_nothing_else() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    operator.makes_organization("acme", "beside").await;
    let plant = within(&operator, "plant").await;
    let vendor = Vendor::root("Vendor Root", &house.clock);
    operator.brings_anchor("vendor", &vendor, json!({})).await;
    let by_anchor = json!({
        "name": "vendor-line",
        "attestation": { "type": "x509", "caReferences": { "primary": "vendor" } },
    });

    // Each of the three by itself is not enough.
    let line = json!({ "name": "line" });
    for granted in ["profile", "issuer"] {
        let before = house.stands().await;
        let refused = plant.posts("/groups", &line).await;
        before.refused_at_the_rim(&refused, (404, "not_found")).await;
        let thing = if granted == "profile" {
            "device"
        } else {
            "device-issuer"
        };
        operator.grants(granted, thing, "plant").await;
    }
    let before = house.stands().await;
    let refused = plant.posts("/groups", &by_anchor).await;
    before.refused_at_the_rim(&refused, (404, "not_found")).await;
    operator.grants("anchor", "vendor", "plant").await;
    assert_eq!(plant.posts("/groups", &by_anchor).await.status, 201);

    // What is granted to one is granted to no other, and issues as its owner's does.
    let beside = within(&operator, "beside").await;
    let before = house.stands().await;
    for named in [
        line.clone(),
        json!({ "name": "line", "issuer": "device-issuer", "profile": "device" }),
        by_anchor,
    ] {
        let refused = beside.posts("/groups", &named).await;
        before.refused_at_the_rim(&refused, (404, "not_found")).await;
    }
    let group = plant.creates_group("line").await;
    let certified = group.device("pump-1").enrolls(&KeyPair::new()).await.certified();
    let subject = certified.read().subject().to_string();
    assert!(subject.contains("O=plant"), "{subject}");
    let seen = plant.gets("/issuers/device-issuer").await.json();
    assert_eq!(
        (&seen["owner"], &seen["state"]),
        (&json!("acme"), &json!("active"))
    );
    house.ends_well().await;
}

#[story]
async fn a_grant_goes_down_the_tree_only_and_is_given_once() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    operator.makes_organization("plant", "hall").await;
    operator.makes_organization("acme", "beside").await;
    let plant = within(&operator, "plant").await;
    let before = house.stands().await;
    let asked = |name: &str, to: &str| json!({ "kind": "profile", "name": name, "to": to });
    for (from, name, to, refusal) in [
        // To itself, upwards, sideways, to nobody: one answer.
        (&operator, "device", "acme", (422, "invalid")),
        (&plant, "device", "acme", (422, "invalid")),
        (&plant, "device", "beside", (422, "invalid")),
        (&plant, "device", "nobody", (422, "invalid")),
        // What the giver does not own it does not give: neither nothing, nor its parent's.
        (&operator, "nothing", "plant", (404, "not_found")),
        (&plant, "device", "hall", (404, "not_found")),
    ] {
        let refused = from.posts("/grants", &asked(name, to)).await;
        before.refused_at_the_rim(&refused, refusal).await;
    }
    operator.grants("profile", "device", "plant").await;
    operator.grants("profile", "Device", "hall").await;
    let before = house.stands().await;
    let refused = operator.posts("/grants", &asked("device", "plant")).await;
    before.refused_at_the_rim(&refused, (409, "grant_held")).await;
    // Used by a grant, it is neither changed nor given further.
    let refused = plant.posts("/grants", &asked("device", "hall")).await;
    before.refused_at_the_rim(&refused, (404, "not_found")).await;
    let config = plant.gets("/profiles/device").await.json()["config"].clone();
    let refused = plant.posts("/profiles/device/revisions", &config).await;
    before
        .refused_at_the_rim(&refused, (409, "owned_elsewhere"))
        .await;
    let listed = operator.gets("/grants").await.json();
    let ids: Vec<_> = listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(ids, ["profile:hall:device", "profile:plant:device"]);
    let page = operator.gets("/grants?limit=1&sort=-id").await.json();
    let next = page["next"].as_str().expect("a second page");
    let page = operator
        .gets(&format!("/grants?limit=1&sort=-id&cursor={next}"))
        .await
        .json();
    assert_eq!(
        (&page["items"][0]["id"], page.get("next")),
        (&json!("profile:hall:device"), None)
    );
    house.ends_well().await;
}

#[story]
async fn a_grant_is_taken_back_once_nothing_refers_to_it_and_what_was_issued_stays() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    let plant = within(&operator, "plant").await;
    operator.grants("profile", "device", "plant").await;
    operator.grants("issuer", "device-issuer", "plant").await;
    let group = plant.creates_group("Line-1").await;
    let pump = group.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();

    let before = house.stands().await;
    for grant in ["issuer:plant:device-issuer", "profile:plant:device"] {
        let refused = operator.deletes(&format!("/grants/{grant}")).await;
        before.refused_at_the_rim(&refused, (409, "grant_in_use")).await;
        let told = refused.json()["detail"].as_str().expect("a sentence").to_owned();
        assert!(told.contains("enrollment group `Line-1`"), "{told}");
    }
    for absent in [
        "issuer:plant:device-root",
        "profile:nobody:device",
        "issuer:acme:device-issuer",
        "x",
    ] {
        let refused = operator.deletes(&format!("/grants/{absent}")).await;
        before.refused_at_the_rim(&refused, (404, "not_found")).await;
    }
    // Nobody takes back from below.
    let refused = plant.deletes("/grants/issuer:plant:device-issuer").await;
    before.refused_at_the_rim(&refused, (404, "not_found")).await;
    operator.grants("profile", "server", "plant").await;
    assert_eq!(operator.deletes("/grants/profile:plant:server").await.status, 204);
    assert_eq!(plant.gets("/profiles/server").await.status, 404);
    assert!(!certified.leaf().is_empty() && plant.looks_at(&pump).await["certificates"].is_array());
    house.ends_well().await;
}

#[story]
async fn of_two_that_were_granted_by_one_name_the_older_is_meant_wherever_it_is_named() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    operator.makes_organization("plant", "hall").await;
    let (plant, hall) = (within(&operator, "plant").await, within(&operator, "hall").await);
    operator.grants("issuer", "device-issuer", "hall").await;
    let form = json!({
        "schema": 1, "usage": "device", "validity": "30d", "backdate": "1h",
        "key_algorithms": ["P-256"], "key_usage": ["digitalSignature"], "extended_key_usage": ["clientAuth"],
        "rotation": "optional", "renewal": { "opens_at_percent": 67, "jitter_percent": 5 },
        "birth_key_as_operational": false,
    });
    for owner in [&operator, &plant] {
        let made = owner
            .posts("/profiles", &json!({ "name": "short", "config": form }))
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    // The other way round than they were made.
    plant.grants("profile", "short", "hall").await;
    operator.grants("profile", "short", "hall").await;
    let shown = hall.gets("/profiles/short").await.json();
    assert_eq!(shown["owner"], "acme");
    hall.creates_group_with("line", json!({ "profile": "short" }))
        .await;
    let of_acme = "SELECT count(*) FROM enrollment_group g JOIN profile p ON p.id = g.profile_id
                   JOIN organization o ON o.id = p.organization_id WHERE o.slug = 'acme' AND p.name = 'short'";
    assert_eq!(house.memory().number(of_acme).await, 1, "the one that is shown");
    house.ends_well().await;
}
