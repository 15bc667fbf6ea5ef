// SPDX-License-Identifier: Apache-2.0

mod birth;
mod snapshots;

use super::*;
use crate::certificate::{Certificate, StatusLocations};
use crate::fixtures::{
    self, NOW, TestKey, csr, device_profile, identity, locations, order, p256_issuer, request, serial,
};
use crate::name::{DeviceIdentity, ServerNames};
use crate::request::{CsrRefusal, Request};
use crate::time::Timestamp;
use crate::to_be_signed::ToBeSigned;

fn judged(name: &str) -> Result<(), CsrRefusal> {
    device_profile().judge(&Request::parse(&csr(name))?, &identity())
}

#[test]
fn what_the_profile_grants_anyway_is_ignored() {
    for name in [
        "good-p256-sha256",
        "good-ed25519",
        "good-rsa4096-sha512",
        "good-empty-subject",
        "good-full-subject",
        "good-full-subject-turned",
        "good-weaker-extensions",
        "good-challenge-password",
    ] {
        assert_eq!(judged(name), Ok(()), "{name}");
    }
}

#[test]
fn what_goes_beyond_the_profile_is_refused_by_its_own_name() {
    for (name, slug, word) in [
        ("ask-ca-true", "csr_ca_requested", "CA:TRUE"),
        ("ask-ca-true-critical-pathlen", "csr_ca_requested", "CA:TRUE"),
        ("ask-cert-sign", "csr_key_usage", "keyCertSign"),
        ("ask-crl-sign", "csr_key_usage", "cRLSign"),
        (
            "ask-key-agreement",
            "csr_key_usage",
            "the profile grants digitalSignature",
        ),
        ("ask-ocsp-signing", "csr_extended_key_usage", "1.3.6.1.5.5.7.3.9"),
        ("ask-any-purpose", "csr_extended_key_usage", "2.5.29.37.0"),
        (
            "ask-server-auth",
            "csr_extended_key_usage",
            "the profile grants clientAuth",
        ),
        ("ask-dns-name", "csr_names", "a DNS name"),
        ("ask-email", "csr_names", "an e-mail address"),
        ("ask-upn", "csr_names", "an otherName"),
        (
            "ask-other-uri",
            "csr_names",
            "spiffe://tamga.example/org/acme/device/dev_01jd2y",
        ),
        ("ask-two-names", "csr_names", "several names"),
        ("ask-address", "csr_names", "an address"),
        ("ask-crl-location", "csr_foreign_extension", "2.5.29.31"),
        (
            "ask-issuer-location",
            "csr_foreign_extension",
            "1.3.6.1.5.5.7.1.1",
        ),
        ("ask-policies", "csr_foreign_extension", "2.5.29.32"),
        ("ask-name-constraints", "csr_foreign_extension", "2.5.29.30"),
        (
            "ask-ocsp-nocheck",
            "csr_foreign_extension",
            "1.3.6.1.5.5.7.48.1.5",
        ),
        ("ask-unknown-critical", "csr_foreign_extension", "1.2.3.4.5"),
        (
            "ask-foreign-key-identifier",
            "csr_foreign_extension",
            "not computed from the key",
        ),
        ("ask-second-name", "csr_subject", "pump-2"),
        ("ask-other-name", "csr_subject", "CN=pump-1, alone or with O=acme"),
        ("ask-other-organization", "csr_subject", "emca"),
        ("ask-email-subject", "csr_subject", "a@b.example"),
        ("ask-multi-valued", "csr_subject", "one value a part"),
        ("ask-serial-number", "csr_subject", "=42"),
    ] {
        let refusal = judged(name).expect_err(name);
        assert_eq!(refusal.slug(), slug, "{name}: {refusal}");
        assert!(refusal.to_string().contains(word), "{name}: {refusal}");
    }
}

#[test]
fn a_kind_of_key_the_profile_lacks_is_refused_with_the_kinds_it_has() {
    let mut config = ProfileConfig::device();
    config.key_algorithms = vec!["P-256".to_owned(), "Ed25519".to_owned()];
    let refusal = Profile::try_from(config)
        .unwrap()
        .judge(&request("good-p384-sha384"), &identity());
    let refusal = refusal.unwrap_err();
    assert_eq!(refusal.slug(), "key_type_refused");
    assert!(
        refusal.to_string().contains("P-256, Ed25519, this one is P-384"),
        "{refusal}"
    );
}

#[test]
fn a_life_counts_its_last_second_and_begins_at_the_backdate() {
    let (_, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-p256-sha256"), identity(), locations());
    let draft = device_profile()
        .draft(&order(&request, &identity, &issuer, &locations))
        .unwrap();
    let life = ToBeSigned::certificate(draft).unwrap().validity().unwrap();
    assert_eq!(life.not_before(), Timestamp::from_seconds(NOW.seconds() - 3_600));
    assert_eq!(life.length(), Duration::from_secs(90 * 86_400));
}

#[test]
fn a_life_is_clamped_into_the_issuers_on_both_sides() {
    let (_, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-p256-sha256"), identity(), locations());
    let mut order = order(&request, &identity, &issuer, &locations);
    order.now = issuer.validity().not_before();
    let first = ToBeSigned::certificate(device_profile().draft(&order).unwrap()).unwrap();
    assert_eq!(
        first.validity().unwrap().not_before(),
        issuer.validity().not_before()
    );
    order.now = issuer
        .validity()
        .not_after()
        .saturating_sub(Duration::from_hours(3));
    let last = ToBeSigned::certificate(device_profile().draft(&order).unwrap()).unwrap();
    assert_eq!(
        last.validity().unwrap().not_after(),
        issuer.validity().not_after()
    );

    for outside in [
        issuer
            .validity()
            .not_before()
            .saturating_sub(Duration::from_micros(1)),
        issuer
            .validity()
            .not_after()
            .saturating_add(Duration::from_secs(1)),
        // Valid, but due for renewal at its birth: the next one would be too, without end.
        issuer
            .validity()
            .not_after()
            .saturating_sub(Duration::from_mins(20)),
        Timestamp::from_micros(i64::MIN),
        Timestamp::from_micros(i64::MAX),
    ] {
        order.now = outside;
        assert_eq!(device_profile().draft(&order).unwrap_err().slug(), "issuer_life");
    }
}

#[test]
fn a_device_profile_names_no_servers_and_a_server_profile_no_devices() {
    let (key, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-p256-sha256"), identity(), locations());
    let server = Profile::try_from(ProfileConfig::server()).unwrap();
    let refusal = server
        .draft(&order(&request, &identity, &issuer, &locations))
        .unwrap_err();
    assert_eq!(refusal, DraftRefusal::Usage);
    let names = ServerNames::new(&["tamga.example".to_owned()], &[]).unwrap();
    let order = ServerDraft {
        key: crate::signer::Signer::public_key(&key),
        names: &names,
        issuer: &issuer,
        serial: serial(3),
        now: NOW,
        locations: &locations,
    };
    assert_eq!(
        device_profile().draft_server(&order).unwrap_err(),
        DraftRefusal::Usage
    );
    assert!(server.draft_server(&order).is_ok());
}

#[test]
fn a_usage_is_granted_only_to_keys_that_can() {
    let mut config = ProfileConfig::device();
    config.key_usage = ["digitalSignature", "keyEncipherment", "keyAgreement"]
        .map(str::to_owned)
        .to_vec();
    let profile = Profile::try_from(config).unwrap();
    let names = |key| {
        profile
            .usages_for(key)
            .iter()
            .map(|usage| usage.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(KeyAlgorithm::EcP256), ["digitalSignature", "keyAgreement"]);
    assert_eq!(
        names(KeyAlgorithm::Rsa { bits: 2048 }),
        ["digitalSignature", "keyEncipherment"]
    );
    assert_eq!(names(KeyAlgorithm::Ed25519), ["digitalSignature"]);
}

#[test]
fn every_fault_of_a_configuration_is_reported_at_once() {
    let mut config = ProfileConfig::device();
    config.schema = 2;
    config.usage = "toaster".to_owned();
    config.validity = "ninety days".to_owned();
    config.backdate = "80d".to_owned();
    config.key_algorithms = vec!["P-256".to_owned(), "P-256".to_owned(), "DSA".to_owned()];
    config.key_usage = vec!["keyCertSign".to_owned()];
    config.extended_key_usage = vec![];
    config.rotation = "sometimes".to_owned();
    config.renewal = RenewalConfig {
        opens_at_percent: 0,
        jitter_percent: 77,
    };
    let faults = Profile::try_from(config).unwrap_err();
    let fields: Vec<_> = faults.0.iter().map(ProfileFault::field).collect();
    for field in [
        "schema",
        "usage",
        "validity",
        "backdate",
        "key_algorithms",
        "key_usage",
        "extended_key_usage",
        "rotation",
        "renewal.opens_at_percent",
        "renewal.jitter_percent",
    ] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }
    assert!(faults.to_string().contains("'DSA' is none of"), "{faults}");
}

#[test]
fn one_word_out_of_place_spoils_a_configuration() {
    let spoil: [fn(&mut ProfileConfig); 9] = [
        |config| (config.validity, config.backdate) = ("4m".to_owned(), "0s".to_owned()),
        |config| config.validity = "36501d".to_owned(),
        |config| config.backdate = "46d".to_owned(),
        |config| config.key_usage = vec!["nonRepudiation".to_owned()],
        |config| config.extended_key_usage = vec!["serverAuth".to_owned()],
        |config| config.extended_key_usage = vec!["OCSPSigning".to_owned(), "clientAuth".to_owned()],
        |config| config.renewal.opens_at_percent = 0,
        |config| config.renewal.jitter_percent = 51,
        |config| (config.backdate, config.renewal.opens_at_percent) = ("40d".to_owned(), 40),
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let mut config = ProfileConfig::device();
        spoil(&mut config);
        assert_eq!(
            Profile::try_from(config).unwrap_err().0.len(),
            1,
            "spoiling {index}"
        );
    }
}

#[test]
fn a_profile_survives_its_json_and_unknown_keys_do_not() {
    for config in [
        ProfileConfig::device(),
        ProfileConfig::server(),
        ProfileConfig::birth(),
    ] {
        let profile = Profile::try_from(config).unwrap();
        assert_eq!(Profile::from_json(&profile.to_json()).unwrap(), profile);
        let json = profile.to_json().replacen('{', "{\"colour\":\"red\",", 1);
        let faults = Profile::from_json(&json).unwrap_err();
        assert!(faults.to_string().contains("colour"), "{faults}");
    }
    insta::assert_snapshot!(device_profile().to_json());
}

#[test]
fn a_kept_intent_is_sealed_again_only_for_the_order_it_was_drafted_for() {
    let (_, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-p256-sha256"), identity(), locations());
    let profile = device_profile();
    let order = order(&request, &identity, &issuer, &locations);
    let kept = ToBeSigned::certificate(profile.draft(&order).unwrap()).unwrap();
    let resumed =
        ToBeSigned::resume_certificate(kept.bytes().to_vec(), &profile.expect_device(&order).unwrap())
            .unwrap();
    assert_eq!(resumed.bytes(), kept.bytes());

    let other_device = DeviceIdentity::new("pump-1", "acme", "tamga.example", "dev_other").unwrap();
    let mut other = order;
    other.identity = &other_device;
    let failures =
        ToBeSigned::resume_certificate(kept.bytes().to_vec(), &profile.expect_device(&other).unwrap());
    let names: Vec<_> = failures
        .unwrap_err()
        .0
        .iter()
        .map(|failure| failure.lint)
        .collect();
    assert_eq!(names, ["alternative_names"]);
}

#[test]
fn another_decoder_reads_what_was_ordered() {
    use x509_parser::prelude::*;
    for issuer_key in ["issuer-p256", "issuer-p384", "issuer-rsa2048", "issuer-ed25519"] {
        let key = TestKey::load(issuer_key);
        let (issuer_der, issuer) = fixtures::issuer(&key);
        let (request, identity, locations) = (request("good-p384-sha384"), identity(), locations());
        let draft = device_profile()
            .draft(&order(&request, &identity, &issuer, &locations))
            .unwrap();
        let der = key.finish(&ToBeSigned::certificate(draft).unwrap());

        let (rest, found) = X509Certificate::from_der(&der).unwrap();
        let (_, authority) = X509Certificate::from_der(&issuer_der).unwrap();
        assert!(rest.is_empty());
        found.verify_signature(Some(authority.public_key())).unwrap();
        assert_eq!(found.raw_serial(), serial(7).as_bytes());
        assert_eq!(found.issuer().as_raw(), authority.subject().as_raw());
        assert_eq!(found.subject().to_string(), "O=acme, CN=pump-1");
        assert_eq!(found.public_key().raw, request.public_key().spki_der());
        assert_eq!(found.validity().not_before.timestamp(), NOW.seconds() - 3_600);
        assert_eq!(
            found.validity().not_after.timestamp(),
            NOW.seconds() - 3_600 + 90 * 86_400 - 1
        );
        let names = &found
            .subject_alternative_name()
            .unwrap()
            .unwrap()
            .value
            .general_names;
        assert_eq!(*names, [GeneralName::URI(identity.uri())]);
        assert!(!found.is_ca());
        let usage = found.key_usage().unwrap().unwrap();
        assert!(usage.critical && usage.value.digital_signature() && usage.value.flags == 1);
        let purposes = found.extended_key_usage().unwrap().unwrap();
        assert!(purposes.value.client_auth && !purposes.value.server_auth && !purposes.value.any);

        let ours = Certificate::parse(&der).unwrap();
        ours.verify(&issuer).unwrap();
        assert_eq!(ours.serial(), serial(7));
        assert_eq!(ours.subject(), "CN=pump-1,O=acme");
        assert_eq!(ours.spki_hash(), request.public_key().spki_hash());
    }
}
