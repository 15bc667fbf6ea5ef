// SPDX-License-Identifier: Apache-2.0
//! `tamga revocation`: many certificates at once.

use serde_json::Value;

use super::approval::waits_or;
use super::terms::{IDEMPOTENCY, REASON};
use crate::command::show::Columns;
use crate::command::verb::{Answer, Given, Kind, Noun, POST, Take, list, member, named, show, sorted, verb};

/// Revocations of many certificates.
pub(super) const NOUN: Noun = Noun {
    name: "revocation",
    about: "Revocations of many certificates at once",
    verbs: &[
        list("listRevocations", "revocations", COLUMNS)
            .about("List the revocations of many certificates, the newest first")
            .examples(&["tamga revocation list"])
            .takes(&[sorted(&["-createdAt", "createdAt"])]),
        show("showRevocation", "revocations/{revocation}", REVOCATION)
            .about("Show a revocation of many certificates, and how far it has come")
            .examples(&["tamga revocation show rev_…"])
            .takes(&[named("revocation", Kind::Id("rev"), "Its id, `rev_…`")]),
        verb("create", "revokeMany", (POST, "revocations"), Answer::Words(begun))
            .about("Revoke every certificate of devices that fits all that is said")
            .examples(&[
                "tamga revocation create --group line-1 --reason superseded --dry-run true",
                "tamga revocation create --registration-id-prefix p100- --issued-from 2026-11-21T00:00:00Z --reason superseded",
            ])
            .note("Above a size it waits for a second person where there is one: see `tamga approval list`.")
            .takes(&[
                member("group", "/query/group", Kind::Name, "Ordered by this group's devices"),
                member("issuer", "/query/issuer", Kind::Name, "Issued by this one"),
                member("profile", "/query/profile", Kind::Name, "Issued by this profile"),
                member(
                    "registration-id-prefix",
                    "/query/registrationIdPrefix",
                    Kind::Text,
                    "Of devices whose registration id begins so",
                ),
                member("issued-from", "/query/issuedFrom", Kind::Text, "Issued at this instant or later"),
                member("issued-until", "/query/issuedUntil", Kind::Text, "Issued at this instant or earlier"),
                REASON,
                DRY_RUN,
                IDEMPOTENCY,
            ]),
    ],
};

const DRY_RUN: Take = member(
    "dry-run",
    "/dryRun",
    Kind::Truth,
    "Count, and do nothing [default: false]",
);

fn begun(answer: &Value, given: &Given<'_>) -> String {
    let number = |member: &str| answer[member].as_u64().unwrap_or_default();
    match answer["id"].as_str() {
        None => format!(
            "{} certificates on {} keys would be revoked, and {} others on these keys; {} devices were looked at, and {} \
             lists would have to be published",
            number("certificates"),
            number("keys"),
            number("besides"),
            number("devices"),
            number("shards")
        ),
        Some(id) => {
            let done = format!(
                "{} certificates are being revoked: tamga revocation show {id}",
                number("certificates")
            );
            waits_or(answer, given, &done)
        }
    }
}

const COLUMNS: &Columns = &[
    ("REVOCATION", "/id"),
    ("STATE", "/state"),
    ("CERTIFICATES", "/certificates"),
    ("REVOKED", "/revoked"),
    ("AUTHOR", "/author"),
    ("CREATED AT", "/createdAt"),
];

const REVOCATION: &Columns = &[
    ("revocation", "/id"),
    ("state", "/state"),
    ("certificates", "/certificates"),
    ("revoked", "/revoked"),
    ("devices", "/devices"),
    ("request", "/request"),
    ("author", "/author"),
    ("approval", "/approval"),
    ("created at", "/createdAt"),
    ("finished at", "/finishedAt"),
];
