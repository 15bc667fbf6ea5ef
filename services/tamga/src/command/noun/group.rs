// SPDX-License-Identifier: Apache-2.0
//! `tamga group`: many devices under one key, or below one anchor.

use super::terms::{
    ASSIGNED_HUB, BY_NAME, IDEMPOTENCY, ISSUER, KEY, KEYS, NAME_PREFIX, ONE_KEY, PROFILE, REKEY,
    REKEYS_PER_DAY, SLOT, STATE, TERMS,
};
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, IF_MATCH, Kind, Noun, POST, PUT, Take, Verb, filter, list, member, named, show, sorted,
    verb, word,
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
        show("showGroup", "groups/{name}", TERMS)
            .about("Show a group")
            .examples(&["tamga group show line-7"])
            .takes(&[NAME]),
        PUT_GROUP,
        verb(
            "regenerate-key",
            "regenerateGroupKey",
            (POST, "groups/{name}/regenerate-key"),
            Answer::Item(KEY),
        )
        .about("Make one of a group's two keys anew; it is shown once, and what was derived from the old one proves nobody any more")
        .examples(&["tamga group regenerate-key line-7 --slot secondary --keys-file line-7-secondary.key"])
        .takes(&[NAME, SLOT, IF_MATCH, IDEMPOTENCY])
        .secret(ONE_KEY),
        verb(
            "delete",
            "deleteGroup",
            (DELETE, "groups/{name}"),
            Answer::Done("group {name} is removed"),
        )
        .about("Remove a group with its stations; its devices enroll by it no more, and their certificates stay good")
        .examples(&["tamga group delete line-7"])
        .takes(&[NAME, IF_MATCH]),
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
        ANCHOR,
        SECONDARY_ANCHOR,
        PROFILE,
        ISSUER,
        REKEY,
        REKEYS_PER_DAY,
        ASSIGNED_HUB,
        IDEMPOTENCY,
    ])
    .secret(KEYS);

const PUT_GROUP: Verb = verb("put", "putGroup", (PUT, "groups/{name}"), Answer::Item(TERMS))
    .about("Say all of a group's terms anew, or make it: what is left out is as for a new one, but for its keys or anchors")
    .examples(&[
        "tamga group put line-7 --rekey refuse --rekeys-per-day 2",
        "tamga group put line-7 --assigned-hub hub.example --if-match '\"…\"'",
    ])
    .takes(&[
        NAME,
        ANCHOR,
        SECONDARY_ANCHOR,
        PROFILE,
        ISSUER,
        REKEY,
        REKEYS_PER_DAY,
        ASSIGNED_HUB,
        IF_MATCH,
    ])
    .secret(KEYS);

const ANCHOR: Take = member(
    "anchor",
    "/attestation/caReferences/primary",
    Kind::Name,
    "The trust anchor that vouches for its devices",
)
.excludes(&["keys-file"])
.says(&[("/attestation/type", "x509")]);

const SECONDARY_ANCHOR: Take = member(
    "secondary-anchor",
    "/attestation/caReferences/secondary",
    Kind::Name,
    "Another trust anchor, for when the first is rolled",
)
.needs("anchor");

const NAME: Take = named("name", Kind::Name, "Its name");

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("STATE", "/state"),
    ("ATTESTATION", "/attestation/type"),
    ("REKEY", "/rekey"),
    ("CREATED AT", "/createdAt"),
    ("GROUP", "/id"),
];
