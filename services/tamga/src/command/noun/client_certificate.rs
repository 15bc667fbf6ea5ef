// SPDX-License-Identifier: Apache-2.0
//! `tamga client-certificate`: certificates that prove accounts on the admin plane.

use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, Kind, Noun, POST, Place, Take, list, member, show, sorted, take, verb, word,
};

/// Client certificates.
pub(super) const NOUN: Noun = Noun {
    name: "client-certificate",
    about: "Client certificates: pinned to an account, whoever issued them",
    verbs: &[
        list("listClientCertificates", "client-certificates", COLUMNS)
            .about("List the client certificates pinned in an organization")
            .examples(&["tamga client-certificate list"])
            .takes(&[sorted(&["fingerprint", "-fingerprint"])]),
        show(
            "showClientCertificate",
            "client-certificates/{fingerprint}",
            CERTIFICATE,
        )
        .about("Show a client certificate and whom it proves")
        .examples(&["tamga client-certificate show 5f1e…"])
        .takes(&[FINGERPRINT]),
        verb(
            "pin",
            "pinClientCertificate",
            (POST, "client-certificates"),
            Answer::Item(CERTIFICATE),
        )
        .about("Pin a certificate to an account: who holds its key comes in as that account")
        .examples(&["tamga client-certificate pin jane.pem --holder account:acc_…"])
        .note("It stands for the whole account: only who holds everything the account holds can pin one.")
        .takes(&[
            word(
                "file",
                "/certificate",
                Kind::Certificate,
                "The certificate, PEM or DER",
            ),
            member("holder", "/holder", Kind::Text, "Whom it proves: account:acc_…").needed(),
        ]),
        verb(
            "unpin",
            "unpinClientCertificate",
            (DELETE, "client-certificates/{fingerprint}"),
            Answer::Done("client certificate {sha256} proves nobody any more"),
        )
        .about("Let a certificate prove nobody any more")
        .examples(&["tamga client-certificate unpin 5f1e…"])
        .takes(&[FINGERPRINT]),
    ],
};

const FINGERPRINT: Take = take(
    "sha256",
    Place::Path("fingerprint"),
    Kind::Text,
    "Its SHA-256, 64 hexadecimal digits",
)
.as_word();

const COLUMNS: &Columns = &[
    ("FINGERPRINT", "/fingerprint"),
    ("HOLDER", "/holder"),
    ("NOT AFTER", "/notAfter"),
    ("CREATED AT", "/createdAt"),
];

const CERTIFICATE: &Columns = &[
    ("fingerprint", "/fingerprint"),
    ("holder", "/holder"),
    ("valid from", "/notBefore"),
    ("valid till", "/notAfter"),
    ("certificate", "/certificateId"),
    ("created at", "/createdAt"),
];
