// SPDX-License-Identifier: Apache-2.0
//! `tamga account`: people and programs.

use crate::command::show::Columns;
use crate::command::verb::{Answer, Kind, Noun, POST, Take, list, member, named, show, sorted, verb, word};

/// Accounts.
pub(super) const NOUN: Noun = Noun {
    name: "account",
    about: "Accounts: the people and programs of an organization",
    verbs: &[
        list("listAccounts", "accounts", COLUMNS)
            .about("List the accounts by name")
            .examples(&["tamga account list --organization plant"])
            .takes(&[sorted(&["name", "-name"])]),
        show("showAccount", "accounts/{name}", ACCOUNT)
            .about("Show an account")
            .examples(&["tamga account show jane"])
            .takes(&[NAME]),
        verb(
            "create",
            "createAccount",
            (POST, "accounts"),
            Answer::Item(ACCOUNT),
        )
        .about("Make an account; it has no right until a role is assigned to it")
        .examples(&[
            "tamga account create jane --kind person",
            "tamga account create line-7-robot --kind program --organization plant",
        ])
        .takes(&[
            word(
                "name",
                "/name",
                Kind::Text,
                "Its name, unique without regard to case",
            ),
            member(
                "kind",
                "/kind",
                Kind::Choice(&["person", "program"]),
                "What it is",
            )
            .needed(),
        ]),
        verb(
            "enable",
            "enableAccount",
            (POST, "accounts/{name}/enable"),
            Answer::Done("account {name} is enabled"),
        )
        .about("Let a disabled account in again")
        .examples(&["tamga account enable jane"])
        .takes(&[NAME]),
        verb(
            "disable",
            "disableAccount",
            (POST, "accounts/{name}/disable"),
            Answer::Done("account {name} is disabled"),
        )
        .about("Turn an account away, whatever it proves itself with")
        .examples(&["tamga account disable jane"])
        .takes(&[NAME]),
    ],
};

const NAME: Take = named("name", Kind::Text, "Its name");

const COLUMNS: &Columns = &[
    ("NAME", "/name"),
    ("KIND", "/kind"),
    ("STATE", "/state"),
    ("PRINCIPAL", "/principal"),
    ("CREATED AT", "/createdAt"),
];

const ACCOUNT: &Columns = &[
    ("name", "/name"),
    ("kind", "/kind"),
    ("state", "/state"),
    ("principal", "/principal"),
    ("created at", "/createdAt"),
    ("id", "/id"),
];
