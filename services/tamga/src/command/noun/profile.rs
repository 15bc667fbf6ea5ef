// SPDX-License-Identifier: Apache-2.0
//! `tamga profile`: what certificates may say, in revisions.

use super::terms::IDEMPOTENCY;
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, GET, Kind, Noun, POST, Take, list, member, named, show, sorted, verb, word,
};

/// Profiles.
pub(super) const NOUN: Noun = Noun {
    name: "profile",
    about: "Profiles: what certificates may say, in revisions that never change",
    verbs: &[
        list("listProfiles", "profiles", COLUMNS)
            .about("List the profiles an organization may use: its own, and those granted to it")
            .examples(&["tamga profile list", "tamga profile list --organization plant"])
            .takes(&[sorted(&["usableSince", "-usableSince"])]),
        show("showProfile", "profiles/{name}", PROFILE)
            .about("Show a profile, as new orders use it")
            .examples(&["tamga profile show device", "tamga profile show device --output json"])
            .takes(&[NAME]),
        verb(
            "create",
            "createProfile",
            (POST, "profiles"),
            Answer::Item(PROFILE),
        )
        .about("Make a profile; everything that is wrong with it is told at once")
        .examples(&[
            "tamga profile create short --config short.json",
            "tamga profile create birth-p100 --config birth.json",
        ])
        .note("docs/admin/issuing.md says what the file holds; `tamga profile show device --output json` shows one.")
        .takes(&[
            word("name", "/name", Kind::Name, "Its name, unique without regard to case"),
            member("config", "/config", Kind::Json, "What it says: a JSON file").needed(),
            IDEMPOTENCY,
        ]),
        verb(
            "revise",
            "reviseProfile",
            (POST, "profiles/{name}/revisions"),
            Answer::Item(REVISION),
        )
        .about("Give a profile another revision, which new orders use from now on")
        .examples(&["tamga profile revise short --config short.json"])
        .takes(&[
            NAME,
            member("config", "", Kind::Json, "What it says: a JSON file").needed(),
            IDEMPOTENCY,
        ]),
        verb(
            "revisions",
            "listProfileRevisions",
            (GET, "profiles/{name}/revisions"),
            Answer::Pages(REVISIONS),
        )
        .about("List the revisions of a profile, the newest first")
        .examples(&["tamga profile revisions device"])
        .takes(&[NAME, sorted(&["-revision", "revision"])]),
        verb(
            "revision",
            "showProfileRevision",
            (GET, "profiles/{name}/revisions/{revision}"),
            Answer::Item(REVISION),
        )
        .about("Show a revision of a profile")
        .examples(&["tamga profile revision device 1 --output json"])
        .takes(&[NAME, named("revision", Kind::Number, "Its number")]),
    ],
};

const NAME: Take = named("name", Kind::Name, "Its name");

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("OWNER", "/owner"),
    ("USAGE", "/config/usage"),
    ("VALIDITY", "/config/validity"),
    ("REVISION", "/revision"),
    ("USABLE SINCE", "/usableSince"),
];

const PROFILE: &Columns = &[
    ("name", "/name"),
    ("owner", "/owner"),
    ("revision", "/revision"),
    ("usage", "/config/usage"),
    ("validity", "/config/validity"),
    ("backdate", "/config/backdate"),
    ("rotation", "/config/rotation"),
    ("model", "/config/model"),
    ("usable since", "/usableSince"),
    ("id", "/id"),
];

const REVISION: &Columns = &[
    ("revision", "/revision"),
    ("usage", "/config/usage"),
    ("validity", "/config/validity"),
    ("backdate", "/config/backdate"),
    ("rotation", "/config/rotation"),
    ("model", "/config/model"),
    ("created at", "/createdAt"),
];

const REVISIONS: &Columns = &[
    ("REVISION", "/revision"),
    ("VALIDITY", "/config/validity"),
    ("CREATED AT", "/createdAt"),
];
