// SPDX-License-Identifier: Apache-2.0
//! `tamga assignment`: who has which role where.

use super::terms::ROLES;
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, Kind, Noun, POST, Take, list, member, named, show, sorted, verb, word,
};

/// Assignments.
pub(super) const NOUN: Noun = Noun {
    name: "assignment",
    about: "Assignments: who has which role in an organization and everything below it",
    verbs: &[
        list("listAssignments", "assignments", COLUMNS)
            .about("List the assignments of an organization")
            .examples(&["tamga assignment list --organization plant"])
            .takes(&[sorted(&["createdAt", "-createdAt"])]),
        show("showAssignment", "assignments/{assignment}", ASSIGNMENT)
            .about("Show an assignment")
            .examples(&["tamga assignment show asg_…"])
            .takes(&[ID]),
        verb(
            "create",
            "createAssignment",
            (POST, "assignments"),
            Answer::Item(ASSIGNMENT),
        )
        .about("Give somebody a role, in an organization and everything below it")
        .examples(&[
            "tamga assignment create account:acc_… --role operator --organization plant",
            "tamga assignment create local:1000 --role auditor",
        ])
        .note("`tamga account show` tells an account's principal; local:<uid> is a user of the machine, on the Unix socket.")
        .takes(&[
            word("principal", "/principal", Kind::Text, "Who gets it: account:acc_… or local:<uid>"),
            member("role", "/role", Kind::Choice(ROLES), "The role").needed(),
        ]),
        verb(
            "delete",
            "deleteAssignment",
            (DELETE, "assignments/{assignment}"),
            Answer::Done("assignment {assignment} is taken away"),
        )
        .about("Take a role away; it is gone with the next request")
        .examples(&["tamga assignment delete asg_…"])
        .takes(&[ID]),
    ],
};

const ID: Take = named("assignment", Kind::Id("asg"), "Its id, `asg_…`");

const COLUMNS: &Columns = &[
    ("ASSIGNMENT", "/id"),
    ("PRINCIPAL", "/principal"),
    ("ROLE", "/role"),
    ("CREATED AT", "/createdAt"),
];

const ASSIGNMENT: &Columns = &[
    ("assignment", "/id"),
    ("principal", "/principal"),
    ("role", "/role"),
    ("organization", "/organization"),
    ("created at", "/createdAt"),
];
