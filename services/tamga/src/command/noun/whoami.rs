// SPDX-License-Identifier: Apache-2.0
//! `tamga whoami`: as whom the service knows the caller.

use crate::command::show::Columns;
use crate::command::verb::{Answer, GET, Noun, verb};

/// The caller.
pub(super) const NOUN: Noun = Noun {
    name: "whoami",
    about: "Tell as whom the service knows you, and what you may do where",
    verbs: &[verb(
        "",
        "whoAmI",
        (GET, "/v1/whoami"),
        Answer::Parts(WHO, &[("assignments", RIGHTS)]),
    )
    .about("Tell as whom the service knows you, and what you may do where")
    .examples(&["tamga whoami", "tamga whoami --context plant"])],
};

const WHO: &Columns = &[
    ("principal", "/principal"),
    ("name", "/name"),
    ("at most", "/limit/role"),
    ("within", "/limit/organization"),
];

const RIGHTS: &Columns = &[("ROLE", "/role"), ("ORGANIZATION", "/organization")];
