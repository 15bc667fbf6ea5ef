// SPDX-License-Identifier: Apache-2.0
//! Breaks each rule alone: every lint must be the only one to notice its own fault.

mod lists;

use super::*;
use crate::certificate::{
    Composition, ExtendedKeyUsage, IssuerCertificate, KeyUsage, StatusLocations, extension,
};
use crate::fixtures::{
    NOW, TestKey, device_profile, identity, locations, order, p256_issuer, request, serial,
};
use crate::key::{PublicKey, SignatureAlgorithm};
use crate::signer::Signer;
use crate::time::Timestamp;
use crate::{oid, tlv, write};

fn good() -> (Vec<u8>, Expectation) {
    let (_, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-p256-sha256"), identity(), locations());
    let draft = device_profile()
        .draft(&order(&request, &identity, &issuer, &locations))
        .unwrap();
    (draft.tbs, draft.expectation)
}

fn failing(bytes: &[u8], expectation: &Expectation) -> Vec<&'static str> {
    match certificate(bytes, expectation) {
        Ok(_) => Vec::new(),
        Err(LintFailures(failures)) => failures.iter().map(|failure| failure.lint).collect(),
    }
}

/// Each extension of the device's certificate as the profile writes it.
struct Extensions<'a>(&'a PublicKey, &'a IssuerCertificate);

type Write<'a> = Box<dyn Fn(&mut Vec<u8>) + 'a>;

impl<'a> Extensions<'a> {
    fn list(&self) -> Vec<(&'static [u8], Write<'a>)> {
        let (key, issuer) = (self.0, self.1);
        vec![
            (oid::BASIC_CONSTRAINTS, Box::new(extension::end_entity)),
            (
                oid::KEY_USAGE,
                Box::new(|out| extension::key_usage(out, &[KeyUsage::DigitalSignature])),
            ),
            (
                oid::EXTENDED_KEY_USAGE,
                Box::new(|out| extension::extended_key_usage(out, &[ExtendedKeyUsage::ClientAuth])),
            ),
            (
                oid::SUBJECT_KEY_IDENTIFIER,
                Box::new(|out| extension::subject_key_identifier(out, &key.key_identifier())),
            ),
            (
                oid::AUTHORITY_KEY_IDENTIFIER,
                Box::new(|out| extension::authority_key_identifier(out, issuer.key_identifier())),
            ),
            (
                oid::SUBJECT_ALT_NAME,
                Box::new(|out| extension::device_name(out, identity().uri())),
            ),
            (&[], Box::new(|out| extension::locations(out, &locations()))),
        ]
    }
}

/// The good certificate with one extension written otherwise.
fn with(replaced: &[u8], by: fn(&mut Vec<u8>)) -> Vec<u8> {
    let (_, issuer) = p256_issuer();
    let request = request("good-p256-sha256");
    let (bytes, expectation) = good();
    let validity = CertificateReading::of(&bytes, &expectation)
        .unwrap()
        .validity()
        .unwrap();
    let mut subject = Vec::new();
    identity().subject().write(&mut subject);
    let composition = Composition {
        serial: expectation.serial,
        algorithm: expectation.algorithm,
        issuer: issuer.subject_der(),
        validity,
        subject: &subject,
        key: request.public_key(),
    };
    composition.write(|out| {
        for (oid, usual) in Extensions(request.public_key(), &issuer).list() {
            if oid == replaced { by(out) } else { usual(out) }
        }
    })
}

fn replace(bytes: &[u8], found: &[u8], by: &[u8]) -> Vec<u8> {
    assert_eq!(found.len(), by.len());
    let at = bytes
        .windows(found.len())
        .position(|window| window == found)
        .expect("what to replace is there");
    let mut bytes = bytes.to_vec();
    bytes[at..at + by.len()].copy_from_slice(by);
    bytes
}

#[test]
fn a_good_certificate_passes_every_lint() {
    let (bytes, expectation) = good();
    assert_eq!(failing(&bytes, &expectation), [""; 0]);
    // What the fixtures below vary is otherwise the same, octet for octet.
    assert_eq!(with(b"none", |_| {}), bytes);
}

type Break = fn(Vec<u8>, Expectation) -> (Vec<u8>, Expectation);

const BREAKS: &[(&str, Break)] = &[
    ("canonical", |_, expectation| {
        // `critical FALSE` spelled out.
        let bytes = with(oid::EXTENDED_KEY_USAGE, |out| {
            write::sequence(out, |out| {
                write::oid(out, oid::EXTENDED_KEY_USAGE);
                write::primitive(out, tlv::BOOLEAN, &[0]);
                write::element(out, tlv::OCTET_STRING, |out| {
                    write::sequence(out, |out| write::oid(out, oid::CLIENT_AUTH));
                });
            });
        });
        (bytes, expectation)
    }),
    ("version", |bytes, expectation| {
        (
            replace(&bytes, &[0xa0, 3, 2, 1, 2], &[0xa0, 3, 2, 1, 1]),
            expectation,
        )
    }),
    ("serial", |bytes, mut expectation| {
        expectation.serial = serial(8);
        (bytes, expectation)
    }),
    ("algorithm", |bytes, mut expectation| {
        expectation.algorithm = SignatureAlgorithm::EcdsaSha384;
        (bytes, expectation)
    }),
    ("issuer", |bytes, mut expectation| {
        expectation.issuer_subject = Some(vec![0x30, 0]);
        (bytes, expectation)
    }),
    ("life", |bytes, mut expectation| {
        if let Life::Within { longest, .. } = &mut expectation.life {
            *longest -= std::time::Duration::from_secs(1);
        }
        (bytes, expectation)
    }),
    ("subject", |bytes, mut expectation| {
        expectation.common_name = Some("pump-2".to_owned());
        (bytes, expectation)
    }),
    ("public_key", |bytes, mut expectation| {
        expectation.key = TestKey::load("issuer-p256").public_key().clone();
        (bytes, expectation)
    }),
    ("extension_set", |_, expectation| {
        let bytes = with(oid::EXTENDED_KEY_USAGE, |out| {
            write::extension(
                out,
                oid::EXTENDED_KEY_USAGE,
                write::Criticality::Critical,
                |out| {
                    write::sequence(out, |out| write::oid(out, oid::CLIENT_AUTH));
                },
            );
        });
        (bytes, expectation)
    }),
    ("basic_constraints", |_, expectation| {
        (
            with(oid::BASIC_CONSTRAINTS, |out| extension::authority(out, None)),
            expectation,
        )
    }),
    ("key_usage", |_, expectation| {
        (
            with(oid::KEY_USAGE, |out| {
                extension::key_usage(out, &[KeyUsage::KeyCertSign]);
            }),
            expectation,
        )
    }),
    ("extended_key_usage", |_, expectation| {
        (
            with(oid::EXTENDED_KEY_USAGE, |out| {
                extension::extended_key_usage(out, &[]);
            }),
            expectation,
        )
    }),
    ("subject_key_identifier", |_, expectation| {
        (
            with(oid::SUBJECT_KEY_IDENTIFIER, |out| {
                extension::subject_key_identifier(out, &[7; 20]);
            }),
            expectation,
        )
    }),
    ("authority_key_identifier", |bytes, mut expectation| {
        expectation.authority_key_identifier = Some(vec![7; 20]);
        (bytes, expectation)
    }),
    ("alternative_names", |bytes, mut expectation| {
        expectation.names = vec![ExpectedName::Dns(identity().uri().to_owned())];
        (bytes, expectation)
    }),
    ("distribution_points", |bytes, mut expectation| {
        expectation.locations.crl = Some("http://status.tamga.example/c/iss_1/1.crl".to_owned());
        (bytes, expectation)
    }),
    ("information_access", |bytes, mut expectation| {
        expectation.locations.issuer = Some("http://status.tamga.example/i/iss_2.cer".to_owned());
        (bytes, expectation)
    }),
    ("time_forms", |_, expectation| {
        let (bytes, _) = good();
        (as_generalized_time(&bytes), expectation)
    }),
];

/// The good certificate with its first time, of 2026, as GeneralizedTime.
fn as_generalized_time(bytes: &[u8]) -> Vec<u8> {
    let contents = tlv::only(bytes, tlv::SEQUENCE).unwrap().value;
    let mut fields = tlv::Reader::new(contents);
    let mut out = Vec::new();
    write::sequence(&mut out, |out| {
        for index in 0..7 {
            let field = fields.any().unwrap();
            if index != 4 {
                out.extend_from_slice(field.full);
                continue;
            }
            let mut times = tlv::Reader::new(field.value);
            let mut first = b"20".to_vec();
            first.extend_from_slice(times.any().unwrap().value);
            write::sequence(out, |out| {
                write::primitive(out, tlv::GENERALIZED_TIME, &first);
                out.extend_from_slice(times.any().unwrap().full);
            });
        }
        out.extend_from_slice(fields.any().unwrap().full);
    });
    out
}

#[test]
fn every_certificate_lint_notices_its_own_fault_and_no_other() {
    for (lint, spoil) in BREAKS {
        let (bytes, expectation) = good();
        let (bytes, expectation) = spoil(bytes, expectation);
        // The decoder's own encoder would write such a time otherwise, so that one is noticed twice.
        let canonical = (*lint == "time_forms").then_some("canonical");
        let wanted: Vec<_> = canonical.into_iter().chain([*lint]).collect();
        assert_eq!(failing(&bytes, &expectation), wanted);
    }
    let mut broken: Vec<_> = BREAKS.iter().map(|(lint, _)| *lint).collect();
    let mut all: Vec<_> = CERTIFICATE_LINTS.iter().map(|lint| lint.name).collect();
    broken.sort_unstable();
    all.sort_unstable();
    assert_eq!(broken, all, "each lint of the list has its breakage");
}

#[test]
fn an_extension_too_many_or_too_few_is_noticed() {
    let (bytes, mut expectation) = good();
    expectation.locations = StatusLocations::default();
    assert_eq!(
        failing(&bytes, &expectation),
        ["extension_set", "distribution_points", "information_access"]
    );
    let (_, expectation) = good();
    let twice = with(oid::EXTENDED_KEY_USAGE, |out| {
        extension::extended_key_usage(out, &[ExtendedKeyUsage::ClientAuth]);
        extension::extended_key_usage(out, &[ExtendedKeyUsage::ClientAuth]);
    });
    assert!(failing(&twice, &expectation).contains(&"extension_set"));
    assert_eq!(
        failing(&with(oid::KEY_USAGE, |_| {}), &expectation),
        ["extension_set", "key_usage"]
    );
}

#[test]
fn a_life_too_early_or_past_its_issuer_is_noticed() {
    let second = std::time::Duration::from_secs(1);
    for shift in [-3_601, 90 * 86_400] {
        let (bytes, mut expectation) = good();
        if let Life::Within { now, .. } = &mut expectation.life {
            *now = Timestamp::from_seconds(now.seconds() - shift);
        }
        assert_eq!(failing(&bytes, &expectation), ["life"], "{shift}");
    }
    let (bytes, mut expectation) = good();
    let found = CertificateReading::of(&bytes, &expectation)
        .unwrap()
        .validity()
        .unwrap();
    if let Life::Within { issuer, .. } = &mut expectation.life {
        *issuer = Validity::new(found.not_before(), found.not_after().saturating_sub(second)).unwrap();
    }
    assert_eq!(failing(&bytes, &expectation), ["life"]);
}

#[test]
fn no_single_octet_of_a_certificate_can_change_unnoticed() {
    let (bytes, expectation) = good();
    for index in 0..bytes.len() {
        for flip in [0x01, 0x80] {
            let mut changed = bytes.clone();
            changed[index] ^= flip;
            // The signature is over these bytes, so an unnoticed change would be signed. Only the times have
            // slack: a life may be any that fits the profile.
            if failing(&changed, &expectation).is_empty() {
                let reading = CertificateReading::of(&changed, &expectation).unwrap();
                let found = reading.validity().unwrap();
                let wanted = CertificateReading::of(&bytes, &expectation)
                    .unwrap()
                    .validity()
                    .unwrap();
                assert_ne!(
                    found,
                    wanted,
                    "octet {index}, {flip:#x}: {:02x?}",
                    &bytes[index - 8..index + 8]
                );
            }
        }
    }
}
