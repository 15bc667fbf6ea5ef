// SPDX-License-Identifier: Apache-2.0
//! Tokens in the shapes real clients send prove their devices, with own keys and with a group's.

use crate::device::*;
use secrecy::ExposeSecret;
use tamga_attestation::{KeySlot, Proof, SymmetricKey};

const ID: &str = "Sn-007_Abc:1.x";

const OWN_PRIMARY: Proof = Proof::SymmetricKey {
    slot: KeySlot::Primary,
    derived: false,
};
const GROUP_PRIMARY: Proof = Proof::SymmetricKey {
    slot: KeySlot::Primary,
    derived: true,
};
const GROUP_SECONDARY: Proof = Proof::SymmetricKey {
    slot: KeySlot::Secondary,
    derived: true,
};

fn accepts(client: &Client) {
    let own = client.token(&PRIMARY, ID);
    assert_eq!(proven(&own, &own_keys(), ID), Ok(OWN_PRIMARY), "{own}");
    let derived = client.token(&hmac_sha256(&PRIMARY, ID.as_bytes()), ID);
    assert_eq!(
        proven(&derived, &group_keys(), ID),
        Ok(GROUP_PRIMARY),
        "{derived}"
    );
}

#[test]
fn node_with_raw_slashes_and_the_policy_before_the_expiry() {
    accepts(&NODE);
    assert!(NODE.token(&PRIMARY, ID).contains("/registrations/"));
}

#[test]
fn node_with_a_tpm_and_its_escaped_slashes() {
    accepts(&NODE_TPM);
}

#[test]
fn python_escapes_every_slash() {
    accepts(&PYTHON);
    assert!(PYTHON.token(&PRIMARY, ID).contains("%2Fregistrations%2F"));
}

#[test]
fn c_with_lower_case_escapes_and_forty_minutes() {
    accepts(&C);
    assert!(C.token(&PRIMARY, ID).contains("%2fregistrations%2f"));
}

#[test]
fn c_sharp_with_a_token_for_a_whole_day() {
    accepts(&C_SHARP);
}

#[test]
fn java_with_an_empty_policy_name() {
    accepts(&JAVA);
    assert!(JAVA.token(&PRIMARY, ID).ends_with("&skn="));
}

#[test]
fn identity_service_with_a_lower_case_audience_and_thirty_seconds() {
    accepts(&IDENTITY_SERVICE);
    let resource = IDENTITY_SERVICE.resource(SCOPE, ID);
    assert_eq!(
        resource.replace("%2F", "/").replace("%3A", ":"),
        resource_plain().to_lowercase()
    );
}

fn resource_plain() -> String {
    format!("{SCOPE}/registrations/{ID}")
}

#[test]
fn a_policy_may_be_left_out_and_base64_may_stand_unescaped() {
    let resource = resource_plain();
    let expiry = (NOW + 60).to_string();
    let mut shapes = 0;
    // Walk over expiries until the signature holds both special letters of the alphabet.
    for offset in 0..10_000 {
        let expiry = format!("{}", expiry.parse::<i64>().unwrap() + offset % 3000);
        let signature = base64(&hmac_sha256(&PRIMARY, format!("{resource}\n{expiry}").as_bytes()));
        if signature.contains('+') && signature.contains('/') {
            let header = format!("SharedAccessSignature se={expiry}&sig={signature}&sr={resource}");
            assert_eq!(proven(&header, &own_keys(), ID), Ok(OWN_PRIMARY));
            shapes += 1;
        }
        if shapes == 3 {
            return;
        }
    }
    panic!("no signature with both + and / was met");
}

#[test]
fn the_scheme_word_is_read_in_any_case() {
    let token = NODE.token(&PRIMARY, ID);
    for scheme in ["sharedaccesssignature", "SHAREDACCESSSIGNATURE"] {
        let header = token.replace("SharedAccessSignature", scheme);
        assert_eq!(proven(&header, &own_keys(), ID), Ok(OWN_PRIMARY));
    }
}

#[test]
fn fields_come_in_any_order() {
    for fields in [
        "se={se}&skn=registration&sig={sig}&sr={sr}",
        "skn=registration&sr={sr}&se={se}&sig={sig}",
        "sig={sig}&se={se}&sr={sr}&skn=",
    ] {
        accepts(&Client { fields, ..NODE });
    }
}

#[test]
fn scope_and_id_are_compared_without_case() {
    let resource = resource_plain().to_uppercase();
    let header = signed(&PRIMARY, &resource, &(NOW + 60).to_string());
    assert_eq!(proven(&header, &own_keys(), ID), Ok(OWN_PRIMARY));
}

#[test]
fn a_group_knows_its_device_by_either_key_and_either_case() {
    for (group_key, proof) in [(&PRIMARY[..], GROUP_PRIMARY), (&SECONDARY[..], GROUP_SECONDARY)] {
        for id in [ID.to_owned(), ID.to_lowercase()] {
            let header = NODE.token(&hmac_sha256(group_key, id.as_bytes()), ID);
            assert_eq!(proven(&header, &group_keys(), ID), Ok(proof), "derived over {id}");
        }
    }
}

#[test]
fn a_device_with_its_own_keys_may_use_either() {
    let header = NODE.token(&SECONDARY, ID);
    let proof = Proof::SymmetricKey {
        slot: KeySlot::Secondary,
        derived: false,
    };
    assert_eq!(proven(&header, &own_keys(), ID), Ok(proof));
    assert_eq!(proof.method(), "symmetric_key");
}

#[test]
fn derivation_agrees_with_the_published_vector() {
    let group = SymmetricKey::from_base64(
        "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw==",
    )
    .unwrap();
    let device = group.derive("sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6");
    assert_eq!(
        device.to_base64().expose_secret(),
        "Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc="
    );
}

#[test]
fn one_parsed_token_finds_its_group_among_many() {
    use tamga_attestation::{SasToken, SymmetricKeyReference};
    let groups: Vec<_> = (0..50_u8)
        .map(|n| SymmetricKeyReference {
            primary: key(&[n; 64]),
            secondary: key(&[n + 100; 64]),
            derived: true,
        })
        .collect();
    let header = PYTHON.token(&hmac_sha256(&[137; 64], ID.as_bytes()), ID);
    let token = SasToken::parse(&header).unwrap();
    let found: Vec<_> = groups
        .iter()
        .enumerate()
        .filter_map(|(place, group)| group.verifies(&token, ID).map(|slot| (place, slot)))
        .collect();
    assert_eq!(found, [(37, KeySlot::Secondary)]);
}
