// SPDX-License-Identifier: Apache-2.0
//! `tamga group`: many devices under one key, or below one anchor.

use super::terms::{
    ASSIGNED_HUB, BY_NAME, IDEMPOTENCY, ISSUER, KEYS, NAME_PREFIX, PROFILE, REKEY, REKEYS_PER_DAY, STATE,
    TERMS,
};
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, Kind, Noun, POST, Take, Verb, filter, list, member, named, sorted, verb, word,
};

/// Enrollment groups.
pub(super) const NOUN: Noun = Noun {
    name: "group",
    about: "Enrollment groups: many devices under one key, or below one anchor",
    verbs: &[
        CREATE,
        list("listGroups", "groups", COLUMNS)
            .about("List the groups by name")
            .examples(&[
                "tamga group list",
                "tamga group list --state disabled --sort -createdAt",
            ])
            .takes(&[
                STATE,
                filter(
                    "attestation",
                    "attestation",
                    Kind::Choice(&["symmetricKey", "x509"]),
                    "Only those whose devices prove themselves so",
                ),
                NAME_PREFIX,
                sorted(BY_NAME),
            ]),
        verb(
            "enable",
            "enableGroup",
            (POST, "groups/{name}/enable"),
            Answer::Done("group {name} is enabled"),
        )
        .about("Let a disabled group admit devices again")
        .examples(&["tamga group enable line-7"])
        .takes(&[NAME]),
        verb(
            "disable",
            "disableGroup",
            (POST, "groups/{name}/disable"),
            Answer::Done("group {name} is disabled"),
        )
        .about("Let a group admit no device any more; certificates stay good")
        .examples(&["tamga group disable line-7"])
        .takes(&[NAME]),
    ],
};

const CREATE: Verb = verb("create", "createGroup", (POST, "groups"), Answer::Item(TERMS))
    .about(
        "Create a group: its devices sign with keys derived from its own, shown once, or show certificates below an anchor",
    )
    .examples(&[
        "tamga group create line-7 --keys-file line-7.json",
        "tamga group create line-7 --output json",
        "tamga group create vendor-line --anchor vendor",
    ])
    .takes(&[
        word("name", "/name", Kind::Name, "Its name, unique without regard to case"),
        member(
            "anchor",
            "/attestation/caReferences/primary",
            Kind::Name,
            "The trust anchor that vouches for its devices",
        )
        .excludes(&["keys-file"])
        .says(&[("/attestation/type", "x509")]),
        member(
            "secondary-anchor",
            "/attestation/caReferences/secondary",
            Kind::Name,
            "Another trust anchor, for when the first is rolled",
        )
        .needs("anchor"),
        PROFILE,
        ISSUER,
        REKEY,
        REKEYS_PER_DAY,
        ASSIGNED_HUB,
        IDEMPOTENCY,
    ])
    .secret(KEYS);

const NAME: Take = named("name", Kind::Name, "Its name");

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("STATE", "/state"),
    ("ATTESTATION", "/attestation/type"),
    ("REKEY", "/rekey"),
    ("CREATED AT", "/createdAt"),
    ("GROUP", "/id"),
];
