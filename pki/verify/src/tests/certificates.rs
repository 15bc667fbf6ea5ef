// SPDX-License-Identifier: Apache-2.0
//! Certificates, intents and requests, each damaged in one way.

use std::collections::BTreeSet;

use super::edit::{
    ALTERNATIVE_NAMES, AUTHORITY_KEY_IDENTIFIER, BASIC_CONSTRAINTS, DISTRIBUTION_POINTS, EXTENDED_KEY_USAGE,
    KEY_USAGE, SUBJECT_KEY_IDENTIFIER, extension, node, tlv,
};
use super::key::{Key, RSA_SHA512};
use super::small::{Small, names};
use crate::der::sha256;

type Damage = fn(&mut Small);

/// What is done, the laws it breaks, and how it is done. Row 0 is a device's, 1 is revoked, 2 an intent, 3 a server's, 4 of a birth.
pub(super) const DAMAGE: &[(&str, &[&str], Damage)] = &[
    ("a serial of another layout", &["serial_layout"], |small| {
        small.rows.certificates[0].serial[0] = 0x42;
        small.edits(0, |tbs| tbs.children[1].octets[0] = 0x42);
    }),
    ("a restore epoch to come", &["serial_layout"], |small| {
        small.rows.certificates[0].serial[1] = 1;
        small.edits(0, |tbs| tbs.children[1].octets[1] = 1);
    }),
    ("the serial of another day", &["serial_layout"], |small| {
        small.rows.certificates[0].serial[3] ^= 1;
        small.edits(0, |tbs| tbs.children[1].octets[3] ^= 1);
    }),
    ("the hash of other bytes", &["certificate_as_intended"], |small| {
        small.rows.certificates[0].tbs_hash[0] ^= 1;
    }),
    (
        "an intent of other bytes",
        &["certificate_as_intended"],
        |small| {
            small.rows.certificates[2].tbs_hash[0] ^= 1;
        },
    ),
    ("one second too long", &["life_as_profiled"], |small| {
        small.rows.certificates[0].not_after += 1_000_000;
        small.edits(0, |tbs| tbs.children[4].children[1].octets[11] += 1);
    }),
    ("intended two hours later", &["life_as_profiled"], |small| {
        small.rows.certificates[0].intended_at += 7_200_000_000;
    }),
    ("another common name", &["identity"], |small| {
        small.edits(0, |tbs| tbs.children[5].misspell("Pump-1"));
    }),
    ("another organization", &["identity"], |small| {
        small.edits(0, |tbs| tbs.children[5].misspell("acme"));
    }),
    ("two common names", &["identity"], |small| {
        small.edits(0, |tbs| {
            let name = tbs.children[5].children[1].clone();
            tbs.children[5].children.push(name);
        });
    }),
    ("another device's URI", &["identity"], |small| {
        small.edits(0, |tbs| *tbs.value(ALTERNATIVE_NAMES).last_mut().unwrap() ^= 1);
    }),
    ("a device that is not there", &["identity"], |small| {
        small.rows.certificates[0].named = None;
    }),
    ("a server's e-mail address", &["identity"], |small| {
        // The DNS name, context tag 2, becomes an rfc822Name, context tag 1.
        small.edits(3, |tbs| tbs.value(ALTERNATIVE_NAMES)[2] = 0x81);
    }),
    ("a server named unlike its names", &["identity"], |small| {
        small.edits(3, |tbs| tbs.children[5].misspell("tamga.example"));
    }),
    ("a birth of another model", &["identity"], |small| {
        small.edits(4, |tbs| tbs.children[5].misspell("P-100"));
    }),
    (
        "a birth that ends a second early",
        &["certificate_columns", "life_as_profiled"],
        |small| {
            small.edits(4, |tbs| tbs.children[4].children[1].octets[13] -= 1);
        },
    ),
    (
        "a birth that names what devices work with",
        &["extension_set", "identity"],
        |small| {
            let names = node(small.rows.certificates[0].der.as_ref().unwrap())
                .children
                .remove(0)
                .extension(ALTERNATIVE_NAMES)
                .clone();
            small.edits(4, |tbs| tbs.extensions().push(names));
        },
    ),
    ("a foreign extension", &["extension_set"], |small| {
        small.edits(0, |tbs| {
            tbs.extensions().push(extension(&[0x55, 0x1d, 54], &tlv(2, &[0])));
        });
    }),
    ("an extension twice", &["extension_set"], |small| {
        small.edits(0, |tbs| {
            let twin = tbs.extension(SUBJECT_KEY_IDENTIFIER).clone();
            tbs.extensions().push(twin);
        });
    }),
    ("a critical extended key usage", &["extension_set"], |small| {
        small.edits(0, |tbs| {
            let critical = node(&[1, 1, 0xff]);
            tbs.extension(EXTENDED_KEY_USAGE).children.insert(1, critical);
        });
    }),
    (
        "no location of the list",
        &["extension_set", "locations"],
        |small| {
            small.edits(0, |tbs| {
                tbs.extensions()
                    .retain(|extension| extension.children[0].octets != DISTRIBUTION_POINTS);
            });
        },
    ),
    ("a device that is an authority", &["no_authority"], |small| {
        small.edits(0, |tbs| *tbs.value(BASIC_CONSTRAINTS) = tlv(0x30, &[1, 1, 0xff]));
    }),
    (
        "a device's key that signs certificates",
        &["no_authority"],
        |small| {
            small.edits(0, |tbs| *tbs.value(KEY_USAGE) = vec![3, 2, 2, 0x84]);
        },
    ),
    ("a key usage beyond the profile's", &["key_usage"], |small| {
        small.edits(0, |tbs| *tbs.value(KEY_USAGE) = vec![3, 2, 3, 0x88]);
    }),
    ("no digital signature", &["key_usage"], |small| {
        small.edits(0, |tbs| *tbs.value(KEY_USAGE) = vec![3, 2, 6, 0x40]);
    }),
    ("a device that serves", &["purposes"], |small| {
        // id-kp-clientAuth ends in 2, id-kp-serverAuth in 1.
        small.edits(0, |tbs| *tbs.value(EXTENDED_KEY_USAGE).last_mut().unwrap() = 1);
    }),
    ("a device that signs status", &["purposes"], |small| {
        small.edits(0, |tbs| *tbs.value(EXTENDED_KEY_USAGE).last_mut().unwrap() = 9);
    }),
    (
        "a kind of key the profile does not take",
        &["key_kind"],
        |small| {
            let revision = &mut small.rows.revisions[0];
            revision.config = revision.config.replace("\"P-256\"", "\"P-521\"");
        },
    ),
    ("the issuer's own key", &["key_is_no_authoritys"], |small| {
        small.rows.certificates[0] = small.device_certificate(5, &small.issuer);
    }),
    ("another issuer's name", &["issuer_name"], |small| {
        small.edits(0, |tbs| tbs.children[3].misspell("issuer"));
    }),
    ("an issuer that is not there", &["issuer_name"], |small| {
        small.rows.certificates[0].issuer = vec![9; 16];
    }),
    (
        "another authority key identifier",
        &["key_identifiers"],
        |small| {
            small.edits(0, |tbs| {
                *tbs.value(AUTHORITY_KEY_IDENTIFIER).last_mut().unwrap() ^= 1;
            });
        },
    ),
    ("another subject key identifier", &["key_identifiers"], |small| {
        small.edits(0, |tbs| {
            *tbs.value(SUBJECT_KEY_IDENTIFIER).last_mut().unwrap() ^= 1;
        });
    }),
    ("another list", &["locations"], |small| {
        small.edits(0, |tbs| {
            let value = tbs.value(DISTRIBUTION_POINTS);
            let last = value.len() - 5;
            value[last] = b'1';
        });
    }),
    ("another algorithm inside", &["algorithms_agree"], |small| {
        small.edits(0, |tbs| tbs.children[2] = node(RSA_SHA512));
    }),
    ("a signature by a stronger hash", &["algorithm"], |small| {
        *small = Small::signed_by(Key::rsa(), Key::rsa());
        let der = small.rows.certificates[0].der.take().unwrap();
        let sealed = small.issuer.seal_by_sha512(&node(&der).children[0].der(), 2);
        small.rows.certificates[0].tbs_hash = sha256(&node(&sealed).children[0].der()).to_vec();
        small.rows.certificates[0].der = Some(sealed);
    }),
    ("a signature by another key", &["signature"], |small| {
        let der = small.rows.certificates[0].der.take().unwrap();
        small.rows.certificates[0].der = Some(Key::new().seal(&node(&der).children[0].der()));
    }),
    (
        "another serial number in its row",
        &["certificate_columns"],
        |small| {
            small.rows.certificates[0].serial[19] ^= 1;
        },
    ),
    ("another key in its row", &["certificate_columns"], |small| {
        small.rows.certificates[0].spki[0] ^= 1;
        small.rows.certificates[0].request = None;
    }),
    ("another shard in its row", &["certificate_columns"], |small| {
        small.rows.certificates[0].shard = 1;
    }),
    (
        "another first second in its row",
        &["certificate_columns"],
        |small| {
            small.rows.certificates[0].not_before -= 1_000_000;
        },
    ),
    (
        "another last second in its row",
        &["certificate_columns"],
        |small| {
            small.rows.certificates[0].not_after += 1_000_000;
        },
    ),
    (
        "octets that are no certificate",
        &["certificate_readable"],
        |small| {
            small.rows.certificates[0].der = Some(vec![0x30, 0x03, 0x02, 0x01, 0x00]);
        },
    ),
    (
        "octets behind a certificate",
        &["certificate_readable"],
        |small| {
            small.rows.certificates[0].der.as_mut().unwrap().push(0);
        },
    ),
    ("the request of another key", &["request_proves_key"], |small| {
        small.rows.certificates[0].request = Some(Key::new().request());
    }),
    (
        "a request that another key signed",
        &["request_proves_key"],
        |small| {
            let request = node(&small.device.request());
            small.rows.certificates[0].request = Some(Key::new().seal(&request.children[0].der()));
        },
    ),
    (
        "a request that cannot be read",
        &["request_proves_key"],
        |small| {
            small.rows.certificates[0].request = Some(vec![0x30]);
        },
    ),
    ("a profile that cannot be read", &["profile_readable"], |small| {
        small.rows.revisions[0].config = "{}".to_owned();
    }),
];

#[tokio::test]
async fn each_damage_is_found_as_what_it_is() {
    for (what, laws, damage) in DAMAGE {
        let mut small = Small::new();
        damage(&mut small);
        let report = small.verified().await;
        let wanted: BTreeSet<&str> = laws.iter().copied().collect();
        assert_eq!(names(&report), wanted, "{what}: {:#?}", report.findings);
    }
}
