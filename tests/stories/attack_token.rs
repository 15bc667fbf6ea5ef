// SPDX-License-Identifier: Apache-2.0
//! Tokens that are another's, too old, bent or replayed.

use std::time::Duration;

use tamga_tests::answer::Told;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::oracle::Before;
use tamga_tests::sas::{IDENTITY_SERVICE, Token};
use tamga_tests::story;
use tamga_x509::time::Clock as _;

/// A registration with this token is turned away by this slug, whoever sends it.
async fn turned_away(before: &Before<'_>, device: &Device, authorization: &str, slug: &str) -> Told {
    let told = device.presents(authorization).await;
    before.only_turned_away(&told, (401, slug)).await;
    told
}

#[story]
async fn a_001_credentials_of_other_protocols_are_refused() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let before = house.stands().await;
    for other in [
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Basic cHVtcC0xOnNlY3JldA==",
        "Digest username=pump-1",
        "Negotiate YII=",
    ] {
        turned_away(&before, &pump, other, "method_not_accepted").await;
    }
    let body = serde_json::json!({ "registrationId": "pump-1" });
    let bare = tamga_tests::wire::Request::new("PUT", &pump.target("/register")).json(&body);
    let told = pump.asks(bare).await;
    before.only_turned_away(&told, (401, "token_missing")).await;
    assert!(
        told.answer.header("www-authenticate").is_some(),
        "RFC 9110 §11.6.1"
    );
    house.ends_well().await;
}

#[story]
async fn a_007_no_other_key_speaks_for_a_device() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, other_line) = (
        operator.creates_group("line").await,
        operator.creates_group("other-line").await,
    );
    let individual = operator.enrolls("pump-9").await;
    let pump = line.device("pump-1");
    let before = house.stands().await;
    let token = pump.token_now();
    let wrong = [
        line.primary.derived_for("pump-2"),
        line.primary.clone(),
        line.secondary.clone(),
        individual.primary.clone(),
        line.primary.derived_for("pump-1").derived_for("pump-1"),
    ];
    for key in wrong {
        turned_away(&before, &pump, &token.signed_by(&key), "token_signature").await;
    }
    // The other group would admit the id; but an individual enrollment answers to its own keys alone.
    let theirs = individual.its_device();
    let token = theirs
        .token_now()
        .signed_by(&other_line.primary.derived_for("pump-9"));
    turned_away(&before, &theirs, &token, "token_signature").await;
    before.turned_away_as("token_signature", 6).await;
    house.ends_well().await;
}

#[story]
async fn a_009_a_token_ends_with_the_skew_and_not_before() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let signed = |se: i64| {
        Token {
            se: se.to_string(),
            ..pump.token_now()
        }
        .signed_by(&pump.key)
    };
    let now = house.clock.now().seconds();
    let before = house.stands().await;
    let told = turned_away(&before, &pump, &signed(now - 301), "token_expired").await;
    assert!(
        told.answer.json()["info"]["serverTimeUtc"].is_string(),
        "a device with a wrong clock learns the hour"
    );
    turned_away(&before, &pump, &signed(now + 86_400 + 600), "token_lifetime").await;
    // A minute of room for a slow machine.
    pump.presents(&signed(now - 240)).await.assigned();
    pump.presents(&signed(now + 86_400)).await.assigned();
    house.ends_well().await;
}

#[story]
async fn a_010_an_expiry_that_is_no_plain_number_is_refused() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let before = house.stands().await;
    let later = house.clock.now().seconds() + 600;
    let bent = [
        format!("-{later}"),
        format!("+{later}"),
        format!("0{later}"),
        format!("{later}.0"),
        format!("{later}e0"),
        format!("%20{later}"),
        "9223372036854775808".to_owned(),
        "18446744073709551616".to_owned(),
        "٣".to_owned(),
        String::new(),
    ];
    for se in bent {
        let told = pump
            .presents(
                &Token {
                    se: se.clone(),
                    ..pump.token_now()
                }
                .signed_by(&pump.key),
            )
            .await;
        assert!(
            matches!(told.answer.status, 400 | 401),
            "{se}: {}",
            told.answer.text()
        );
        before.nothing_happened(&told).await;
    }
    // The year 9999 is a number, and too far.
    let far = Token {
        se: "253402300799".to_owned(),
        ..pump.token_now()
    }
    .signed_by(&pump.key);
    turned_away(&before, &pump, &far, "token_lifetime").await;
    let whole = pump.token_now().signed_by(&pump.key);
    for doubled in [
        format!("{whole}&se={later}"),
        format!("{whole}&sr=x"),
        format!("{whole}&sig=x"),
        format!("{whole}&x=y"),
    ] {
        turned_away(&before, &pump, &doubled, "token_malformed").await;
    }
    house.ends_well().await;
}

#[story]
async fn a_011_a_captured_token_repeats_its_registration_and_nothing_more() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let captured = pump.token_now().signed_by(&pump.key);
    let csr = key.request("pump-1");
    let replay = || {
        let mut request = pump.registration_of(&csr);
        request.headers.retain(|(name, _)| name != "Authorization");
        pump.asks(request.header("Authorization", &captured))
    };
    let certified = replay().await.certified();
    assert_eq!(
        replay().await.certified(),
        certified,
        "from a second connection, idempotent"
    );

    let other = group.device("pump-2");
    let before = house.stands().await;
    turned_away(&before, &other, &captured, "token_scope").await;
    operator.disables_group(&group).await;
    let before = house.stands().await;
    before
        .only_refused(&replay().await, (401, "enrollment_disabled"))
        .await;
    operator.enables_group(&group).await;
    house.lets_pass(Duration::from_secs(3_600 + 301)).await;
    let before = house.stands().await;
    before
        .only_turned_away(&replay().await, (401, "token_expired"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_013_a_token_names_its_own_registration_and_is_decoded_once() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let scope = pump.door.scope.clone();
    let own = format!("{scope}/registrations/pump-1");
    let signed = |sr: &str| {
        Token {
            sr: sr.to_owned(),
            ..pump.token_now()
        }
        .signed_by(&pump.key)
    };
    let before = house.stands().await;
    let foreign = [
        format!("{scope}/registrations/pump-2"),
        "0tm00000000/registrations/pump-1".to_owned(),
        format!("{own}/"),
        format!("{own}/operations"),
        format!("{own}%00"),
        format!("{scope}%252Fregistrations%252Fpump-1"),
        format!("/{own}"),
        format!("{scope}//registrations/pump-1"),
        "pump-1".to_owned(),
    ];
    for sr in foreign {
        let told = pump.presents(&signed(&sr)).await;
        assert!(
            matches!(
                told.answer.json()["info"]["slug"].as_str(),
                Some("token_scope" | "token_malformed")
            ),
            "{sr}"
        );
        assert_eq!(told.answer.status, 401, "{sr}");
        before.nothing_happened(&told).await;
    }
    // The signature is over the literal text; its meaning is compared decoded, and whatever its case.
    let fine = [
        own.to_uppercase(),
        own.replace('/', "%2F"),
        own.replace('/', "%2f"),
        own.replace('p', "%70"),
    ];
    for sr in fine {
        pump.presents(&signed(&sr)).await.assigned();
    }
    house.ends_well().await;
}

#[story]
async fn a_014_a_service_policy_opens_no_device_plane() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let before = house.stands().await;
    let token = Token {
        skn: Some("provisioningserviceowner".to_owned()),
        ..pump.token_now()
    };
    turned_away(&before, &pump, &token.signed_by(&pump.key), "token_plane").await;
    house.ends_well().await;
}

#[story]
async fn a_033_strangers_learn_nothing_of_what_exists() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (known, unknown) = (group.device("pump-1"), group.device("pump-7"));
    known.registers().await.assigned();
    let individual = operator.enrolls("pump-2").await.its_device();
    let mut elsewhere = known.clone();
    elsewhere.door.scope = "0tm00000000".to_owned();
    let wrong = operator
        .creates_group("another")
        .await
        .primary
        .derived_for("nobody");
    let before = house.stands().await;
    let mut seen = Vec::new();
    for mut stranger in [known, unknown, individual, elsewhere] {
        stranger.key = wrong.clone();
        let told = stranger.registers().await;
        before.only_turned_away(&told, (401, "token_signature")).await;
        let mut body = told.answer.json();
        for changing in ["trackingId", "timestampUtc"] {
            body[changing] = serde_json::Value::Null;
        }
        let names: Vec<String> = told.answer.headers.iter().map(|(name, _)| name.clone()).collect();
        seen.push((told.answer.status, names, body));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
    house.ends_well().await;
}

#[story]
async fn a_token_of_thirty_seconds_survives_a_clock_four_minutes_slow() {
    let house = House::new().await;
    let pump = house
        .operator()
        .creates_group("line")
        .await
        .device("pump-1")
        .speaking(IDENTITY_SERVICE);
    let now = house.clock.now().seconds();
    let slow = Token {
        se: (now - 240 + 30).to_string(),
        ..pump.token_now()
    };
    pump.presents(&slow.signed_by(&pump.key)).await.assigned();
    house.ends_well().await;
}
