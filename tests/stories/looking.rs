// SPDX-License-Identifier: Apache-2.0
//! Operators look: at devices, certificates, orders and the journal, and at what the house explains of one request.

use serde_json::Value;
use tamga_tests::answer::Told;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::openapi::Document;
use tamga_tests::operator::Operator;
use tamga_tests::patience::eventually;
use tamga_tests::story;

/// One member of each item of a list, page by page.
async fn all(operator: &Operator, list: &str, member: &str) -> Vec<String> {
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    let joint = if list.contains('?') { '&' } else { '?' };
    loop {
        let answer = operator.gets(&format!("{list}{joint}limit=1{cursor}")).await;
        assert_eq!(answer.status, 200, "{list}: {}", answer.text());
        let page = answer.json();
        for item in page["items"].as_array().expect("items") {
            texts.push(item[member].as_str().expect("a text").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return texts,
        }
    }
}

fn tracked(told: &Told) -> String {
    told.answer
        .header("x-ms-request-id")
        .expect("every answer names its request")
        .to_owned()
}

fn pem(der: &[u8]) -> String {
    let digits = data_encoding::BASE64.encode(der);
    let lines: Vec<_> = digits
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

#[story]
async fn an_operator_looks_at_what_was_enrolled_and_what_was_issued() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (fan, pump) = (group.device("fan-1"), group.device("Pump-1"));
    fan.registers().await.assigned();
    let told = pump.enrolls(&KeyPair::new()).await;
    let certified = told.certified();

    assert_eq!(
        all(&operator, "/devices", "registrationId").await,
        ["fan-1", "Pump-1"]
    );
    assert_eq!(
        all(&operator, "/devices?sort=-createdAt", "registrationId").await,
        ["Pump-1", "fan-1"]
    );
    assert_eq!(
        all(
            &operator,
            "/devices?registrationIdPrefix=PU&state=active",
            "registrationId"
        )
        .await,
        ["Pump-1"]
    );
    let seen = operator.looks_at(&pump).await;
    let enrollment = seen["enrollmentId"].as_str().expect("an id");
    assert_eq!(
        all(
            &operator,
            &format!("/devices?enrollment={enrollment}"),
            "registrationId"
        )
        .await,
        ["fan-1", "Pump-1"]
    );

    let serial = certified.serial();
    for list in [
        "/certificates".to_owned(),
        "/certificates?sort=notAfter&state=issued".to_owned(),
        "/certificates?device=pump-1&expiresAfter=2020-01-01T00:00:00Z".to_owned(),
        format!("/certificates?serial={serial}"),
    ] {
        assert_eq!(all(&operator, &list, "serial").await, [serial.as_str()], "{list}");
    }
    for list in [
        "/certificates?state=revoked",
        "/certificates?device=fan-1",
        "/orders?state=failed",
    ] {
        assert!(all(&operator, list, "id").await.is_empty(), "{list}");
    }
    let id = all(&operator, "/certificates", "id").await.remove(0);
    let whole = operator.gets(&format!("/certificates/{id}")).await.json();
    assert_eq!(whole["pem"], pem(certified.leaf()));
    let above: String = certified.chain[1..].iter().map(|der| pem(der)).collect();
    assert_eq!(whole["chainPem"], above);
    assert_eq!(
        (&whole["registrationId"], &whole["place"]),
        (&"Pump-1".into(), &"current".into())
    );

    let order = all(&operator, "/orders?device=PUMP-1&state=fulfilled", "id")
        .await
        .remove(0);
    let order = operator.gets(&format!("/orders/{order}")).await.json();
    assert_eq!(order["certificateId"], id.as_str());
    assert_eq!(order["trackingId"], tracked(&told));
    assert_eq!(order["operationId"], told.operation());
    house.ends_well().await;
}

#[story]
async fn a_request_is_explained_by_what_it_left_behind() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let told = pump.enrolls(&KeyPair::new()).await;
    told.certified();
    let explained = operator
        .gets(&format!("/explanations/{}", tracked(&told)))
        .await
        .json();
    let orders = explained["orders"].as_array().expect("orders");
    assert_eq!(orders.len(), 1, "{explained}");
    let said = findings(&explained);
    assert!(
        said.contains("it proved itself by symmetric_key derived primary"),
        "{said}"
    );
    let acts: Vec<_> = explained["events"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| &event["act"])
        .collect();
    assert_eq!(acts, ["device.register", "certificate.issue"]);

    operator.disables_group(&group).await;
    let refused = pump.enrolls(&KeyPair::new()).await;
    refused.refused(401, "enrollment_disabled");
    house.memory().refusal_of(refused.request_id()).await;
    let explained = operator
        .gets(&format!("/explanations/{}", tracked(&refused)))
        .await
        .json();
    let said = findings(&explained);
    assert!(
        said.contains(
            "was refused device.enroll of pump-1: the rule enrollment_disabled says: the enrollment"
        ),
        "{said}"
    );

    // Of strangers, of others and of nobody there is nothing to tell, and it is told alike.
    let stranger = pump.presents("Bearer x").await;
    stranger.refused(401, "method_not_accepted");
    operator
        .makes_organization(&operator.organization, "beside")
        .await;
    let before = house.stands().await;
    for (organization, id) in [
        (operator.organization.as_str(), tracked(&stranger)),
        ("beside", tracked(&told)),
        (
            operator.organization.as_str(),
            "00000000-0000-0000-0000-000000000000".to_owned(),
        ),
        (operator.organization.as_str(), "req_abc".to_owned()),
    ] {
        let beside = Operator {
            organization: organization.to_owned(),
            ..operator.clone()
        };
        let answer = beside.gets(&format!("/explanations/{id}")).await;
        before.refused_at_the_rim(&answer, (404, "not_found")).await;
    }
    house.ends_well().await;
}

fn findings(explained: &Value) -> String {
    let sentences = explained["findings"].as_array().expect("findings");
    let sentences: Vec<_> = sentences.iter().filter_map(Value::as_str).collect();
    sentences.join("\n")
}

#[story]
async fn an_auditor_reads_of_everybody_who_was_refused_in_its_organization() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.makes_organization(&own, "beside").await;
    let worker = operator.invites(&own, "worker", "factory").await;
    let neighbour = operator.invites("beside", "neighbour", "administrator").await;
    let auditor = operator.invites(&own, "auditor", "auditor").await;
    let visitor = |token: &str| house.visitor().with_token(token).within(&own);
    let forbidden = visitor(&worker.text).gets("/groups").await;
    assert_eq!(forbidden.status, 403);
    let hidden = visitor(&neighbour.text).gets("/devices/pump-1").await;
    assert_eq!(hidden.status, 404);
    let absent = visitor(&auditor.text).gets("/devices/nobody").await;
    assert_eq!(absent.status, 404);
    for (actor, act, reason) in [
        (&worker, "group.read", "forbidden"),
        (&neighbour, "device.read", "not_found"),
        (&auditor, "device.read", "not_found"),
    ] {
        let list = format!("/journal?actor={}&outcome=refused", actor.holder);
        let found = eventually("the refusal is journalled", || async {
            let page = visitor(&auditor.text).gets(&list).await.json();
            page["items"]
                .as_array()
                .filter(|items| !items.is_empty())
                .cloned()
        })
        .await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (&found[0]["act"], &found[0]["reason"]),
            (&act.into(), &reason.into())
        );
    }
    // The neighbour's own organization has nothing of it: it was not there that it was refused.
    let beside = house.visitor().with_token(&neighbour.text).within("beside");
    let page = beside.gets("/journal?outcome=refused").await.json();
    assert_eq!(page["items"], Value::Array(Vec::new()));
    house.ends_well().await;
}

#[story]
async fn what_operators_look_at_is_answered_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    group.device("pump-1").enrolls(&KeyPair::new()).await.certified();
    let order = operator.gets("/orders").await.json()["items"][0].clone();
    let member = |name: &str| order[name].as_str().expect("a text").to_owned();
    let calls = [
        ("/devices".to_owned(), 200),
        (
            "/devices?state=active&registrationIdPrefix=p&sort=-createdAt&limit=1".to_owned(),
            200,
        ),
        ("/devices?enrollment=pump-1".to_owned(), 400),
        ("/certificates".to_owned(), 200),
        ("/certificates?device=pump-1&sort=notAfter".to_owned(), 200),
        ("/certificates?expiresBefore=tomorrow".to_owned(), 400),
        (format!("/certificates/{}", member("certificateId")), 200),
        ("/certificates/crt_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(), 404),
        ("/orders?state=open&sort=createdAt".to_owned(), 200),
        (format!("/orders/{}", member("id")), 200),
        ("/orders/ord_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(), 404),
        ("/journal?act=group.create&sort=at&limit=1".to_owned(), 200),
        ("/journal?outcome=lost".to_owned(), 400),
        (format!("/explanations/{}", member("trackingId")), 200),
        ("/explanations/nothing".to_owned(), 404),
    ];
    for (path, status) in calls {
        let answer = operator.gets(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        document.assert_describes("GET", &operator.target(&path), &answer);
    }
    house.ends_well().await;
}
