// SPDX-License-Identifier: Apache-2.0
//! Approvals: an act that wants a second person is done once, by another, as it was asked, in time, or not at all
//!

use std::time::Duration;

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;
use tamga_tests::visitor::{Token, Visitor};
use tamga_tests::wire::Answer;

const NONE: Value = Value::Null;

/// A house in which Ada asks that its issuer retires.
struct Asked {
    house: House,
    ada: (Token, Visitor),
    /// Where the approval is.
    at: String,
    approval: Value,
}

impl Asked {
    async fn by_ada() -> Self {
        // A door on a busy machine waits for its answer, rather than to say that it is on its way.
        let house = House::with(|settings| settings.door.patience = Duration::from_secs(20)).await;
        let operator = house.operator();
        let ada = operator.invites_person("acme", "ada", "administrator").await;
        operator.invites_person("acme", "petra", "administrator").await;
        let visitor = house.visitor().within("acme").with_token(&ada.text);
        let asked = visitor.posts("/issuers/device-issuer/retire", &NONE).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        let location = asked.header("location").expect("where it waits").to_owned();
        let at = location
            .strip_prefix("/v1/organizations/acme")
            .expect("in its organization")
            .to_owned();
        Self {
            approval: asked.json(),
            ada: (ada, visitor),
            house,
            at,
        }
    }

    /// Another person with this role.
    async fn person(&self, name: &str, role: &str) -> (Token, Visitor) {
        let token = self.house.operator().invites_person("acme", name, role).await;
        let visitor = self.house.visitor().within("acme").with_token(&token.text);
        (token, visitor)
    }

    fn seen(&self) -> Value {
        json!({ "digest": self.approval["digest"] })
    }

    async fn approves(&self, visitor: &Visitor) -> Answer {
        visitor.posts(&format!("{}/approve", self.at), &self.seen()).await
    }

    async fn issuer(&self) -> Value {
        let shown = self.house.operator().gets("/issuers/device-issuer").await;
        shown.json()["state"].clone()
    }
}

#[story]
async fn what_another_approves_is_done_at_once_and_both_names_are_written_down() {
    let asked = Asked::by_ada().await;
    let operator = asked.house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let key = KeyPair::new();
    let certified = pump.is_certified(&key).await;
    assert_eq!(asked.issuer().await, "active", "nothing is done yet");
    let request = asked.approval["request"].as_str().expect("a text");
    for part in [
        "act issuer.update\n",
        "name device-issuer\n",
        "state retiring\n",
        "generation 1\n",
    ] {
        assert!(request.contains(part), "{request}");
    }
    let (bert, visitor) = asked.person("bert", "administrator").await;
    let approved = asked.approves(&visitor).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    let approved = approved.json();
    assert_eq!(
        (&approved["state"], &approved["author"], &approved["decidedBy"]),
        (
            &json!("approved"),
            &json!(asked.ada.0.holder),
            &json!(bert.holder)
        )
    );
    assert_eq!(asked.issuer().await, "retiring");
    let rows = asked
        .house
        .memory()
        .journal("WHERE act = 'issuer.update' AND outcome = 'done'")
        .await;
    let [row] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!(row.actor, bert.holder);
    let reason = row.reason.clone().unwrap_or_default();
    assert!(reason.contains(&asked.ada.0.holder), "{reason}");

    // It issues nothing new any more, repeats what it issued, and its lists are published on.
    let before = asked.house.stands().await;
    let told = group.device("pump-2").enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (409, "issuer_unavailable")).await;
    operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("superseded")
        .await;
    let back = operator.posts("/issuers/device-issuer/activate", &NONE).await;
    assert_eq!(back.status, 202, "{}", back.text());
    let (at, digest) = (
        back.header("location").expect("a place").to_owned(),
        back.json()["digest"].clone(),
    );
    let at = at
        .strip_prefix("/v1/organizations/acme")
        .expect("here")
        .to_owned();
    let back = visitor
        .posts(&format!("{at}/approve"), &json!({ "digest": digest }))
        .await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(asked.issuer().await, "active");
    asked.house.ends_well().await;
}

#[story]
async fn a_148_nobody_approves_their_own_request_by_whatever_credential() {
    let asked = Asked::by_ada().await;
    let operator = asked.house.operator();
    let (ada, visitor) = &asked.ada;
    let second = operator.makes_token("acme", &ada.holder, "operator").await;
    let before = asked.house.stands().await;
    for visitor in [visitor.clone(), visitor.with_token(&second.text)] {
        for _ in 0..2 {
            let refused = asked.approves(&visitor).await;
            before
                .refused_to(&ada.holder, &refused, (403, "own_request"))
                .await;
        }
        let refused = visitor
            .posts(&format!("{}/refuse", asked.at), &json!({ "reason": "no" }))
            .await;
        before
            .refused_to(&ada.holder, &refused, (403, "own_request"))
            .await;
    }
    assert_eq!(asked.issuer().await, "active");
    asked.house.ends_well().await;
}

#[story]
async fn a_147_only_a_person_with_the_right_to_do_it_approves_and_only_its_author_withdraws() {
    let asked = Asked::by_ada().await;
    let operator = asked.house.operator();
    let robot = operator.invites("acme", "robot", "administrator").await;
    let robots = asked.house.visitor().within("acme").with_token(&robot.text);
    let (olga, olgas) = asked.person("olga", "operator").await;
    let (aurel, aurels) = asked.person("aurel", "auditor").await;
    operator.makes_organization("acme", "beside").await;
    let eve = operator.invites_person("beside", "eve", "administrator").await;
    let eves = asked.house.visitor().with_token(&eve.text);

    let before = asked.house.stands().await;
    let refused = asked.approves(&robots).await;
    before
        .refused_to(&robot.holder, &refused, (403, "not_a_person"))
        .await;
    // The user of the operating system may be anybody, Ada too.
    let refused = operator
        .posts(&format!("{}/approve", asked.at), &asked.seen())
        .await;
    before.refused_at_the_rim(&refused, (403, "not_a_person")).await;
    // Who could not do it does not approve it.
    let refused = asked.approves(&olgas).await;
    before
        .refused_to(&olga.holder, &refused, (403, "forbidden"))
        .await;
    let refused = asked.approves(&aurels).await;
    before
        .refused_to(&aurel.holder, &refused, (403, "forbidden"))
        .await;
    for organization in ["acme", "beside"] {
        let refused = asked.approves(&eves.within(organization)).await;
        before.refused_at_the_rim(&refused, (404, "not_found")).await;
    }
    for visitor in [&robots, &olgas, &aurels] {
        let refused = visitor.posts(&format!("{}/withdraw", asked.at), &NONE).await;
        before.refused_at_the_rim(&refused, (403, "not_the_author")).await;
    }
    assert_eq!(asked.issuer().await, "active");
    let withdrawn = asked.ada.1.posts(&format!("{}/withdraw", asked.at), &NONE).await;
    assert_eq!(
        (withdrawn.status, &withdrawn.json()["state"]),
        (200, &json!("withdrawn"))
    );
    asked.house.ends_well().await;
}

#[story]
async fn a_148_after_its_expiry_or_its_decision_nothing_is_approved() {
    let asked = Asked::by_ada().await;
    let (_, bert) = asked.person("bert", "administrator").await;
    let again = asked.ada.1.posts("/issuers/device-issuer/retire", &NONE).await;
    assert_eq!(again.status, 202);
    let other = again.header("location").expect("a place").to_owned();
    let other = other
        .strip_prefix("/v1/organizations/acme")
        .expect("here")
        .to_owned();
    let refused = bert
        .posts(
            &format!("{other}/refuse"),
            &json!({ "reason": "not before Monday" }),
        )
        .await;
    assert_eq!(
        (refused.status, &refused.json()["reason"]),
        (200, &json!("not before Monday"))
    );
    let before = asked.house.stands().await;
    let seen = json!({ "digest": again.json()["digest"] });
    let told = bert.posts(&format!("{other}/approve"), &seen).await;
    before.refused_at_the_rim(&told, (409, "approval_decided")).await;

    asked.house.lets_pass(Duration::from_hours(73)).await;
    let before = asked.house.stands().await;
    let told = asked.approves(&bert).await;
    before.refused_at_the_rim(&told, (409, "approval_expired")).await;
    let told = asked.ada.1.posts(&format!("{}/withdraw", asked.at), &NONE).await;
    before.refused_at_the_rim(&told, (409, "approval_expired")).await;
    let listed = bert.gets("/approvals?state=expired").await.json();
    assert_eq!(listed["items"][0]["id"], asked.approval["id"]);
    assert_eq!(asked.issuer().await, "active");
    asked.house.ends_well().await;
}

#[story]
async fn a_148_what_is_not_what_was_asked_and_seen_any_more_is_not_approved() {
    let asked = Asked::by_ada().await;
    let (_, bert) = asked.person("bert", "administrator").await;
    // Another digest than that of the request: the approver saw something else.
    let before = asked.house.stands().await;
    let other = json!({ "digest": "a".repeat(64) });
    let told = bert.posts(&format!("{}/approve", asked.at), &other).await;
    before.refused_at_the_rim(&told, (409, "approval_stale")).await;
    let told = bert
        .posts(&format!("{}/approve", asked.at), &json!({ "digest": "x" }))
        .await;
    before.refused_at_the_rim(&told, (422, "invalid")).await;

    // The request is another one than that of the digest.
    let memory = asked.house.memory();
    memory
        .writes(
            "UPDATE approval SET request = replace(request, 'retiring', 'active')",
            &[],
        )
        .await;
    let before = asked.house.stands().await;
    let told = asked.approves(&bert).await;
    before.refused_at_the_rim(&told, (409, "approval_stale")).await;
    memory
        .writes(
            "UPDATE approval SET request = replace(request, 'state active', 'state retiring')",
            &[],
        )
        .await;

    // What is kept beside the request is not what was asked and hashed.
    for table in ["approval", "issuer"] {
        let raised = format!("UPDATE {table} SET generation = generation + 1 WHERE 1 = 1");
        memory.writes(&raised, &[]).await;
    }
    let before = asked.house.stands().await;
    let told = asked.approves(&bert).await;
    before.refused_at_the_rim(&told, (409, "approval_stale")).await;
    for table in ["approval", "issuer"] {
        let lowered = format!("UPDATE {table} SET generation = generation - 1 WHERE 1 = 1");
        memory.writes(&lowered, &[]).await;
    }

    // The issuer is another one than it was.
    memory
        .writes(
            "UPDATE issuer SET generation = generation + 1 WHERE role = 'device'",
            &[],
        )
        .await;
    let before = asked.house.stands().await;
    let told = asked.approves(&bert).await;
    before.refused_at_the_rim(&told, (409, "approval_stale")).await;
    memory
        .writes(
            "UPDATE issuer SET generation = generation - 1 WHERE role = 'device'",
            &[],
        )
        .await;
    assert_eq!(asked.approves(&bert).await.status, 200);
    asked.house.ends_well().await;
}

#[story]
async fn a_148_nothing_is_done_any_more_for_somebody_who_may_not_ask_for_it_now() {
    let asked = Asked::by_ada().await;
    let (_, bert) = asked.person("bert", "administrator").await;
    asked.house.operator().disables("accounts/ada").await;
    let refused = asked.approves(&bert).await;
    let code = refused.json()["code"].clone();
    assert_eq!((refused.status, code.as_str()), (409, Some("approval_stale")));
    assert_eq!(asked.issuer().await, "active");
    asked.house.operator().enables("accounts/ada").await;
    assert_eq!(asked.approves(&bert).await.status, 200);
    asked.house.ends_well().await;
}

#[story]
async fn a_148_of_two_who_approve_at_once_one_is_counted() {
    let asked = Asked::by_ada().await;
    let (_, bert) = asked.person("bert", "administrator").await;
    let (_, carl) = asked.person("carl", "administrator").await;
    let told = tokio::join!(
        asked.approves(&bert),
        asked.approves(&carl),
        asked.approves(&bert)
    );
    let mut statuses = [told.0.status, told.1.status, told.2.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409], "{}", told.0.text());
    let done = asked
        .house
        .memory()
        .number("SELECT count(*) FROM journal WHERE act = 'issuer.update' AND outcome = 'done'")
        .await;
    assert_eq!(done, 1);
    let generation = "SELECT generation FROM issuer WHERE role = 'device'";
    assert_eq!(asked.house.memory().number(generation).await, 2);
    asked.house.ends_well().await;
}

#[story]
async fn a_148_another_organization_approves_nothing_that_was_asked_here() {
    let asked = Asked::by_ada().await;
    let operator = asked.house.operator();
    operator.makes_organization("acme", "beside").await;
    let eve = operator.invites_person("beside", "eve", "administrator").await;
    // As nobody but whoever writes in the database can.
    asked
        .house
        .memory()
        .writes(
            "UPDATE approval SET organization_id = (SELECT id FROM organization WHERE slug = 'beside')",
            &[],
        )
        .await;
    let eve = asked.house.visitor().within("beside").with_token(&eve.text);
    let told = asked.approves(&eve).await;
    let code = told.json()["code"].clone();
    assert_eq!((told.status, code.as_str()), (409, Some("approval_stale")));
    assert_eq!(asked.issuer().await, "active");
    asked.house.ends_well().await;
}
