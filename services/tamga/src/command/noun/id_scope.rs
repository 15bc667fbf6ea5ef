// SPDX-License-Identifier: Apache-2.0
//! `tamga id-scope`: what devices name their organization by.

use crate::command::show::Columns;
use crate::command::verb::{Answer, Noun, POST, list, sorted, verb};

/// Id scopes.
pub(super) const NOUN: Noun = Noun {
    name: "id-scope",
    about: "DPS id scopes: what devices name their organization by",
    verbs: &[
        list("listIdScopes", "id-scopes", COLUMNS)
            .about("List the id scopes of an organization")
            .examples(&["tamga id-scope list --organization plant"])
            .takes(&[sorted(&["scope"])]),
        verb("create", "createIdScope", (POST, "id-scopes"), Answer::Item(MADE))
            .about("Give an organization one more id scope; none is ever given again")
            .examples(&["tamga id-scope create --organization plant"]),
    ],
};

// The items are the scopes themselves.
const COLUMNS: &Columns = &[("ID SCOPE", "")];
const MADE: &Columns = &[("id scope", "/idScope")];
