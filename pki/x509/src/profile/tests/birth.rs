// SPDX-License-Identifier: Apache-2.0
//! What a unit's birth certificate says, and what it never says.

use super::*;
use crate::lint::{Life, LintFailures, Role};

fn birth_profile() -> Profile {
    Profile::try_from(ProfileConfig::birth()).unwrap()
}

fn named(registration_id: &str) -> DeviceIdentity {
    DeviceIdentity::new(registration_id, "acme", "tamga.example", "dev_01jd2y").unwrap()
}

#[test]
fn a_birth_certificate_numbers_its_unit_and_ends_with_the_calendar() {
    use x509_parser::prelude::*;
    let (key, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-full-subject"), identity(), locations());
    let draft = birth_profile()
        .draft(&order(&request, &identity, &issuer, &locations))
        .unwrap();
    let sealed = ToBeSigned::certificate(draft).unwrap();
    assert_eq!(
        sealed.validity().unwrap().not_after(),
        crate::validity::Validity::NO_END
    );
    let der = key.finish(&sealed);
    let (_, found) = X509Certificate::from_der(&der).unwrap();
    assert_eq!(
        found.subject().to_string(),
        "O=acme, CN=pump-1, serialNumber=pump-1"
    );
    let number = found
        .subject()
        .iter_by_oid(&oid_registry::OID_X509_SERIALNUMBER)
        .next();
    assert_eq!(number.unwrap().attr_value().tag(), asn1_rs::Tag::PrintableString);
    assert!(found.subject_alternative_name().unwrap().is_none());
    let usage = found.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.flags == 1 && usage.value.digital_signature());
}

#[test]
fn a_unit_that_no_serial_number_can_say_has_no_birth_certificate() {
    let (_, issuer) = p256_issuer();
    let (request, locations) = (request("good-empty-subject"), locations());
    for id in ["pump_1".to_owned(), "p".repeat(65)] {
        let identity = named(&id);
        let refusal = birth_profile()
            .draft(&order(&request, &identity, &issuer, &locations))
            .unwrap_err();
        assert_eq!(refusal.slug(), "unit_number", "{id}");
        assert!(refusal.to_string().contains(&id), "{refusal}");
    }
}

#[test]
fn a_line_may_ask_for_any_part_of_the_subject_and_for_no_other() {
    for name in [
        "good-empty-subject",
        "good-p256-sha256",
        "good-full-subject",
        "good-full-subject-turned",
        "good-weaker-extensions",
    ] {
        let judged = birth_profile().judge(&request(name), &identity());
        // The last one brings the SPIFFE ID of a device, which no birth certificate has.
        match name {
            "good-weaker-extensions" => assert_eq!(judged.unwrap_err().slug(), "csr_foreign_extension"),
            _ => assert_eq!(judged, Ok(()), "{name}"),
        }
    }
    for name in [
        "ask-second-name",
        "ask-other-name",
        "ask-other-organization",
        "ask-email-subject",
        "ask-multi-valued",
        "ask-serial-number",
    ] {
        let parsed =
            Request::parse(&csr(name)).and_then(|request| birth_profile().judge(&request, &identity()));
        assert_eq!(parsed.unwrap_err().slug(), "csr_subject", "{name}");
    }
}

#[test]
fn only_birth_certificates_are_unlimited_or_say_a_model() {
    let spoil: [fn(&mut ProfileConfig); 4] = [
        |config| config.usage = "device".to_owned(),
        |config| config.backdate = "4000d".to_owned(),
        |config| config.extended_key_usage = vec!["serverAuth".to_owned()],
        |config| config.model = Some(" P-100".to_owned()),
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let mut config = ProfileConfig::birth();
        spoil(&mut config);
        assert_eq!(
            Profile::try_from(config).unwrap_err().0.len(),
            1,
            "spoiling {index}"
        );
    }
    let mut config = ProfileConfig::device();
    config.model = Some("P-100".to_owned());
    assert_eq!(Profile::try_from(config).unwrap_err().0[0].field(), "model");
    let mut config = ProfileConfig::device();
    config.extended_key_usage = Vec::new();
    assert_eq!(
        Profile::try_from(config).unwrap_err().0[0].field(),
        "extended_key_usage"
    );
}

#[test]
fn an_issuer_that_has_ended_gives_birth_to_nothing() {
    let (_, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-empty-subject"), identity(), locations());
    let mut order = order(&request, &identity, &issuer, &locations);
    let second = Duration::from_secs(1);
    order.now = issuer.validity().not_after();
    assert!(birth_profile().draft(&order).is_ok());
    order.now = issuer.validity().not_after().saturating_add(second);
    assert_eq!(birth_profile().draft(&order).unwrap_err().slug(), "issuer_life");
    order.now = issuer.validity().not_before().saturating_sub(second);
    assert_eq!(birth_profile().draft(&order).unwrap_err().slug(), "issuer_life");
}

#[test]
fn the_lints_know_a_birth_certificate_from_any_other() {
    let (_, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-empty-subject"), identity(), locations());
    let order = order(&request, &identity, &issuer, &locations);
    let good = || {
        let draft = birth_profile().draft(&order).unwrap();
        (draft.tbs, draft.expectation)
    };
    let failing = |bytes: &[u8], expectation: &crate::lint::Expectation| -> Vec<&str> {
        match crate::lint::certificate(bytes, expectation) {
            Ok(_) => Vec::new(),
            Err(LintFailures(failures)) => failures.iter().map(|failure| failure.lint).collect(),
        }
    };
    let (bytes, expectation) = good();
    assert_eq!(failing(&bytes, &expectation), [""; 0]);

    let (bytes, mut expectation) = good();
    expectation.serial_number = None;
    assert_eq!(failing(&bytes, &expectation), ["subject"]);
    let (bytes, mut expectation) = good();
    expectation.serial_number = Some("pump-2".to_owned());
    assert_eq!(failing(&bytes, &expectation), ["subject"]);
    let (bytes, mut expectation) = good();
    if let Role::Birth { purposes, .. } = &mut expectation.role {
        purposes.clear();
    }
    assert_eq!(
        failing(&bytes, &expectation),
        ["extension_set", "extended_key_usage"]
    );
    let (bytes, mut expectation) = good();
    if let Life::Unlimited { now, .. } = &mut expectation.life {
        *now = now.saturating_add(Duration::from_hours(2));
    }
    assert_eq!(failing(&bytes, &expectation), ["life"]);
    // One that ends a second too early.
    let (bytes, expectation) = good();
    let at = bytes
        .windows(15)
        .position(|found| found == b"99991231235959Z")
        .unwrap();
    let mut early = bytes;
    early[at + 13] = b'8';
    assert_eq!(failing(&early, &expectation), ["life"]);
}
