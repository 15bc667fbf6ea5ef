// SPDX-License-Identifier: Apache-2.0
//! When an act waits for a second person, and who is one.

use serde_json::{Value, json};
use tamga_authority::administer::Wanted;
use tamga_tests::answer::Told;
use tamga_tests::house::House;
use tamga_tests::story;
use tamga_tests::visitor::Token;

const NONE: Value = Value::Null;

#[story]
async fn where_there_is_no_second_person_nobody_waits_for_one() {
    let house = House::new().await;
    let operator = house.operator();
    let ada = operator.invites_person("acme", "ada", "administrator").await;
    let visitor = house.visitor().within("acme").with_token(&ada.text);
    // Neither a program, nor a person without the right, nor one elsewhere is a second person.
    operator.invites("acme", "robot", "administrator").await;
    operator.invites_person("acme", "olga", "operator").await;
    // Nor a person whose only credential leaves them too little.
    let auda = operator.makes_person("acme", "auda", "administrator").await;
    operator.makes_token("acme", &auda, "operator").await;
    operator.makes_organization("acme", "beside").await;
    operator.invites_person("beside", "eve", "administrator").await;
    let retired = visitor.posts("/issuers/device-issuer/retire", &NONE).await;
    assert_eq!(retired.status, 204, "{}", retired.text());
    assert_eq!(
        visitor.posts("/issuers/device-issuer/retire", &NONE).await.status,
        204,
        "once is as good as twice"
    );
    // Below, Ada is one: she could do it there as well.
    let before = house.stands().await;
    for (name, refusal) in [
        ("server-issuer", (422, "invalid")),
        ("device-root", (422, "invalid")),
        ("nothing", (404, "not_found")),
    ] {
        let refused = visitor.posts(&format!("/issuers/{name}/retire"), &NONE).await;
        before.refused_at_the_rim(&refused, refusal).await;
    }
    house.ends_well().await;
}

#[story]
async fn where_the_whole_is_suspended_its_administrators_are_second_persons_still() {
    let house = House::new().await;
    let operator = house.operator();
    let ada = operator.invites_person("acme", "ada", "administrator").await;
    let petra = operator.invites_person("acme", "petra", "administrator").await;
    let visitor = |token: &Token| house.visitor().within("acme").with_token(&token.text);
    let suspended = operator.posts("/suspend", &NONE).await;
    assert_eq!(suspended.status, 204, "{}", suspended.text());
    let asked = visitor(&ada).posts("/issuers/device-issuer/retire", &NONE).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let at = asked.header("location").expect("a place").to_owned();
    let at = at.strip_prefix("/v1/organizations/acme").expect("here");
    let seen = json!({ "digest": asked.json()["digest"] });
    let approved = visitor(&petra).posts(&format!("{at}/approve"), &seen).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    house.ends_well().await;
}

#[story]
async fn where_a_second_person_is_always_wanted_nothing_is_done_without() {
    let house = House::with(|settings| settings.approvals.wanted = Wanted::Always).await;
    let operator = house.operator();
    let asked = operator.posts("/issuers/device-issuer/retire", &NONE).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let shown = operator.gets("/issuers/device-issuer").await.json();
    assert_eq!(shown["state"], "active");
    let told = Told { answer: asked };
    assert_eq!(told.answer.json()["state"], "waiting");
    house.ends_well().await;
}
