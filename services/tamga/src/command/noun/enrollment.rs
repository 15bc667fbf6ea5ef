// SPDX-License-Identifier: Apache-2.0
//! `tamga enrollment`: one device, one key or certificate.

use super::terms::{ASSIGNED_HUB, IDEMPOTENCY, ISSUER, KEYS, PROFILE, REKEY, REKEYS_PER_DAY, TERMS};
use crate::command::verb::{Answer, Kind, Noun, POST, Take, Verb, member, named, verb, word};

/// Individual enrollments.
pub(super) const NOUN: Noun = Noun {
    name: "enrollment",
    about: "Individual enrollments: one device, one key or certificate",
    verbs: &[
        CREATE,
        verb(
            "enable",
            "enableEnrollment",
            (POST, "enrollments/{registrationId}/enable"),
            Answer::Done("enrollment {registrationId} is enabled"),
        )
        .about("Let a disabled enrollment admit its device again")
        .examples(&["tamga enrollment enable pump-9"])
        .takes(&[DEVICE]),
        verb(
            "disable",
            "disableEnrollment",
            (POST, "enrollments/{registrationId}/disable"),
            Answer::Done("enrollment {registrationId} is disabled"),
        )
        .about("Let an enrollment admit its device no more, by any road")
        .examples(&["tamga enrollment disable pump-9"])
        .takes(&[DEVICE]),
    ],
};

const CREATE: Verb = verb(
    "create",
    "createEnrollment",
    (POST, "enrollments"),
    Answer::Item(TERMS),
)
.about(
    "Create an individual enrollment: the device signs with its own keys, shown once, or shows a certificate that is pinned",
)
.examples(&[
    "tamga enrollment create pump-9 --keys-file pump-9.json",
    "tamga device simulate --registration-id pump-9 --device-key-file pump-9.json",
    "tamga enrollment create pump-8 --certificate pump-8/birth.pem",
])
.takes(&[
    word(
        "registration-id",
        "/registrationId",
        Kind::Name,
        "The registration id of the device",
    ),
    member(
        "certificate",
        "/attestation/clientCertificates/primary/certificate",
        Kind::Certificate,
        "The certificate the device will show, PEM or DER, self-signed or not",
    )
    .excludes(&["keys-file"])
    .says(&[("/attestation/type", "x509")]),
    member(
        "secondary-certificate",
        "/attestation/clientCertificates/secondary/certificate",
        Kind::Certificate,
        "Another certificate it may show, for when the first is rolled",
    )
    .needs("certificate"),
    PROFILE,
    ISSUER,
    REKEY,
    REKEYS_PER_DAY,
    ASSIGNED_HUB,
    IDEMPOTENCY,
])
.secret(KEYS);

const DEVICE: Take = named("registrationId", Kind::Name, "The registration id of the device");
