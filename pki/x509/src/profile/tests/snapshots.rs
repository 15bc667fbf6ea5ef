// SPDX-License-Identifier: Apache-2.0
//! Every profile's output as text, so that no byte of it drifts unseen.

use super::*;
use crate::text::to_be_signed_certificate as print;

fn device(issuer_key: &str, csr: &str, identity: &DeviceIdentity) -> String {
    let (_, issuer) = fixtures::issuer(&TestKey::load(issuer_key));
    let (request, locations) = (request(csr), locations());
    let draft = device_profile()
        .draft(&order(&request, identity, &issuer, &locations))
        .unwrap();
    print(ToBeSigned::certificate(draft).unwrap().bytes()).unwrap()
}

#[test]
fn of_devices_by_every_issuer() {
    insta::assert_snapshot!(
        "device_p256_by_p256",
        device("issuer-p256", "good-p256-sha256", &identity())
    );
    insta::assert_snapshot!(
        "device_p384_by_p384",
        device("issuer-p384", "good-p384-sha384", &identity())
    );
    insta::assert_snapshot!(
        "device_rsa_by_rsa",
        device("issuer-rsa2048", "good-rsa2048-sha256", &identity())
    );
    insta::assert_snapshot!(
        "device_ed25519_by_ed25519",
        device("issuer-ed25519", "good-ed25519", &identity())
    );
}

#[test]
fn of_a_device_whose_registration_id_is_too_long_for_a_common_name() {
    let long = DeviceIdentity::new(&"p".repeat(128), "acme", "tamga.example", "dev_01jd2y").unwrap();
    insta::assert_snapshot!(
        "device_without_common_name",
        device("issuer-p256", "good-empty-subject", &long)
    );
}

#[test]
fn of_a_unit_at_its_birth() {
    let birth = |config| {
        let (_, issuer) = p256_issuer();
        let (request, identity, locations) = (request("good-empty-subject"), identity(), locations());
        let profile = Profile::try_from(config).unwrap();
        let draft = profile.draft(&order(&request, &identity, &issuer, &locations));
        print(ToBeSigned::certificate(draft.unwrap()).unwrap().bytes()).unwrap()
    };
    insta::assert_snapshot!("birth", birth(ProfileConfig::birth()));
    let with_model = ProfileConfig {
        model: Some("P-100 \u{b5}".to_owned()),
        extended_key_usage: Vec::new(),
        validity: "3650d".to_owned(),
        ..ProfileConfig::birth()
    };
    insta::assert_snapshot!("birth_with_model", birth(with_model));
}

#[test]
fn of_a_server() {
    let (_, issuer) = p256_issuer();
    let key = TestKey::load("device-p256");
    let names = ServerNames::new(
        &["Tamga.example".to_owned(), "localhost".to_owned()],
        &["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
    );
    let order = ServerDraft {
        key: crate::signer::Signer::public_key(&key),
        names: &names.unwrap(),
        issuer: &issuer,
        serial: serial(9),
        now: NOW,
        locations: &StatusLocations::default(),
    };
    let profile = Profile::try_from(ProfileConfig::server()).unwrap();
    let sealed = ToBeSigned::certificate(profile.draft_server(&order).unwrap()).unwrap();
    insta::assert_snapshot!("server", print(sealed.bytes()).unwrap());
}
