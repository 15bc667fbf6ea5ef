// SPDX-License-Identifier: Apache-2.0
//! Every route of the admin plane, read from its router, before everybody who could ask: nobody, a neighbour, one of its own
//! who may not, and one who may. A route without a line in `routes/table.rs` fails.

use std::collections::BTreeSet;

use serde_json::Value;
use tamga_registry::role::Role;
use tamga_tests::oracle::Before;
use tamga_tests::story;
use tamga_tests::wire::Answer;

#[path = "routes/stage.rs"]
mod stage;
#[path = "routes/table.rs"]
mod table;

use stage::Stage;
use table::{Line, TABLE};

#[test]
fn every_route_has_its_line() {
    let routed: BTreeSet<(String, String)> = tamga_gateway::admin::routes()
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    let written: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|line| (line.method.to_owned(), line.path.to_owned()))
        .collect();
    assert_eq!(written.len(), TABLE.len(), "a route has two lines");
    let missing: Vec<_> = routed.difference(&written).collect();
    let stale: Vec<_> = written.difference(&routed).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "write lines into tests/stories/routes/table.rs for {missing:?}; take out {stale:?}"
    );
}

#[story]
async fn a_stranger_is_told_nothing_but_that_it_is_one() {
    let (house, stage) = Stage::set().await;
    let before = house.stands().await;
    let nobody = house.visitor();
    for line in TABLE.iter().filter(|line| !line.is_open()) {
        let answer = nobody.asks(stage.request(line, &stage.own)).await;
        assert_problem(line, &answer, (401, "unauthenticated"));
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"tamga\""),
            "{line:?}"
        );
        before.counts_no_row(&answer).await;
    }
    let known = TABLE.iter().filter(|line| !line.is_open()).count();
    before.turned_away_as("unauthenticated", counted(known)).await;
    nothing_happened(&before).await;
    house.ends_well().await;
}

#[story]
async fn a_130_131_a_neighbour_cannot_tell_what_is_there_from_what_is_not() {
    let (house, stage) = Stage::set().await;
    let before = house.stands().await;
    for (neighbour, own) in [(&stage.neighbour, "beside"), (&stage.child, "yard")] {
        let neighbour = house.visitor().with_token(&neighbour.text);
        let foreign = |line: &&Line| line.is_of_an_organization() && line.of != own;
        for line in TABLE.iter().filter(foreign) {
            let foreign = neighbour.asks(stage.request(line, &stage.own)).await;
            let absent = neighbour.asks(stage.request(line, &stage.nowhere())).await;
            assert_problem(line, &foreign, (404, "not_found"));
            assert_same(line, &foreign, &absent);
            // In an organization of its own, too, a foreign thing is as absent as one that nobody has.
            if line.names_something() {
                let foreign = neighbour
                    .asks(stage.request(line, &stage.own_within(&stage.beside)))
                    .await;
                let absent = neighbour
                    .asks(stage.request(line, &stage.absent_within(&stage.beside)))
                    .await;
                if foreign.status != 403 {
                    assert_same(line, &foreign, &absent);
                }
            }
        }
    }
    nothing_happened(&before).await;
    house.ends_well().await;
}

#[story]
async fn one_of_its_own_does_what_its_role_holds_and_is_told_what_it_lacks() {
    let (house, stage) = Stage::set().await;
    for line in TABLE.iter().filter(|line| line.is_of_an_organization()) {
        for (role, token) in &stage.roles {
            if !line.needed().is_some_and(|needed| role.holds(needed)) {
                let visitor = house.visitor().with_token(&token.text);
                let before = house.stands().await;
                let answer = visitor.asks(stage.request(line, &stage.own)).await;
                assert_problem(line, &answer, (403, "forbidden"));
                let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
                assert!(detail.contains(line.needs), "{line:?} {role}: {detail}");
                before
                    .refused_to(&token.holder, &answer, (403, "forbidden"))
                    .await;
            }
        }
    }
    house.ends_well().await;
}

#[story]
async fn whoever_holds_the_permission_is_let_in() {
    for role in Role::ASSIGNABLE {
        let (house, stage) = Stage::set().await;
        let (_, token) = stage
            .roles
            .iter()
            .find(|(known, _)| *known == role)
            .expect("every role");
        let visitor = house.visitor().with_token(&token.text);
        for line in TABLE.iter().filter(|line| !line.is_open()) {
            if line.needed().is_none_or(|needed| role.holds(needed)) {
                let answer = visitor.asks(stage.request(line, &stage.own)).await;
                assert_eq!(
                    answer.status,
                    line.answers,
                    "{line:?} as {role}: {}",
                    answer.text()
                );
            }
        }
        house.ends_well().await;
    }
}

fn counted(lines: usize) -> i64 {
    i64::try_from(lines).expect("a few")
}

fn assert_problem(line: &Line, answer: &Answer, (status, slug): (u16, &str)) {
    let code = answer.json()["code"].clone();
    assert_eq!(
        (answer.status, code.as_str()),
        (status, Some(slug)),
        "{line:?}: {}",
        answer.text()
    );
}

/// Octet for octet the same, but for the request's id and the date.
fn assert_same(line: &Line, one: &Answer, other: &Answer) {
    let without = |answer: &Answer| {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if let Some(id) = body.get_mut("trackingId") {
            *id = Value::Null;
        }
        let own = ["x-ms-request-id", "date"];
        let headers = answer
            .headers
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()));
        (
            answer.status,
            headers.cloned().collect::<Vec<_>>(),
            body.to_string(),
            answer.body.len(),
        )
    };
    assert_eq!(without(one), without(other), "{line:?}");
}

async fn nothing_happened(before: &Before<'_>) {
    before.is_as_before("a refusal").await;
}
