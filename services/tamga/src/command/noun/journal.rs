// SPDX-License-Identifier: Apache-2.0
//! `tamga journal`: who did what to what, and what was refused.

use crate::command::show::Columns;
use crate::command::verb::{Kind, Noun, filter, list, sorted};

/// The journal.
pub(super) const NOUN: Noun = Noun {
    name: "journal",
    about: "The journal: who did what, and what was refused",
    verbs: &[list("listJournal", "journal", COLUMNS)
        .about("Read the journal, newest first")
        .examples(&[
            "tamga journal list --outcome refused --from 2026-11-30T00:00:00Z",
            "tamga journal list --act certificate.revoke --object crt_…",
            "tamga journal list --actor account:acc_… --output json",
        ])
        .takes(&[
            filter(
                "actor",
                "actor",
                Kind::Text,
                "Only what they did: account:…, local:…, device:…, duty:…",
            ),
            filter("act", "act", Kind::Text, "Only such acts: noun.verb"),
            filter(
                "object",
                "object",
                Kind::Text,
                "Only what was done to this id or name",
            ),
            filter(
                "tracking-id",
                "trackingId",
                Kind::Text,
                "Only what this request did",
            ),
            filter(
                "outcome",
                "outcome",
                Kind::Choice(&["done", "refused"]),
                "Only what was done, or refused",
            ),
            filter(
                "from",
                "from",
                Kind::Text,
                "Not before this instant, as 2026-11-30T00:00:00Z",
            ),
            filter("to", "to", Kind::Text, "Before this instant"),
            sorted(&["-at", "at"]),
        ])],
};

const COLUMNS: &Columns = &[
    ("AT", "/at"),
    ("ACTOR", "/actor"),
    ("ACT", "/act"),
    ("OBJECT", "/object"),
    ("OUTCOME", "/outcome"),
    ("REASON", "/reason"),
    ("TRACKING ID", "/trackingId"),
];
