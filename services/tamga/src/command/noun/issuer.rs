// SPDX-License-Identifier: Apache-2.0
//! `tamga issuer`: the authorities an organization may have certificates issued by.

use super::approval::waits_or;
use super::terms::IDEMPOTENCY;
use crate::command::show::Columns;
use crate::command::verb::{Answer, Kind, Noun, POST, Take, list, named, show, sorted, verb};

/// Issuers.
pub(super) const NOUN: Noun = Noun {
    name: "issuer",
    about: "Issuers: the authorities an organization may have certificates issued by",
    verbs: &[
        list("listIssuers", "issuers", COLUMNS)
            .about("List the issuers an organization may use: its own, and those granted to it")
            .examples(&["tamga issuer list", "tamga issuer list --organization plant"])
            .takes(&[sorted(&["usableSince", "-usableSince"])]),
        show("showIssuer", "issuers/{name}", ISSUER)
            .about("Show an issuer, and where its status is found")
            .examples(&[
                "tamga issuer show device-issuer",
                "tamga issuer show device-issuer --output json",
            ])
            .note("As JSON, `chain` is its certificate and those above it, PEM.")
            .takes(&[NAME]),
        verb(
            "retire",
            "retireIssuer",
            (POST, "issuers/{name}/retire"),
            Answer::Words(|answer, given| waits_or(answer, given, "issuer {name} retires")),
        )
        .about("Let an issuer of devices retire: it issues no certificates any more, and its lists are published on")
        .examples(&["tamga issuer retire device-issuer"])
        .note("Where there is a second person, it waits for one: see `tamga approval list`.")
        .takes(&[NAME, IDEMPOTENCY]),
        verb(
            "activate",
            "activateIssuer",
            (POST, "issuers/{name}/activate"),
            Answer::Words(|answer, given| waits_or(answer, given, "issuer {name} issues")),
        )
        .about("Let a retiring issuer issue again")
        .examples(&["tamga issuer activate device-issuer"])
        .takes(&[NAME, IDEMPOTENCY]),
    ],
};

const NAME: Take = named("name", Kind::Name, "Its name");

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("OWNER", "/owner"),
    ("ROLE", "/role"),
    ("STATE", "/state"),
    ("SUBJECT", "/certificate/subject"),
    ("NOT AFTER", "/certificate/notAfter"),
];

const ISSUER: &Columns = &[
    ("name", "/name"),
    ("owner", "/owner"),
    ("role", "/role"),
    ("state", "/state"),
    ("subject", "/certificate/subject"),
    ("sha256", "/certificate/sha256"),
    ("valid till", "/certificate/notAfter"),
    ("certificate at", "/status/certificateUrl"),
    ("lists", "/status/crlForm"),
    ("usable since", "/usableSince"),
    ("id", "/id"),
];
