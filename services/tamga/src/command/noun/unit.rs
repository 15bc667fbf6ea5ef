// SPDX-License-Identifier: Apache-2.0
//! `tamga unit`: what is made on a line.

use crate::command::show::Columns;
use crate::command::verb::{Answer, Kind, Noun, POST, filter, named, verb, word};

/// Units.
pub(super) const NOUN: Noun = Noun {
    name: "unit",
    about: "Units on a line, furnished with certificates at a station",
    verbs: &[verb(
        "certify",
        "certifyUnit",
        (POST, "devices/{registrationId}/certificates"),
        Answer::Item(UNIT),
    )
    .about("Furnish a unit with a certificate; asked again with the same key, it is the same one")
    .examples(&[
        "tamga unit certify pump-1 pump-1.csr --station flash-1",
        "tamga unit certify pump-1 pump-1.csr --station flash-1 --output json",
    ])
    .takes(&[
        named("registrationId", Kind::Name, "What the unit is called"),
        word(
            "file",
            "/csr",
            Kind::Request,
            "Its certificate request, PEM or DER",
        ),
        filter(
            "station",
            "station",
            Kind::Name,
            "The station at which it is made; a station itself leaves it out",
        ),
    ])],
};

const UNIT: &Columns = &[
    ("registration id", "/registrationId"),
    ("device id", "/deviceId"),
    ("SPIFFE ID", "/spiffeId"),
    ("certificate id", "/certificateId"),
    ("serial", "/serial"),
    ("not before", "/notBefore"),
    ("not after", "/notAfter"),
];
