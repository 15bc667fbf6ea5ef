// SPDX-License-Identifier: Apache-2.0
//! `tamga approval`: acts that wait for a second person.

use serde_json::Value;

use super::terms::IDEMPOTENCY;
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, Given, Kind, Noun, POST, Take, filter, list, member, named, show, sorted, verb,
};

/// Approvals.
pub(super) const NOUN: Noun = Noun {
    name: "approval",
    about: "Approvals: acts that wait for a second person",
    verbs: &[
        list("listApprovals", "approvals", COLUMNS)
            .about("List the approvals of an organization, the newest first")
            .examples(&["tamga approval list --state waiting"])
            .takes(&[
                filter(
                    "state",
                    "state",
                    Kind::Choice(&["waiting", "expired", "approved", "refused", "withdrawn"]),
                    "Only those that stand so now",
                ),
                sorted(&["-createdAt", "createdAt"]),
            ]),
        show("showApproval", "approvals/{approval}", APPROVAL)
            .about("Show an approval, with exactly what is asked")
            .examples(&["tamga approval show apr_…"])
            .takes(&[ID]),
        verb(
            "approve",
            "approve",
            (POST, "approvals/{approval}/approve"),
            Answer::Item(APPROVAL),
        )
        .about("Approve what another asked for, and have it done")
        .examples(&["tamga approval show apr_…", "tamga approval approve apr_… --digest 913ebdab…"])
        .note("The digest is that of the request, as `tamga approval show` shows it: you say by it what you saw.")
        .takes(&[
            ID,
            member("digest", "/digest", Kind::Text, "The digest of the request that you saw").needed(),
            IDEMPOTENCY,
        ]),
        verb(
            "refuse",
            "refuse",
            (POST, "approvals/{approval}/refuse"),
            Answer::Item(APPROVAL),
        )
        .about("Refuse what another asked for")
        .examples(&["tamga approval refuse apr_… --reason 'not before Monday'"])
        .takes(&[
            ID,
            member("reason", "/reason", Kind::Text, "Why, for whoever asked").needed(),
            IDEMPOTENCY,
        ]),
        verb(
            "withdraw",
            "withdraw",
            (POST, "approvals/{approval}/withdraw"),
            Answer::Item(APPROVAL),
        )
        .about("Take back what you asked for yourself")
        .examples(&["tamga approval withdraw apr_…"])
        .takes(&[ID, IDEMPOTENCY]),
    ],
};

/// What became of an act that may wait for a second person.
pub(super) fn waits_or(answer: &Value, given: &Given<'_>, done: &str) -> String {
    let of = |member: &str| answer[member].as_str().unwrap_or_default();
    match of("state") {
        "waiting" => format!(
            "it waits for a second person: {}, until {}",
            of("id"),
            of("expiresAt")
        ),
        _ => given.sentence(done),
    }
}

const ID: Take = named("approval", Kind::Id("apr"), "Its id, `apr_…`");

const COLUMNS: &Columns = &[
    ("APPROVAL", "/id"),
    ("STATE", "/state"),
    ("ACT", "/act"),
    ("OBJECT", "/object"),
    ("AUTHOR", "/author"),
    ("EXPIRES AT", "/expiresAt"),
];

const APPROVAL: &Columns = &[
    ("approval", "/id"),
    ("state", "/state"),
    ("act", "/act"),
    ("object", "/object"),
    ("request", "/request"),
    ("digest", "/digest"),
    ("author", "/author"),
    ("created at", "/createdAt"),
    ("expires at", "/expiresAt"),
    ("decided by", "/decidedBy"),
    ("decided at", "/decidedAt"),
    ("reason", "/reason"),
];
