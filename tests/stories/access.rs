// SPDX-License-Identifier: Apache-2.0
//! People and programs at the admin plane: accounts, roles, tokens and client certificates, from the first to the last.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::story;
use tamga_tests::vendor::Birth;
use tamga_tests::wire::Request;

const NONE: Value = Value::Null;

#[story]
async fn a_person_comes_in_by_a_token_and_does_what_its_role_holds() {
    let house = House::new().await;
    let operator = house.operator();
    let token = operator.invites("acme", "Olga.Operator", "operator").await;
    let olga = house.visitor().with_token(&token.text);

    let who = olga.asks(Request::new("GET", "/v1/whoami")).await;
    assert_eq!(who.status, 200, "{}", who.text());
    let here = json!({ "role": "operator", "organization": "acme" });
    let known = json!({
        "principal": token.holder, "name": "Olga.Operator", "assignments": [here], "limit": here,
    });
    assert_eq!(who.json(), known);
    let made = olga.posts("/groups", &json!({ "name": "line" })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    house
        .memory()
        .journal("WHERE act = 'group.create'")
        .await
        .iter()
        .for_each(|row| {
            assert_eq!(
                (row.actor.as_str(), row.outcome.as_str()),
                (token.holder.as_str(), "done")
            );
        });

    let before = house.stands().await;
    let refused = olga
        .posts("/accounts", &json!({ "name": "x", "kind": "person" }))
        .await;
    before
        .refused_to(&token.holder, &refused, (403, "forbidden"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_role_holds_in_the_whole_subtree_and_not_above() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    operator.makes_organization("plant", "hall").await;
    let token = operator.invites("plant", "ada", "auditor").await;
    let ada = house.visitor().with_token(&token.text);
    for (organization, status) in [("plant", 200), ("hall", 200), ("acme", 404), ("nowhere", 404)] {
        let seen = ada.within(organization).gets("/groups").await;
        assert_eq!(seen.status, status, "{organization}: {}", seen.text());
    }
    let seen = ada.asks(Request::new("GET", "/v1/organizations")).await.json();
    let slugs: Vec<&str> = seen["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["slug"].as_str())
        .collect();
    assert_eq!(slugs, ["hall", "plant"]);
    // A role taken away is gone with the next request.
    let given = ada.within("plant").gets("/assignments").await.json();
    let id = given["items"][0]["id"].as_str().expect("an id").to_owned();
    let target = format!("/v1/organizations/plant/assignments/{id}");
    let taken = operator.asks(Request::new("DELETE", &target)).await;
    assert_eq!(taken.status, 204, "{}", taken.text());
    assert_eq!(ada.within("hall").gets("/groups").await.status, 404);
    house.ends_well().await;
}

#[story]
async fn a_pinned_certificate_proves_its_account_as_long_as_it_is_valid_and_pinned() {
    let house = House::new().await;
    let operator = house.operator();
    let account = operator
        .makes_account("acme", "line-robot", Some("auditor"))
        .await;
    let birth = Birth::self_signed("robot", &operator.door.clock);
    let robot = house.visitor();
    let robot = robot.speaking(birth.shown_by(&robot.tls));
    let before = house.stands().await;
    let stranger = robot.gets("/groups").await;
    before
        .refused_at_the_rim(&stranger, (401, "unauthenticated"))
        .await;
    before.counts_no_row(&stranger).await;

    let pin = json!({ "holder": account, "certificate": BASE64.encode(birth.leaf()) });
    let pinned = operator.posts("/client-certificates", &pin).await;
    assert_eq!(pinned.status, 201, "{}", pinned.text());
    assert_eq!(robot.gets("/groups").await.status, 200);
    let again = operator.posts("/client-certificates", &pin).await;
    assert_eq!(
        (again.status, again.json()["code"].as_str()),
        (409, Some("certificate_in_use"))
    );

    // A token beside it is one credential too many.
    let token = operator.makes_token("acme", &account, "auditor").await;
    let before = house.stands().await;
    let both = robot.with_token(&token.text).gets("/groups").await;
    before.refused_at_the_rim(&both, (400, "two_credentials")).await;

    let fingerprint = pinned.json()["fingerprint"]
        .as_str()
        .expect("a fingerprint")
        .to_owned();
    let target = operator.target(&format!("/client-certificates/{fingerprint}"));
    assert_eq!(operator.asks(Request::new("DELETE", &target)).await.status, 204);
    assert_eq!(robot.gets("/groups").await.status, 401);
    house.ends_well().await;
}

#[story]
async fn a_certificate_of_ours_proves_its_account_until_it_is_revoked() {
    let house = House::new().await;
    let operator = house.operator();
    let account = operator.makes_account("acme", "robot", Some("auditor")).await;
    let group = operator.creates_group("line").await;
    let key = std::sync::Arc::new(tamga_tests::key_pair::KeyPair::new());
    let pump = group.device("robot-1");
    let certified = pump.enrolls(&key).await.certified();
    let birth = Birth::issued(&certified.chain, &key);
    let pin = json!({ "holder": account, "certificate": BASE64.encode(birth.leaf()) });
    let pinned = operator.posts("/client-certificates", &pin).await;
    assert_eq!(pinned.status, 201, "{}", pinned.text());
    assert!(pinned.json()["certificateId"].is_string(), "{}", pinned.text());
    // The same certificate is nothing to another organization: not even that it is there is told.
    operator.makes_organization("acme", "beside").await;
    let eve = operator.invites("beside", "eve", "administrator").await;
    let hers = operator.makes_account("beside", "pump", None).await;
    let other = group.device("robot-2");
    let stolen = other
        .enrolls(&tamga_tests::key_pair::KeyPair::new())
        .await
        .certified();
    let pin = json!({ "holder": hers, "certificate": BASE64.encode(stolen.leaf()) });
    let as_eve = house.visitor().within("beside").with_token(&eve.text);
    let before = house.stands().await;
    let refused = as_eve.posts("/client-certificates", &pin).await;
    before.refused_to(&eve.holder, &refused, (422, "invalid")).await;
    let robot = house.visitor();
    let robot = robot.speaking(birth.shown_by(&robot.tls));
    assert_eq!(robot.gets("/groups").await.status, 200);
    operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("superseded")
        .await;
    let before = house.stands().await;
    let refused = robot.gets("/groups").await;
    before
        .refused_at_the_rim(&refused, (401, "unauthenticated"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_token_is_told_once_and_its_last_use_without_a_write_each_time() {
    let mut house = House::new().await;
    let operator = house.operator();
    let token = operator.invites("acme", "aurel", "auditor").await;
    let aurel = house.visitor().with_token(&token.text);
    let path = format!("/tokens/{}", token.id);
    let seen = aurel.gets(&path).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    assert!(seen.json().get("lastUsedAt").is_none() && seen.json().get("token").is_none());
    house.keeps_its_secrets(&seen.text());
    let list = aurel.gets("/tokens").await;
    assert_eq!(
        list.json()["items"].as_array().map(Vec::len),
        Some(1),
        "{}",
        list.text()
    );
    house.keeps_its_secrets(&list.text());
    house.restarts().await;
    let aurel = house.visitor().with_token(&token.text);
    assert!(aurel.gets(&path).await.json()["lastUsedAt"].is_string());
    // Of the secret nothing is kept: neither as it is shown nor as it is.
    let hash = house.memory().rows("SELECT secret_hash FROM api_token").await[0].get::<Vec<u8>, _>(0);
    let digits = token
        .text
        .rsplit('_')
        .next()
        .expect("a secret")
        .to_ascii_uppercase();
    let secret = data_encoding::BASE32_NOPAD
        .decode(digits.as_bytes())
        .expect("digits");
    assert!(hash.len() == 32 && hash != secret);
    house.ends_well().await;
}

#[story]
async fn a_token_ends_by_itself() {
    let house = House::new().await;
    let operator = house.operator();
    let account = operator.makes_account("acme", "aurel", Some("auditor")).await;
    let body = json!({ "name": "short", "holder": account, "role": "auditor", "expiresInDays": 1 });
    let made = operator.posts("/tokens", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let token = tamga_tests::visitor::Token::shown(&made.json(), &operator.door.secrets);
    let aurel = house.visitor().with_token(&token.text);
    assert_eq!(aurel.gets("/groups").await.status, 200);
    house.lets_pass(Duration::from_hours(23)).await;
    assert_eq!(aurel.gets("/groups").await.status, 200);
    house.lets_pass(Duration::from_hours(1)).await;
    let before = house.stands().await;
    let refused = aurel.gets("/groups").await;
    before
        .refused_at_the_rim(&refused, (401, "unauthenticated"))
        .await;
    for days in [0, 367] {
        let body = json!({ "name": "x", "holder": account, "role": "auditor", "expiresInDays": days });
        let refused = operator.posts("/tokens", &body).await;
        assert_eq!(
            (refused.status, refused.json()["code"].as_str()),
            (422, Some("invalid"))
        );
    }
    house.ends_well().await;
}

#[story]
async fn the_last_administrator_stays() {
    let house = House::new().await;
    let operator = house.operator();
    let ada = operator.makes_account("acme", "ada", None).await;
    let first = operator.gives("acme", &ada, "administrator").await;
    let taking = |id: &str| Request::new("DELETE", &operator.target(&format!("/assignments/{id}")));
    let before = house.stands().await;
    let me = format!("local:{}", rustix::process::geteuid().as_raw());
    let refused = operator.asks(taking(&first)).await;
    before
        .refused_to(&me, &refused, (409, "last_administrator"))
        .await;
    let refused = operator.posts("/accounts/ada/disable", &NONE).await;
    assert_eq!(refused.status, 409, "{}", refused.text());

    let eve = operator.makes_account("acme", "eve", None).await;
    let second = operator.gives("acme", &eve, "administrator").await;
    // Two at once: one of them stays.
    let (one, other) = tokio::join!(operator.asks(taking(&first)), operator.asks(taking(&second)));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", one.text(), other.text());
    house.ends_well().await;
}

#[story]
async fn the_last_administrator_is_not_suspended_away_and_resumes_the_top() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    let me = format!("local:{}", rustix::process::geteuid().as_raw());
    let ada = operator.makes_account("plant", "ada", None).await;
    operator.gives("acme", &ada, "administrator").await;
    let suspend = Request::new("POST", "/v1/organizations/plant/suspend");
    let before = house.stands().await;
    let refused = operator.asks(suspend.clone()).await;
    before
        .refused_to(&me, &refused, (409, "last_administrator"))
        .await;

    // With another one at home at the top the plant may go, and ada no longer counts.
    let eve = operator.invites("acme", "eve", "administrator").await;
    let auditor = operator.invites("acme", "aurel", "auditor").await;
    assert_eq!(operator.asks(suspend).await.status, 204);
    let before = house.stands().await;
    let refused = operator.posts("/accounts/eve/disable", &NONE).await;
    before
        .refused_to(&me, &refused, (409, "last_administrator"))
        .await;

    // Whoever suspends the whole is not shut out: nobody else could resume it but at the machine.
    let as_eve = house.visitor().with_token(&eve.text);
    assert_eq!(as_eve.posts("/suspend", &NONE).await.status, 204);
    let before = house.stands().await;
    let refused = house.visitor().with_token(&auditor.text).gets("/groups").await;
    before
        .refused_at_the_rim(&refused, (401, "unauthenticated"))
        .await;
    assert_eq!(as_eve.gets("/groups").await.status, 200);
    assert_eq!(as_eve.posts("/resume", &NONE).await.status, 204);
    house.ends_well().await;
}

#[story]
async fn the_journal_tells_by_which_credential_something_was_done() {
    let house = House::new().await;
    let operator = house.operator();
    let token = operator.invites("acme", "olga", "operator").await;
    let second = operator.makes_token("acme", &token.holder, "operator").await;
    let birth = Birth::self_signed("olga", &operator.door.clock);
    let pin = json!({ "holder": token.holder, "certificate": BASE64.encode(birth.leaf()) });
    assert_eq!(operator.posts("/client-certificates", &pin).await.status, 201);
    let olga = house.visitor();
    let sha256 = |octets: &[u8]| tamga_x509::certificate::Fingerprint::of(octets).0;
    let ways = [
        (olga.with_token(&token.text), sha256(token.id.as_bytes())),
        (olga.with_token(&second.text), sha256(second.id.as_bytes())),
        (olga.speaking(birth.shown_by(&olga.tls)), sha256(birth.leaf())),
    ];
    for (number, (visitor, credential)) in ways.iter().enumerate() {
        let name = format!("line-{number}");
        let made = visitor.posts("/groups", &json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{}", made.text());
        for slot in ["primaryKey", "secondaryKey"] {
            let secret = made.json()["attestation"][slot].as_str().map(str::to_owned);
            operator.door.secrets.keep(&secret.expect("a key, shown once"));
        }
        let id = made.json()["id"].as_str().expect("an id").to_owned();
        let query = format!("SELECT entry FROM journal WHERE object = '{id}'");
        let entry = house.memory().rows(&query).await[0].get::<Vec<u8>, _>(0);
        let named = |digest: &[u8; 32]| entry.windows(32).any(|octets| octets == digest);
        for (other, (_, digest)) in ways.iter().enumerate() {
            assert_eq!(named(digest), other == number, "{name}: {digest:?}");
        }
        assert!(named(credential));
    }
    house.ends_well().await;
}
