// SPDX-License-Identifier: Apache-2.0
//! `tamga certificate list` and `show`.

use crate::command::show::Columns;
use crate::command::verb::{Kind, Noun, filter, list, named, show, sorted};

/// Certificates, found.
pub(super) const NOUN: Noun = Noun {
    name: "certificate",
    about: "Certificates",
    verbs: &[
        list("listCertificates", "certificates", COLUMNS)
            .about("List the certificates, newest first")
            .examples(&[
                "tamga certificate list --device pump-2",
                "tamga certificate list --state issued --expires-before 2026-12-31T00:00:00Z --sort notAfter",
            ])
            .takes(&[
                filter(
                    "state",
                    "state",
                    Kind::Choice(&["intended", "issued", "superseded", "revoked"]),
                    "Only those in this state",
                ),
                filter(
                    "device",
                    "device",
                    Kind::Name,
                    "Only those of this registration id",
                ),
                filter(
                    "issuer-id",
                    "issuerId",
                    Kind::Id("iss"),
                    "Only those of this issuer, iss_…",
                ),
                filter(
                    "profile-id",
                    "profileId",
                    Kind::Id("pro"),
                    "Only those of this profile, pro_…",
                ),
                filter(
                    "serial",
                    "serial",
                    Kind::Text,
                    "Only the one of this serial number",
                ),
                filter(
                    "expires-before",
                    "expiresBefore",
                    Kind::Text,
                    "Only those that end before this instant",
                ),
                filter(
                    "expires-after",
                    "expiresAfter",
                    Kind::Text,
                    "Only those that end after this instant",
                ),
                sorted(&["-createdAt", "createdAt", "notAfter", "-notAfter"]),
            ]),
        show("getCertificate", "certificates/{certificate}", CERTIFICATE)
            .about("Show a certificate and its chain")
            .examples(&["tamga certificate show crt_…"])
            .takes(&[named("certificate", Kind::Id("crt"), "Its id, `crt_…`")]),
    ],
};

const COLUMNS: &Columns = &[
    ("REGISTRATION ID", "/registrationId"),
    ("STATE", "/state"),
    ("PLACE", "/place"),
    ("NOT AFTER", "/notAfter"),
    ("SERIAL", "/serial"),
    ("CERTIFICATE", "/id"),
];

const CERTIFICATE: &Columns = &[
    ("certificate", "/id"),
    ("registration id", "/registrationId"),
    ("device", "/deviceId"),
    ("state", "/state"),
    ("place", "/place"),
    ("revoked at", "/revoked/at"),
    ("revoked because", "/revoked/reason"),
    ("serial", "/serial"),
    ("valid from", "/notBefore"),
    ("valid till", "/notAfter"),
    ("issuer", "/issuerId"),
    ("profile", "/profileId"),
    ("revision", "/profileRevision"),
    ("order", "/orderId"),
    ("created at", "/createdAt"),
];
