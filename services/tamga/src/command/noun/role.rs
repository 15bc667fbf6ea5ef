// SPDX-License-Identifier: Apache-2.0
//! `tamga role`: what each role may do.

use crate::command::show::Columns;
use crate::command::verb::{Answer, GET, Noun, verb};

/// Roles.
pub(super) const NOUN: Noun = Noun {
    name: "role",
    about: "Roles: named sets of permissions",
    verbs: &[
        verb("list", "listRoles", (GET, "/v1/roles"), Answer::Whole(COLUMNS))
            .about("List the roles and what each may do")
            .examples(&["tamga role list", "tamga role list --output json"]),
    ],
};

const COLUMNS: &Columns = &[("ROLE", "/name"), ("MAY", "/permissions")];
