// SPDX-License-Identifier: Apache-2.0
//! `tamga station`: places on a line that have units furnished with certificates.

use super::terms::IDEMPOTENCY;
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, Kind, Noun, POST, Take, list, member, named, show, sorted, verb, word,
};

/// Stations.
pub(super) const NOUN: Noun = Noun {
    name: "station",
    about: "Stations: places on a line that have units furnished with certificates",
    verbs: &[
        list("listStations", "stations", COLUMNS)
            .about("List the stations by name, with how much each has had made")
            .examples(&["tamga station list"])
            .takes(&[sorted(&["name", "-name"])]),
        show("showStation", "stations/{name}", STATION)
            .about("Show a station")
            .examples(&["tamga station show flash-1"])
            .takes(&[NAME]),
        verb(
            "create",
            "createStation",
            (POST, "stations"),
            Answer::Item(STATION),
        )
        .about("Make a station; what proves it is a token or a certificate that is made afterwards")
        .examples(&[
            "tamga station create flash-1 --group line-1 --line 'Hall 3' --product P-200",
            "tamga station create flash-2 --group line-1 --valid-until 2027-06-30T22:00:00Z --maximum-certificates 50000",
            "tamga token create line-robot --holder station:sta_agpqh6k7t5zfpkxkz2wzy6x7ri --role factory",
        ])
        .takes(&[
            word("name", "/name", Kind::Name, "Its name, unique without regard to case"),
            member(
                "group",
                "/group",
                Kind::Name,
                "The group whose terms hold, and to what its units are bound",
            )
            .needed(),
            member("line", "/line", Kind::Text, "Where it stands, for people"),
            member("product", "/product", Kind::Text, "What is made there, for people"),
            member("valid-from", "/validFrom", Kind::Text, "Its first instant [default: at once]"),
            member("valid-until", "/validUntil", Kind::Text, "Its last instant [default: without end]"),
            member(
                "maximum-certificates",
                "/maximumCertificates",
                Kind::Number,
                "How many certificates it has made in all [default: as many as it likes]",
            ),
            member(
                "maximum-per-day",
                "/maximumPerDay",
                Kind::Number,
                "How many on one day of UTC [default: as many as it likes]",
            ),
            member(
                "maximum-reworks",
                "/maximumReworks",
                Kind::Number,
                "How often one unit may be reworked [default: 3]",
            ),
            IDEMPOTENCY,
        ]),
        verb(
            "enable",
            "enableStation",
            (POST, "stations/{name}/enable"),
            Answer::Done("station {name} is enabled"),
        )
        .about("Let a disabled station have units furnished again")
        .examples(&["tamga station enable flash-1"])
        .takes(&[NAME]),
        verb(
            "disable",
            "disableStation",
            (POST, "stations/{name}/disable"),
            Answer::Done("station {name} is disabled"),
        )
        .about("Turn a station away, whatever proves it, and have nothing more made there")
        .examples(&["tamga station disable flash-1"])
        .takes(&[NAME]),
        verb(
            "delete",
            "deleteStation",
            (DELETE, "stations/{name}"),
            Answer::Done("station {name} is removed"),
        )
        .about("Remove a station with everything that proves it; what was made at it stays")
        .examples(&["tamga station delete flash-1"])
        .takes(&[NAME]),
    ],
};

const NAME: Take = named("name", Kind::Name, "Its name");

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("GROUP", "/group"),
    ("LINE", "/line"),
    ("PRODUCT", "/product"),
    ("STATE", "/state"),
    ("CERTIFICATES", "/certificates"),
    ("MOST", "/maximumCertificates"),
    ("VALID UNTIL", "/validUntil"),
];

const STATION: &Columns = &[
    ("name", "/name"),
    ("id", "/id"),
    ("principal", "/principal"),
    ("group", "/group"),
    ("line", "/line"),
    ("product", "/product"),
    ("state", "/state"),
    ("valid from", "/validFrom"),
    ("valid until", "/validUntil"),
    ("certificates", "/certificates"),
    ("most", "/maximumCertificates"),
    ("most per day", "/maximumPerDay"),
    ("created at", "/createdAt"),
];
