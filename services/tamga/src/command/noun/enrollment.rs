// SPDX-License-Identifier: Apache-2.0
//! `tamga enrollment`: one device, one key or certificate.

use super::terms::{
    ASSIGNED_HUB, IDEMPOTENCY, ISSUER, KEY, KEYS, ONE_KEY, PROFILE, REKEY, REKEYS_PER_DAY, SLOT, STATE, TERMS,
};
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, IF_MATCH, Kind, Noun, POST, PUT, Take, Verb, filter, list, member, named, show, sorted,
    verb, word,
};

/// Individual enrollments.
pub(super) const NOUN: Noun = Noun {
    name: "enrollment",
    about: "Individual enrollments: one device, one key or certificate",
    verbs: &[
        CREATE,
        list("listEnrollments", "enrollments", COLUMNS)
            .about("List the individual enrollments by registration id")
            .examples(&["tamga enrollment list", "tamga enrollment list --registration-id-prefix pump- --state disabled"])
            .takes(&[
                STATE,
                filter(
                    "attestation",
                    "attestation",
                    Kind::Choice(&["symmetricKey", "x509"]),
                    "Only those whose device proves itself so",
                ),
                filter(
                    "registration-id-prefix",
                    "registrationIdPrefix",
                    Kind::Text,
                    "Only those whose registration id begins so",
                ),
                sorted(&["registrationId", "-registrationId", "createdAt", "-createdAt"]),
            ]),
        show("showEnrollment", "enrollments/{registrationId}", TERMS)
            .about("Show an individual enrollment")
            .examples(&["tamga enrollment show pump-9"])
            .takes(&[DEVICE]),
        PUT_ENROLLMENT,
        verb(
            "regenerate-key",
            "regenerateEnrollmentKey",
            (POST, "enrollments/{registrationId}/regenerate-key"),
            Answer::Item(KEY),
        )
        .about("Make one of the device's two keys anew; it is shown once, and the old one proves nobody any more")
        .examples(&["tamga enrollment regenerate-key pump-9 --slot secondary --keys-file pump-9-secondary.key"])
        .takes(&[DEVICE, SLOT, IF_MATCH, IDEMPOTENCY])
        .secret(ONE_KEY),
        verb(
            "delete",
            "deleteEnrollment",
            (DELETE, "enrollments/{registrationId}"),
            Answer::Done("enrollment {registrationId} is removed"),
        )
        .about("Remove an individual enrollment; its device enrolls by it no more, and its certificates stay good")
        .examples(&["tamga enrollment delete pump-9"])
        .takes(&[DEVICE, IF_MATCH]),
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
    CERTIFICATE,
    SECONDARY_CERTIFICATE,
    PROFILE,
    ISSUER,
    REKEY,
    REKEYS_PER_DAY,
    ASSIGNED_HUB,
    IDEMPOTENCY,
])
.secret(KEYS);

const PUT_ENROLLMENT: Verb = verb(
    "put",
    "putEnrollment",
    (PUT, "enrollments/{registrationId}"),
    Answer::Item(TERMS),
)
.about("Say all of an enrollment's terms anew, or make it: what is left out is as for a new one, but for its keys or certificates")
.examples(&[
    "tamga enrollment put pump-9 --rekey refuse",
    "tamga enrollment put pump-8 --certificate pump-8/birth.pem --if-match '\"…\"'",
])
.takes(&[
    DEVICE,
    CERTIFICATE,
    SECONDARY_CERTIFICATE,
    PROFILE,
    ISSUER,
    REKEY,
    REKEYS_PER_DAY,
    ASSIGNED_HUB,
    IF_MATCH,
])
.secret(KEYS);

const CERTIFICATE: Take = member(
    "certificate",
    "/attestation/clientCertificates/primary/certificate",
    Kind::Certificate,
    "The certificate the device will show, PEM or DER, self-signed or not",
)
.excludes(&["keys-file"])
.says(&[("/attestation/type", "x509")]);

const SECONDARY_CERTIFICATE: Take = member(
    "secondary-certificate",
    "/attestation/clientCertificates/secondary/certificate",
    Kind::Certificate,
    "Another certificate it may show, for when the first is rolled",
)
.needs("certificate");

const COLUMNS: &Columns = &[
    ("REGISTRATION ID", "/registrationId"),
    ("STATE", "/state"),
    ("ATTESTATION", "/attestation/type"),
    ("REKEY", "/rekey"),
    ("CREATED AT", "/createdAt"),
    ("ENROLLMENT", "/id"),
];

const DEVICE: Take = named("registrationId", Kind::Name, "The registration id of the device");
