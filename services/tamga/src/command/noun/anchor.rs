// SPDX-License-Identifier: Apache-2.0
//! `tamga anchor`: authorities of others whose word about devices is taken.

use super::terms::{BY_NAME, IDEMPOTENCY, NAME_PREFIX, STATE};
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, GET, Kind, Noun, POST, Place, Take, Verb, list, member, named, sorted, take, verb, word,
};

/// Trust anchors.
pub(super) const NOUN: Noun = Noun {
    name: "anchor",
    about: "Trust anchors: authorities of others whose word about devices is taken",
    verbs: &[
        CREATE,
        list("listAnchors", "anchors", COLUMNS)
            .about("List the anchors by name")
            .examples(&["tamga anchor list"])
            .takes(&[STATE, NAME_PREFIX, sorted(BY_NAME)]),
        verb(
            "show",
            "showAnchor",
            (GET, "anchors/{name}"),
            Answer::Parts(ANCHOR, &[("intermediates", INTERMEDIATES), ("lists", LISTS)]),
        )
        .about("Show an anchor, its known intermediates and its lists")
        .examples(&["tamga anchor show vendor"])
        .takes(&[NAME]),
        verb(
            "add-intermediate",
            "addIntermediate",
            (POST, "anchors/{name}/intermediates"),
            Answer::Done("anchor {name} knows {file}"),
        )
        .about("Make an authority below an anchor known")
        .examples(&["tamga anchor add-intermediate vendor plant.pem"])
        .takes(&[
            THE_ANCHOR,
            word(
                "file",
                "/certificate",
                Kind::Certificate,
                "The authority's certificate, PEM or DER",
            ),
        ]),
        verb(
            "set-status",
            "setAnchorStatus",
            (POST, "anchors/{name}/status"),
            Answer::Done("the status below anchor {name} is {status}"),
        )
        .about("Say whether certificates below an anchor must be covered by revocation lists that you bring")
        .examples(&["tamga anchor set-status vendor crl"])
        .takes(&[
            THE_ANCHOR,
            word(
                "status",
                "/status",
                Kind::Choice(STATUSES),
                "What is asked: nothing, or a fresh list that covers each",
            ),
        ]),
        verb(
            "bring-list",
            "bringList",
            (POST, "anchors/{name}/lists"),
            Answer::Item(LIST),
        )
        .about(
            "Bring a revocation list of an anchor or of one of its known intermediates; it is never fetched",
        )
        .examples(&["curl -sO http://pki.vendor.example/root.crl && tamga anchor bring-list vendor root.crl"])
        .takes(&[
            THE_ANCHOR,
            take(
                "file",
                Place::Octets("application/pkix-crl"),
                Kind::File,
                "The list, PEM or DER",
            )
            .as_word(),
        ]),
        verb(
            "enable",
            "enableAnchor",
            (POST, "anchors/{name}/enable"),
            Answer::Done("anchor {name} is enabled"),
        )
        .about("Let a disabled anchor vouch for devices again")
        .examples(&["tamga anchor enable vendor"])
        .takes(&[NAME]),
        verb(
            "disable",
            "disableAnchor",
            (POST, "anchors/{name}/disable"),
            Answer::Done("anchor {name} is disabled"),
        )
        .about("Let an anchor vouch for nobody any more, whatever stands above it")
        .examples(&["tamga anchor disable vendor"])
        .takes(&[NAME]),
        verb(
            "delete",
            "deleteAnchor",
            (DELETE, "anchors/{name}"),
            Answer::Done("anchor {name} is removed"),
        )
        .about("Remove an anchor that no group refers to")
        .examples(&["tamga anchor delete vendor"])
        .takes(&[NAME]),
    ],
};

const CREATE: Verb = verb("create", "createAnchor", (POST, "anchors"), Answer::Item(ANCHOR))
    .about("Trust an authority's word about devices, once a group refers to it")
    .examples(&[
        "tamga anchor create vendor --certificate vendor-root.pem",
        "tamga anchor create vendor --certificate vendor-root.pem --intermediate plant.pem --status crl",
        "tamga group create vendor-line --anchor vendor",
    ])
    .takes(&[
        word("name", "/name", Kind::Name, "Its name, unique without regard to case"),
        member(
            "certificate",
            "/certificate",
            Kind::Certificate,
            "The authority's certificate, PEM or DER: a root or an intermediate",
        )
        .needed(),
        member(
            "intermediate",
            "/intermediates",
            Kind::Certificate,
            "An authority below it, PEM or DER, for devices that send their own certificate alone; give it again for more",
        )
        .many(),
        member(
            "status",
            "/status",
            Kind::Choice(STATUSES),
            "Whether certificates below it must be covered by revocation lists that you bring",
        )
        .or("none"),
        IDEMPOTENCY,
    ]);

const NAME: Take = named("name", Kind::Name, "Its name");
const THE_ANCHOR: Take = named("name", Kind::Name, "The anchor's name");
const STATUSES: &[&str] = &["none", "crl"];

const ANCHOR: &Columns = &[
    ("name", "/name"),
    ("id", "/id"),
    ("state", "/state"),
    ("status", "/status"),
    ("subject", "/certificate/subject"),
    ("sha256", "/certificate/sha256"),
    ("valid till", "/certificate/notAfter"),
];

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("STATE", "/state"),
    ("STATUS", "/status"),
    ("SUBJECT", "/certificate/subject"),
    ("NOT AFTER", "/certificate/notAfter"),
    ("ANCHOR", "/id"),
];

const INTERMEDIATES: &Columns = &[
    ("INTERMEDIATE", "/subject"),
    ("NOT AFTER", "/notAfter"),
    ("SHA256", "/sha256"),
];

const LISTS: &Columns = &[
    ("LIST OF", "/thisUpdate"),
    ("NEXT UPDATE", "/nextUpdate"),
    ("BROUGHT AT", "/broughtAt"),
];

const LIST: &Columns = &[("list of", "/thisUpdate"), ("next update", "/nextUpdate")];
