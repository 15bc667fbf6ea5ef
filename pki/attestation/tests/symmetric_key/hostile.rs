// SPDX-License-Identifier: Apache-2.0
//! Forged, foreign, stale and misshapen tokens are doubted, each for its own reason.

use crate::device::*;
use tamga_attestation::{Context, Doubt, Evidence, Malformation, SasLimits, SasToken, judge, judge_unknown};
use tamga_x509::time::Timestamp;

const ID: &str = "pump-1";

fn expiry() -> String {
    (NOW + 600).to_string()
}

fn resource() -> String {
    format!("{SCOPE}/registrations/{ID}")
}

fn malformed(header: &str) -> Malformation {
    match SasToken::parse(header) {
        Err(Doubt::TokenMalformed(reason)) => reason,
        other => panic!("{header}: expected a malformed token, got {other:?}"),
    }
}

#[test]
fn another_devices_key_the_bare_group_key_and_another_groups_key_sign_nothing() {
    let other_device = hmac_sha256(&PRIMARY, b"pump-2");
    let other_group = hmac_sha256(&[0x33; 64], ID.as_bytes());
    for forged in [&other_device[..], &PRIMARY, &SECONDARY, &other_group] {
        assert_eq!(
            proven(&NODE.token(forged, ID), &group_keys(), ID),
            Err(Doubt::TokenSignature)
        );
    }
}

#[test]
fn a_derived_key_does_not_speak_for_a_device_with_keys_of_its_own() {
    let derived = hmac_sha256(&PRIMARY, ID.as_bytes());
    assert_eq!(
        proven(&NODE.token(&derived, ID), &own_keys(), ID),
        Err(Doubt::TokenSignature)
    );
}

#[test]
fn an_id_derived_in_another_case_than_presented_or_lower_is_refused() {
    let derived = hmac_sha256(&PRIMARY, b"PUMP-1");
    assert_eq!(
        proven(&NODE.token(&derived, ID), &group_keys(), ID),
        Err(Doubt::TokenSignature)
    );
}

#[test]
fn another_resource_is_refused_however_it_is_spelled() {
    let doubled = resource().replace('/', "%252F");
    for foreign in [
        format!("{SCOPE}/registrations/pump-2"),
        format!("0tm00000000/registrations/{ID}"),
        format!("{SCOPE}/enrollments/{ID}"),
        format!("{}/", resource()),
        format!("/{}", resource()),
        format!("{}/register", resource()),
        format!("{}%2Fregister", resource()),
        format!("{}%00", resource()),
        format!("%00{}", resource()),
        format!("{SCOPE}//registrations/{ID}"),
        format!("{SCOPE}/registrations/../registrations/{ID}"),
        format!("{SCOPE}%5Cregistrations%5C{ID}"),
        format!("https://host/{}", resource()),
        doubled,
        SCOPE.to_owned(),
        String::new(),
    ] {
        let header = signed(&PRIMARY, &foreign, &expiry());
        assert_eq!(
            proven(&header, &own_keys(), ID),
            Err(Doubt::TokenScope),
            "{foreign}"
        );
    }
}

#[test]
fn an_id_with_slashes_cannot_borrow_another_path() {
    let smuggled = format!("{ID}/register");
    let header = signed(&PRIMARY, &format!("{SCOPE}/registrations/{smuggled}"), &expiry());
    assert_eq!(proven(&header, &own_keys(), &smuggled), Err(Doubt::TokenScope));
}

#[test]
fn letters_that_only_unicode_calls_equal_are_different() {
    // The Kelvin sign folds to k in Unicode; ids fold in ASCII only.
    let header = signed(&PRIMARY, &resource().replace("0tmK", "0tm%E2%84%AA"), &expiry());
    assert_eq!(proven(&header, &own_keys(), ID), Err(Doubt::TokenScope));
}

#[test]
fn the_signature_covers_the_literal_text_of_the_resource() {
    let honest = PYTHON.token(&PRIMARY, ID);
    for (written, rewritten) in [("%2F", "/"), ("%2F", "%2f"), (SCOPE, &SCOPE.to_lowercase()[..])] {
        let header = honest.replace(written, rewritten);
        assert_ne!(header, honest);
        assert_eq!(proven(&header, &own_keys(), ID), Err(Doubt::TokenSignature));
    }
}

#[test]
fn a_token_is_good_until_exactly_the_skew_after_its_end() {
    let header = signed(&PRIMARY, &resource(), &NOW.to_string());
    let verdict = |now| proven_at(&header, &own_keys(), ID, now);
    assert!(verdict(Timestamp::from_seconds(NOW + 300)).is_ok());
    assert_eq!(
        verdict(Timestamp::from_micros((NOW + 300) * 1_000_000 + 1)),
        Err(Doubt::TokenExpired)
    );
    assert_eq!(
        verdict(Timestamp::from_seconds(NOW + 301)),
        Err(Doubt::TokenExpired)
    );
}

#[test]
fn a_token_may_live_a_day_and_the_skew_and_no_second_longer() {
    let longest = NOW + 24 * 3600 + 300;
    let header = signed(&PRIMARY, &resource(), &longest.to_string());
    assert!(proven(&header, &own_keys(), ID).is_ok());
    let header = signed(&PRIMARY, &resource(), &(longest + 1).to_string());
    assert_eq!(proven(&header, &own_keys(), ID), Err(Doubt::TokenLifetime));
}

#[test]
fn a_wrong_device_clock_is_called_a_clock() {
    for clock in [0, NOW + 10 * 365 * 24 * 3600] {
        let header = NODE.token_at(&PRIMARY, ID, clock);
        let doubt = proven(&header, &own_keys(), ID).unwrap_err();
        assert!(
            doubt.blames_clock() && doubt.to_string().contains("clock"),
            "{clock}: {doubt}"
        );
    }
    let forged = proven(&NODE.token(b"sixteen octets!!", ID), &own_keys(), ID).unwrap_err();
    assert!(!forged.blames_clock());
}

#[test]
fn an_expiry_that_is_not_plain_seconds_is_malformed() {
    for odd in [
        "",
        "0",
        "-1",
        "+1795306200",
        "01795306200",
        "1795306200.0",
        "1.7e9",
        "0x6B01",
        "1795306200s",
        "%31795306200",
        "９",
        "9223372036854775808",
        "18446744073709551616",
        "1795306200000",
        "99999999999999999999999999999999",
    ] {
        let header = signed(&PRIMARY, &resource(), odd);
        let expected = if odd.is_ascii() {
            Malformation::Expiry
        } else {
            Malformation::Character
        };
        assert_eq!(malformed(&header), expected, "{odd}");
    }
    assert_eq!(
        malformed(&signed(&PRIMARY, &resource(), " 1795306200")),
        Malformation::Character
    );
}

#[test]
fn the_year_9999_is_a_lifetime_not_a_crash() {
    for far in ["253402300799", "999999999999"] {
        let header = signed(&PRIMARY, &resource(), far);
        assert_eq!(proven(&header, &own_keys(), ID), Err(Doubt::TokenLifetime));
    }
}

#[test]
fn a_service_policy_is_of_another_plane() {
    let header = signed(&PRIMARY, &resource(), &expiry());
    for policy in [
        "provisioningserviceowner",
        "Registration",
        "registration%20",
        "%72egistration",
    ] {
        let header = format!("{header}&skn={policy}");
        assert_eq!(
            SasToken::parse(&header).unwrap_err(),
            Doubt::TokenPlane,
            "{policy}"
        );
    }
}

#[test]
fn another_scheme_is_a_method_we_do_not_take() {
    for header in [
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Basic YTpi",
        "SharedAccessSignatures sr=a",
        "x",
    ] {
        assert_eq!(
            SasToken::parse(header).unwrap_err(),
            Doubt::MethodNotAccepted,
            "{header}"
        );
    }
    assert_eq!(SasToken::parse("").unwrap_err(), Doubt::TokenMissing);
}

#[test]
fn fields_twice_foreign_or_missing_are_refused() {
    let good = signed(&PRIMARY, &resource(), &expiry());
    let text = good.split_once(' ').unwrap().1.to_owned();
    for pair in text.split('&').chain(["skn=registration&skn=registration"]) {
        assert_eq!(
            malformed(&format!("{good}&{pair}")),
            Malformation::DuplicateField,
            "{pair}"
        );
    }
    for pair in ["sv=1", "SR=a", "=a", "sr%3D=a", " =", "s\u{0}r=a"] {
        let expected = if pair.contains([' ', '\0']) {
            Malformation::Character
        } else {
            Malformation::UnknownField
        };
        assert_eq!(malformed(&format!("{good}&{pair}")), expected, "{pair}");
    }
    for gone in 0..3 {
        let rest: Vec<_> = text
            .split('&')
            .enumerate()
            .filter(|(place, _)| *place != gone)
            .collect();
        let rest: Vec<_> = rest.into_iter().map(|(_, pair)| pair).collect();
        assert_eq!(
            malformed(&format!("SharedAccessSignature {}", rest.join("&"))),
            Malformation::MissingField
        );
    }
}

#[test]
fn loose_joints_are_refused() {
    let good = signed(&PRIMARY, &resource(), &expiry());
    for header in [
        format!("{good}&"),
        good.replace(' ', " &"),
        good.replace("&sig", "&&sig"),
        "SharedAccessSignature".to_owned(),
        "SharedAccessSignature ".to_owned(),
        format!("{good}&skn"),
    ] {
        assert_eq!(malformed(&header), Malformation::Pair, "{header}");
    }
    for header in [
        good.replace(' ', "  "),
        format!("{good} "),
        format!("{good}\r\n"),
        format!("{good}\u{1b}[31m"),
        good.replace("&sig", "\t&sig"),
        good.replace("pump-1", "pümp-1"),
    ] {
        assert_eq!(malformed(&header), Malformation::Character, "{header}");
    }
}

#[test]
fn broken_escapes_are_refused() {
    for broken in ["%", "%2", "%zz", "%2G", "%-1", "%+1", "a%", "%FF%FE", "%C3%28"] {
        let header = signed(&PRIMARY, &format!("{}{broken}", resource()), &expiry());
        assert_eq!(malformed(&header), Malformation::Escape, "{broken}");
    }
}

#[test]
fn only_strict_base64_of_thirty_two_octets_is_a_signature() {
    let signature = base64(&hmac_sha256(&PRIMARY, b"anything"));
    let unpadded = signature.trim_end_matches('=');
    let last = unpadded.chars().last().unwrap();
    // The last letter carries two bits that must be zero; the next letter of the alphabet sets one.
    let loose = format!(
        "{}{}=",
        &unpadded[..unpadded.len() - 1],
        char::from(u8::try_from(last).unwrap() + 1)
    );
    for odd in [
        String::new(),
        unpadded.to_owned(),
        format!("{signature}="),
        format!("{signature}%0A"),
        format!("{signature}AAAA"),
        loose,
        base64(&[0xfb; 32]).replace('+', "-").replace('/', "_"),
        base64(&[7; 31]),
        base64(&[7; 33]),
        base64(&[7; 64]),
        percent(&percent(&signature, "", true), "", true),
    ] {
        let header = format!(
            "SharedAccessSignature sr={}&sig={odd}&se={}",
            resource(),
            expiry()
        );
        assert_eq!(malformed(&header), Malformation::Signature, "{odd}");
    }
}

#[test]
fn a_header_beyond_four_kibibytes_is_not_read() {
    let good = signed(&PRIMARY, &resource(), &expiry());
    let long = format!("{good}&x={}", "a".repeat(4096));
    assert_eq!(malformed(&long), Malformation::TooLong);
    let bearer = format!("Bearer {}", "a".repeat(4096));
    assert_eq!(malformed(&bearer), Malformation::TooLong);
}

#[test]
fn no_evidence_is_a_missing_token_for_known_and_unknown_alike() {
    let limits = SasLimits::default();
    let now = Timestamp::from_seconds(NOW);
    let context = Context {
        id_scope: SCOPE,
        registration_id: ID,
        now,
        judged_at: now,
        limits: &limits,
    };
    assert_eq!(
        judge(&Evidence::None, &own_keys(), &context),
        Err(Doubt::TokenMissing)
    );
    assert_eq!(
        judge_unknown(&Evidence::None, &group_keys(), &context),
        Doubt::TokenMissing
    );
}

#[test]
fn an_unknown_registration_is_doubted_in_the_words_of_a_known_one() {
    let limits = SasLimits::default();
    let now = Timestamp::from_seconds(NOW);
    let context = Context {
        id_scope: SCOPE,
        registration_id: ID,
        now,
        judged_at: now,
        limits: &limits,
    };
    let wrong = [7; 32];
    for header in [
        NODE.token(&wrong, ID),
        NODE.token(&wrong, "pump-2"),
        NODE.token_at(&wrong, ID, 0),
        NODE.token_at(&wrong, ID, NOW * 2),
    ] {
        let evidence = Evidence::SymmetricKey(SasToken::parse(&header).unwrap());
        let known = judge(&evidence, &group_keys(), &context).unwrap_err();
        assert_eq!(judge_unknown(&evidence, &group_keys(), &context), known);
        assert_eq!(judge(&evidence, &own_keys(), &context).unwrap_err(), known);
    }
}

#[test]
fn slugs_are_stable_and_sentences_tell_what_to_do() {
    let doubts = [
        (Doubt::TokenMissing, "token_missing"),
        (Doubt::TokenMalformed(Malformation::Pair), "token_malformed"),
        (Doubt::TokenExpired, "token_expired"),
        (Doubt::TokenLifetime, "token_lifetime"),
        (Doubt::TokenScope, "token_scope"),
        (Doubt::TokenPlane, "token_plane"),
        (Doubt::TokenSignature, "token_signature"),
        (Doubt::MethodNotAccepted, "method_not_accepted"),
    ];
    for (doubt, slug) in doubts {
        assert_eq!(doubt.slug(), slug);
        assert!(doubt.to_string().contains(": "), "{doubt}");
    }
    assert!(
        Doubt::TokenScope
            .to_string()
            .contains("{idScope}/registrations/{registrationId}")
    );
}
