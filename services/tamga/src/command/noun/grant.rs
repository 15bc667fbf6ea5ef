// SPDX-License-Identifier: Apache-2.0
//! `tamga grant`: what an organization lets those below it use of its own.

use super::terms::IDEMPOTENCY;
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, Kind, Noun, POST, Take, list, member, named, show, sorted, verb, word,
};

/// Grants.
pub(super) const NOUN: Noun = Noun {
    name: "grant",
    about: "Grants: issuers, profiles and anchors that organizations below may use",
    verbs: &[
        list("listGrants", "grants", COLUMNS)
            .about("List the grants an organization gave")
            .examples(&["tamga grant list"])
            .takes(&[sorted(&["id", "-id"])]),
        show("showGrant", "grants/{grant}", GRANT)
            .about("Show a grant")
            .examples(&["tamga grant show issuer:plant:device-issuer"])
            .takes(&[ID]),
        verb("create", "createGrant", (POST, "grants"), Answer::Item(GRANT))
            .about("Let an organization below use an issuer, a profile or an anchor of this one")
            .examples(&[
                "tamga grant create device-issuer --kind issuer --to plant",
                "tamga grant create device --kind profile --to plant",
            ])
            .takes(&[
                word(
                    "name",
                    "/name",
                    Kind::Name,
                    "The issuer, profile or anchor, by its name here",
                ),
                member(
                    "kind",
                    "/kind",
                    Kind::Choice(&["issuer", "profile", "anchor"]),
                    "What it is",
                )
                .needed(),
                member("to", "/to", Kind::Slug, "The organization that may use it").needed(),
                IDEMPOTENCY,
            ]),
        verb(
            "delete",
            "deleteGrant",
            (DELETE, "grants/{grant}"),
            Answer::Done("grant {grant} is taken back"),
        )
        .about("Take a grant back that nothing refers to; what was issued by it stays")
        .examples(&["tamga grant delete issuer:plant:device-issuer"])
        .takes(&[ID]),
    ],
};

const ID: Take = named("grant", Kind::Text, "Its id, as `tamga grant list` shows it");

const COLUMNS: &Columns = &[
    ("GRANT", "/id"),
    ("KIND", "/kind"),
    ("NAME", "/name"),
    ("TO", "/to"),
    ("CREATED AT", "/createdAt"),
];

const GRANT: &Columns = &[
    ("grant", "/id"),
    ("kind", "/kind"),
    ("name", "/name"),
    ("to", "/to"),
    ("created at", "/createdAt"),
];
