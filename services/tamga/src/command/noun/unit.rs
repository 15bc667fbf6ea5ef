// SPDX-License-Identifier: Apache-2.0
//! `tamga unit`: what is made on a line.

use super::terms::{IDEMPOTENCY, revoked_named};
use crate::command::show::Columns;
use crate::command::verb::{Answer, Kind, Noun, POST, Take, Verb, filter, named, verb, word};

/// Units.
pub(super) const NOUN: Noun = Noun {
    name: "unit",
    about: "Units on a line, furnished with certificates at a station",
    verbs: &[CERTIFY, SCRAP, REWORK],
};

const CERTIFY: Verb = verb(
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
    ID,
    word(
        "file",
        "/csr",
        Kind::Request,
        "Its certificate request, PEM or DER",
    ),
    AT_STATION,
]);

const SCRAP: Verb = verb(
    "scrap",
    "scrapUnit",
    (POST, "devices/{registrationId}/scrap"),
    Answer::Words(|answer, given| revoked_named(answer, given, ("unit", "registrationId"))),
)
.about("Scrap a unit: what it has is revoked, it comes back by no road, and its name stays taken")
.examples(&[
    "tamga unit scrap pump-1",
    "tamga unit scrap pump-1 --station flash-1",
])
.takes(&[ID, UNITS_OF, IDEMPOTENCY]);

const REWORK: Verb = verb(
    "rework",
    "reworkUnit",
    (POST, "devices/{registrationId}/rework"),
    Answer::Item(REWORKED),
)
.about("Let a unit have exactly one more certificate at a station, under a new key")
.examples(&[
    "tamga unit rework pump-1 --station flash-1 && tamga unit certify pump-1 new.csr --station flash-1",
])
.takes(&[ID, AT_STATION, IDEMPOTENCY]);

const ID: Take = named("registrationId", Kind::Name, "What the unit is called");

const AT_STATION: Take = filter(
    "station",
    "station",
    Kind::Name,
    "The station at which it is made; a station itself leaves it out",
);

const UNITS_OF: Take = filter(
    "station",
    "station",
    Kind::Name,
    "The station of whose group it is; a station itself leaves it out, and so does whoever may revoke any device",
);

const REWORKED: &Columns = &[
    ("reworks", "/reworks"),
    ("open before", "/already"),
    ("revoked", "/certificates"),
    ("visible by", "/visibleBy"),
];

const UNIT: &Columns = &[
    ("registration id", "/registrationId"),
    ("device id", "/deviceId"),
    ("SPIFFE ID", "/spiffeId"),
    ("certificate id", "/certificateId"),
    ("serial", "/serial"),
    ("not before", "/notBefore"),
    ("not after", "/notAfter"),
];
